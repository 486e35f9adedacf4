"""Rows written column by column say the same as if the codec and Python's encoder had written them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Arrival, Event
from streamwatchlib.report import column_writer
from streamwatchlib.report.codec import writer

TIMES = st.none() | st.floats(0, 1e6) | st.sampled_from([0.0, 1e-7, float("inf"), float("nan")])
TEXTS = st.none() | st.text(st.characters(), max_size=5)
EVENTS = st.builds(
    Event,
    TIMES,
    st.none() | st.integers(0, 1 << 60),
    st.text(st.characters(), max_size=5),
    TEXTS,
    TEXTS,
    st.booleans(),
    TEXTS,
    st.sampled_from([None, "reasoning", "tool_calls"]),
)


def written(cls: type, rows: list[Any]) -> object:
    return [writer(cls)(row) for row in rows]


@given(st.lists(EVENTS, max_size=12))
def test_objects(rows: list[Event]) -> None:
    assert json.loads(column_writer.objects(Event, rows)) == written(Event, rows)


@given(st.lists(st.builds(Arrival, st.floats(0, 1e6), st.integers(0, 1 << 40), st.integers(0, 99)), max_size=12))
def test_arrays(rows: list[Arrival]) -> None:
    assert json.loads(column_writer.arrays(Arrival, rows)) == written(Arrival, rows)


def test_more_rows_than_are_written_at_a_time() -> None:
    rows = [Event(i / 7, i, "message", str(i), f"data {i}" * (i % 3), i % 2 == 0, None) for i in range(1777)]
    assert json.loads(column_writer.objects(Event, rows)) == written(Event, rows)


def test_a_long_text_is_the_same_in_parts() -> None:
    text = 'a"\\\n\u2028\ud83d你😀' * 50_000
    assert column_writer.dump(text) == json.dumps(text, ensure_ascii=False)
    row = Event(1.0, 0, "message", None, text, True, None)
    assert json.loads(column_writer.objects(Event, [row] * 9))[0]["data"] == json.loads(json.dumps(text))
