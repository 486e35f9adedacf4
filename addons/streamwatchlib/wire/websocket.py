"""WebSocket messages to frames.

In: the payload of each whole message from the server.  Out: one `Frame` a message, with the ``type`` member of its JSON
as its type, and at the end one `Body` for all of them.  A message need be neither JSON nor text
(https://datatracker.ietf.org/doc/html/rfc6455#section-5.6); every one of them is framed.
"""

from __future__ import annotations

from ..model import Body, Frame, Limits
from ..surrogates import well_formed
from .jsontext import JsonError, loads
from .payload import Notes, oversize, text

FORMAT = "websocket"
BINARY = "binary"
"""Type of a message that was sent as binary and is not JSON; its bytes are not kept."""
_TEXT = "message"


def frame(data: bytes, limit: int, notes: Notes, *, is_text: bool) -> Frame:
    """The frame of one message.  JSON is recognised under either opcode: some servers send it as binary."""
    kind = _TEXT if is_text else BINARY
    if len(data) > limit:
        return oversize(data, limit, type=kind)
    if not is_text and data[:1] not in (b"{", b"["):
        return Frame(kind)
    payload = text(data, notes)
    try:
        value = loads(payload)
    except JsonError:
        return Frame(kind, payload if is_text else "")
    named = value.get("type") if isinstance(value, dict) else None
    return Frame(well_formed(named) if isinstance(named, str) and named else _TEXT, payload, value)


class MessageReader:
    """The counterpart of `BodyReader` for the server's messages of a WebSocket. mitmproxy keeps their bytes."""

    framing = FORMAT
    truncated = False
    value: object = None

    def __init__(self, limits: Limits) -> None:
        self.size = 0
        self._limit = limits.event
        self._notes = Notes()

    @property
    def deviations(self) -> tuple[str, ...]:
        """How the bytes broke the framing's rules, a sentence each."""
        return self._notes.all()

    def feed(self, data: bytes, *, is_text: bool) -> Frame:
        """The frame of one message."""
        self.size += len(data)
        return frame(data, self._limit, self._notes, is_text=is_text)

    def close(self, complete: bool = True) -> list[Frame]:
        """Return no frames: messages come whole."""
        return []

    def keep_no_more(self) -> None:
        """Do nothing: no raw bytes are kept anyway."""

    def body(self) -> Body:
        return Body("streaming", FORMAT, size=self.size, decoded_size=self.size)
