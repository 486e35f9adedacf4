"""Real streams, framed: every recorded body gives the events that a second parser counted."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.bodies import BodyReader

from ..helpers import corpus, pieces

type Recording = dict[str, Any]

JOINED = {("prism.jsonl", 78): 4}
"""Events where the second parser is wrong, by file and line.

prism.jsonl 78: four data lines without blank lines between them, each a whole JSON document.  Joined by the letter of
the standard they would be one event that is no JSON; the SDKs of Gemini read line by line and see four.
"""


def recordings() -> Iterator[tuple[str, int, Recording, Recording | None]]:
    """(file, line, recording, what the second parser says of it or None)."""
    opinions = {(o["file"], o["line"]): o for o in map(json.loads, corpus("llm_oracle.jsonl").read_text().splitlines())}
    for path in sorted(corpus("llm").glob("*.jsonl")):
        for line, text in enumerate(path.read_text().splitlines(), 1):
            yield path.name, line, json.loads(text), opinions.get((path.name, line))


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


STREAMS = [
    pytest.param(recording, opinion, id=f"{file}:{line}")
    for file, line, recording, opinion in recordings()
    if opinion
]  # fmt: skip
ANSWERS = [
    pytest.param(recording, id=f"{file}:{line}") for file, line, recording, opinion in recordings() if not opinion
]


def counted(opinion: Recording) -> int:
    """Events of a stream: a last one that no blank line closed counts too."""
    if "sse" in opinion:
        return int(opinion["sse"]["events"]) + bool(opinion["sse"]["undispatched_tail"])
    told = opinion.get("ndjson") or opinion.get("eventstream") or opinion["json_array"]
    return int(told.get("values") or told.get("frames") or told["elements"])


@pytest.mark.parametrize(("recording", "opinion"), STREAMS)
def test_a_recorded_stream_gives_its_events_whole_and_in_pieces(recording: Recording, opinion: Recording) -> None:
    data = body_of(recording["response"])
    body, found = frames(recording, [data])
    events = [frame for frame in found if not frame.comment]
    assert len(events) == JOINED.get((opinion["file"], opinion["line"]), counted(opinion))
    assert not [frame.malformed for frame in events if frame.malformed]
    assert body.framing == opinion["stream_kind"]
    if "sse" in opinion:
        assert len(found) - len(events) == opinion["sse"]["comments"]
        assert sum(frame.data.startswith("[DONE]") for frame in events) >= opinion["sse"]["done_markers"]
        if not opinion["sse"]["undispatched_tail"]:
            assert Counter(frame.type for frame in events) == opinion["sse"]["types"]
            assert (events[-1].id or "") == opinion["sse"]["last_event_id"]
    if "eventstream" in opinion:
        assert Counter(frame.type for frame in events) == opinion["eventstream"]["event_types"]
    assert frames(recording, pieces(data, random.Random(len(data))))[1] == found


@pytest.mark.parametrize("recording", ANSWERS)
def test_a_recorded_answer_is_told_for_what_it_is_whole_and_in_pieces(recording: Recording) -> None:
    data = body_of(recording["response"])
    body, found = frames(recording, [data])
    again, others = frames(recording, pieces(data, random.Random(len(data)), most=900))
    assert again.body() == body.body()
    assert others == found
    if data[:1] == b"{":
        assert body.value == json.loads(data)


def test_recorded_requests_are_told_for_what_they_are() -> None:
    told: Counter[str] = Counter()
    for file, line, recording, _ in recordings():
        data = body_of(recording["request"])
        headers = tuple((name, str(value)) for name, value in (recording["request"].get("headers") or {}).items())
        body = BodyReader(headers, limits=Limits())
        body.feed(data)
        body.close()
        told[body.body().kind] += 1
        if body.body().kind == "json" and body.body().valid:
            assert body.value == json.loads(data), (file, line)
        told["broken"] += body.body().valid is False
    assert told["json"] > 1000
    assert told["broken"] <= 3, "some were sent with a comma too many, not more"
