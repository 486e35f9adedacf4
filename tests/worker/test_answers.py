"""What the worker answers arrives as it was sent."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamwatchlib.compare.digests import digests
from streamwatchlib.model import Event, Snapshot
from streamwatchlib.report import jsonl
from streamwatchlib.worker.answers import Answer, Failed, Finished, InFlight, Part, ReadFailed, dumps, loads

from ..report.records import EVERY, STREAMING, many


def mapped(part: Part) -> Part:
    """As a long part is read."""
    if not part:
        return b""
    room = mmap.mmap(-1, len(part))
    room[:] = bytes(part)
    return room


@pytest.mark.parametrize("read", [bytes, bytearray, mapped])
@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id)
def test_a_record_arrives_as_it_was(record: object, read: Callable[[Part], Part]) -> None:
    assert isinstance(record, type(STREAMING))
    line = jsonl.to_line(record).encode()
    answer = loads([read(part) for part in dumps(Finished(7, "päcked", record, line, None))])
    assert isinstance(answer, Finished)
    assert (answer.key, answer.packed, answer.record, bytes(answer.line or b"")) == (7, "päcked", record, line)
    assert all(type(event) is Event for event in answer.record.events or ())


def test_without_a_line_there_is_none() -> None:
    answer = loads(dumps(Finished(1, "", STREAMING, None, None)))
    assert answer == Finished(1, "", STREAMING, None, None)


def test_digests_arrive_as_they_were() -> None:
    answer = loads(dumps(Finished(1, "", STREAMING, None, digests(STREAMING))))
    assert isinstance(answer, Finished)
    assert answer.digests == digests(STREAMING)


@pytest.mark.parametrize(
    "answer", [Failed(3, "why"), ReadFailed(4, "why"), InFlight((Snapshot("1", "GET", "/", 0.5),))]
)
def test_other_answers_arrive_as_they_were(answer: Answer) -> None:
    assert loads(dumps(answer)) == answer


def test_what_is_long_is_a_part_of_its_own_and_many_events_are_many_parts() -> None:
    """No part takes the event loop long."""
    (record,) = many(1, 20_000)
    text = "wörd \ud800 " * 200_000
    assert record.llm
    record = replace(record, llm=replace(record.llm, text=text))
    parts = dumps(Finished(1, "", record, None, None))
    answer = loads(parts)
    assert isinstance(answer, Finished)
    assert answer.record == record
    _, _, _, thin, *others = parts
    *rows, _body, _text = sorted(map(len, others))
    assert len(thin) < 20_000
    assert len(rows) == 2 * 40
    assert rows[-1] < 150_000


def test_between_two_large_pieces_of_work_others_get_their_turn() -> None:
    (record,) = many(1, 20_000)
    pauses: list[int] = []
    loads(dumps(Finished(1, "", record, b"line", None)), lambda: pauses.append(1))
    assert len(pauses) == 1 + 1, "after what is stored and the long text"
