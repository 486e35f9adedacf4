"""Two taps show whether the hop between them or one upstream held a response back; nothing is blamed if none did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamwatchlib.compare.fingerprint import fingerprint
from streamwatchlib.compare.links import link
from streamwatchlib.compare.passage import passage
from streamwatchlib.compare.revise import REMEDY, revised
from streamwatchlib.model import Record, Suspect
from streamwatchlib.verdict.culprits import HOLDERS, REMEDY_BISECT, REMEDY_WHOLE_ANSWER

from .taps import Piece, later, paced, sides, whole

MADE = paced(60, gap=0.05)
GATHERS = Suspect("model-server", "the application gathers it", "one piece", "flush after each event", "medium")
STEP = HOLDERS[0].cause


def settle(up: Record, down: Record) -> Record:
    found = link(fingerprint(up, "up"), fingerprint(down, "down"))
    assert found
    return revised(down, passage(found), up)


def test_the_hop_that_held_it_is_certain_and_comes_first() -> None:
    up, down = sides(MADE, whole(MADE))
    assert down.verdict.label == "pseudo-streaming"

    record = settle(up, down)

    first = record.verdict.suspects[0]
    assert (first.hop, first.confidence) == ("intermediary", "certain")
    assert first.cause.startswith("the hop between the two taps")
    assert "it adds" in first.evidence
    assert first.remedy.partition(" (")[0] in record.verdict.summary
    assert [suspect.hop for suspect in record.verdict.suspects] == ["intermediary"], "the stream came to it in order"
    assert record.verdict.confidence == "certain"
    assert record.hop
    assert record.hop.summary.removesuffix(".") in record.verdict.summary
    assert replace(record, verdict=down.verdict, hop=None) == down


def test_what_its_traces_tell_of_it_is_kept() -> None:
    made = paced(300)
    up, down = sides(made, whole(made, 4096))
    known = down.verdict.suspects[0]

    first = settle(up, down).verdict.suspects[0]

    assert first.cause.endswith(f"by its traces ({known.confidence} confidence) {known.cause}"), "the hop is certain"
    assert known.evidence in first.evidence
    assert first.remedy == known.remedy


def test_without_traces_the_remedy_is_what_helps_most_hops() -> None:
    up, down = sides(MADE, whole(MADE))
    down = replace(down, verdict=replace(down.verdict, suspects=()))

    assert settle(up, down).verdict.suspects[0].remedy == REMEDY


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ((replace(GATHERS, confidence="low"),), REMEDY),
        ((GATHERS,), GATHERS.remedy),
        ((replace(GATHERS, hop="proxy"),), REMEDY),
        ((replace(GATHERS, cause=STEP), GATHERS), GATHERS.remedy),
    ],
    ids=["a guess", "an application", "the tap", "an engine, which is behind both taps"],
)
def test_the_remedy_is_one_for_what_stands_between_the_taps(said: tuple[Suspect, ...], remedy: str) -> None:
    up, down = sides(MADE, whole(MADE))
    down = replace(down, verdict=replace(down.verdict, suspects=said))

    assert settle(up, down).verdict.suspects[0].remedy == remedy


def test_a_product_that_the_hop_has_put_into_the_head_is_looked_at_first() -> None:
    """One whose name stood there before lies behind the hop: it let the stream through."""
    sse, cdn, cache = ("content-type", "text/event-stream"), ("cf-ray", "8c-FRA"), ("via", "1.1 varnish (Varnish/7.1)")
    up, _ = sides(MADE, whole(MADE), response_headers=(sse, cdn))
    _, down = sides(MADE, whole(MADE), response_headers=(sse, cdn, cache))

    remedy = settle(up, down).verdict.suspects[0].remedy

    assert remedy.startswith("Varnish: `set beresp.do_stream = true;`")
    assert remedy.endswith(REMEDY)


def test_what_was_seen_on_both_sides_is_not_what_the_hop_did() -> None:
    up, down = sides(MADE, whole(MADE))
    up, down = (replace(side, verdict=replace(side.verdict, suspects=(GATHERS,))) for side in (up, down))

    first, second = settle(up, down).verdict.suspects

    assert (first.remedy, second) == (REMEDY, GATHERS)


def test_a_hop_that_makes_one_document_is_not_told_to_stop_buffering() -> None:
    message = {"content": "".join(f"word {i} " for i in range(60))}
    document = json.dumps({"id": "chatcmpl-1", "choices": [{"message": message}]}).encode()
    up, down = sides(MADE, [(MADE[-1][0] + 0.1, document)])
    assert down.verdict.label == "not-streamed"

    assert settle(up, down).verdict.suspects[0].remedy == REMEDY_WHOLE_ANSWER


def test_where_all_that_was_known_is_that_it_was_a_hop_nobody_is_sent_to_look_for_it() -> None:
    up, down = sides(MADE, whole(MADE))
    unknown = Suspect(
        "intermediary", "a hop after the model", "100% of the events came in 1 lump", REMEDY_BISECT, "low"
    )
    down = replace(down, verdict=replace(down.verdict, suspects=(unknown,)))

    first = settle(up, down).verdict.suspects[0]

    assert (first.cause, first.remedy) == ("the hop between the two taps", REMEDY)


def test_the_hop_is_acquitted_of_what_came_to_it_held_back() -> None:
    up, down = sides(whole(MADE), whole(MADE))
    assert down.verdict.label == "pseudo-streaming"

    record = settle(up, down)

    assert record.verdict.label == "pseudo-streaming"
    assert record.verdict.suspects == up.verdict.suspects
    assert "innocent" in record.verdict.summary
    assert up.verdict.summary in record.verdict.summary


def test_acquitted_of_what_nobody_upstream_is_suspected_of_it_leaves_the_others() -> None:
    up, down = sides(whole(MADE), whole(MADE))
    up = replace(up, verdict=replace(up.verdict, suspects=()))
    server = Suspect("model-server", "a", "b", "c", "low")
    down = replace(down, verdict=replace(down.verdict, suspects=(replace(server, hop="intermediary"), server)))

    assert settle(up, down).verdict.suspects == (server,)


def test_what_cannot_be_told_upstream_of_an_innocent_hop_cannot_be_told_behind_it() -> None:
    """Of an answer at once nobody knows who made it so: a length that an innocent hop declares tells no more."""
    made = [(0.01, data) for _, data in MADE]
    counted = (("content-type", "text/event-stream"), ("content-length", str(sum(len(data) for _, data in MADE))))
    up, _ = sides(made, made)
    _, down = sides(made, whole(made), response_headers=counted)
    assert (up.verdict.label, down.verdict.label) == ("inconclusive", "pseudo-streaming")

    verdict = settle(up, down).verdict

    assert (verdict.label, verdict.severity, verdict.confidence) == ("inconclusive", None, up.verdict.confidence)
    assert verdict.suspects == ()
    assert "innocent" in verdict.summary


def test_where_both_hold_back_both_are_named() -> None:
    made = whole(paced(300), 4096)
    up, down = sides(made, whole(made))
    assert up.verdict.label == "bursty"

    suspects = settle(up, down).verdict.suspects

    assert suspects[0].confidence == "certain"
    assert suspects[1:] == up.verdict.suspects


@pytest.mark.parametrize("passed", [MADE, later(MADE, 0.5)], ids=["at once", "all of it later"])
def test_nobody_is_blamed_for_a_stream(passed: list[Piece]) -> None:
    up, down = sides(MADE, passed)

    record = settle(up, down)

    assert record.verdict.label == "streaming"
    assert record.verdict.suspects == ()
    assert record.hop
    assert record.verdict.summary.endswith(record.hop.summary)


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (whole(paced(10, gap=0.1)), ("pseudo-streaming", "severe")),
        (whole(paced(10, gap=0.1), 500), ("bursty", "moderate")),
    ],
    ids=["in one", "in blocks"],
)
def test_what_was_too_short_to_tell_is_told_by_two_taps(passed: list[Piece], told: tuple[str, str]) -> None:
    up, down = sides(paced(10, gap=0.1), passed)
    assert down.verdict.label == "inconclusive"
    down = replace(down, timing=replace(down.timing, output_tokens_per_second=33.3))

    record = settle(up, down)

    verdict = record.verdict
    assert (verdict.label, verdict.severity) == told, "as grave as the hop held it long"
    assert record.timing.output_tokens_per_second is None, "the rate of a lump is none"
    assert verdict.suspects[0].confidence == "certain"


@pytest.mark.parametrize(
    "passed",
    [
        [(MADE[i // 3 * 3 + 2 if i < 60 else i][0], data) for i, (_, data) in enumerate(MADE)],
        [(MADE[-1][0] + 0.01 * i, data) for i, (_, data) in enumerate(MADE)],
    ],
    ids=["threes", "gathered, then let out bit by bit"],
)
def test_what_looks_like_a_stream_from_one_side_is_told_by_two_taps(passed: list[Piece]) -> None:
    made = [(4 * t, data) for t, data in MADE]
    up, down = sides(made, [(4 * t, data) for t, data in passed])
    assert down.verdict.label == "streaming"

    verdict = settle(up, down).verdict

    assert (verdict.label, verdict.confidence, len(verdict.suspects)) == ("bursty", "certain", 1)
    assert verdict.summary.startswith("The hop between the two taps holds the stream back")
    assert verdict.untold is None


def test_one_stall_does_not_make_a_manner() -> None:
    made = paced(100)
    up, down = sides(made, [(max(t, 4.0) if t > 2.0 else t, data) for t, data in made])

    record = settle(up, down)

    assert record.hop
    assert record.hop.held is True
    assert record.verdict.label == "streaming"


def test_what_was_too_short_to_tell_and_not_held_stays_so() -> None:
    up, down = sides(paced(5), paced(5))

    assert settle(up, down).verdict.label == "inconclusive"


def test_what_broke_off_too_soon_to_tell_is_not_told_by_an_innocent_hop() -> None:
    (up, _), (_, down) = sides(MADE, MADE), sides(MADE, MADE[:6], outcome="client-disconnected")
    assert (up.verdict.label, down.verdict.label) == ("streaming", "inconclusive")

    record = settle(up, down)

    assert record.hop
    assert record.hop.held is False
    assert record.verdict.label == "inconclusive"


def test_what_the_proxys_own_lag_hides_is_not_told_after_all() -> None:
    up, down = sides(MADE, whole(MADE))
    down = replace(down, verdict=replace(down.verdict, label="inconclusive", suspects=(), flags=("observer-lag",)))

    assert settle(up, down).verdict.label == "inconclusive"
