"""The bytes of one body: all counted, the first of them kept, both as received and as decoded.

In: bytes.  Out: how many there were, and those that were kept.  Never here: what they are.
"""

from __future__ import annotations


class BodyBuffer:
    """Keeps up to `limit` received and as many decoded bytes; the same bytes if there is no content-coding
    (`encoded`)."""

    def __init__(self, limit: int, *, encoded: bool) -> None:
        self._limit, self._encoded = limit, encoded
        self.size = self.decoded_size = 0
        self.unread = 0
        """Bytes at the end of `size` that were not read, because they came too fast."""
        self._raw = bytearray()
        self._decoded = bytearray() if encoded else self._raw

    def add_raw(self, data: bytes) -> None:
        """Take bytes as received."""
        self.size += len(data)
        _keep(self._raw, data, self._limit)

    def add_decoded(self, data: bytes) -> None:
        """Take bytes as decoded."""
        self.decoded_size += len(data)
        if self._encoded:
            _keep(self._decoded, data, self._limit)

    def add_plain(self, data: bytes) -> None:
        """Take received bytes that have no content-coding."""
        self.add_raw(data)
        self.add_decoded(data)

    def skip_unread(self, size: int) -> None:
        """Count `size` bytes that are not read; nothing after them will be read either."""
        self.size += size
        self.unread += size

    def keep_no_more(self) -> None:
        self._limit = min(len(self._raw), len(self._decoded))

    @property
    def raw_truncated(self) -> bool:
        """More bytes were received than are kept."""
        return self.size > len(self._raw)

    @property
    def decoded_truncated(self) -> bool:
        """More bytes were decoded than are kept, or not all were decoded."""
        return self.decoded_size > len(self._decoded) or self.unread > 0

    @property
    def decoded(self) -> bytes:
        """The decoded bytes that were kept."""
        return bytes(self._decoded)


def _keep(kept: bytearray, data: bytes, limit: int) -> None:
    if len(kept) < limit:
        kept += data[: limit - len(kept)]
