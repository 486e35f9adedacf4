"""An answer that was refused because of how much was asked already -> the reason, and when to ask again.

In: `Signals` of an unsuccessful answer.  Out: a clause; empty if it was refused for another reason.  One row a reason;
an error's message is for people and not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..headers import header
from ..model import Signals

SPENT = "the account's quota or credit is used up, so retrying does not help"
LIMITED = "a rate limit was reached"
OVERLOADED = "the server is overloaded"
MAX_QUOTED = 80
"""Most characters of a header value that are quoted."""

_SPENT = re.compile(r"insufficient.?(quota|balance)|billing|credit.?balance|spend.?limit|arrearage", re.IGNORECASE)
_LIMITED = re.compile(r"rate.?limit|throttl|resource.?exhausted|too.?many.?requests", re.IGNORECASE)
_OVERLOADED = re.compile(r"overload|capacity|unavailable", re.IGNORECASE)
_REMAINING = re.compile(r"ratelimit-([a-z-]{1,80}-)?remaining", re.IGNORECASE)
"""Matches ``x-ratelimit-remaining-tokens``, ``anthropic-ratelimit-input-tokens-remaining``, ``ratelimit-remaining``."""

_REASONS: tuple[tuple[str, Callable[[int | None, str], object]], ...] = (
    (SPENT, lambda status, fault: status == 402 or _SPENT.search(fault)),
    (LIMITED, lambda status, fault: status == 429 or _LIMITED.search(fault)),
    (OVERLOADED, lambda status, fault: status == 529 or _OVERLOADED.search(fault)),
)


def refusal(signals: Signals) -> str:
    fault = " ".join(str((signals.fault or {}).get(key, "")) for key in ("code", "type", "status"))
    reason = next((reason for reason, holds in _REASONS if holds(signals.status, fault)), "")
    return reason if reason in ("", SPENT) else f"{reason}{_which(signals)}; {_when(signals)}"


def mentions_refusal(summary: str) -> bool:
    """The summary of a verdict has such a clause."""
    return any(f": {reason}" in summary for reason, _ in _REASONS)


def _which(signals: Signals) -> str:
    """The counters that stand at zero, and when they reset."""
    spent = [name for name, value in signals.headers if _REMAINING.search(name) and value.strip() == "0"]
    resets = [re.sub("remaining", "reset", name, flags=re.IGNORECASE) for name in spent]
    fields = [_field(signals, name) for pair in zip(spent, resets, strict=True) for name in pair]
    return f" ({', '.join(filter(None, fields))})" if spent else ""


def _when(signals: Signals) -> str:
    retry_after = _field(signals, "retry-after") or _field(signals, "retry-after-ms")
    return f"retry after {retry_after}" if retry_after else "retry later, waiting longer each time"


def _field(signals: Signals, name: str) -> str:
    value = header(signals.headers, name.lower())
    return "" if value is None else f"`{name.lower()}: {value[:MAX_QUOTED].replace('`', chr(39))}`"
