"""A gate for CI: which exchanges break the rules, in words and as JUnit XML.

In: records and rules.  Out: sentences, and the XML that CI servers show as a test report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args
from xml.etree import ElementTree

from ..model import Outcome, Record
from ..units import seconds
from .rank import LABELS
from .show import api_error_text, exchange_error, failure_label, host, one_line, path, time_of_day

FLAGS = (
    "truncated",
    "unterminated",
    "stalled",
    "cached",
    "mislabelled",
    "content-length-on-stream",
    "coarse-events",
    "observer-lag",
)
"""The flags that a verdict may have."""

API_ERROR = "api-error"
"""The response's status is an error, or the API reported one in a stream that had begun well."""

FAIL_ON_NAMES: tuple[str, ...] = (
    *LABELS,
    *FLAGS,
    *(outcome for outcome in get_args(Outcome) if outcome != "complete"),
    API_ERROR,
)
"""What a gate may fail on: labels, flags, every outcome but the good one, and errors of the API."""


class Rules(NamedTuple):
    fail_on: frozenset[str] = frozenset({"bursty", "pseudo-streaming", "not-streamed"})
    max_ttft: float | None = None
    """Seconds."""
    max_itl_p99: float | None = None
    """Seconds."""


def broken_rules(record: Record, rules: Rules) -> list[str]:
    """A sentence for each rule that the exchange, or one of the responses on its WebSocket, breaks.

    What was not observed breaks no rule.
    """
    timing = record.timing
    waits = [ttft for ttft in (timing.ttft, *(reply.ttft for reply in record.responses)) if ttft is not None]
    return [
        *_matched_names(record, rules.fail_on),
        *_over_limit("TTFT", max(waits, default=None), rules.max_ttft),
        *_over_limit("ITL p99", timing.itl.p99 if timing.itl else None, rules.max_itl_p99),
    ]


def _matched_names(record: Record, names: frozenset[str]) -> Iterator[str]:
    """Yield which of `names` the exchange has, then which of them only a response has that is not the worst."""
    verdict = record.verdict
    ended = (record.outcome,) if record.broke_off else ()
    failed = (API_ERROR,) if failure_label(record) else ()
    own = (verdict.label, *verdict.flags, *ended, *failed)
    error = exchange_error(record) or api_error_text(record.llm)
    why = f"{verdict.summary} Error: {error}" if error else verdict.summary
    replies = [((reply.label, *reply.flags), reply.summary) for reply in record.responses]
    reported = set[str]()
    for present, summary in [(own, why), *replies]:
        matched = [name for name in present if name in names and name not in reported]
        reported.update(matched)
        if matched:
            yield f"{', '.join(matched)}: {one_line(summary)}"


def _over_limit(name: str, value: float | None, limit: float | None) -> list[str]:
    if value is None or limit is None or value <= limit:
        return []
    shown = seconds(value) if seconds(value) != seconds(limit) else f"{value:.6f} s"  # rounded, it would look allowed
    return [f"{name} is {shown}, at most {seconds(limit)} is allowed"]


def name_of(record: Record) -> str:
    """``POST host/path at 10:15:31.700``."""
    url = record.request.url
    return one_line(f"{record.request.method} {host(url)}{path(url)} at {time_of_day(record.started_at)}")


def junit(records: Sequence[Record], rules: Rules) -> str:
    """JUnit XML with a test case per exchange; one that can't be judged is skipped, with the reason."""
    results = [(record, broken_rules(record, rules)) for record in records]
    suite = ElementTree.Element(
        "testsuite",
        name="streamwatch",
        tests=str(len(results)),
        failures=str(sum(1 for _, broken in results if broken)),
        errors="0",
        skipped=str(sum(_is_skipped(record, broken) for record, broken in results)),
    )
    named: Counter[str] = Counter()
    for record, broken in results:
        name = name_of(record)
        named[name] += 1  # two may begin in the same millisecond, and to CI servers one name is one case
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"streamwatch.{one_line(record.llm.api) if record.llm else 'http'}",
            name=name if named[name] == 1 else f"{name} ({named[name]})",
            time=f"{record.timing.end or 0:.3f}",  # `e2e` is that of one response if a WebSocket had several
        )
        if broken:
            ElementTree.SubElement(case, "failure", message=broken[0]).text = "\n".join(broken)
        elif _is_skipped(record, broken):
            ElementTree.SubElement(case, "skipped", message=one_line(record.verdict.summary))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=False) + "\n"


def _is_skipped(record: Record, broken: Sequence[str]) -> bool:
    return not broken and record.verdict.label in ("inconclusive", "not-applicable")
