"""What deserves a look first."""

from __future__ import annotations

from dataclasses import replace

from streamwatchlib.report import rank

from .records import (
    BURSTY,
    CUT,
    FAILED,
    FORM,
    HUNG_UP,
    INCONCLUSIVE,
    LEFT,
    NOT_STREAMED,
    PSEUDO,
    REASONING,
    STREAMING,
)


def test_the_worst_come_first() -> None:
    order = [PSEUDO, NOT_STREAMED, BURSTY, CUT, REASONING, INCONCLUSIVE, STREAMING]

    assert rank.worst_first(reversed(order)) == order


def test_the_severe_come_before_the_mild_and_the_long_held_before_the_briefly_held() -> None:
    mild = replace(PSEUDO, verdict=replace(PSEUDO.verdict, severity="mild"))
    longer = replace(PSEUDO, verdict=replace(PSEUDO.verdict, measures=replace(PSEUDO.verdict.measures, mean_hold=9.0)))

    assert rank.worst_first([mild, PSEUDO, longer]) == [longer, PSEUDO, mild]


def test_only_what_went_wrong_is_troubled() -> None:
    assert rank.with_problems([STREAMING, FORM, INCONCLUSIVE, FAILED, REASONING]) == [FAILED, REASONING]


def test_a_client_that_left_when_all_had_come_has_lost_nothing() -> None:
    lost = replace(HUNG_UP, outcome="server-disconnected")

    assert rank.with_problems([HUNG_UP, LEFT, lost]) == [LEFT, lost]


def test_those_that_went_wrong_in_one_way_stand_together() -> None:
    again = replace(PSEUDO, id="again", request=replace(PSEUDO.request, url=PSEUDO.request.url + "?x=1"))
    elsewhere = replace(PSEUDO, request=replace(PSEUDO.request, url="http://other/"))

    assert rank.group_similar([PSEUDO, elsewhere, CUT, again]) == [[PSEUDO, again], [elsewhere], [CUT]]


def test_the_mix_counts_labels_in_the_order_of_the_contract() -> None:
    assert rank.count_labels([PSEUDO, STREAMING, PSEUDO]) == [("streaming", 1), ("pseudo-streaming", 2)]


def test_the_headline_says_how_many_of_what() -> None:
    assert rank.headline([]) == "No exchanges"
    assert rank.headline([PSEUDO]) == "1 exchange: 1 pseudo-streaming"
    assert rank.headline([PSEUDO, STREAMING]) == "2 exchanges: 1 streaming, 1 pseudo-streaming"
