"""When content events came, and in which channels.

In: each event's time and channels.  Out: `Moments`, of all content and of each channel.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import compress, repeat

from ..model import Channel, Moments


class ContentTimes:
    """The first `limit` content events of all, and of each combination of channels."""

    __slots__ = ("_arrival", "_counts", "_kind", "_kinds", "_limit", "_room", "_t")

    def __init__(self, limit: int) -> None:
        self._t = array("d")
        self._arrival = array("L")
        self._kind = array("B")
        self._kinds: dict[tuple[Channel, ...], int] = {}
        """Channels of an event -> the number that stands for them in `_kind`."""
        self._counts: list[int] = []
        self._limit = self._room = limit

    def __len__(self) -> int:
        return len(self._t)

    def add(self, channels: tuple[Channel, ...], t: float, arrival: int) -> None:
        kind = self._kinds.get(channels)
        if kind is None:
            kind = self._kinds[channels] = len(self._counts)
            self._counts.append(0)
        if len(self._t) < self._room or self._counts[kind] < max(1, self._room):
            self._counts[kind] += 1
            self._t.append(t)
            self._arrival.append(arrival)
            self._kind.append(kind)

    def add_all(self, channels: tuple[Channel, ...], t: Sequence[float], arrivals: Sequence[int]) -> None:
        """Add many events that have the same channels."""
        if len(self._t) + len(t) > self._room or channels not in self._kinds:
            for each in zip(t, arrivals, strict=True):
                self.add(channels, *each)
            return
        kind = self._kinds[channels]
        self._counts[kind] += len(t)
        self._t.extend(t)
        self._arrival.extend(arrivals)
        self._kind.extend(repeat(kind, len(t)))

    def add_no_more(self) -> None:
        """Keep only the first event of each new combination of channels from now on."""
        self._limit, self._room = max(1, min(self._limit, len(self._t))), 0

    def all(self) -> Moments:
        """The first `limit` events, whatever their channels."""
        if len(self._t) <= self._limit:
            return Moments(self._t, self._arrival)
        return Moments(self._t[: self._limit], self._arrival[: self._limit])

    def by_channel(self) -> dict[Channel, Moments]:
        if len(self._kinds) == 1:
            return dict.fromkeys(next(iter(self._kinds)), Moments(self._t, self._arrival))
        return {channel: self._of(channel) for kind in self._kinds for channel in kind}

    def _of(self, channel: Channel) -> Moments:
        mask = [channel in kind for kind in self._kinds]
        chosen = [mask[kind] for kind in self._kind]
        return Moments(array("d", compress(self._t, chosen)), array("L", compress(self._arrival, chosen)))
