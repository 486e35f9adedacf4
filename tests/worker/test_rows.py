"""Rows behave like a tuple of tuples, and cost nothing until they are used."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import pytest
from streamwatchlib.model import Arrival
from streamwatchlib.report import jsonl
from streamwatchlib.worker.answers import dumped, loaded
from streamwatchlib.worker.rows import Rows, batches

from ..report.records import EVERY

PLAIN = tuple(Arrival(0.01 * i, i, i % 3) for i in range(1201))


def rows(plain: Sequence[Arrival] = PLAIN) -> Rows[Arrival]:
    return Rows(Arrival, len(plain), batches(plain))


@pytest.mark.parametrize("plain", [(), PLAIN[:1], PLAIN], ids=len)
def test_they_are_what_they_were_made_of(plain: Sequence[Arrival]) -> None:
    made = rows(plain)
    assert [*made] == [*plain]
    assert made == plain
    assert plain == made
    assert (made[:2], made[-3:], len(made), bool(made)) == (plain[:2], plain[-3:], len(plain), bool(plain))
    assert (hash(made), repr(made)) == (hash(plain), repr(plain))
    assert pickle.loads(pickle.dumps(made)) == plain
    assert all(type(row) is Arrival for row in made)
    assert made != [*plain, Arrival(0.0, 0, 0)]
    assert made != "rows"


def test_how_many_there_are_is_told_without_making_them() -> None:
    made = Rows(Arrival, 3, [b"nothing that can be read"])
    assert (len(made), bool(made)) == (3, True)
    with pytest.raises(ValueError, match="marshal"):
        made[0]


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id)
def test_a_record_with_rows_is_written_as_any(record: object) -> None:
    assert isinstance(record, type(EVERY[0]))
    assert jsonl.to_line(loaded(dumped(record))) == jsonl.to_line(record)
    assert jsonl.to_dict(loaded(dumped(record))) == jsonl.to_dict(record)
