"""The exchanges of one endpoint and model -> what no single one of them shows.

In: records, one by one.  Out: `Finding`s, each the first time that it holds.  A true stream begins after the same time
whatever its length; an answer that is held to its end begins later the longer it is; a buffer holds back only answers
shorter than itself.  Bounded: the endpoints used last, the last exchanges of each.  Never here: a clock.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from operator import attrgetter
from statistics import correlation, median
from typing import Literal, NamedTuple

from . import urls
from .model import Record
from .pace.blocks import QUANTA
from .pace.deliveries import NOTICED
from .timing import percentile
from .units import seconds
from .verdict.flags import visible_tokens
from .verdict.rules import MIN_HOLD

MAX_ENDPOINTS = 200
"""Most endpoints remembered; the one longest unused is forgotten first."""
MAX_EXCHANGES = 200
"""Most exchanges remembered of each endpoint."""
MIN_SAMPLES = 10
"""Fewest exchanges that show what is typical of an endpoint."""
RANGE = 4.0
"""Least ratio of the longest to the shortest answer at which their lengths tell something."""
MIN_CORRELATION = 0.8
"""Rank correlation of length and wait from which on one depends on the other."""
MIN_SLOPE_RATIO = 0.5
"""Least growth of the wait per token, as a share of the time a token takes, if it is the generation that is waited for.
A longer prompt goes with a longer answer, too, but costs less."""
AT_ONCE = 0.95
"""Share of the whole time after which an answer in one piece begins."""
MIN_EACH_SIDE = 4
"""Fewest answers on either side of a buffer's size that show it."""
RECENT = 5
"""Last exchanges that must all differ from those before them for a change."""
MIN_CHANGE_FACTOR = 2.0
"""Least factor of a change."""
SLOPES = 60
"""Most exchanges between which slopes are drawn: the slopes grow with their square."""

_ID = re.compile(r"\d+|[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.*\d)[\w-]{24,}", re.IGNORECASE)


class Endpoint(NamedTuple):
    scheme: str
    host: str
    path: str
    """With ``{id}`` for each segment that looks like an ID."""
    model: str | None

    def __str__(self) -> str:
        return f"{self.host}{self.path}" + (f" ({self.model})" if self.model else "")


class Sample(NamedTuple):
    """What is remembered of one exchange; seconds, bytes."""

    ttft: float
    whole: float
    """From the request's end to the last content event."""
    tokens: int
    """Tokens that were shown (hidden reasoning is a wait, not length); content events if the API tells no usage."""
    size: int
    hold: float
    rate: float | None
    """Tokens a second."""
    at_once: bool
    """In one piece, and nothing after it; False for a single event (a tool call), which can come no other way."""
    inconclusive: bool
    """Too short, or too coarse, to be judged by itself."""
    server: str | None


class Finding(NamedTuple):
    kind: Literal["length", "buffer", "short", "change"]
    sentence: str


class Baselines:
    """Remembers the exchanges of every endpoint."""

    def __init__(self) -> None:
        self._samples: OrderedDict[Endpoint, deque[Sample]] = OrderedDict()
        self._reported: dict[Endpoint, set[str]] = {}

    def add(self, record: Record) -> list[Finding]:
        """Remember an exchange; return what shows now and did not show before it."""
        sample = _sample(record)
        if sample is None:
            return []
        endpoint = endpoint_of(record)
        samples = self._samples.setdefault(endpoint, deque(maxlen=MAX_EXCHANGES))
        self._samples.move_to_end(endpoint)
        if len(self._samples) > MAX_ENDPOINTS:
            self._reported.pop(self._samples.popitem(last=False)[0], None)
        samples.append(sample)
        return list(self._new(endpoint, samples))

    def learn(self, record: Record) -> None:
        """Remember an exchange of an earlier run; what shows by it is found with the first one of this run."""
        self.add(record)
        self._reported.clear()

    def _new(self, endpoint: Endpoint, samples: deque[Sample]) -> Iterator[Finding]:
        reported = self._reported.setdefault(endpoint, set())
        held = any(map(attrgetter("at_once"), samples))
        for kind, find in _KINDS.items() if held else ():
            if kind not in reported and (found := find(endpoint, samples)) is not None:
                reported.add(kind)
                yield found
        if (change := _change(endpoint, samples)) is not None:
            for _ in range(len(samples) - RECENT):  # from here on the new state is the usual one
                samples.popleft()
            reported.clear()
            yield change


def findings(records: Iterable[Record]) -> list[Finding]:
    """The findings of exchanges in their order."""
    memory = Baselines()
    return [finding for record in records for finding in memory.add(record)]


# --- what is remembered -----------------------------------------------------------------------------------------


def endpoint_of(record: Record) -> Endpoint:
    split = urls.split(record.request.url)
    path = "/".join("{id}" if _ID.fullmatch(segment) else segment for segment in split.path.split("/"))
    return Endpoint(split.scheme, split.netloc, path, record.llm.model if record.llm else None)


def _sample(record: Record) -> Sample | None:
    """None if the answer did not stream to its end, or its times are not known."""
    timing, stream, response, verdict = record.timing, record.stream, record.response, record.verdict
    if stream is None or response is None or record.broke_off:
        return None
    if timing.ttft is None or timing.last_token is None or timing.request_end is None or not stream.content_events:
        return None
    whole = timing.last_token - timing.request_end
    in_one = verdict.measures.deliveries == 1 and stream.content_events > 1
    return Sample(
        ttft=timing.ttft,
        whole=whole,
        tokens=(visible_tokens(record.llm.usage, bool(record.llm.reasoning)) if record.llm else None)
        or stream.content_events,
        size=response.body.decoded_size or response.body.size,
        hold=verdict.measures.mean_hold or 0.0,
        rate=timing.output_tokens_per_second,
        at_once=in_one and timing.ttft >= AT_ONCE * whole,
        inconclusive=verdict.label == "inconclusive",
        server=next((value for name, value in response.headers if name.lower() in ("server", "via")), None),
    )


# --- length -----------------------------------------------------------------------------------------------------


def _length(endpoint: Endpoint, samples: Sequence[Sample]) -> Finding | None:
    """The wait grows with the answer, about as fast as the answer is generated: it is held back to its end."""
    at_once = sum([sample.at_once for sample in samples]) >= len(samples) / 2
    grown = _growth(samples) if at_once else None
    if grown is None:
        return None
    return Finding(
        "length",
        f"{endpoint}: the longer the answer, the later its first token: {seconds(grown)} per token over "
        f"{_lengths(samples)}, as the answer is generated: it is held back to its end",
    )


def _short(endpoint: Endpoint, samples: Sequence[Sample]) -> Finding | None:
    """Answers each too short to be judged show it together."""
    short = [sample for sample in samples if sample.inconclusive and sample.at_once]
    if _growth(short) is None:
        return None
    return Finding(
        "short",
        f"{endpoint}: answers too short to judge one by one each came in one piece at the end, over "
        f"{_lengths(short)}: pseudo-streaming",
    )


def _growth(samples: Sequence[Sample], enough: int = MIN_SAMPLES, range: float = RANGE) -> float | None:
    """Seconds by which the wait grows per token; None unless it surely and noticeably grows with the answer."""
    lengths, waits = [sample.tokens for sample in samples], [sample.ttft for sample in samples]
    if len(samples) < enough or max(lengths) < range * min(lengths) or max(waits) - min(waits) < NOTICED:
        return None
    if correlation(lengths, waits, method="ranked") < MIN_CORRELATION:
        return None
    wait, whole = _slope(samples, lambda sample: sample.ttft), _slope(samples, lambda sample: sample.whole)
    return wait if wait >= MIN_SLOPE_RATIO * whole else None


def _slope(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """The Theil-Sen estimator: the median of the slopes between any two; outliers do not move it."""
    *ordered, longest = sorted(samples, key=lambda sample: sample.tokens)
    chosen = [*ordered[:: len(ordered) // SLOPES + 1], longest]  # perhaps the only one that is longer
    return median(
        (of(longer) - of(shorter)) / (longer.tokens - shorter.tokens)
        for shorter, longer in combinations(chosen, 2)
        if longer.tokens > shorter.tokens
    )


def _lengths(samples: Sequence[Sample]) -> str:
    lengths = [sample.tokens for sample in samples]
    return f"{len(samples)} exchanges of {min(lengths)} to {max(lengths)} tokens"


# --- a buffer's size --------------------------------------------------------------------------------------------


def _buffer(endpoint: Endpoint, samples: Sequence[Sample]) -> Finding | None:
    """Shorter answers come at once at their end; longer ones begin after one and the same wait."""
    whole, longer = [s for s in samples if s.at_once], [s for s in samples if not s.at_once]
    if (
        len(samples) < MIN_SAMPLES
        or len(longer) < MIN_EACH_SIDE
        or _growth(whole, MIN_EACH_SIDE, MIN_CHANGE_FACTOR) is None
    ):
        return None
    largest, smallest = max(sample.size for sample in whole), min(sample.size for sample in longer)
    waits = sorted(sample.ttft for sample in longer)
    wait = percentile(waits, 50)
    if largest >= smallest or wait < NOTICED or waits[-1] - waits[0] > wait / 2:
        return None
    quantum = next((q for q in QUANTA if 0.9 * largest <= q <= 1.1 * smallest), None)
    size = f"about {quantum} bytes" if quantum else f"between {largest} and {smallest} bytes"
    return Finding(
        "buffer",
        f"{endpoint}: answers of up to {largest} bytes came in one piece at the end, longer ones began after "
        f"{seconds(wait)} whatever their length: there is a buffer of {size} on the path",
    )


_KINDS: dict[str, Callable[[Endpoint, Sequence[Sample]], Finding | None]] = {
    "length": _length,
    "buffer": _buffer,
    "short": _short,
}
"""All of these rest on answers that came at once."""


# --- change -----------------------------------------------------------------------------------------------------


class _Figure(NamedTuple):
    name: str
    of: Callable[[Sample], float | None]
    """Must be quick: it is called for all remembered samples with each exchange."""
    least: float
    """The smallest change that counts."""
    show: Callable[[float], str] = seconds


_FIGURES = (
    _Figure("the time to the first token", attrgetter("ttft"), NOTICED),
    _Figure("the mean hold", attrgetter("hold"), MIN_HOLD),
    _Figure("the rate", attrgetter("rate"), 5.0, lambda rate: f"{rate:.3g} tokens/s"),
)


def _change(endpoint: Endpoint, samples: Sequence[Sample]) -> Finding | None:
    """The last few exchanges all differ from what was usual before."""
    known = list(samples)
    before, lately = known[:-RECENT], known[-RECENT:]
    changes = [shift for figure in _FIGURES if (shift := _shift(figure, before, lately))]
    if not changes:
        return None
    old, new = before[-1].server, lately[-1].server
    server = f"; the server was `{old}` and is `{new}`" if old != new else ""
    sentence = f"{endpoint} has changed with the last {RECENT} exchanges: {', '.join(changes)}{server}"
    return Finding("change", sentence)


def _shift(figure: _Figure, before: Sequence[Sample], lately: Sequence[Sample]) -> str | None:
    usual, now = (sorted([v for v in map(figure.of, samples) if v is not None]) for samples in (before, lately))
    if len(usual) < MIN_SAMPLES or len(now) < RECENT:
        return None
    old, new = percentile(usual, 50), percentile(now, 50)
    small, large = sorted((old, new))
    apart = now[0] > percentile(usual, 90) or now[-1] < percentile(usual, 10)
    if not apart or large - small < figure.least or large < MIN_CHANGE_FACTOR * small:
        return None
    return f"{figure.name} is {figure.show(new)} instead of {figure.show(old)}"
