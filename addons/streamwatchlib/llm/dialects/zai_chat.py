"""Z.ai, the app.

In: pieces, each with the phase it belongs to.  Out: readings and the answer.  The first piece of the answer may come
as an edit of all so far, in which the reasoning stands in ``<details>``.  Not documented: https://chat.z.ai
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, obj, text

_TYPE = "chat:completion"
_REASONING = "</details>"
"""The end of the reasoning in an edit."""


class ZaiChat(Dialect):
    """Z.ai, the app"""

    api = "chat"
    shape = "zai"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        data = obj(value.get("data"))
        return value.get("type") == _TYPE and "phase" in data

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("type") == _TYPE

    def read_payload(self, value: Object, name: str) -> Reading:
        data, message = obj(value.get("data")), self.answer.message()
        phase = data.get("phase")
        bits = (message.add_reasoning if phase == "thinking" else message.add_text)(data.get("delta_content"))
        if phase == "answer" and not message.text:
            bits |= message.add_text(text(data.get("edit_content")).rpartition(_REASONING)[2].lstrip())
        self.answer.set_usage(data.get("usage"))
        if error := lenient_error_of(data.get("error")):
            self.answer.set_error(error)
        self.take_error(value)
        return make_reading(bits, _TYPE, "done" if data.get("done") is True else None)
