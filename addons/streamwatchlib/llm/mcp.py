"""Model Context Protocol over HTTP: JSON-RPC messages, each an event of its own.

In: JSON-RPC messages, streamed or one whole.  Out: readings; the response's text content and error as the answer.
A server may close the stream early and let the client poll, so no end is due.
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

from __future__ import annotations

from ..model import Context, Reading
from .dialect import Dialect
from .intent import header
from .values import Object, obj, objects, text


def spoken(context: Context) -> bool:
    """The exchange is MCP's by its headers, or by a JSON-RPC body that takes either kind of answer."""
    named = any(name.lower().startswith("mcp-") for name, _ in (*context.request_headers, *context.response_headers))
    return named or (
        obj(context.request_value).get("jsonrpc") == "2.0" and "text/event-stream" in header(context, "accept")
    )


class JsonRpc(Dialect):
    """Any MCP endpoint."""

    api = "mcp"
    shape = "mcp"
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False  # any JSON-RPC looks like this

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return value.get("jsonrpc") == "2.0"

    def payload(self, value: Object, name: str) -> Reading:
        message = self.answer.message()
        for part in objects(obj(value.get("result")).get("content")):
            message.text.add(text(part.get("text")))
        self.failure(value)
        answers = "result" in value or "error" in value
        return Reading(("events",), text(value.get("method")) or None, "response" if answers else None)
