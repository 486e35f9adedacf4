"""What came of one body: all of it counted, the first of it kept, as it came and as it unpacked.

In: bytes.  Out: how many there were, and those that were kept.  Never here: what they are.
"""

from __future__ import annotations


class Intake:
    """Keeps `limit` bytes of either; without a content-coding (`coded` False) both are the same."""

    def __init__(self, limit: int, *, coded: bool) -> None:
        self._limit, self._coded = limit, coded
        self.size = self.decoded_size = 0
        self.unread = 0
        """Bytes, the last of `size`, of which nothing is known: they came too fast to be read."""
        self._raw = bytearray()
        self._decoded = bytearray() if coded else self._raw

    def came(self, data: bytes) -> None:
        """Bytes have come."""
        self.size += len(data)
        _keep(self._raw, data, self._limit)

    def unpacked(self, data: bytes) -> None:
        """What came has been unpacked to this."""
        self.decoded_size += len(data)
        if self._coded:
            _keep(self._decoded, data, self._limit)

    def came_plain(self, data: bytes) -> None:
        """Bytes that no content-coding hides."""
        self.came(data)
        self.unpacked(data)

    def passed(self, size: int) -> None:
        """So many bytes have come that are not read; nor will any that follow be."""
        self.size += size
        self.unread += size

    def keep_no_more(self) -> None:
        self._limit = min(len(self._raw), len(self._decoded))

    @property
    def truncated(self) -> bool:
        """More came than is kept."""
        return self.size > len(self._raw)

    @property
    def cut(self) -> bool:
        """It unpacked to more than is kept, or not all of it was unpacked."""
        return self.decoded_size > len(self._decoded) or self.unread > 0

    @property
    def decoded(self) -> bytes:
        """What is kept of what it unpacked to."""
        return bytes(self._decoded)


def _keep(kept: bytearray, data: bytes, limit: int) -> None:
    if len(kept) < limit:
        kept += data[: limit - len(kept)]
