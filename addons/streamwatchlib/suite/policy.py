"""What to do with a flow: small decisions from mitmproxy's own facts."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from mitmproxy import ctx, http
from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.websocket import WebSocketData

from ..model import Outcome
from ..wire import STREAM_TYPES
from ..wire.header_params import media_type
from .heads import fields

_CLOSED_WELL = (None, 1000, 1001, 1005)
"""Close codes of a WebSocket that ended normally or gave no code; None while it is open."""
_ABNORMAL_CLOSURE = 1006
"""The connection broke off (https://datatracker.ietf.org/doc/html/rfc6455#section-7.4.1)."""
_REFUSED = "exceeds mitmproxy's body_size_limit", "refusing to prevent request smuggling"
"""Parts of mitmproxy's messages for what it refuses to pass on."""
_CANCELLED = "stream reset by client (CANCEL)", "stream closed by client (H3_REQUEST_CANCELLED)"
"""Parts of its messages for a stream reset with the code that clients cancel with, in HTTP/2 and in HTTP/3."""
_WITH_STREAMS = b"h2", b"h3"
"""ALPN of the protocols in which a server can end one exchange without closing the connection."""
_GONE = "Client disconnected."
"""mitmproxy's own message."""
_MAX_ERROR = 1000
"""Characters of an error that are kept: mitmproxy quotes in full a head that it can't parse."""


def is_tapped(flow: http.HTTPFlow, wants_stream: Callable[[], bool | None]) -> bool:
    """Return whether this response must be passed through as it arrives.

    True if it declares a stream, answers a request for one, or comes without a length: mitmproxy would hold such a body
    back to its end.  A body of known length that nobody asked to stream is left alone, so that other addons can still
    rewrite it in ``response``.
    """
    response = flow.response
    if response is None or not _has_body(flow.request.method, response):
        return False
    declared = media_type(fields(response.headers))
    return declared in STREAM_TYPES or "content-length" not in response.headers or wants_stream() is True


def _has_body(method: str, response: http.Response) -> bool:
    """Return whether the response may have content (RFC 9110, section 6.4.1)."""
    status = response.status_code
    return method.upper() != "HEAD" and status >= 200 and status not in (204, 304)


def passes_request_through(flow: http.HTTPFlow) -> bool:
    """Return whether `streamwatch_stream_requests` applies: the request body is sent without a length."""
    request = flow.request
    return "content-length" not in request.headers and (
        "transfer-encoding" in request.headers or (request.is_http2 and request.method.upper() not in ("GET", "HEAD"))
    )


def is_written_at_once() -> bool:
    """Return whether mitmproxy writes each flow to a file as it ends (``-w``): its record must be on it by then."""
    return bool(ctx.options.save_stream_file)


def has_prompt() -> bool:
    """Return whether commands can be typed: in mitmproxy and mitmweb, which alone have a view."""
    return ctx.master.addons.get("view") is not None


def outcome_of(flow: http.HTTPFlow) -> Outcome:
    """Tell who broke an exchange off, from mitmproxy's error and the state of the two connections.

    mitmproxy's message alone does not tell: it says "stream reset by client" of a server's RST_STREAM, too, and
    "peer closed connection" of either side.  Reset codes that clients cancel with are attributed to the client.
    """
    if flow.error is None:
        return _closed_how(flow.websocket) if flow.websocket else "complete"
    message = flow.error.msg
    if message == flow.error.KILLED_MESSAGE or any(refused in message for refused in _REFUSED):
        return "error"
    # a replayed request has no client: the connection is that of the original request
    if message.startswith("Client disconnected") or (not flow.is_replay and _closed(flow.client_conn)):
        return "client-disconnected"
    left = any(left in message for left in _CANCELLED)
    if left and flow.server_conn.alpn not in _WITH_STREAMS:
        return "client-disconnected"  # such a server has no stream to reset; mitmproxy closed its connection for it
    if flow.response is None:
        return "error"
    if left and not _closed(flow.server_conn):
        return "client-disconnected"
    return "server-disconnected"


def error_of(flow: http.HTTPFlow, outcome: Outcome) -> str | None:
    """The error, if any: mitmproxy's, or that of the peer that closed a WebSocket or failed a gRPC call."""
    if flow.error:
        return _short(flow.error.msg)
    if (socket := flow.websocket) is None:
        # without an error a client has left only where mitmproxy lost the end (`Watch.client_disconnected`)
        return _GONE if outcome == "client-disconnected" else _failed_call(flow.response)
    if _closed_how(socket) != "error":
        return None
    who = "client" if socket.closed_by_client else "server"
    return f"WebSocket closed by the {who} with {socket.close_code}: {socket.close_reason or 'no reason given'}"


def _failed_call(response: http.Response | None) -> str | None:
    """The error of a gRPC call: in the trailers, or in the head of a response without content; HTTP's status is good.

    https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
    """
    sources = [fields for fields in (response and response.trailers, response and response.headers) if fields]
    status, words = (next((f[name] for f in sources if name in f), "") for name in ("grpc-status", "grpc-message"))
    return None if status in ("", "0") else _short(f"gRPC status {status}: {unquote(words) or 'no reason given'}")


def _short(words: str) -> str:
    """Cut at a space: the rest of a credential that was cut would not be recognized and masked."""
    return words if len(words) <= _MAX_ERROR else f"{words[:_MAX_ERROR].rpartition(' ')[0]} …"


def _closed_how(socket: WebSocketData) -> Outcome:
    if socket.close_code in _CLOSED_WELL:
        return "complete"
    if socket.close_code == _ABNORMAL_CLOSURE:
        return "client-disconnected" if socket.closed_by_client else "server-disconnected"
    return "error"


def _closed(connection: Connection) -> bool:
    """Return whether the peer has closed its side (an opened connection that can't be read any more)."""
    return connection.timestamp_start is not None and not connection.state & ConnectionState.CAN_READ
