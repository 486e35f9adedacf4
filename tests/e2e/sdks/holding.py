"""An SDK's reading compared with the record's, for responses written for the test and for recorded ones."""

from __future__ import annotations

import collections
import importlib.util
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from corpus_report import Place, Recording, body_of, headers_of

from ...helpers import recordings
from .answers import Answer
from .meaning import Meaning, differences, recorded
from .stage import Stage

type Ask = Callable[[bool], Meaning]
"""Asks through the SDK, for a stream or not; gives what the SDK put together.  The SDK's own errors are part of it."""


def sdk(name: str) -> Callable[[], Any]:
    """Imports the vendor's module; where it is absent, this skips the tests, saying so.

    Some take two seconds, and of the processes of a test run, all of which collect these tests, one needs it.
    """
    root, *within = name.split(".")
    found = importlib.util.find_spec(root)  # of what is within, it would import all around it
    places = (Path(place, *within) for place in (found and found.submodule_search_locations) or ())
    if not any(place.is_dir() or place.with_suffix(".py").exists() for place in places):
        pytest.skip(f"needs {name}: uv sync --group sdks", allow_module_level=True)
    return partial(importlib.import_module, name)


class Broken(Exception):
    """The SDK has nothing to show for an answer."""


def hold(stage: Stage, ask: Ask, answer: Answer, meant: Meaning, api: str) -> None:
    """The SDK and the record read this answer as it is meant."""
    stage.next(answer)
    theirs = ask(answer.streamed)
    record = stage.record()
    assert recorded(record["llm"]) == meant
    assert differences(theirs, meant) == {}
    assert record["llm"]["api"] == api
    assert record["request"]["stream_requested"] is answer.streamed


def hold_all(stage: Stage, found: Iterable[tuple[Place, Recording]], ask: Ask) -> None:
    """The SDK and the record read every one of these recordings alike.

    Where the SDK breaks on what it doesn't understand there is nothing to compare with, but there must be a record.
    """
    counts: collections.Counter[str] = collections.Counter()
    different: dict[Place, Any] = {}
    meanings: dict[Place, Meaning | None] = {}
    for place, recording in found:
        answer = answer_of(recording)
        stage.next(answer)
        meanings[place] = _tried(ask, answer.streamed)
    for (place, theirs), record in zip(meanings.items(), stage.records(), strict=True):  # each takes its time
        llm = record["llm"]
        if theirs is None:
            counts["too much for the SDK"] += 1
        elif parted := _parted(theirs, llm):
            different[place] = parted
        else:
            counts["equal"] += 1
    print(*(f"{count} {what}," for what, count in counts.items()), f"{len(different)} different")
    assert different == {}
    if not counts:
        pytest.skip("the recorded corpus has none of these")


def _tried(ask: Ask, streamed: bool) -> Meaning | None:
    """What the SDK makes of it; None if it breaks."""
    try:
        return ask(streamed)
    except Exception as problem:
        raised_at = traceback.extract_tb(problem.__traceback__)[-1].filename
        if isinstance(problem, Broken) or Path(raised_at).parent != Path(__file__).parent:
            return None
        raise


def _parted(theirs: Meaning, llm: Any) -> dict[str, Any]:
    """Differences; where the record knows no answer of a model, the SDK must not have found one either."""
    if llm is None:
        return {"unknown shape": theirs} if theirs.choices else {}
    return differences(theirs, recorded(llm))


def recorded_at(where: str, host: str = "") -> Iterator[tuple[Place, Recording]]:
    """The recorded exchanges whose path and host these regular expressions find."""
    for place, recording in recordings():
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
