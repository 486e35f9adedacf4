"""An SDK's reading held against the record's: of answers written for the test, and of recorded ones."""

from __future__ import annotations

import collections
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from corpus_report import Place, Recording, body_of, headers_of, recordings

from ...helpers import corpus
from .answers import Answer
from .meaning import Meaning, differences, recorded
from .stage import Stage

type Ask = Callable[[bool], Meaning]
"""Asks through the SDK, for a stream or not; gives what the SDK put together.  The SDK's own errors are part of it."""


def hold(stage: Stage, ask: Ask, answer: Answer, meant: Meaning, api: str) -> None:
    """The SDK and the record read this answer as it is meant."""
    stage.next(answer)
    theirs = ask(answer.streamed)
    record = stage.record()
    assert recorded(record["llm"]) == meant
    assert differences(theirs, meant) == {}
    assert record["llm"]["api"] == api
    assert record["request"]["stream_requested"] is answer.streamed


def hold_all(
    stage: Stage,
    found: Iterator[tuple[Place, Recording]],
    ask: Callable[[bool, Recording], Meaning],
    refuses: tuple[type[Exception], ...] = (),
) -> None:
    """The SDK and the record read every one of these recordings alike.

    `refuses` are the exceptions, other than for an error that the server told of, with which the SDK gives up on
    what it doesn't understand: there is nothing to compare with then, but there must be a record.
    """
    counts: collections.Counter[str] = collections.Counter()
    different: dict[Place, Any] = {}
    for place, recording in found:
        answer = answer_of(recording)
        stage.next(answer)
        try:
            theirs = ask(answer.streamed, recording)
        except refuses:
            theirs = None
        llm = stage.record()["llm"]
        if theirs is None:
            counts["refused by the SDK"] += 1
        elif parted := _parted(theirs, llm):
            different[place] = parted
        else:
            counts["equal"] += 1
    print(", ".join(f"{count} {what}" for what, count in counts.items()), f"{len(different)} different", sep=", ")
    assert different == {}
    assert counts["equal"] > counts["refused by the SDK"]


def _parted(theirs: Meaning, llm: Any) -> dict[str, Any]:
    """Differences; where the record knows no answer of a model, the SDK must not have found one either."""
    if llm is None:
        return {"unknown shape": theirs} if theirs.choices else {}
    return differences(theirs, recorded(llm))


@functools.cache
def _recordings() -> list[tuple[Place, Recording]]:
    return list(recordings(corpus("llm").parent))


def recorded_at(where: str, host: str = "") -> Iterator[tuple[Place, Recording]]:
    """The recorded exchanges whose path and host these regular expressions find."""
    for place, recording in _recordings():
        url = urlsplit(recording["request"].get("url") or "")
        if re.search(where, url.path) and re.search(host, url.netloc):
            yield place, recording


_KINDS = {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}
"""Content types, for recorders that keep none."""


def answer_of(recording: Recording) -> Answer:
    """The recorded answer, to be given again; streamed if it was, or if it refused a stream that was asked for."""
    response: Any = recording["response"]
    headers = {name.lower(): value for name, value in headers_of(response)}
    body, status, kind = body_of(response), response.get("status") or 200, recording["stream_kind"]
    if body.startswith((b"data:", b"event:", b":")):
        kind = "sse"
    if response.get("body_base64_is") != "compressed":
        headers.pop("content-encoding", None)  # some recorders keep it above what they decoded
        body += b"\n\n" * (kind == "sse")  # and trim: without its blank line an SDK drops the last event
    return Answer(
        body,
        headers.get("content-type") or _KINDS.get(kind, "application/json"),
        status,
        tuple(headers.items()),
        streamed=kind != "none" or (status >= 400 and bool(recording.get("requested_stream"))),
    )
