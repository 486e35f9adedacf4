"""However far two clocks are apart, the true offset lies within what is stated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.compare.clocks import estimate_offset, of_pair, offset
from streamwatchlib.compare.fingerprint import fingerprint
from streamwatchlib.compare.links import Link, link

from .taps import START, paced, sides, whole


def linked(ahead: float, way: float, block: int | None, name: str, start: float) -> Link:
    made = paced(12, id=f"chatcmpl-{name}", word=name)
    passed = whole(made, block) if block else made
    up, down = sides(made, passed, way=way, ahead=ahead, name=name, start=start)
    found = link(fingerprint(up, "up"), fingerprint(down, "down"))
    assert found
    return found


@given(
    ahead=st.floats(-86_400, 86_400),
    ways=st.lists(st.floats(0.0001, 0.2), min_size=1, max_size=4),
    block=st.sampled_from([None, 500, 100_000]),
)
def test_the_truth_is_within_the_error(ahead: float, ways: list[float], block: int | None) -> None:
    links = [linked(ahead, way, block, str(i), START + 60 * i) for i, way in enumerate(ways)]

    found = offset(links)

    assert abs(found.value - ahead) <= found.error + 1e-5
    assert found.error <= min(ways) + 1e-5, "the quickest way there and back bounds it"
    assert found.pairs == len(ways)
    assert found.steady
    assert of_pair(links[0], found) is found


def test_clocks_that_move_against_each_other_are_reckoned_pair_by_pair() -> None:
    links = [linked(5.0 + 0.02 * i, 0.001, None, str(i), START + 600 * i) for i in range(4)]

    found = offset(links)

    assert not found.steady
    assert abs(found.value - 5.03) < 0.001
    assert found.error == pytest.approx(0.03, abs=0.002)
    assert of_pair(links[3], found).value == pytest.approx(5.06, abs=0.001)


def test_what_most_pairs_allow_wins_over_what_a_few_do() -> None:
    links = [linked(3.0, 0.001, None, str(i), START + 60 * i) for i in range(3)]
    stray = linked(-50.0, 0.001, None, "stray", START + 300)

    found = estimate_offset([stray, *links])

    assert found is not None
    assert links[0].allows(found, 0.1)


def test_nothing_to_go_by_is_no_offset() -> None:
    assert estimate_offset([]) is None
    unanswered = linked(1.0, 0.001, None, "1", START)._replace(high=float("inf"))
    assert estimate_offset([unanswered]) is None
    assert offset([unanswered]).value == pytest.approx(unanswered.low) if unanswered.high < float("inf") else True
