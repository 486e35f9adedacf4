"""All that a suspicion may rest on, gathered once: the facts, the figures, and what follows from both.

In: what `judge` has found about an exchange.  Out: `Evidence`.  Never here: an accusation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from ..headers import header
from ..model import Channel, Measures, Signals
from ..pace.blocks import EXCESS, QUANTA, Blocks, fills
from ..pace.cadence import Cadence, cadence
from ..pace.clocks import ServerTimes
from ..pace.deliveries import BIN, NOTICED, Delivery
from ..pace.losses import share, stalled, windowed
from .case import Case
from .processing_time import begun_before, unexplained
from .rules import MIN_HOLD, MODERATE, ONE_PIECE, Ruling

WHOLE_EVENTS = 0.8
"""Share of lots ending with an event from which on the path is taken to keep events whole: a full read of the proxy's
may cut one."""
ALL = 0.9
"""Share of the events that makes a lump the whole answer."""
STRAYS = 3
"""Most deliveries of an answer in one piece: a first one that slipped through, the lump, and a rest."""
CATCH_UP = 0.5
"""Share of what the pace would have made in a silence that makes the lump after it a catch-up."""
FLOWED = 4
"""Arrivals besides a lump that show that the path lets pieces through."""
NGINX = ("nginx", "openresty", "tengine", "angie")
"""The family's names in the Server header."""
SEVERAL = 2
"""Events a delivery from which on deliveries count as lumps, not as a flow."""
FEW_GAPS = 1
"""Fewest gaps in which a beat is looked for."""
FIRST_SHORTFALL = 0.8
"""Least share of a block's size that the first one shows: the response's head takes room in it as well."""


def _within(times: Sequence[float], delivery: Delivery) -> int:
    return bisect_right(times, delivery.end) - bisect_left(times, delivery.t)


@dataclass(frozen=True)
class Evidence:
    signals: Signals
    ruling: Ruling
    measures: Measures
    server_times: ServerTimes
    flags: tuple[str, ...] = ()
    case: Case | None = None
    """None if the answer was not streamed, or its times are not known."""
    blocks: Blocks | None = None
    channel: Channel | None = None
    """The channel that was judged."""

    def header(self, name: str) -> str | None:
        return header(self.signals.headers, name)

    @property
    def label(self) -> str:
        return self.ruling.label

    @property
    def bursts(self) -> tuple[Delivery, ...]:
        return self._judged.shape.bursts

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        return self._judged.shape.deliveries

    @property
    def one_piece(self) -> bool:
        effective = self.measures.effective_deliveries
        return effective is not None and effective < ONE_PIECE

    @property
    def whole(self) -> bool:
        """The whole channel came in one lump, but for a first or last piece."""
        shape = self._judged.shape
        lump = self._judged.lump_run or (shape.biggest,)
        others = len(shape.deliveries) - len(lump)
        return self.one_piece and others < STRAYS and sum(each.n for each in lump) >= ALL * shape.events

    @property
    def bytes(self) -> int:
        return sum(arrival.size for arrival in self.signals.arrivals)

    @property
    def _judged(self) -> Case:
        assert self.case is not None, "only asked of what has been judged by its times"
        return self.case

    @property
    def lump(self) -> Delivery:
        return self._judged.shape.biggest

    @property
    def first(self) -> Delivery:
        return self.deliveries[0]

    @property
    def lump_wait(self) -> float:
        """Seconds from the request's end to the largest delivery."""
        return max(0.0, self.lump.t - self._judged.path.start)

    @property
    def first_wait(self) -> float:
        """Seconds from the request's end to the first content."""
        return max(0.0, self._judged.shape.first - self._judged.path.start)

    @property
    def span(self) -> float:
        """Seconds from the channel's first event to its last."""
        return self._judged.shape.last - self._judged.shape.first

    # --- the path ---

    @property
    def encoding(self) -> str | None:
        """The content-coding, if the body is encoded."""
        coding = (self.header("content-encoding") or "").strip().lower()
        return None if coding in ("", "identity", "none") else coding

    @property
    def whole_events(self) -> bool:
        return (self.measures.aligned or 0.0) >= WHOLE_EVENTS

    @property
    def behind_nginx(self) -> bool:
        return (self.header("server") or "").lower().startswith(NGINX)

    @property
    def lead(self) -> float:
        """Seconds from the head to the first content (a compressor may send its own ten bytes with the head)."""
        head, first = self.signals.response_start, self.first.t
        return 0.0 if head is None else first - head - self._judged.path.not_reading(head, first)

    @property
    def early_head(self) -> bool:
        """The head arrived by itself, before the content."""
        return self.lead >= NOTICED

    @cached_property
    def buffer_size(self) -> int | None:
        """The size of the buffer as far as few lots show it: the first shortened by the head, others full, most of them
        cut inside an event (the first alone may end with one by chance)."""
        if self.blocks is None or self.blocks.size is not None:
            return self.blocks.size if self.blocks else None
        first, *middle = self.blocks.sizes[:-1] or (0,)
        telling = self.blocks.ends[1:-1] or self.blocks.ends[:-1]
        if not self.behind_nginx and (sum(telling) > len(telling) / 2 or not middle):
            return None
        fits = (q for q in QUANTA if FIRST_SHORTFALL * q <= first <= EXCESS * q and fills(middle, q))
        return next(fits, None)

    @property
    def body_only_blocks(self) -> bool:
        """The first lot fills whole blocks like the others, so these hold nothing but the body; a proxy's first block
        also holds the response's head."""
        return bool(self.buffer_size and self.blocks and self.blocks.sizes[0] % self.buffer_size == 0)

    @property
    def arrivals_while_held(self) -> int:
        """Arrivals during the silences before bursts: bytes got through while content was held."""
        return sum(self._arrivals_while_held)

    @property
    def silences_with_arrivals(self) -> int:
        """Silences before bursts during which bytes arrived."""
        return sum(passing > 0 for passing in self._arrivals_while_held)

    @cached_property
    def _arrivals_while_held(self) -> Sequence[int]:
        times = [arrival.t for arrival in self.signals.arrivals]
        bursts = self.bursts if self.one_piece else self.bursts[1:]  # before the first there was nothing yet to hold
        return [
            max(0, bisect_left(times, burst.t - BIN) - bisect_right(times, burst.t - burst.silence + BIN))
            for burst in bursts
        ]

    @cached_property
    def flowed_before(self) -> int:
        """Deliveries of other channels' content before the first of this channel."""
        return len({t for t in self.signals.content.t if t < self._judged.shape.first})

    @cached_property
    def arguments_alone(self) -> bool:
        """The lumps brought nothing but arguments of tool calls, and other content flowed."""
        own, content = self.signals.moments.get("tool_calls"), self.signals.content.t
        if own is None or not self.bursts or self.flowed_beside < FLOWED:
            return False
        return all(_within(own.t, burst) == _within(content, burst) for burst in self.bursts)

    @cached_property
    def flowed_beside(self) -> int:
        """Deliveries of content other than arguments of tool calls; 0 if that came in lumps, too."""
        others = [moments.t for channel, moments in self.signals.moments.items() if channel != "tool_calls"]
        deliveries = len(set(chain.from_iterable(others)))
        return deliveries if sum(map(len, others)) <= SEVERAL * deliveries else 0

    # --- the network ---

    @cached_property
    def stalled(self) -> Sequence[tuple[Delivery, int]]:
        """Lumps that a lost segment delayed, and how many segments waited for it."""
        return stalled(self.bursts, self.signals.network)

    @property
    def loss_share(self) -> float:
        """Share of the waiting before lumps that lost segments explain."""
        return share([lump for lump, _ in self.stalled], self.bursts)

    @property
    def window_share(self) -> float:
        """Share of the waiting before lumps that TCP's window explains: no more could be in flight."""
        return share(windowed(self.bursts, self.signals.network), self.bursts)

    # --- the beat ---

    @cached_property
    def cadence(self) -> Cadence | None:
        """Beat of the deliveries, if they came in lumps; `Cadence.lots` says how many show it.  None for lumps amid
        pieces that came one by one: it would be the beat of the pieces."""
        delivered = self.deliveries if self.bursts else ()
        found = cadence([each.t for each in delivered], [each.n for each in delivered], FEW_GAPS)
        return found if found and found.count >= SEVERAL and found.period >= NOTICED else None

    @cached_property
    def catching_up(self) -> Delivery | None:
        """The lump after the one long silence of an otherwise flowing stream."""
        shape = self._judged.shape
        late = [burst for burst in self.bursts if burst.silence >= NOTICED and burst is not self.first]
        if len(late) != 1 or self.flowed < FLOWED:
            return None
        burst, flowing = late[0], self.span - late[0].silence
        rate = (shape.events - burst.n) / flowing if flowing > 0 else 0.0
        enough = burst.n >= CATCH_UP * rate * burst.silence or burst is self.deliveries[-1]
        return burst if rate and enough else None

    @property
    def flowed(self) -> int:
        """Arrivals of what came in no lump after a noticeable silence."""
        return sum(each.reads for each in self.deliveries if each.silence < NOTICED)

    @property
    def not_reading(self) -> float:
        """Seconds of the silences before bursts in which the proxy itself was not reading."""
        path = self._judged.path
        return sum(path.not_reading(path.since(burst.t), burst.t) for burst in self.bursts)

    # --- the server's own word ---

    @property
    def sent_bunched(self) -> bool:
        """The server's dates are as bunched as the arrivals: it sent them like this."""
        server_times = self.server_times
        return server_times.made is not None and server_times.hold is not None and server_times.hold < MIN_HOLD

    @property
    def held_after(self) -> bool:
        """The server's own times say that the answer had been generated before."""
        hold = self.server_times.hold
        return (hold is not None and hold >= MODERATE) or self._waited_less

    @property
    def _waited_less(self) -> bool:
        """The server says that it began, or had its first token, so early that the wait is not its own."""
        ttft = (self.signals.server_timing or {}).get("ttft")
        return (ttft is not None and unexplained(ttft, self.first_wait)) or begun_before(self.signals)
