"""The troubleshooting page says what streamwatch says, and where each setting goes that it names."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from streamwatchlib.compare import revise
from streamwatchlib.report.gate import FLAGS
from streamwatchlib.terminal.hints import Setup, TrafficCounts, hints
from streamwatchlib.verdict import culprits, refusals, wording
from streamwatchlib.verdict.gateways import GATEWAYS
from streamwatchlib.verdict.timeouts import TIMEOUTS

PAGE = (Path(__file__).parents[1] / "docs" / "troubleshooting.md").read_text()
CULPRITS = (*culprits.HOLDERS, *culprits.UNKNOWN, *culprits.UNSTREAMED)


def chapter(title: str) -> str:
    """What stands below a heading of the second level."""
    return re.split(r"^## ", PAGE.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def sections(title: str) -> dict[str, str]:
    """Headings of the third level in a chapter, and what stands below each."""
    parts = re.split(r"^### (.+)\n", chapter(title), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def spans(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_cause_has_its_section_and_the_reverse() -> None:
    assert list(sections("It says who is suspected")) == [culprit.cause for culprit in CULPRITS]


@pytest.mark.parametrize("culprit", CULPRITS, ids=lambda culprit: culprit.cause[:30])
def test_the_page_and_the_verdict_name_the_same_remedy(culprit: culprits.Culprit) -> None:
    quoted = re.findall(r"^> (.+)$", sections("It says who is suspected")[culprit.cause], re.MULTILINE)

    assert quoted == [culprit.remedy]


def test_every_gateway_has_its_row_with_its_remedy_and_the_reverse() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", chapter("It names a product"), re.MULTILINE)[1:]

    assert rows == [(gateway.name, gateway.remedy) for gateway in GATEWAYS]


def test_every_refusal_has_its_row_and_the_reverse() -> None:
    rows = re.findall(r"^\| (.+?) \| .+ \|$", chapter("It says the response is not a success"), re.MULTILINE)[1:]

    assert sorted(rows) == sorted((refusals.LIMITED, refusals.OVERLOADED, refusals.SPENT))


def test_every_limit_has_its_row_and_the_reverse() -> None:
    rows = re.findall(
        r"^\| (.+) \| the (.+)'s side, (.+) of \| (\d+) \|$", chapter("It says what ended it"), re.MULTILINE
    )

    assert rows == [
        (each.owner, each.side, {"total": "the whole", "idle": "a silence"}[each.kind], f"{each.seconds:g}")
        for each in TIMEOUTS
    ]


def test_every_flag_has_its_row_and_the_reverse() -> None:
    rows = re.findall(r"^\| `(.+?)` \|", chapter("It raises a flag"), re.MULTILINE)

    assert rows == list(FLAGS)


SHOWN_ELSEWHERE = {
    "stream",  # a field, not a setting
    "body_filter",  # what a plugin of Kong's has
    "disable_proxy_buffering: true",
    "AWS_LWA_INVOKE_MODE=response_stream",
    "Cache-Control: no-cache",
    "streamwatch_filter",
}


def test_every_setting_that_a_remedy_names_is_shown_where_it_goes() -> None:
    remedies = [culprit.remedy for culprit in CULPRITS] + [gateway.remedy for gateway in GATEWAYS]
    named = set().union(*map(spans, [*remedies, revise.REMEDY])) - SHOWN_ELSEWHERE

    places = chapter("Where the line goes")

    assert {setting for setting in named if setting not in places} == set()


def setup(*, mode: str = "regular", from_file: bool = False, flows: str | None = None) -> Setup:
    return Setup(from_file=from_file, address="127.0.0.1:8080", modes=[mode], ca="ca.pem", filter=flows)


@pytest.mark.parametrize(
    ("seen", "how"),
    [
        (TrafficCounts(), setup()),
        (TrafficCounts(connections=2), setup()),
        (TrafficCounts(connections=1, tls_failures=1), setup()),
        (TrafficCounts(connections=1, upstream_error="refused"), setup(mode="reverse:http://127.0.0.1:9")),
        (TrafficCounts(requests=1), setup(flows="~d example.com")),
        (TrafficCounts(), setup(from_file=True)),
    ],
)
def test_every_hint_at_the_end_has_its_section(seen: TrafficCounts, how: Setup) -> None:
    first = next(hints(seen, how))
    beginnings = [re.split(r"\.\.\.|:", heading)[0].rstrip(" (") for heading in sections("It shows nothing")]

    assert any(first.startswith(beginning) for beginning in beginnings), first


def test_what_is_said_of_inconclusive_streams_is_what_streamwatch_says() -> None:
    sentences = re.sub(r'"\s+f?"', "", inspect.getsource(wording))
    rows = re.findall(r"^\| (.+?) \|", chapter("It says inconclusive"), re.MULTILINE)[1:]

    assert {phrase for row in rows for phrase in row.split("; ") if phrase not in sentences} == set()


def test_every_link_of_the_page_leads_somewhere() -> None:
    anchors = {slug(heading) for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
