"""The playback has the recorded bytes at the recorded times; where that is impossible, it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from streamwatchlib.model import Arrival, Body, Outcome, Record, Timing
from streamwatchlib.replay.playback import Playback, Unplayable, playback_of

from ..report.records import CUT, EVERY, FAILED, LEFT, NO_TEXTS, NOT_STREAMED, STREAMING, WEBSOCKET

EVENTS = ["data: Every\n\n", "data: thing \n\n", ": ping\n\n", "data: flows\n\n"]
TEXT = "".join(EVENTS)
assert STREAMING.response
PICTURE = replace(
    STREAMING, id="picture", response=replace(STREAMING.response, body=Body("binary", "png", size=9)), stream=None
)


def streamed(
    text: str | None = TEXT,
    arrivals: Sequence[tuple[float, int, int]] | None = ((1.5, 13, 1), (2.0, 14 + 8, 1), (3.0, 13, 1)),
    headers: Sequence[tuple[str, str]] = (("Content-Type", "text/event-stream"),),
    *,
    format_: str = "sse",
    outcome: Outcome = "complete",
    **body: object,
) -> Record:
    """An answer of `text`, asked for until 1.0 s, its head at 1.25 s, over at 3.5 s."""
    assert STREAMING.response
    assert STREAMING.stream
    size = len((text or "").encode())
    told = {"size": size, "decoded_size": size, "encoding": None, "truncated": None} | body
    return replace(
        STREAMING,
        outcome=outcome,
        timing=Timing(request_end=1.0, response_start=1.25, first_byte=1.5, end=3.5),
        response=replace(
            STREAMING.response,
            headers=tuple(headers),
            body=Body("streaming", format_, content=text, **told),  # type: ignore[arg-type]
        ),
        stream=replace(
            STREAMING.stream,
            format=format_,
            arrivals=None if arrivals is None else tuple(Arrival(*arrival) for arrival in arrivals),
        ),
    )


def played(found: Playback) -> list[tuple[float, str]]:
    return [(piece.t, piece.data.decode()) for piece in found.pieces]


def test_pieces_come_as_they_came() -> None:
    found = playback_of(streamed())
    assert played(found) == [(0.5, EVENTS[0]), (1.0, EVENTS[1] + EVENTS[2]), (2.0, EVENTS[3])]
    assert (found.status, found.begin, found.end, found.whole, found.notes) == (200, 0.25, 2.5, True, ())


def test_an_event_that_came_in_two_pieces_comes_in_two() -> None:
    found = playback_of(streamed("data: Every\n\n", [(1.5, 5, 0), (2.0, 8, 1)]))
    assert played(found) == [(0.5, "data:"), (1.0, " Every\n\n")]


@pytest.mark.parametrize(
    ("format_", "events"),
    [
        ("sse", ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]),
        ("sse", ["data: 1\r\n\r\n", "data: 2\r\n\r\n", "data: 3\r\n\r\n"]),
        ("ndjson", ['{"a":{}}\n', '{"b":{}}\n', '{"c":1}\n']),
        ("json-seq", ["\x1e{}\n", "\x1e{}\n", "\x1e{}\n"]),
        ("json-array", ['[{"a":1}', ', {"b":{"c":2}}', ', {"d":3}]']),
    ],
)
def test_what_was_coded_is_cut_where_its_events_ended(format_: str, events: list[str]) -> None:
    arrivals = [(1.5, 10, 1), (1.75, 3, 0), (2.0, 11, 2)]
    found = playback_of(streamed("".join(events), arrivals, format_=format_, size=24, encoding=("gzip",)))
    assert played(found) == [(0.5, events[0]), (1.0, events[1] + events[2])]
    assert found.notes == ("without its content-coding (gzip)",)


def test_what_was_masked_is_cut_where_its_events_ended_and_said() -> None:
    found = playback_of(streamed("data: ***\n\ndata: b\n\n", [(1.5, 40, 1), (2.0, 9, 1)], size=49, decoded_size=49))
    assert played(found) == [(0.5, "data: ***\n\n"), (1.0, "data: b\n\n")]
    assert found.notes == ("20 bytes instead of 49, for something was masked or was no text",)


def test_a_coded_text_without_events_is_shared_out_as_its_bytes_came() -> None:
    found = playback_of(streamed("abcdefgh", [(1.5, 1, 0), (2.0, 3, 0)], format_="unknown", size=4, encoding=("br",)))
    assert played(found) == [(0.5, "ab"), (1.0, "cdefgh")]


def test_what_was_cut_at_the_limit_is_played_as_far_as_it_goes_and_said() -> None:
    found = playback_of(streamed(EVENTS[0] + EVENTS[1][:9], size=999, decoded_size=999, truncated=True))
    assert "".join(data for _, data in played(found)) == EVENTS[0] + EVENTS[1][:9]
    assert found.notes == ("only the 22 bytes that the record kept",)


def test_without_recorded_times_all_comes_at_once_and_it_is_said() -> None:
    found = playback_of(streamed(arrivals=None))
    assert played(found) == [(0.5, TEXT)]
    assert found.notes == ("at once, for when its pieces came was not recorded",)


@pytest.mark.parametrize("charset", ["gbk", "utf-8", "GB18030"])
def test_text_is_played_in_the_charset_it_came_in(charset: str) -> None:
    text = "data: 流\n\n"
    size = len(text.encode(charset))
    headers = [("Content-Type", f"text/event-stream; charset={charset}")]
    found = playback_of(streamed(text, [(1.5, size, 1)], headers, size=size, decoded_size=size))
    assert found.pieces[0].data == text.encode(charset)
    assert found.notes == ()


@pytest.mark.parametrize("charset", ["ascii", "nonsense", "base64", "utf-16", ""])
def test_a_charset_that_it_did_not_come_in_is_not_believed(charset: str) -> None:
    headers = [("Content-Type", f"text/event-stream; charset={charset}")]
    found = playback_of(streamed("data: 流\n\n", [(1.5, 11, 1)], headers))
    assert played(found) == [(0.5, "data: 流\n\n")]


def test_header_fields_of_the_connection_and_those_that_are_not_true_any_more_are_left_out() -> None:
    headers = [
        ("Server", "nginx"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "keep-alive"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", "10"),
        ("X-Accel-Buffering", " no "),
        ("Evil", "a\r\nSet-Cookie: b"),
        ("na me", "x"),
        ("空", "x"),
    ]
    found = playback_of(streamed(headers=headers, encoding=("gzip",)))
    assert found.headers == (("Server", "nginx"), ("X-Accel-Buffering", "no"))


@pytest.mark.parametrize(
    ("declared", "outcome", "kept"),
    [
        (str(len(TEXT)), "complete", True),  # which is what made it suspicious
        ("99999", "server-disconnected", True),  # which is what told that it broke off
        ("99999", "complete", False),
        ("x", "server-disconnected", False),
    ],
)
def test_a_length_is_declared_where_it_was_and_is_no_lie(declared: str, outcome: Outcome, kept: bool) -> None:
    found = playback_of(streamed(headers=[("Content-Length", declared)], outcome=outcome))
    assert (("Content-Length", declared) in found.headers) is kept


def test_a_document_has_a_length() -> None:
    found = playback_of(NOT_STREAMED)
    assert NOT_STREAMED.response
    assert len(found.pieces) == 1
    assert ("Content-Length", str(len(found.pieces[0].data))) in found.headers


@pytest.mark.parametrize(("record", "note"), [(CUT, ()), (LEFT, ("up to where its client left",))])
def test_what_broke_off_breaks_off(record: Record, note: tuple[str, ...]) -> None:
    found = playback_of(record)
    assert not found.whole
    assert found.notes[-1:] == note or not note


def test_no_answer_is_none() -> None:
    found = playback_of(FAILED)
    assert (found.status, found.pieces, found.whole) == (None, (), False)


@pytest.mark.parametrize("record", [NO_TEXTS, PICTURE, WEBSOCKET], ids=lambda record: record.id)
def test_what_is_not_in_the_record_is_not_played(record: Record) -> None:
    with pytest.raises(Unplayable):
        playback_of(record)


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id[:20])
def test_times_are_in_order(record: Record) -> None:
    try:
        found = playback_of(record)
    except Unplayable:
        return
    times = [found.begin, *(piece.t for piece in found.pieces), found.end]
    assert times == sorted(times)
    assert times[0] >= 0
    assert all(piece.data for piece in found.pieces)
