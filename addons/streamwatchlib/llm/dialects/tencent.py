"""Agents of Tencent Cloud's Agent Development Platform (ADP), and of its predecessor (LKE).

In: events that name themselves.  Out: readings and the answer.  Unless increments were requested, each event has all of
its part of a message, and even an increment may be replaced later.
https://cloud.tencent.com/document/product/1759/129365 and https://cloud.tencent.com/document/product/1759/105561
"""

from __future__ import annotations

from ...model import Context, Limits, Reading
from ..bounded_dict import BoundedDict
from ..cumulative import PartedText
from ..dialect import REASONING, TEXT, TOOLS, Dialect, make_reading
from ..figures import lenient_error_of
from ..intent import UNSPECIFIED, StreamIntent, switch
from ..values import Object, dig, index, obj, objects, text

_EVENTS = frozenset(
    {
        "request_ack",
        *(f"response.{step}" for step in ("created", "processing", "completed")),
        *(f"message.{step}" for step in ("added", "processing", "done")),
        "content.added",
        "text.delta",
        "text.replace",
    }
)
_MAX_KEPT = 1000
"""Most messages that are remembered; real answers have a few."""


def asks(context: Context) -> StreamIntent:
    """A switch in the body; if there is none, the app's settings decide."""
    body = obj(context.request_value)
    switches = ((name, switch(body.get(name))) for name in ("Stream", "stream"))
    return next(((asked, f"body.{name}") for name, asked in switches if asked is not None), UNSPECIFIED)


class _Agent(Dialect):
    """The agent's reasoning and reply, part by part."""

    api = "chat"
    shape = "tencent"

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        budget, message = self.answer.budget, self.answer.message()
        self._reply, self._thoughts = PartedText(budget), PartedText(budget)
        message.text, message.reasoning = self._reply, self._thoughts


class Adp(_Agent):
    """Agents of Tencent Cloud's ADP"""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._types = BoundedDict[str, str](_MAX_KEPT)
        """ID of a message -> its type."""
        self._told = BoundedDict[str, None](_MAX_KEPT)
        """Parts of messages that were read as they came."""

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return text(value.get("Type")) in _EVENTS

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "Type" in value or "Error" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        type_, bits = text(value.get("Type")) or name, 0
        response = obj(value.get("Response"))
        if type_ in ("text.delta", "text.replace"):
            bits = self._part(value, value, whole=type_ == "text.replace")
        elif type_ == "content.added":
            bits = self._part(value, obj(value.get("Content")), whole=True)
        else:
            for message in (obj(value.get("Message")), *objects(response.get("Messages"))):
                bits |= self._message(message)
        self._read_metadata(response)
        if error := obj(value.get("Error")):
            described = {"code": error.get("Code"), "message": error.get("Message")}
            self.answer.error = lenient_error_of(described) or self.answer.error
        return make_reading(bits, type_, type_ if type_ == "response.completed" else None)

    def read_document(self, value: Object) -> None:
        self.read_payload({"Type": "response.completed", **value}, "message")

    def _message(self, message: Object) -> int:
        """A message begins, or is sent again with all that it says: what did not come before is new."""
        id_ = text(message.get("MessageId"))
        type_ = text(message.get("Type"))
        bits = 0
        if type_ == "tool_call":
            calls = self.answer.message().server_calls
            bits = TOOLS * (calls.get(id_) is None)
            calls.at(id_).set_identity(id_, message.get("Name"))
        self._types[id_] = type_
        for position, content in enumerate(objects(message.get("Contents"))):
            place = {"MessageId": id_, "ContentIndex": position}
            bits |= 0 if _place(place) in self._told else self._part(place, content, whole=True)
        return bits

    def _part(self, place: Object, part: Object, *, whole: bool) -> int:
        """A part of a message continues or, if `whole`, is replaced."""
        channels = {"reply": (self._reply, TEXT), "thought": (self._thoughts, REASONING)}
        parts, bit = channels.get(self._types.get(text(place.get("MessageId")), ""), (None, 0))
        words = part.get("Text")
        if parts is None or not isinstance(words, str):
            return 0
        self._told[_place(place)] = None
        return bit * (parts.replace if whole else parts.append)(_place(place), words)

    def _read_metadata(self, response: Object) -> None:
        procedures = objects(response.get("Procedures"))
        for procedure in procedures:
            self.answer.set_identity(dig(procedure, ("Agent", "ModelName")), None)
        self.answer.set_identity(None, response.get("RecordId"))
        self.answer.set_usage(response.get("StatInfo"))
        if response.get("Status") != "processing":
            self.answer.message().set_finish_reason(response.get("Status"))


def _place(part: Object) -> str:
    return f"{index(part.get('ContentIndex'))} {text(part.get('MessageId'))}"


class Lke(_Agent):
    """Agents of Tencent Cloud's LKE, which became ADP"""

    def __init__(self, context: Context, limits: Limits) -> None:
        super().__init__(context, limits)
        self._increments = obj(context.request_value).get("incremental") is True

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        event_name = text(value.get("type")) or name
        return event_name in ("reply", "thought", "token_stat") and "record_id" in obj(value.get("payload"))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "payload" in value or "error" in value

    def read_payload(self, value: Object, name: str) -> Reading:
        type_ = text(value.get("type")) or name
        payload = obj(value.get("payload"))
        bits = 0
        self.take_error(value)
        if payload.get("is_from_self") is True:
            return make_reading(0, type_)  # the question, echoed
        id_ = text(payload.get("record_id"))
        if type_ == "reply":
            self.answer.set_identity(None, id_)
            bits = TEXT * self._tell(self._reply, id_, payload.get("content"))
        elif type_ == "thought":
            for position, step in enumerate(objects(payload.get("procedures"))):
                words = dig(step, ("debugging", "content"))
                bits |= REASONING * self._tell(self._thoughts, f"{index(step.get('index'), position)} {id_}", words)
        return make_reading(bits, type_, "is_final" if payload.get("is_final") is True else None)

    def _tell(self, parts: PartedText, name: str, words: object) -> bool:
        tell = parts.append if self._increments else parts.replace
        return isinstance(words, str) and tell(name, words)
