"""The conformance cases that others wrote: every one, whole, byte by byte, in its own pieces, split everywhere."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
from typing import Any

import pytest
from streamwatchlib.headers import joined_header
from streamwatchlib.model import Part
from streamwatchlib.wire import STREAM_TYPES
from streamwatchlib.wire.header_params import media_type
from streamwatchlib.wire.jsontext import JsonError, loads
from streamwatchlib.wire.lines import Lines
from streamwatchlib.wire.multipart import MultipartReader
from streamwatchlib.wire.sse import UNTERMINATED
from streamwatchlib.wire.urlencoded import fields

from ..helpers import corpus, feedings
from .framing import deviations, frames

type Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases of one file of the corpus."""
    text = corpus("conformance", name).read_text()
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return list(json.loads(text)["cases"])


def each(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases(name)])


def ways(case: Case) -> list[list[bytes]]:
    """All the ways to feed a case's bytes."""
    data = base64.b64decode(case["input_base64"])
    starts = [0, *itertools.accumulate(case.get("chunk_sizes", []))]
    own = [data[a:b] for a, b in itertools.pairwise([*starts, len(data)])]
    return [own, *feedings(data)]


@each("sse.json")
def test_server_sent_events(case: Case) -> None:
    """Cases of SDKs that go beyond the standard are read by the standard.

    The one thing we add to it is the last event that no blank line closed, and we say so.
    """
    expected = case.get("whatwg_expect", case["expect"])["events"]
    added = UNTERMINATED in deviations("sse", base64.b64decode(case["input_base64"]))
    for pieces in ways(case):
        events = [frame for frame in frames("sse", pieces) if not frame.comment]
        told = [{"type": e.type, "data": e.data, "last_event_id": e.id or ""} for e in events]
        assert told[: -1 if added else None] == expected


@pytest.mark.parametrize("case", json.loads(corpus("conformance", "sse.json").read_text())["line_cases"])
def test_lines(case: Case) -> None:
    lines = Lines(1000, bare_cr=True)
    found = [line for chunk in case["chunks"] for line in lines.feed(chunk.encode())]
    if lines.pending:
        found.append(lines.close())
    assert [line.decode() for line in found] == case["lines_including_flush_at_end"]


@pytest.mark.parametrize("case", json.loads(corpus("conformance", "sse.json").read_text())["content_type_cases"])
def test_media_types(case: Case) -> None:
    declared = media_type((("Content-Type", case["content_type"]),))
    assert (STREAM_TYPES.get(declared or "") == "sse") is case["is_event_stream"]


@each("ndjson.json")
def test_newline_delimited_json(case: Case) -> None:
    expected = case["expect"]
    for pieces in ways(case):
        events = frames("ndjson", pieces)
        if "lines" in expected:
            assert [event.data for event in events] == expected["lines"]
        else:
            assert [event.value for event in events if not event.malformed] == expected["values"]
            assert sum(event.malformed is not None for event in events) == expected["bad_lines"]


@each("urlencoded.json")
def test_urlencoded(case: Case) -> None:
    assert [list(pair) for pair in fields(base64.b64decode(case["input_base64"]))] == case["output"]


@each("json.jsonl")
def test_json(case: Case) -> None:
    try:
        loads(base64.b64decode(case["input_base64"]))
        verdict = "accept"
    except JsonError:
        verdict = "reject"
    assert case["expect"] in (verdict, "either")


def vendors_name(filename: str | None, case: Case) -> str | None:
    """A file name as the case's vendor gives it: without directories, and with character references resolved.

    We give the name as it was sent.
    """
    if filename is None or "preservePath" in (case.get("vendor_options") or ()):
        return filename
    return re.split(r"[\\/]", html.unescape(filename))[-1]


def same(part: Part, expected: Case, case: Case) -> bool:
    """Whether a part of ours is the case's, as far as the case tells."""
    size = len(base64.b64decode(expected["data_base64"])) if "data_base64" in expected else expected.get("size")
    told = expected if "name" in expected else None
    return (
        size in (part.size, None)
        and (told is None or (part.name, vendors_name(part.filename, case)) == (told["name"], told["filename"]))
        and ("content_type" not in expected or part.content_type in (expected["content_type"], None))
        and all(joined_header(part.headers, name.lower()) == value for name, value in expected.get("headers", ()))
    )


@each("multipart.jsonl")
def test_multipart(case: Case) -> None:
    """Where a second parser agrees with the vendor, so do we; where it does not, nothing raises."""
    body = base64.b64decode(case["body_base64"])
    every_seventh = [[body[at : at + 7] for at in range(0, len(body), 7)]]
    results = []
    for pieces in feedings(body) if len(body) < 3000 else [[body], *every_seventh]:
        reader = MultipartReader(case["content_type"])
        for piece in pieces:
            reader.feed(piece)
        reader.close()
        results.append((reader.parts, reader.complete, reader.problem))
    assert results == [results[0]] * len(results)
    parts, complete, problem = results[0]
    if case["second_opinion"] == "agrees":
        assert (complete, problem) == (True, None)
        assert len(parts) == len(case["expect"]["parts"])
        assert all(map(same, parts, case["expect"]["parts"], itertools.repeat(case)))
    elif case["second_opinion"] == "agrees: error" and case["id"] not in FORGIVEN:
        assert problem


FORGIVEN = {
    "busboy/22": "headers of 80 kB are many, but no error: nothing is kept of them but what is told of the part"
}
"""Cases that vendors refuse and we read on, and why."""
