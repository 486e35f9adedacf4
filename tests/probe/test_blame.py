"""Each of the four places is found out by a difference between two legs, and none is blamed without one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.compare.revise import REMEDY
from streamwatchlib.model import Confidence, Hop, Label, Record, Suspect
from streamwatchlib.probe.blame import Finding, blame
from streamwatchlib.probe.legs import (
    AT_END,
    DIRECT,
    ENCODED,
    HTTP2,
    PROXY,
    UPSTREAM,
    WATCHED,
    Leg,
    LegResult,
    ProbeRequest,
    legs,
)
from streamwatchlib.probe.show import render
from streamwatchlib.verdict.culprits import REMEDY_UNCOMPRESSED

from ..compare.taps import START, Piece, Tap, later, paced, whole
from ..report.records import HOSTILE, STREAMING

QUESTION = ProbeRequest("POST", "http://h/v1/chat/completions")
MADE = paced(40)
STREAM, LUMP = Tap("stream", START, MADE).record(), Tap("lump", START, whole(MADE)).record()
TOO_SHORT = Tap("short", START, paced(3)).record()
REFUSED = replace(TOO_SHORT, response=None, error="connection refused")


def accused(hop: Hop, confidence: Confidence, *, certain: bool = False) -> Record:
    suspect = Suspect(hop, "a cause", "an evidence", "a remedy", confidence)
    verdict = replace(LUMP.verdict, suspects=(suspect,), confidence="certain" if certain else "high")
    return replace(LUMP, verdict=verdict)


def find(ways: dict[Leg, Record], seen: Record | None = None) -> Finding:
    return blame([LegResult(leg, record, seen if leg.route == "watched" else None) for leg, record in ways.items()])


def states(finding: Finding) -> dict[str, bool | None]:
    return {place.name: place.holds for place in finding.places}


GOOD = {DIRECT: STREAM, ENCODED: STREAM, WATCHED: STREAM, AT_END: LUMP}
BAD = {DIRECT: accused("intermediary", "low"), ENCODED: LUMP, WATCHED: LUMP, AT_END: LUMP}


@pytest.mark.parametrize(
    ("ways", "guilty", "held"),
    [
        (GOOD, [], False),
        (GOOD | {HTTP2: STREAM, PROXY: STREAM, UPSTREAM: STREAM}, [], False),
        (GOOD | {PROXY: LUMP}, ["proxy"], True),
        (GOOD | {PROXY: REFUSED}, [], False),
        (GOOD | {ENCODED: LUMP}, ["hop"], True),
        (GOOD | {ENCODED: TOO_SHORT}, [], False),
        (BAD, [], True),
        (BAD | {UPSTREAM: STREAM}, ["hop"], True),
        (BAD | {UPSTREAM: LUMP}, ["server"], True),
        (BAD | {UPSTREAM: TOO_SHORT}, [], True),
        (BAD | {HTTP2: STREAM}, ["hop"], True),
        (BAD | {HTTP2: LUMP}, [], True),
        (BAD | {PROXY: LUMP}, [], True),
        (BAD | {DIRECT: accused("intermediary", "medium")}, ["hop"], True),
        (BAD | {DIRECT: accused("model-server", "medium")}, ["server"], True),
        (BAD | {DIRECT: accused("model-server", "low")}, [], True),
        (BAD | {DIRECT: accused("intermediary", "low", certain=True)}, ["hop"], True),
        (BAD | {DIRECT: replace(LUMP, verdict=replace(LUMP.verdict, suspects=()))}, [], True),
        ({DIRECT: TOO_SHORT, ENCODED: TOO_SHORT, WATCHED: TOO_SHORT, AT_END: TOO_SHORT}, [], None),
    ],
)
def test_who_holds_it_back(ways: dict[Leg, Record], guilty: list[str], held: bool | None) -> None:
    finding = find(ways)

    assert [place.name for place in finding.guilty] == guilty
    assert finding.held is held


def test_the_servers_own_dates_acquit_it() -> None:
    finding = find(BAD | {DIRECT: accused("intermediary", "low", certain=True)})

    assert states(finding)["server"] is False


def test_a_declared_length_does_not_tell_a_hop_from_the_server_whose_middleware_may_have_counted() -> None:
    counted = (("content-type", "text/event-stream"), ("content-length", str(sum(len(data) for _, data in MADE))))
    record = Tap("counted", START, whole(MADE), response_headers=counted).record()
    assert record.verdict.confidence == "certain"

    finding = find(BAD | {DIRECT: record})

    server, hop, *_ = finding.places
    assert (server.holds, hop.holds, finding.held) == (None, None, True)
    assert "--upstream URL" in server.why
    assert "a hop, middleware or the application" in hop.why
    assert hop.remedy
    assert "yield each token" in hop.remedy


def test_a_stream_by_http_2_acquits_the_server() -> None:
    assert states(find(BAD | {HTTP2: STREAM})) == {"server": False, "hop": True, "proxy": None, "client": None}


def test_a_clean_way_leaves_only_the_clients_own_reading() -> None:
    finding = find(GOOD)

    assert states(finding) == {"server": False, "hop": False, "proxy": None, "client": True}
    (client,) = [place for place in finding.places if place.name == "client"]
    assert "199 ms" in client.why, "the first piece came 200 ms after the head, the request was complete after 1 ms"
    assert "2.20 s" in client.why


def test_how_the_client_reads_is_not_told_of_what_is_held_back_before() -> None:
    assert states(find(BAD))["client"] is None
    assert states(find({DIRECT: STREAM}))["client"] is None


def test_a_client_is_not_blamed_where_reading_at_the_end_gave_the_answer_sooner() -> None:
    late = Tap("late", START, later(MADE, 3.0)).record()
    assert states(find(GOOD | {WATCHED: late}))["client"] is None


def test_the_proxy_on_the_way_tells_what_it_added() -> None:
    seen = Tap("seen", START + 0.002, MADE).record()
    client = Tap("client", START, later(MADE, 0.003)).record()

    finding = find(GOOD | {WATCHED: client}, seen)

    (proxy,) = [place for place in finding.places if place.name == "proxy"]
    assert proxy.holds is False
    assert "adds 1 ms on average" in proxy.why


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (QUESTION, [DIRECT, ENCODED]),
        (QUESTION._replace(url="https://h"), [DIRECT, ENCODED, HTTP2]),
        (QUESTION._replace(upstream="http://m", proxy="http://p"), [DIRECT, ENCODED, UPSTREAM, PROXY]),
    ],
)
def test_the_ways_asked_are_those_that_there_are(question: ProbeRequest, names: list[Leg]) -> None:
    assert list(legs(question)) == names


@pytest.mark.parametrize(
    ("ways", "conclusion"),
    [
        (GOOD, "held back by nobody on the path"),
        (BAD, "held back, but it is unclear by whom"),
        (BAD | {UPSTREAM: STREAM}, "held back by the hop"),
        (GOOD | {PROXY: LUMP, ENCODED: LUMP}, "held back by the hop and the proxy"),
        ({DIRECT: TOO_SHORT}, "does not show whether"),
    ],
)
def test_the_conclusion_comes_first(ways: dict[Leg, Record], conclusion: str) -> None:
    gone = [LegResult(leg, record) for leg, record in ways.items()]

    assert conclusion in render(QUESTION, gone, blame(gone)).splitlines()[0]


def test_what_does_not_tell_says_why() -> None:
    gone = [LegResult(leg, TOO_SHORT) for leg in (DIRECT, WATCHED, AT_END)]

    told = render(QUESTION, gone, blame(gone))

    assert TOO_SHORT.verdict.summary in told
    assert "**client**: unclear: the answer does not show it." in told, "nothing is held back before it"
    assert STREAM.verdict.summary not in render(QUESTION, [LegResult(DIRECT, STREAM)], find(GOOD))


SHORT, THREES = paced(12, 0.1), paced(24, 0.1)
BY_THREES = [(THREES[min(i // 3 * 3 + 2, 24)][0], data) for i, (_, data) in enumerate(THREES)]
QUICK = paced(24, 0.021)


@pytest.mark.parametrize(
    ("made", "passed", "held"),
    [
        (SHORT, whole(SHORT), True),
        (SHORT, later(SHORT, 3.0), False),
        (THREES, BY_THREES, True),
        (THREES, later(THREES, 3.0), False),
        (QUICK, [(QUICK[min(i // 3 * 3 + 2, 24)][0], data) for i, (_, data) in enumerate(QUICK)], False),
        (paced(7, 0.1), whole(paced(7, 0.1)), None),
    ],
    ids=["in one", "all of it later", "threes", "one by one, later", "too close to be noticed", "too few"],
)
def test_two_answers_beside_each_other_tell_what_neither_does(
    made: list[Piece], passed: list[Piece], held: bool | None
) -> None:
    upstream, direct = Tap("up", START, made).record(), Tap("direct", START, passed).record()
    assert direct.verdict.label in ("inconclusive", "streaming")

    finding = find({DIRECT: direct, UPSTREAM: upstream})

    assert states(finding)["hop"] is held
    assert (finding.held is True) is (held is True)


def test_nobody_is_told_to_ask_the_server_who_has() -> None:
    told = {leg: find(BAD | {leg: TOO_SHORT}).places[0].why for leg in (UPSTREAM, PROXY)}

    assert "ask for a longer one" in told[UPSTREAM]
    assert "--upstream URL" in told[PROXY]


def test_a_server_that_answers_whole_when_asked_by_itself_is_the_one() -> None:
    document = replace(LUMP, stream=None, verdict=replace(LUMP.verdict, label="not-streamed"))

    finding = find({DIRECT: document, UPSTREAM: document})

    assert [place.name for place in finding.guilty] == ["server"]
    assert "one whole document" in finding.guilty[0].why


@pytest.mark.parametrize(
    ("ways", "remedy"),
    [
        (BAD | {UPSTREAM: STREAM}, REMEDY),
        (BAD | {HTTP2: STREAM}, REMEDY),
        (BAD | {DIRECT: accused("model-server", "medium"), UPSTREAM: STREAM}, "a remedy"),
        (GOOD | {ENCODED: accused("intermediary", "low")}, REMEDY_UNCOMPRESSED),
        (GOOD | {ENCODED: accused("intermediary", "medium")}, "a remedy"),
        (BAD | {UPSTREAM: accused("intermediary", "low")}, None),
        (BAD | {UPSTREAM: accused("model-server", "low")}, "a remedy"),
    ],
)
def test_a_guess_is_no_remedy_for_whom_the_legs_have_found(ways: dict[Leg, Record], remedy: str | None) -> None:
    (place,) = find(ways).guilty

    assert place.remedy == remedy


def test_both_sights_of_a_way_stand_below_each_other() -> None:
    gone = [LegResult(DIRECT, STREAM), LegResult(WATCHED, LUMP, STREAM)]

    rows = [line for line in render(QUESTION, gone, blame(gone)).splitlines() if line.startswith("| ")]

    assert [row.split(" | ")[1:3] for row in rows[2:]] == [
        ["client", "**streaming**"],
        ["client", "**pseudo-streaming**"],
        ["proxy", "**streaming**"],
    ]


def test_the_key_in_a_url_is_masked() -> None:
    gone = [LegResult(DIRECT, STREAM)]
    text = render(ProbeRequest("GET", "http://me:pass-w0rd@h/v1?api_key=abc&q=1"), gone, blame(gone))
    assert "`GET http://***@h/v1?api_key=***&q=1`" in text


def test_nothing_a_peer_sent_is_markup() -> None:
    hostile = replace(STREAM, error=HOSTILE, verdict=replace(STREAMING.verdict, summary=HOSTILE))
    gone = [LegResult(DIRECT, hostile), LegResult(UPSTREAM, hostile)]

    text = render(QUESTION._replace(url=f"http://h/{HOSTILE}"), gone, blame(gone))

    assert "<script" not in text.replace("`", "\n").splitlines()[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") - row.count("\\|") for row in rows} == {10}
    assert "\x1b" not in text


HELD: tuple[Label, ...] = ("bursty", "pseudo-streaming", "not-streamed")


@pytest.mark.parametrize("label", HELD)
def test_every_label_that_means_held_back_counts(label: Label) -> None:
    record = replace(LUMP, verdict=replace(LUMP.verdict, label=label))

    assert find({DIRECT: record}).held is True
