"""Recorded exchanges of many providers, replayed: what they say is what a second reading of the same bytes found."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import corpus_report as report
import pytest
from streamwatchlib.llm import Reader

from ..helpers import corpus, pieces, recorded_files, recordings

OPINIONS = report.second_opinions(corpus("llm").parent)
type Replays = dict[report.Place, report.Replay]
SAID = ("text", "reasoning", "refusal", "tool_calls", "server_tool_calls", "response_id")


def recorded_in(file: str) -> Iterable[tuple[tuple[str, int], Any]]:
    return ((place, recording) for place, recording in recordings() if place[0] == file)


@pytest.fixture(scope="module")
def replays() -> Replays:
    """What each recorded answer says, read whole; gone with the last test here, for it is much."""
    return {place: report.replay(recording) for place, recording in recordings()}


def test_every_stream_is_read_as_the_second_opinion_has_it_or_better(replays: Replays) -> None:
    contradicted = {}
    for place, opinion in OPINIONS.items():
        more, other = report.differences(replays[place].llm, opinion)
        assert more <= set(report.REASONS)
        if other:
            contradicted[place] = other
    assert contradicted == {}


@pytest.mark.parametrize("file", recorded_files())
def test_pieces_change_nothing_and_a_cut_anywhere_raises_nothing(file: str, replays: Replays) -> None:
    rng = random.Random(file)
    for place, recording in recorded_in(file):
        data = report.body_of(recording["response"])
        whole = replays[place]
        in_pieces = report.replay(recording, pieces(data, rng, most=2048))
        assert in_pieces.llm == whole.llm
        assert [reading for _, reading in in_pieces.events] == [reading for _, reading in whole.events]
        report.replay(recording, pieces(data[: rng.randrange(len(data) + 1)], rng, most=2048))


def test_hardly_a_stream_is_of_unknown_shape(replays: Replays) -> None:
    """What remains are downloads and batch results in lines of JSON: no message of a model."""
    unknown = {
        place for place, recording in recordings() if recording["stream_kind"] != "none" and replays[place].llm is None
    }
    assert len(unknown) <= 4


def recorded_pairs(replays: Replays) -> Iterable[tuple[Any, Any, list[Any], Any]]:
    """Streams of the Responses API close with the same answer told whole: (place, context, frames, answer)."""
    for place, recording in recordings():
        frames = [frame for frame, _ in replays[place].events]
        values = [frame.value if isinstance(frame.value, dict) else {} for frame in frames]
        whole = next((value["response"] for value in values if value.get("type") == "response.completed"), None)
        if isinstance(whole, dict) and whole.get("output"):  # some hosts leave it empty
            pieces = [f for f, value in zip(frames, values, strict=True) if value.get("type") != "response.completed"]
            yield place, report.context_of(recording), pieces, whole


def test_an_answer_recorded_in_pieces_and_whole_is_one_and_the_same(replays: Replays) -> None:
    pairs, different = list(recorded_pairs(replays)), {}
    for place, context, frames, answer in pairs:
        in_pieces, at_once = Reader(context, report.LIMITS), Reader(context, report.LIMITS)
        for frame in frames:
            in_pieces.read_event(frame)
        at_once.read_whole(answer)
        one, other = in_pieces.result(), at_once.result()
        assert one is not None, place
        assert other is not None, place
        if found := [key for key in SAID if getattr(one, key) != getattr(other, key)]:
            different[place] = found
    assert pairs
    assert different == {}
