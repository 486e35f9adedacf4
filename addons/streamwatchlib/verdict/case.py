"""One channel, ready to be judged: its shape, what surrounds it, and what the server says of it."""

from __future__ import annotations

from dataclasses import dataclass

from ..pace.cadence import Cadence
from ..pace.clocks import ServerTimes
from ..pace.deliveries import BIN, SUDDEN, Delivery, Path
from ..pace.shape import Shape


@dataclass(frozen=True, slots=True)
class Case:
    shape: Shape
    path: Path
    server_times: ServerTimes
    cadence: Cadence | None
    """Beat of the lots that silences of 2 ms part, whatever they bring."""
    tokens: int
    """Tokens that the events stand for; at least the number of events."""
    cut: bool
    """The lots of bytes end inside events."""
    follows_event_end: bool
    """The arrival before the largest delivery ended with an event."""
    link_full: bool
    """The link was full: the reads are segments, cut anywhere."""
    length_declared: bool
    """The length of the stream was declared before its first byte."""
    replayed: bool
    """A cache, or the server's own times, say that an older answer was replayed."""
    traits: frozenset[str]

    @property
    def elapsed(self) -> float:
        """Seconds from the request's end to the last event, without those in which the proxy was not reading."""
        return max(0.0, self.shape.last - self.path.start - self.not_reading)

    @property
    def not_reading(self) -> float:
        """Seconds from the request's end to the last event in which the proxy was not reading."""
        return self.path.not_reading(self.path.start, self.shape.last)

    @property
    def span(self) -> float:
        """Seconds from the first event to the last."""
        return self.shape.last - self.shape.first

    @property
    def missing(self) -> float:
        """Seconds by which the server's generation time exceeds the content's time here; 0 if that took none."""
        deficit, content = self.server_times.deficit or 0.0, self.path.content
        return (content[-1] - content[0]) * deficit / (1 - deficit) if deficit < 1 else 0.0

    @property
    def lump_run(self) -> tuple[Delivery, ...]:
        """The largest lump and what came right before and behind it, if all of that was over soon after a silence; what
        takes longer has flowed, however fast."""
        deliveries = self.shape.deliveries
        last = deliveries.index(self.shape.biggest)
        for first, each in enumerate(deliveries[: last + 1]):
            silence = self.path.silence(each.t)
            if (deliveries[last].end - each.t) * SUDDEN > silence:
                continue
            for later in deliveries[last + 1 :]:
                if later.t - deliveries[last].end > BIN or (later.end - each.t) * SUDDEN > silence:
                    break
                last += 1
            return deliveries[first : last + 1]
        return ()
