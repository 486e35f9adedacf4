"""Whether two fingerprints are one request, seen on both sides of a hop.

In: the fingerprints from upstream and from downstream of the hop.  Out: a `Link` with the evidence for it and how far
the two clocks can be apart if it holds: the request passes downstream first, every piece of the response upstream
first.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from .. import urls
from .align import paired_times
from .fingerprint import Fingerprint

SLACK = 0.005
"""Seconds by which one clock may contradict itself: an exchange's time axis is tied to it once, at its beginning."""

_ASIDE = frozenset({"count_tokens", "moderations", "embeddings"})
"""APIs that a gateway itself calls with a request before it passes that on: they don't make the response."""


class Link(NamedTuple):
    up: Fingerprint
    down: Fingerprint
    by: tuple[str, ...]
    """What both have in common: of ``id``, ``request``, ``response``."""
    low: float
    """The clock downstream is ahead of the one upstream by at least this, seconds ..."""
    high: float
    """... and by at most this; infinite if nothing came back."""

    def allows(self, offset: float, slack: float = SLACK) -> bool:
        """Return whether the clocks can be `offset` seconds apart."""
        return self.low - slack <= offset <= self.high + slack

    @property
    def exact(self) -> bool:
        """The requests' bodies are the same, as far as they were kept."""
        return self.up.request_digests.whole == self.down.request_digests.whole

    @property
    def sure(self) -> bool:
        """There is more than one piece of evidence."""
        return len(self.by) > 1


def link(up: Fingerprint, down: Fingerprint) -> Link | None:
    """Link two fingerprints; None if they are not one request, or were watched at one place."""
    by = common(up, down)
    if by is None:
        return None
    low, high = min_offset(up, down), _max_offset(up, down)
    return Link(up, down, by, low, high) if low <= high + SLACK else None


def common(up: Fingerprint, down: Fingerprint) -> tuple[str, ...] | None:
    """The evidence that they are one request, apart from times; None if it is too little or contradicted."""
    one, other = up.record, down.record
    if up.place == down.place or one.id == other.id or one.request.method != other.request.method:
        return None
    by = tuple(_in_common(up, down))
    if "request" not in by and not {"id", "response"} <= set(by):
        return None
    return None if _two_answers(up, down) or _asked_aside(up, down) else by


def min_offset(up: Fingerprint, down: Fingerprint) -> float:
    """The least that the clock downstream is ahead, since the request came there first."""
    request, timing = down.record.request, down.record.timing
    passed_on = 0.0 if request.arrivals else (timing.request_end or 0.0)  # at its end, unless passed on as it came
    return down.epoch + passed_on - up.epoch


def _in_common(up: Fingerprint, down: Fingerprint) -> Iterator[str]:
    if not up.ids.isdisjoint(down.ids) or (_response_id(up) is not None and _response_id(up) == _response_id(down)):
        yield "id"
    if up.request_digests.agree(down.request_digests):
        yield "request"
    if up.response_digests and down.response_digests and up.response_digests.agree(down.response_digests):
        yield "response"


def _response_id(side: Fingerprint) -> str | None:
    return side.record.llm.response_id if side.record.llm else None


def _two_answers(up: Fingerprint, down: Fingerprint) -> bool:
    """Return whether both got a complete response, each a different one."""
    if {up.record.outcome, down.record.outcome} != {"complete"} or not up.response_digests or not down.response_digests:
        return False
    ids = {_response_id(up), _response_id(down)}
    if (
        len(ids) == 2
        and None not in ids
        and up.request_digests.whole is not None
        and up.request_digests.whole == down.request_digests.whole
    ):
        return True  # a hop that gives responses ids of its own does not leave requests unchanged
    succeeded = all(side.record.response and side.record.response.status < 300 for side in (up, down))
    texts = (up.response_digests.texts, down.response_digests.texts)
    return succeeded and all(texts) and texts[0].isdisjoint(texts[1])


def _asked_aside(up: Fingerprint, down: Fingerprint) -> bool:
    """Return whether one is of an API that gateways call on the side, and the other of another API."""
    apis = {side.record.llm.api for side in (up, down) if side.record.llm}
    return len(apis) == 2 and not _ASIDE.isdisjoint(apis)


def _max_offset(up: Fingerprint, down: Fingerprint) -> float:
    """The most that the clock downstream is ahead, since the response came there last."""
    high = min((later - earlier for earlier, later in _answer(up, down)), default=inf)
    end = down.record.timing.end
    return high if end is None else min(high, down.epoch + end - up.epoch)  # an exchange that is over sends no request


def url_differs(up: Fingerprint, down: Fingerprint) -> bool:
    """Return whether the requested path or query differs, which few hops rewrite."""
    there, here = (urls.split(side.record.request.url) for side in (up, down))
    return (there.path, there.query) != (here.path, here.query)


def response_lag(up: Fingerprint, down: Fingerprint) -> float:
    """Seconds between the ends of the response upstream and downstream: a quick, rough measure."""
    ends = [side.record.timing.last_token or side.record.timing.end or 0.0 for side in (up, down)]
    return abs(down.epoch + ends[1] - up.epoch - ends[0])


def _answer(up: Fingerprint, down: Fingerprint) -> Iterator[tuple[float, float]]:
    """Yield the times of the same moments of the response on both sides, each by its own clock."""
    for name in ("response_start", "first_byte"):
        earlier, later = getattr(up.record.timing, name), getattr(down.record.timing, name)
        if earlier is not None and later is not None:
            yield up.epoch + earlier, down.epoch + later
    yield from paired_times(up, down)
