"""Model Context Protocol over HTTP, and Agent2Agent: JSON-RPC messages, each an event of its own.

In: JSON-RPC messages, streamed or one whole; of Agent2Agent also its results without JSON-RPC.  Out: readings; the
response's text content and error as the answer.  A server may close the stream early and let the client poll, so no end
is due.
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
https://a2a-protocol.org/latest/specification/
"""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from ...model import Context, Limits, Llm, Reading
from ...surrogates import well_formed
from ..bounded_dict import BoundedDict
from ..dialect import Dialect
from ..intent import UNSPECIFIED, StreamIntent, header
from ..values import Object, Path, dig, obj, objects, text

_A2A = frozenset({"task", "message", "status-update", "artifact-update"})
"""Kinds of an Agent2Agent result; since version 1 the member that holds it (`_HOLDERS`) names its kind."""
_HOLDERS = ("task", "message", "statusUpdate", "artifactUpdate")
_WORDS: tuple[Path, ...] = (("content",), ("parts",))
_STREAMED = ("message/stream", "tasks/resubscribe", "SendStreamingMessage", "SubscribeToTask")
"""Methods of A2A that are answered by a stream."""
_WHOLE = ("message/send", "SendMessage")
"""Methods of A2A that are answered whole."""
_LATER = ("tasks/get", "GetTask")
"""Methods of A2A that ask for the state of a task; MCP has the first, too."""
_GOES_ON = ("submitted", "working")
"""How the names of a task's states end in which more comes without another request."""


def asks(context: Context) -> StreamIntent:
    """MCP leaves it to the server; A2A has separate methods."""
    method = obj(context.request_value).get("method")
    return (method in _STREAMED, "body.method") if method in (*_STREAMED, *_WHOLE) else UNSPECIFIED


def is_json_rpc(context: Context) -> bool:
    """It is MCP or A2A by its headers, or by a JSON-RPC body that accepts both kinds of answer or calls an agent."""
    named = any(name.lower().startswith("mcp-") for name, _ in (*context.request_headers, *context.response_headers))
    body = obj(context.request_value)
    either = "text/event-stream" in header(context, "accept") or body.get("method") in (*_STREAMED, *_WHOLE, *_LATER)
    return named or (body.get("jsonrpc") == "2.0" and either)


class JsonRpc(Dialect):
    """Any MCP endpoint, and agents that speak A2A: their ``llm.api`` is ``a2a``."""

    api = "mcp"
    shape = "mcp"
    terminator_due = False
    _remark = ""
    """An agent's remark on its task's status: the answer if there is neither a message nor an artifact."""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        if obj(context.request_value).get("method") in (*_STREAMED, *_WHOLE):  # an error does not show it
            self.api = self.shape = "a2a"
        elif context.method == "GET" and self.api == "mcp":  # messages here belong to requests made elsewhere
            self.traits = frozenset({"fed"})
        self._known = BoundedDict[str, tuple[int, int]](limits.events)
        """ID of an artifact -> how many of its characters are known, and their checksum."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return name == "endpoint" and not value  # how the transport of 2024 begins; all else is like any JSON-RPC

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("jsonrpc") == "2.0"

    def read_payload(self, value: Object, name: str) -> Reading:
        message, result = self.answer.message(), obj(value.get("result"))
        held = next((obj(result[key]) for key in _HOLDERS if key in result), result)
        if text(result.get("kind")) in _A2A or "contextId" in held:
            self.api = self.shape = "a2a"
        made = () if message.text else objects(held.get("artifacts"))  # a task repeats the text of its updates
        for place in (held, *made):
            message.text.add("".join(_words(place, path) for path in _WORDS))
        message.text.add(self._new(held, _words(held, ("artifact", "parts"))))
        state = text(dig(held, ("status", "state")))
        if not state.lower().endswith(_GOES_ON):
            message.set_finish_reason(state)
        remark = obj(dig(held, ("status", "message")))
        if "user" not in text(remark.get("role")).lower():
            self._remark = _words(remark, ("parts",)) or self._remark
        self.take_error(value)
        answers = "result" in value or "error" in value
        return Reading(("events",), text(value.get("method")) or None, "response" if answers else None)

    def _new(self, update: Object, words: str) -> str:
        """The text that an artifact's update adds: one that does not append is whole, perhaps after its pieces."""
        id_ = text(dig(update, ("artifact", "artifactId")))
        known, checksum = self._known.get(id_, (0, 0))
        if update.get("append") is not True:
            if _checksum(words[:known], 0) == checksum:
                words = words[known:]
            else:
                known = checksum = 0
        self._known[id_] = known + len(words), _checksum(words, checksum)
        return words

    def result(self) -> Llm:
        llm, remark = super().result(), well_formed(self._remark[: self.answer.budget.left])
        return llm if llm.text or not remark else replace(llm, text=remark)


class Agent(JsonRpc):
    """Agents that speak A2A without JSON-RPC, at `/message:stream` and `/message:send`"""

    api = shape = "a2a"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return any(holder in value for holder in _HOLDERS)

    def read_payload(self, value: Object, name: str) -> Reading:
        return super().read_payload({"result": value, "error": value.get("error")}, name)._replace(end=None)


def _checksum(words: str, before: int) -> int:
    return crc32(words.encode(errors="surrogatepass"), before)


def _words(place: Object, path: Path) -> str:
    return "".join(text(part.get("text")) for part in objects(dig(place, path)))
