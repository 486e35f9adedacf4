"""Real streams, framed: every recorded body gives the events that a second parser counted."""

from __future__ import annotations

import base64
import functools
import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.bodies import BodyReader

from ..helpers import Place, Recording, corpus, pieces, recorded_files, recordings

JOINED = {("prism.jsonl", 78): 4}
"""Events where the second parser is wrong, by file and line.

prism.jsonl 78: four data lines without blank lines between them, each a whole JSON document.  Joined by the letter of
the standard they would be one event that is no JSON; the SDKs of Gemini read line by line and see four.
"""


@functools.cache
def opinions() -> dict[Place, Recording]:
    """What the second parser says of each stream."""
    said = map(json.loads, corpus("llm_oracle.jsonl").read_text().splitlines())
    return {(one["file"], one["line"]): one for one in said}


def recorded_in(file: str, *, streamed: bool) -> Iterator[tuple[Place, Recording]]:
    """The streams of a file, or the other answers."""
    for place, recording in recordings():
        if place[0] == file and (place in opinions()) is streamed:
            yield place, recording


def body_of(message: Recording) -> bytes:
    return (message.get("body") or "").encode() or base64.b64decode(message.get("body_base64") or "")


def reader(recording: Recording) -> BodyReader:
    headers = tuple((name, str(value)) for name, value in (recording["response"].get("headers") or {}).items())
    url = recording["request"].get("url") or ""
    return BodyReader(
        headers,
        limits=Limits(),
        length_known=any(name.lower() == "content-length" for name, _ in headers),
        array_streams=":streamGenerateContent" in url and "alt=sse" not in url,
    )


def frames(recording: Recording, cut: list[bytes]) -> tuple[BodyReader, list[Frame]]:
    body = reader(recording)
    found = [frame for piece in cut for frame in body.feed(piece)] + body.close()
    return body, [frame._replace(split=False) for frame in found]


def counted(opinion: Recording) -> int:
    """Events of a stream: a last one that no blank line closed counts too."""
    if "sse" in opinion:
        return int(opinion["sse"]["events"]) + bool(opinion["sse"]["undispatched_tail"])
    told = opinion.get("ndjson") or opinion.get("eventstream") or opinion["json_array"]
    return int(told.get("values") or told.get("frames") or told["elements"])


@pytest.mark.parametrize("file", recorded_files())
def test_a_recorded_stream_gives_its_events_whole_and_in_pieces(file: str) -> None:
    for place, recording in recorded_in(file, streamed=True):
        opinion, data = opinions()[place], body_of(recording["response"])
        body, found = frames(recording, [data])
        events = [frame for frame in found if not frame.comment]
        assert len(events) == JOINED.get(place, counted(opinion)), place
        assert not [frame.malformed for frame in events if frame.malformed], place
        assert body.framing == opinion["stream_kind"], place
        if "sse" in opinion:
            assert len(found) - len(events) == opinion["sse"]["comments"], place
            assert sum(frame.data.startswith("[DONE]") for frame in events) >= opinion["sse"]["done_markers"], place
            if not opinion["sse"]["undispatched_tail"]:
                assert Counter(frame.type for frame in events) == opinion["sse"]["types"], place
                assert (events[-1].id or "") == opinion["sse"]["last_event_id"], place
        if "eventstream" in opinion:
            assert Counter(frame.type for frame in events) == opinion["eventstream"]["event_types"], place
        assert frames(recording, pieces(data, random.Random(len(data))))[1] == found, place


@pytest.mark.parametrize("file", recorded_files())
def test_a_recorded_answer_is_told_for_what_it_is_whole_and_in_pieces(file: str) -> None:
    for place, recording in recorded_in(file, streamed=False):
        data = body_of(recording["response"])
        body, found = frames(recording, [data])
        again, others = frames(recording, pieces(data, random.Random(len(data)), most=900))
        assert again.body() == body.body(), place
        assert others == found, place
        if data[:1] == b"{":
            assert body.value == json.loads(data), place


def test_recorded_requests_are_told_for_what_they_are() -> None:
    told: Counter[str] = Counter()
    for place, recording in recordings():
        data = body_of(recording["request"])
        headers = tuple((name, str(value)) for name, value in (recording["request"].get("headers") or {}).items())
        body = BodyReader(headers, limits=Limits())
        body.feed(data)
        body.close()
        told[body.body().kind] += 1
        if body.body().kind == "json" and body.body().valid:
            assert body.value == json.loads(data), place
        told["broken"] += body.body().valid is False
    assert told["json"] > 1000
    assert told["broken"] <= 3, "some were sent with a comma too many, not more"
