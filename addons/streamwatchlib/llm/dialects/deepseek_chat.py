"""DeepSeek, the app.

In: the answer's object, then patches to it: ``{"p": path, "o": operation, "v": value}``; one without a path applies
where the last one did.  Out: readings and the answer.  Text stands in members of its own, or in fragments that name
their kind; those that search or give hints are no part of the answer.  Not documented: https://chat.deepseek.com
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from ...model import Context, Limits, Reading
from ..dialect import Dialect, make_reading
from ..figures import lenient_error_of
from ..values import Object, obj, objects, text

_CONTENT, _THOUGHTS, _FRAGMENTS = "response/content", "response/thinking_content", "response/fragments"
_KINDS = {"THINK": _THOUGHTS, **dict.fromkeys(("RESPONSE", "TEMPLATE_RESPONSE", "ANSWER"), _CONTENT)}
"""Type of a fragment -> the member that held such text before there were fragments."""
_STATUS, _OVER = "response/status", "FINISHED"


class DeepSeekChat(Dialect):
    """DeepSeek, the app"""

    api = "chat"
    shape = "deepseek"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._path = _CONTENT
        """Path of the last patch."""
        self._fragment = ""
        """Member of `_KINDS` for the last fragment; empty if it is no part of the answer."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "v" in value and (text(value.get("p")).startswith("response") or "response" in obj(value.get("v")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return True

    def read_payload(self, value: Object, name: str) -> Reading:
        number = value.get("response_message_id")
        self.answer.set_identity(None, str(number) if isinstance(number, int) else None)
        if value.get("type") == "error" or value.get("code"):
            error = {"code": value.get("code"), "message": value.get("content") or value.get("msg")}
            self.answer.error = lenient_error_of(error) or self.answer.error
        if "v" not in value:
            return make_reading(0, name)
        return make_reading(self._patch(text(value.get("p")), value), end="status" if _ends(value) else None)

    def _patch(self, path: str, patch: Object) -> int:
        """Apply one change, several, or the object that is to be changed."""
        new = patch.get("v")
        whole = obj(obj(new).get("response")) if not path else {}
        if whole:
            self._path = f"{_FRAGMENTS}/-1/content" if "fragments" in whole else _CONTENT
        elif patch.get("o") == "BATCH":
            whole = {text(each.get("p")): each.get("v") for each in objects(new)}
        else:
            self._path = path or self._path
            return self._change(self._path, new)
        return reduce(or_, (self._change(f"response/{key}", each) for key, each in whole.items()), 0)

    def _change(self, path: str, new: object) -> int:
        message = self.answer.message()
        if path == _STATUS and new == _OVER:
            message.set_finish_reason(new)
        if path == _FRAGMENTS:
            return reduce(or_, map(self._begin, objects(new if isinstance(new, list) else [new])), 0)
        if path.startswith(f"{_FRAGMENTS}/") and path.endswith("/content"):
            path = self._fragment
        return message.add_text(new) if path == _CONTENT else message.add_reasoning(new) if path == _THOUGHTS else 0

    def _begin(self, fragment: Object) -> int:
        self._fragment = _KINDS.get(text(fragment.get("type")), "")
        return self._change(self._fragment, fragment.get("content"))


def _ends(value: Object) -> bool:
    return value.get("p") == _STATUS and value.get("v") == _OVER
