"""If a request was refused for exceeding a rate limit or quota, the verdict says so, and when to retry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.judge import judge
from streamwatchlib.model import Headers
from streamwatchlib.verdict.refusals import LIMITED, OVERLOADED, SPENT, mentions_refusal, refusal

from ..simulate import signals_of_reads
from ..wire.framing import seconds

REFUSED = replace(signals_of_reads(), format=None, whole=True, error=True, status=429)
QUOTES = 80 * "'"
LATER = "retry later, waiting longer each time"


@pytest.mark.parametrize(
    ("status", "fault", "told"),
    [
        (429, None, f"{LIMITED}; {LATER}"),
        (200, {"type": "rate_limit_error", "message": "slow down"}, f"{LIMITED}; {LATER}"),
        (400, {"code": "ThrottlingException"}, f"{LIMITED}; {LATER}"),
        (429, {"status": "RESOURCE_EXHAUSTED", "code": 429}, f"{LIMITED}; {LATER}"),
        (429, {"type": "insufficient_quota", "code": "insufficient_quota"}, SPENT),
        (402, None, SPENT),
        (400, {"code": "Arrearage"}, SPENT),
        (529, {"type": "overloaded_error"}, f"{OVERLOADED}; {LATER}"),
        (503, {"status": "UNAVAILABLE"}, f"{OVERLOADED}; {LATER}"),
        (503, None, ""),
        (400, {"type": "invalid_request_error", "message": "no rate limit, no quota"}, ""),
    ],
)
def test_the_reason_is_the_statuss_or_the_errors_own(status: int, fault: dict[str, object] | None, told: str) -> None:
    assert refusal(replace(REFUSED, status=status, fault=fault)) == told


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ((("Retry-After", "20"),), f"{LIMITED}; retry after `retry-after: 20`"),
        ((("retry-after-ms", "850"),), f"{LIMITED}; retry after `retry-after-ms: 850`"),
        (
            (
                ("x-ratelimit-remaining-requests", "499"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ),
            f"{LIMITED} (`x-ratelimit-remaining-tokens: 0`, `x-ratelimit-reset-tokens: 6m0s`); {LATER}",
        ),
        (
            (("anthropic-ratelimit-input-tokens-remaining", "0"), ("retry-after", "`" * 100)),
            f"{LIMITED} (`anthropic-ratelimit-input-tokens-remaining: 0`); retry after `retry-after: {QUOTES}`",
        ),
    ],
)
def test_when_to_ask_again_is_what_the_head_says(headers: Headers, told: str) -> None:
    assert refusal(replace(REFUSED, headers=headers)) == told


def test_the_summary_tells_it() -> None:
    verdict = judge(replace(REFUSED, headers=(("retry-after", "20"),)))

    assert verdict.label == "not-applicable"
    assert verdict.summary == (
        "The response is not a success (status 429, an error): a rate limit was reached; retry after `retry-after: 20`."
    )
    assert mentions_refusal(verdict.summary)
    assert not mentions_refusal(judge(replace(REFUSED, status=404, fault=None)).summary)


def test_a_fields_name_is_looked_through_once() -> None:
    named = replace(REFUSED, status=429, headers=(("x-" + "ratelimit-" * 6_000, "0"),))
    assert seconds(lambda: refusal(named), 0.5) < 0.5
