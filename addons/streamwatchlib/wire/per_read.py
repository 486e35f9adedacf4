"""Audio as it arrives: each read is an event.

In: the bytes of a body that holds no events, from an API that sends audio while generating it.  Out: one `Frame` a
read, of which only the time and the size mean anything.  Where a piece of audio ends is not known.
"""

from __future__ import annotations

from ..model import Frame

AUDIO_TYPES = ("audio/", "application/octet-stream")
"""Media types of audio, or their prefixes."""


class PerReadFramer:
    """Makes each feed an event."""

    format = "unknown"
    pending = True
    deviations: tuple[str, ...] = ()

    def feed(self, data: bytes) -> list[Frame]:
        """Return one frame for all of `data`."""
        return [Frame("binary")] if data else []

    def close(self) -> list[Frame]:
        """Return no frames: nothing is left over."""
        return []
