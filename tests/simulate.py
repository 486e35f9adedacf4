"""Streams of known truth: what an engine wrote, what the hops on the way did to it, and what a proxy then reads.

Everything here is bytes and times.  An engine's `Event` list becomes `Write`s (how many bytes had been written by a
time); a hop turns them into other writes; the proxy's reads of the socket become `Signals`.  The truth is kept beside:
how long each content event was held.  Seeded: the same seed gives the same streams.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from streamwatchlib.model import Arrival, Channel, Headers, Moments, Signals, Usage


class Event(NamedTuple):
    t: float
    """Seconds from the request's end at which the engine wrote it."""
    size: int
    channel: Channel | None
    """None for what is no content: role, ping, usage, end."""


class Write(NamedTuple):
    t: float
    total: int
    """Bytes of the body written by then."""


# --- engines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Engine:
    rate: float
    """Tokens a second while it generates."""
    ttft: float
    tokens: int
    step: int = 1
    """Tokens emitted at once, an event each."""
    jitter: float = 0.0
    """Each step's duration varies by so much of itself, evenly."""
    pauses: tuple[tuple[int, float], ...] = ()
    """(after so many tokens, seconds)."""
    channels: tuple[tuple[Channel, int], ...] = (("text", 1 << 30),)
    """Runs of tokens of one channel each."""
    ping: float | None = None
    """Seconds between keep-alives."""
    size: tuple[int, int] = (230, 260)
    """Bytes of an event."""

    def events(self, rng: random.Random) -> list[Event]:
        found = [Event(self.ttft, 180, None)]
        t, pauses = self.ttft, dict(self.pauses)
        for i, channel in enumerate(self._plan()[: self.tokens]):
            if i and i % self.step == 0:
                t += self.step / self.rate * (1 + rng.uniform(-self.jitter, self.jitter))
                if pauses:
                    t += sum(seconds for after, seconds in pauses.items() if i - self.step < after <= i)
            found.append(Event(t, rng.randint(*self.size), channel))
        found.append(Event(t, 14, None))
        return sorted([*found, *self._pings(t)], key=itemgetter(0))

    def _plan(self) -> list[Channel]:
        """Each token's channel; the last one goes on."""
        plan = [channel for channel, tokens in self.channels for _ in range(min(tokens, self.tokens))]
        return plan + [self.channels[-1][0]] * (self.tokens - len(plan))

    def _pings(self, last: float) -> list[Event]:
        return [Event(k * self.ping, 8, None) for k in range(1, int(last / self.ping) + 1)] if self.ping else []


def written(events: Sequence[Event]) -> list[Write]:
    """One write a moment."""
    writes: list[Write] = []
    total = 0
    for event in events:
        total += event.size
        if writes and writes[-1].t == event.t:
            writes[-1] = Write(event.t, total)
        else:
            writes.append(Write(event.t, total))
    return writes


# --- hops ---------------------------------------------------------------------------------------------------------

type Hop = Callable[[list[Write]], list[Write]]


def through(writes: list[Write]) -> list[Write]:
    return writes


def blocks(size: int, head: int = 150) -> Hop:
    """Bytes are handed on in blocks of `size`, the response's head in the first; the rest at the end."""

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        for write in writes:
            full = (write.total + head) // size * size - head
            if full > (out[-1].total if out else 0):
                out.append(Write(write.t, full))
        if not out or out[-1].total < writes[-1].total:
            out.append(Write(writes[-1].t, writes[-1].total))
        return out

    return hop


def chunks(size: int = 4096, piece: int = 2048, head: int = 117) -> Hop:
    """As Go's net/http: chunks of `piece` bytes, framed, fill a buffer that is handed on when it is full."""
    before, framing = len(f"{piece:x}\r\n"), len(f"{piece:x}\r\n\r\n")

    def body(sent: int) -> int:
        whole, rest = divmod(sent - head, piece + framing)
        return whole * piece + min(max(0, rest - before), piece)

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        for write in writes:
            framed = head + write.total // piece * (piece + framing)
            if (sent := framed // size * size) and body(sent) > (out[-1].total if out else 0):
                out.append(Write(write.t, body(sent)))
        return [*out, Write(writes[-1].t, writes[-1].total)]

    return hop


def records(size: int = 4096, head: int = 107) -> Hop:
    """As FastCGI: each write is a record, padded to a multiple of eight bytes behind a head of eight, and a buffer that
    they fill is handed on when it is full."""

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        framed, total = head, 0
        for write in writes:
            length, begun = write.total - total, framed + 8
            framed = begun + length + -length % 8
            passed = total + min(max(0, framed // size * size - begun), length)
            if framed // size * size > begun and passed > (out[-1].total if out else 0):
                out.append(Write(write.t, passed))
            total = write.total
        return [*out, Write(writes[-1].t, writes[-1].total)]

    return hop


def filling(size: int, framing: int = 0) -> Hop:
    """All that has gathered is handed on, cut nowhere, with the write that makes it `size` bytes or more, each write
    framed in so many; the rest at the end."""

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        gathered = total = 0
        for write in writes:
            gathered += write.total - total + framing
            total = write.total
            if gathered >= size or write is writes[-1]:
                out.append(write)
                gathered = 0
        return out

    return hop


def timer(period: float, phase: float = 0.0) -> Hop:
    """All that has gathered is handed on when a free-running clock ticks, and at the end."""

    def hop(writes: list[Write]) -> list[Write]:
        out: dict[float, int] = {}
        for write in writes:
            out[phase + math.ceil((write.t - phase) / period) * period] = write.total
        last = max(out)
        end = max(writes[-1].t, (sorted(out)[-2] if len(out) > 1 else 0.0))
        total = out.pop(last)
        return [Write(t, n) for t, n in sorted(out.items())] + [Write(min(end, last), total)]

    return hop


def corked(period: float = 0.205) -> Hop:
    """A clock that starts with the first byte held (TCP_CORK, MSG_MORE); what came till it rings leaves then."""

    def hop(writes: list[Write]) -> list[Write]:
        out, since, total = [], writes[0].t, 0
        for write in writes:
            if write.t > since + period:
                out.append(Write(since + period, total))
                since = write.t
            total = write.total
        return [*out, writes[-1]]

    return hop


def at_end(writes: list[Write]) -> list[Write]:
    return [writes[-1]]


def first_bytes(size: int) -> Hop:
    """So many bytes are gathered before any is handed on; then all pass."""
    return lambda writes: [write for write in writes if write.total >= size] or writes[-1:]


def stalled(at: float, seconds: float) -> Hop:
    """Nothing comes for a while; then what was written meanwhile."""

    def hop(writes: list[Write]) -> list[Write]:
        held = [write for write in writes if at <= write.t < at + seconds]
        rest = [write for write in writes if not at <= write.t < at + seconds]
        if held:
            rest.append(Write(at + seconds, held[-1].total))
        return sorted(rest)

    return hop


def slow_start(trip: float, window: int = 14_480) -> Hop:
    """A long way on an idle connection: of what is written at once ten segments leave, twice as many a round trip later
    (RFC 5681, RFC 6928), and so on."""

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        done, free, flight = 0, 0.0, window
        for write in writes:
            t = max(write.t, free)
            flight = window if write.t > free else flight
            while done < write.total:
                done = min(done + flight, write.total)
                out.append(Write(t, done))
                free, flight = t + trip, 2 * flight
                t = free
        return out

    return hop


def copied(seconds: float, events: Sequence[Event]) -> Hop:
    """Event by event, each of which takes so long to be read and written anew: a gateway that speaks the API."""

    def hop(writes: list[Write]) -> list[Write]:
        out: list[Write] = []
        ends = list(accumulate(event.size for event in events))
        done, free = 0, 0.0
        for write in writes:
            while done < len(ends) and ends[done] <= write.total:
                free = max(write.t, free) + seconds
                out.append(Write(free, ends[done]))
                done += 1
        return out

    return hop


def behind(*hops: Hop) -> Hop:
    """One after the other, the server's first."""

    def hop(writes: list[Write]) -> list[Write]:
        for each in hops:
            writes = each(writes)
        return writes

    return hop


def after(total: int, hop: Hop) -> Hop:
    """The first bytes pass, the others go through `hop`."""

    def both(writes: list[Write]) -> list[Write]:
        free = [write for write in writes if write.total <= total]
        held = [write for write in writes if write.total > total]
        return free + (hop(held) if held else [])

    return both


# --- the link and the proxy -----------------------------------------------------------------------------------------

SEGMENT = 1448
READ = 65535
"""Bytes that mitmproxy reads at most at once."""
WORK = 40e-6
"""Seconds that the proxy works on an event before it can read again."""


def link(writes: Sequence[Write], bits: float | None, rng: random.Random, ratio: float = 1.0) -> list[Write]:
    """What the proxy reads: at most 64 KiB at a time; over a slow link a segment or a few at a time.

    `ratio`: bytes of the body by bytes on the wire.
    """
    out: list[Write] = []
    done, free = 0, 0.0
    for write in writes:
        t = max(write.t + rng.uniform(0, 0.0003), free)
        while done < write.total:
            size = READ if bits is None else SEGMENT * rng.randint(1, 2)
            size = min(math.ceil(size * ratio), write.total - done)
            t += size / ratio * 8 / bits if bits else 0.0
            done += size
            out.append(Write(t, done))
            free = t + (size / 250 * WORK if bits is None else 0.0)
            t = free
    return out


@dataclass(frozen=True)
class Head:
    headers: Headers = (("Content-Type", "text/event-stream"),)
    early: bool = False
    """The head came when the first event had been written, whatever became of the body."""
    ratio: float = 1.0
    """Bytes of the body by bytes on the wire (compression)."""


@dataclass(frozen=True)
class Observed:
    """What the proxy saw, and the truth."""

    signals: Signals
    holds: Mapping[Channel, list[float]] = field(default_factory=dict)
    """Seconds by which each event was held."""

    @property
    def hold(self) -> float:
        """Mean, of the channel that was held most among those with enough events; what all were held is distance."""
        distance = min((hold for held in self.holds.values() for hold in held), default=0.0)
        means = [sum(held) / len(held) - distance for held in self.holds.values() if len(held) >= 16]
        return max(means, default=0.0)


def observe(events: Sequence[Event], reads: Sequence[Write], head: Head, start: float = 0.01) -> Observed:
    """The reads as the observer would tell them; `start`: when the request had been sent, on the exchange's axis."""
    arrivals: list[Arrival] = []
    boundary: list[bool] = []
    by_channel: defaultdict[Channel, tuple[list[float], list[int], list[float]]] = defaultdict(lambda: ([], [], []))
    everything: tuple[list[float], list[int]] = ([], [])
    k = end = done = 0
    for index, read in enumerate(reads):
        t, first = read.t + start, k
        while k < len(events) and end + (event := events[k]).size <= read.total:
            end, k = end + event.size, k + 1
            if event.channel is None:
                continue
            times, indices, held = by_channel[event.channel]
            times.append(t)
            indices.append(index)
            held.append(read.t - event.t)
            everything[0].append(t)
            everything[1].append(index)
        arrivals.append(Arrival(t, round((read.total - done) / head.ratio), k - first))
        boundary.append(end == read.total)
        done = read.total
    lead = events[0].t if head.early else reads[0].t
    signals = Signals(
        outcome="complete",
        recorded=True,
        requested=True,
        requested_by="body.stream",
        status=200,
        headers=head.headers,
        format="sse",
        request_end=start,
        response_start=start + lead,
        end=arrivals[-1].t,
        arrivals=arrivals,
        boundary=boundary,
        first_event=arrivals[0].t,
        moments={channel: Moments(times, indices) for channel, (times, indices, _) in by_channel.items()},
        content=Moments(*everything),
        terminator="[DONE]",
        terminator_due=True,
        usage=Usage(output_tokens=len(everything[0])),
    )
    return Observed(signals, {channel: held for channel, (*_, held) in by_channel.items()})


def simulate(
    engine: Engine,
    hop: Hop = through,
    *,
    seed: int = 0,
    bits: float | None = None,
    head: Head | None = None,
) -> Observed:
    """One stream from the engine through the hop and the link to the proxy."""
    rng = random.Random(seed)
    events = engine.events(rng)
    head = head or Head()
    return observe(events, link(hop(written(events)), bits, rng, head.ratio), head)


def signals_of_reads(
    *reads: tuple[float, int],
    channel: Channel = "text",
    size: int = 248,
    aligned: bool = True,
    start: float = 0.0,
    **facts: object,
) -> Signals:
    """A stream by hand: (t, events) a read.  `aligned`: the reads end with an event; `facts`: fields of `Signals`."""
    arrivals = [Arrival(t, n * size, n) for t, n in reads]
    times = [t for t, n in reads for _ in range(n)]
    index = [i for i, (_, n) in enumerate(reads) for _ in range(n)]
    moments = Moments(times, index)
    signals = Signals(
        outcome="complete",
        recorded=True,
        requested=True,
        requested_by="body.stream",
        status=200,
        headers=(("Content-Type", "text/event-stream"),),
        format="sse",
        request_end=start,
        response_start=arrivals[0].t if arrivals else None,
        end=arrivals[-1].t if arrivals else None,
        arrivals=arrivals,
        boundary=[aligned or i == len(arrivals) - 1 for i in range(len(arrivals))],
        first_event=arrivals[0].t if arrivals else None,
        moments={channel: moments},
        content=moments,
        terminator="[DONE]",
        terminator_due=True,
    )
    return replace(signals, **facts)  # type: ignore[arg-type]


# --- at random ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """One random stream: what it was made of, and what a right suspicion would say."""

    engine: Engine
    path: str
    hop: Hop
    head: Head
    suspects: tuple[str, ...]
    """Words of the causes that are right for this path; none for a path that holds nothing."""


PATHS = ("none", "none", "none", "block", "block", "compressor", "timer", "cork", "at-end", "stall", "answer-held")
QUANTA = (4096, 8192, 10240, 16384, 32768, 65536)
SSE = ("Content-Type", "text/event-stream")


def flow(rng: random.Random) -> Scenario:
    """An engine and a path: 8-3000 tokens a second, first token after 0.08-30 s, 16-2000 tokens, 1-8 a step."""
    path = rng.choice(PATHS)
    engine = _engine(rng, thinking=path == "answer-held")
    hop, head, suspects = _path(path, engine, rng)
    return Scenario(engine, path, hop, head, suspects)


def _engine(rng: random.Random, thinking: bool) -> Engine:
    tokens = round(_log_uniform(rng, 16, 2000))
    low = rng.choice((60, 130, 230, 230, 350, 900))
    shape = rng.random()
    channels: tuple[tuple[Channel, int], ...] = (("text", 1 << 30),)
    if thinking or shape < 0.2:
        channels = (("reasoning", rng.randint(16, 400)), ("text", 1 << 30))
        tokens += channels[0][1]
    elif shape < 0.3:
        channels = (("text", rng.randint(1, tokens)), ("tool_calls", 1 << 30))
    return Engine(
        rate=_log_uniform(rng, 8, 3000),
        ttft=_log_uniform(rng, 0.08, 30),
        tokens=tokens,
        step=rng.choice((1, 1, 1, 1, 2, 3, rng.randint(4, 8))),
        jitter=rng.uniform(0.01, 0.6),
        pauses=tuple((rng.randint(1, tokens), _log_uniform(rng, 0.3, 10)) for _ in range(rng.choice((0, 0, 0, 1, 2)))),
        channels=channels,
        ping=rng.choice((None, None, None, rng.uniform(0.5, 5))),
        size=(low, low + rng.choice((0, 5, 30))),
    )


def _path(path: str, engine: Engine, rng: random.Random) -> tuple[Hop, Head, tuple[str, ...]]:
    plain = Head((SSE,))
    if path == "block":
        size = rng.choice(QUANTA)
        return blocks(size, rng.randint(0, 300)), plain, ("byte buffer", "buffer larger than the answer")
    if path == "compressor":
        ratio = rng.uniform(4, 16)
        coded = Head((SSE, ("Content-Encoding", rng.choice(("gzip", "br", "zstd")))), rng.random() < 0.7, ratio)
        return blocks(round(16384 * ratio), 0), coded, ("compression",)
    if path == "timer":
        period = _log_uniform(rng, 0.04, 1.0)
        return (
            timer(period, rng.uniform(0, period)),
            plain,
            ("timer", "HAProxy") if 0.19 < period < 0.25 else ("timer",),
        )
    if path == "cork":
        return corked(), plain, ("HAProxy", "timer")
    if path == "at-end":
        return _at_end(rng)
    if path == "stall":
        length = engine.tokens / engine.rate
        return (
            stalled(engine.ttft + rng.uniform(0, length), _log_uniform(rng, 0.3, 5)),
            plain,
            ("stalled", "generated first"),
        )
    if path == "answer-held":
        return at_end, plain, ("reasoning flows",)
    return through, plain, ()


def _at_end(rng: random.Random) -> tuple[Hop, Head, tuple[str, ...]]:
    kind = rng.choice(("length", "early", "late"))
    if kind == "length":
        return at_end, Head((SSE, ("Content-Length", "1000"))), ("whole-body",)
    if kind == "early":
        return at_end, Head((SSE,), early=True), ("generated first",)
    return at_end, Head((SSE,)), ("generated first", "larger than the answer")


def _log_uniform(rng: random.Random, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def simulate_flow(found: Scenario, rng: random.Random, bits: float | None = None, copying: float = 0.0) -> Observed:
    """`copying`: seconds that a last hop takes to copy each event."""
    events = found.engine.events(rng)
    hop = behind(found.hop, copied(copying, events)) if copying else found.hop
    if found.path == "answer-held":
        reasoning = next(i for i, event in enumerate(events) if event.channel == "text")
        hop = after(sum(event.size for event in events[:reasoning]), at_end)
    return observe(events, link(hop(written(events)), bits, rng, found.head.ratio), found.head)
