"""Sourcegraph's completions, which Cody and other editors use.

In: events named ``completion`` with what is new, or in the API's first version all so far; ``error`` and ``done``; or a
whole answer.  Out: readings and the answer.  https://sourcegraph.com/github.com/sourcegraph/cody
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..answer import Answer
from ..cumulative import CumulativeText
from ..dialect import Dialect, make_reading
from ..texts import Text
from ..tool_calls import add_fragment
from ..values import Object, objects

_NEWS = frozenset({"deltaText", "delta_thinking", "delta_tool_calls"})
"""Members of increments, which later versions send; the first version may revise its text in the next event."""


class Completions(Dialect):
    """Sourcegraph's ``/.api/completions/stream`` and ``/code``"""

    api = "completions"
    shape = "sourcegraph"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._begun = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        whole = isinstance(value.get("completion"), str) and "stopReason" in value
        return whole or (name == "completion" and "deltaText" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return name in ("completion", "done") or "completion" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        if not self._begun and ("completion" in value or not _NEWS.isdisjoint(value)):
            self._begun, self.answer = True, Answer(self.limits, CumulativeText if "completion" in value else Text)
        message = self.answer.message()
        bits = message.add_text(value.get("deltaText") or value.get("completion"))
        bits |= message.add_reasoning(value.get("delta_thinking"))
        for fragment in objects(value.get("delta_tool_calls")):
            bits |= add_fragment(message.calls, fragment)
        message.set_finish_reason(value.get("stopReason"))
        self.take_error(value)
        return make_reading(bits, end=name if name == "done" else None)
