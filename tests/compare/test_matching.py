"""Each exchange finds its own counterpart, however many look like it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from streamwatchlib.compare import matching
from streamwatchlib.compare.fingerprint import Fingerprint, fingerprint
from streamwatchlib.compare.matching import find_upstream, match_exchanges
from streamwatchlib.model import Record

from .taps import START, Piece, Tap, later, paced, sides


def many(n: int, every: float, ahead: float, *, alike: bool) -> tuple[list[Record], list[Record]]:
    """`n` requests, one begun every so many seconds."""
    pairs = []
    for i in range(n):
        id, word = ("chatcmpl-same", "same") if alike else (f"chatcmpl-{i}", f"answer-{i}")
        made = paced(20, id=id, word=word)
        pairs.append(sides(made, made, name=str(i), start=START + i * every, ahead=ahead))
    up, down = zip(*pairs, strict=True)
    return list(up), list(down)


def traces(records: list[Record], place: str) -> list[Fingerprint]:
    return [fingerprint(record, place) for record in records]


def names(up: list[Record], down: list[Record]) -> list[tuple[str, str]]:
    links, _ = match_exchanges(traces(up, "up"), traces(down, "down"))
    return [(link.up.record.id, link.down.record.id) for link in links]


def own(n: int) -> list[tuple[str, str]]:
    return [(f"up-{i}", f"down-{i}") for i in range(n)]


@pytest.mark.parametrize("ahead", [0.0, 4.2, -3600.0, 1e6])
@pytest.mark.parametrize("alike", [False, True], ids=["each its own answer", "all the same answer"])
@pytest.mark.parametrize("every", [0.3, 5.0], ids=["at a time", "one after the other"])
def test_on_two_clocks(ahead: float, alike: bool, every: float) -> None:
    up, down = many(8, every, ahead, alike=alike)
    random.Random(1).shuffle(up)

    assert names(up, down) == own(8)


def test_the_order_is_that_of_the_file_downstream() -> None:
    up, down = many(4, 5.0, 1.0, alike=False)

    assert names(up, down[::-1]) == own(4)[::-1]


def test_a_capture_that_began_later_pairs_what_it_has() -> None:
    up, down = many(8, 5.0, 7.0, alike=False)
    assert names(up[2:], down) == own(8)[2:]


def test_what_was_left_in_the_middle_joins_the_pairs_that_are_sure() -> None:
    up, down = many(3, 5.0, 2.0, alike=False)
    timeout = Tap("down-3", START + 15 + 2, [(30.0, b"<h1>504</h1>")], status=504, url="http://hop/v1/chat/completions")
    slow = Tap("up-3", START + 15.01, [])

    assert names([*up, slow.record()], [*down, timeout.record()]) == own(4)


def test_nothing_in_common_is_no_pair() -> None:
    up, _ = many(2, 5.0, 0.0, alike=False)
    other = Tap("down", START, paced(5, id="x", word="else"), asked={"messages": ["something else"]}).record()

    assert match_exchanges(traces(up, "up"), traces([other], "down")) == ([], None)
    assert match_exchanges([], []) == ([], None)


def test_thousands_alike_are_compared_with_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "ALIKE", 5)
    tried = []
    monkeypatch.setattr(matching, "link", lambda up, down: tried.append((up, down)))
    up, down = many(12, 0.5, 0.0, alike=True)

    assert match_exchanges(traces(up, "up"), traces(down, "down")) == ([], None)
    assert len(tried) == 5 * 5


# --- on one clock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alike", [False, True])
def test_on_one_clock_the_moments_tell(alike: bool) -> None:
    up, down = many(6, 0.3, 0.0, alike=alike)

    for i, record in enumerate(down):
        found = find_upstream(fingerprint(record, "down"), traces(up, "up"))
        assert found
        assert found.up.record.id == f"up-{i}"


@pytest.mark.parametrize("made", [paced(10), [(0.7, b'{"error": "busy"}')]], ids=["streamed", "whole"])
def test_of_two_further_up_the_one_whose_answer_is_followed_the_closest_is_the_partner(made: list[Piece]) -> None:
    far, down = sides(made, made, way=0.010)
    near = Tap("up-near", START + 0.015, later(made, 0.003)).record()

    found = find_upstream(fingerprint(down, "down"), traces([far, near], "up"))

    assert found
    assert found.up.record.id == "up-near"


def crossing() -> tuple[list[Record], list[Record]]:
    """The same question at once on two routes to one model, whose moments lie as if they had changed places."""
    made = paced(20)
    up = [
        Tap(f"up-{i}", START + 0.004, later(made, late), url=f"http://model:9000/{i}/chat").record()
        for i, late in enumerate((0.002, 0.001))
    ]
    down = [
        Tap(f"down-{i}", START, later(made, late), url=f"http://hop:8080/{i}/chat").record()
        for i, late in enumerate((0.006, 0.007))
    ]
    return up, down


def test_of_those_alike_the_one_at_the_same_address_is_the_partner() -> None:
    up, down = crossing()

    for i, record in enumerate(down):
        found = find_upstream(fingerprint(record, "down"), traces(up, "up"))
        assert found
        assert found.up.record.id == f"up-{i}"
    assert names(up, down) == own(2)


def test_what_does_not_lie_within_is_no_partner() -> None:
    up, down = sides(paced(10), paced(10), ahead=0.5)
    after, _ = sides(later(paced(10), 0.5), [])

    assert find_upstream(fingerprint(down, "down"), [fingerprint(up, "up")]) is None
    assert find_upstream(fingerprint(sides([], paced(10))[1], "down"), [fingerprint(after, "up")]) is None
    assert find_upstream(fingerprint(replace(down, id="x"), "down"), []) is None


def test_two_that_claim_one_counterpart_do_not_share_it() -> None:
    """The client asked again at once, but only one request went on."""
    up, down = sides(paced(10), paced(10))
    again = replace(down, id="again")

    assert len(names([up], [down, again])) == 1


def test_the_very_request_goes_before_one_that_a_gateway_may_have_rewritten() -> None:
    made = paced(10)
    same, down = sides(made, made, way=0.010)
    rewritten = Tap("up-other", START + 0.011, later(made, 0.009), asked={"model": "x", "messages": ["hello"]}).record()

    found = find_upstream(fingerprint(down, "down"), traces([rewritten, same], "up"))

    assert found
    assert found.up.record.id == same.id
