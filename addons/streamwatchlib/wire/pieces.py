"""Sound as it comes: each read of it is an event.

In: the bytes of a body that holds no events, from an API that makes it while it is sent.  Out: one `Frame` a read, of
which only the moment and the size tell anything.  Where one piece of it ends is not known.
"""

from __future__ import annotations

from ..model import Frame

SOUND = ("audio/", "application/octet-stream")
"""Media types of sound, or how they begin."""


class PieceFramer:
    """No framing."""

    format = "unknown"
    pending = True
    deviations: tuple[str, ...] = ()

    def feed(self, data: bytes) -> list[Frame]:
        """What was read together."""
        return [Frame("binary")] if data else []

    def close(self) -> list[Frame]:
        """Nothing is left over."""
        return []
