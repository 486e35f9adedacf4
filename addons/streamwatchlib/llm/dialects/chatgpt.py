"""ChatGPT, the app.

In: messages of a conversation, each of which begins whole and is then patched ("delta encoding v1"), or comes again and
again with all so far; among them events with a ``type``.  Out: readings and the answer.  Other roles' and earlier
messages are sent again; only what the assistant says in this turn is the answer.  A patch without a path applies where
the last one did.  Not documented: https://chatgpt.com
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..dialect import REASONING, TEXT, TOOLS, Dialect, make_reading
from ..texts import Text
from ..values import Object, dig, items, non_empty, obj, objects, text

_CONTENT = "/message/content"
_FIRST = f"{_CONTENT}/parts/0"
_DONE = "finished_successfully"


class Conversation(Dialect):
    """ChatGPT, the app"""

    api = "conversation"
    shape = "openai"
    ignored_members = frozenset({"c"})

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._id: object = None
        """ID of the current message."""
        self._text: Text | None = self.answer.message().text
        """The text that the current message adds to; None: not the answer's.  A resumed stream begins amid a
        message."""
        self._bit, self._start = TEXT, 0
        """Channel bit of this text, and its length before the current message."""
        self._path = _FIRST

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return name == "delta_encoding" or (name == "delta" and "v" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return True

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type"))
        self.take_error(value)
        if type_:
            self.answer.set_identity(dig(value, ("metadata", "model_slug")), None)
            return make_reading(0, type_, type_ if type_ == "message_stream_complete" else None)
        message = obj(value.get("message"))
        return make_reading(self._message(message) if message else self._patch(value))

    def _patch(self, patch: Object) -> int:
        """Apply one change, or several."""
        new = patch.get("v")
        path = text(patch.get("p"))
        bits = 0
        if not isinstance(new, list) or (path and patch.get("o") != "patch"):
            self._path = path or self._path
            return self._change(patch)
        for each in objects(new):
            bits |= self._change(each)
        return bits

    def _change(self, patch: Object) -> int:
        path, new = patch.get("p"), patch.get("v")
        if path is None and isinstance(new, str):
            path = self._path
        if not path:
            message = obj(obj(new).get("message"))
            return self._message(message) if message else 0
        path = text(path)
        if path.startswith(_CONTENT):
            return self._content(path, new, patch.get("o", "append") == "append")
        if path == "/message/status":
            self._over(new)
        elif path.startswith("/message/metadata"):
            self._read_metadata(obj(new))
        return 0

    def _message(self, message: Object) -> int:
        """A message begins, or comes again with more of it."""
        content = obj(message.get("content"))
        if self._id is None or message.get("id") != self._id:
            self._begin(message, text(content.get("content_type")))
        self._read_metadata(obj(message.get("metadata")))
        self._path = _FIRST
        words = "".join(map(text, items(content.get("parts")))) or text(content.get("text"))
        bits = self._say(words or _thoughts(content.get("thoughts")), more=False)
        if message.get("end_turn") is True:
            self._over(message.get("status"))
        return bits

    def _begin(self, message: Object, type_: str) -> None:
        """Decide whose message this is, and which text it adds to."""
        self._id, self._text = message.get("id"), None
        answer, recipient = self.answer.message(), non_empty(message.get("recipient")) or "all"
        if dig(message, ("author", "role")) != "assistant" or _is_past(message):
            return
        if recipient != "all":
            call = answer.server_calls.begin()
            call.set_identity(message.get("id"), recipient)
            self._text, self._bit = call.arguments, TOOLS
        elif type_ == "thoughts":
            self._text, self._bit = answer.reasoning, REASONING
        elif type_ in ("text", "multimodal_text"):
            self.answer.set_identity(None, message.get("id"))
            answer.has_text_channel = True
            self._text, self._bit = answer.text, TEXT
        self._start = 0 if self._text is None else len(self._text)

    def _content(self, path: str, new: object, more: bool) -> int:
        """Add to the text of the current message, or replace it."""
        if path.startswith(f"{_CONTENT}/thoughts"):
            words = text(new) if path.endswith("/content") else _thoughts(new)
            return self._say(words, more=True)
        return self._say(text(new), more)

    def _say(self, words: str, more: bool) -> int:
        if self._text is None:
            return 0
        new = words if more else words[len(self._text) - self._start :]
        return self._bit * self._text.add(new) if new else 0

    def _read_metadata(self, metadata: Object) -> None:
        if self._text is not None:
            self.answer.set_identity(metadata.get("model_slug"), None)
            self.answer.message().set_finish_reason(dig(metadata, ("finish_details", "type")))

    def _over(self, status: object) -> None:
        message = self.answer.message()
        if self._text is message.text and status != "in_progress" and not message.finish_reason:
            message.set_finish_reason(status)


def _is_past(message: Object) -> bool:
    """An earlier message that is sent again: it came finished, and more follows."""
    return message.get("status") == _DONE and message.get("end_turn") is not True


def _thoughts(thoughts: object) -> str:
    return "".join(
        text(thought.get("content")) for thought in objects(thoughts if isinstance(thoughts, list) else [thoughts])
    )
