"""Flows of Genkit, and whatever else streams as Firebase's callable functions do.

In: what a flow sends while it runs and its result: a text, a model's message or a piece of one, or an object of the
flow's own.  Out: readings and the answer.  A flow may call models several times: what they say is one answer.
https://genkit.dev/docs/js/flows/ and https://firebase.google.com/docs/functions/callable-reference
"""

from __future__ import annotations

from ...headers import header
from ...model import Context, Reading
from ..dialect import TOOLS, Dialect, make_reading
from ..intent import by_anything
from ..values import Object, dump, obj, objects, text


def is_callable_flow(context: Context) -> bool:
    """The request is a call that asks for a stream, or a response header says that a flow made the answer."""
    called = {"data"} <= set(obj(context.request_value)) <= {"data", "init"}
    traced = header(context.response_headers, "x-genkit-trace-id") is not None
    return called and (traced or by_anything(context)[0] is True)


class Flow(Dialect):
    """Flows of Genkit, in any app"""

    api = "flow"
    shape = "genkit"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False  # recognised by the request alone

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return set(value) in ({"message"}, {"result"}, {"error"})

    def read_payload(self, value: Object, name: str) -> Reading:
        if "result" in value:
            return make_reading(self._result(value["result"]), end="result")
        self.take_error(value)
        if "message" not in value:
            return make_reading(0)
        bits = self._said(value["message"])
        return Reading(("events",)) if bits is None else make_reading(bits)

    def _said(self, content: object) -> int | None:
        """Read what a flow sends; return the channel bits, or None if it is neither a text nor a message."""
        message, parts = self.answer.message(), _parts(content)
        if isinstance(content, str):
            return message.add_text(content)
        if parts is None:
            return None
        bits = 0
        for part in parts:
            bits |= message.add_text(part.get("text"))
            bits |= message.add_reasoning(part.get("reasoning"))
            if isinstance(part.get("toolRequest"), dict):
                bits |= self._request(obj(part["toolRequest"]))
        return bits

    def _request(self, request: Object) -> int:
        """Read a call, whose input is sent each time from its beginning."""
        call = self.answer.message().calls.at(text(request.get("ref")) or text(request.get("name")))
        begins = call.name is None
        call.set_identity(request.get("ref"), request.get("name"))
        return TOOLS * (call.replace_arguments(request.get("input")) or begins)

    def _result(self, result: object) -> int:
        """Read the result of a flow: it repeats what was said, or is all there is."""
        message, about = self.answer.message(), obj(result)
        message.set_finish_reason(about.get("finishReason"))
        self.answer.set_usage(about.get("usage"))
        if not message.empty:
            return 0
        bits = self._said(result)
        return message.add_text(dump(result)) if bits is None else bits


def _parts(content: object) -> list[Object] | None:
    """The parts of a message, which may be in an envelope; none for a tool's result."""
    message = obj(obj(content).get("message")) or obj(content)
    if not isinstance(message.get("content"), list):
        return None
    return [] if message.get("role") == "tool" else objects(message["content"])
