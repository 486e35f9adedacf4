"""What hops write into a response's head of when they had it: of all on the way, who kept the answer, and who did not.

In: `Signals`.  Out: an `Account` of a header that tells after how long its writer had the head from behind it.  Where
that is long before the head came here, the writer or a hop after it kept it; where it is about as late, none of these
did.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..headers import header
from ..model import Signals
from .flags import cached

SERVERS = ("openai-processing-ms", "req-cost-time")
"""Written by the model's own server (OpenAI, DashScope) when it begins to answer: milliseconds since it was asked."""
NOTABLE = 0.5
"""Seconds between the writer and here that hardly a connection takes: to set one up takes several round trips."""
UNEXPLAINED = 0.3
"""Share of a wait that an account leaves open where the answer was kept after it."""
EXPLAINED = 0.8
"""Share of a wait that an account covers where next to nothing was."""
_MILLISECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class Account(NamedTuple):
    """Seconds from the request's end until the head was there: `had` by its writer, `came` here."""

    line: str
    """The header, as evidence."""
    had: float
    came: float

    @property
    def kept(self) -> bool:
        """By the writer, or between it and here."""
        return unexplained(self.had, self.came)

    @property
    def waited(self) -> bool:
        """The writer had to wait for it as well."""
        return EXPLAINED * self.came <= self.had <= self.came + NOTABLE


def account(signals: Signals, name: str) -> Account | None:
    """What the header of this name tells; None where it does not, or tells of an exchange that was stored."""
    value, start, end = (header(signals.headers, name) or "").strip(), signals.response_start, signals.request_end
    if start is None or end is None or cached(signals) or not _MILLISECONDS.fullmatch(value):
        return None
    return Account(f"{name}: {value}", float(value) / 1000, max(0.0, start - end))


def begun_before(signals: Signals) -> bool:
    """The server says that it had begun to answer, so long before that came here that somebody kept it."""
    told = [account(signals, name) for name in SERVERS]
    return any(each.kept for each in told if each)


def unexplained(told: float, waited: float) -> bool:
    """So much of what was waited is not accounted for that somebody kept the answer."""
    return waited - told >= max(NOTABLE, UNEXPLAINED * waited)
