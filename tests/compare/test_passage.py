"""What a hop did is reported in correct figures and in one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamwatchlib.compare.clocks import Offset
from streamwatchlib.compare.fingerprint import fingerprint
from streamwatchlib.compare.links import Link, link
from streamwatchlib.compare.passage import passage
from streamwatchlib.model import ClockLag, Delays, Passage, Reads, Record

from .taps import START, Tap, later, paced, sides, whole

MADE = paced(40, gap=0.05, first=0.2)  # and the end marker: 41 events, the last 2 s after the first


def hop(up: Record, down: Record, clocks: Offset | None = None) -> Passage:
    found = link(fingerprint(up, "up"), fingerprint(down, "down"))
    assert found
    return passage(found, clocks)


def test_a_hop_that_keeps_all_to_the_end() -> None:
    found = hop(*sides(MADE, whole(MADE), way=0.002))

    assert found.held is True
    assert found.hold == pytest.approx(1.0, abs=1e-4)
    assert found.first_byte_added == pytest.approx(2.002, abs=1e-4)
    assert found.first_token_added == pytest.approx(2.002, abs=1e-4)
    assert found.last_byte_added == pytest.approx(0.002, abs=1e-4)
    assert found.request_added == pytest.approx(0.002, abs=1e-4)
    assert found.event_delay == Delays(41, *(pytest.approx(x, abs=1e-3) for x in (1.002, 1.002, 1.982, 2.002)))
    assert found.arrivals == Reads(41, 1)
    assert "holds the stream back" in found.summary
    assert "41 arrivals left it in 1 arrival" in found.summary
    assert "2.00 s to the first byte" in found.summary


def test_a_hop_that_passes_everything_on_is_innocent() -> None:
    found = hop(*sides(MADE, MADE, way=0.001))

    assert found.held is False
    assert found.hold == pytest.approx(0.0, abs=1e-5)
    assert found.event_delay
    assert found.event_delay.max == pytest.approx(0.001, abs=1e-5)
    assert "innocent" in found.summary


def test_a_delay_that_every_piece_has_is_no_holding_back() -> None:
    found = hop(*sides(MADE, later(MADE, 0.8)))

    assert found.held is False
    assert found.first_byte_added == pytest.approx(0.802, abs=1e-4)
    assert "every piece alike, by 802 ms" in found.summary


FEW = paced(4, gap=0.03)


def test_a_hop_that_gathers_a_short_answer_is_not_called_innocent() -> None:
    """All of it takes less than a hold; of a longer answer the same hop would hold more."""
    found = hop(*sides(FEW, whole(FEW)))

    assert found.held is None
    assert "It is unclear" in found.summary
    assert hop(*sides(FEW, FEW)).held is False
    assert hop(*sides(whole(FEW), whole(FEW))).held is False, "there was nothing to gather"


def test_a_hop_that_tells_the_length_of_what_came_in_pieces_has_gathered_it() -> None:
    counted = (("content-type", "text/event-stream"), ("content-length", str(sum(len(data) for _, data in FEW))))
    up, _ = sides(FEW, FEW)
    declared, down = sides(FEW, whole(FEW), response_headers=counted)
    assert down.verdict.label == "pseudo-streaming"

    assert hop(up, down).held is True
    assert hop(declared, down).held is None, "the length came to it so"


def test_the_proxys_own_lag_is_not_the_hops_and_acquits_it_of_nothing() -> None:
    up, down = sides(MADE, whole(MADE, 1000))
    held = hop(up, down)
    assert held.held is True

    late = replace(down, timing=replace(down.timing, clock_lag=ClockLag(p99=held.hold or 0.0, max=1.0)))

    assert hop(up, late).held is None


def test_a_hop_that_packs_events_anew_is_judged_by_its_first_and_last_byte() -> None:
    up = Tap("up", START, MADE).record()
    gathered = [
        (2.3, b"".join(data for _, data in MADE).replace(b'"word', b'"Word').replace(b' "}}]}\n\n', b'"}}]}\n\n', 20))
    ]
    merged = [(t, data.replace(b"\n\ndata", b"", 2)) for t, data in gathered]
    down = Tap("down", START, merged).record()

    found = passage(link_of(up, down))

    assert found.event_delay is None
    assert found.hold == pytest.approx((2.1 - (2.301 - 2.201)) / 2, abs=1e-3)
    assert found.held is True


def link_of(up: Record, down: Record) -> Link:
    """As if they had been found to be one request, whatever their texts say."""
    return Link(fingerprint(up, "up"), fingerprint(down, "down"), ("request",), 0.0, 0.0)


def test_a_stream_that_came_to_the_hop_and_left_it_whole_was_held() -> None:
    document = b'{"object": "chat.completion", "choices": [{"index": 0, "message": {"content": "hello"}}]}'
    up = Tap("up", START, MADE).record()
    down = Tap("down", START, [(2.3, document)], response_headers=(("content-type", "application/json"),)).record()

    found = passage(link_of(up, down))

    assert found.held is True
    assert "one whole answer of a stream" in found.summary


WHOLE: dict[str, Any] = {"response_headers": (("content-type", "application/json"),)}
DOCUMENT = [(1.0, b'{"object": "chat.completion", "choices": [{"index": 0, "message": {"content": "hello"}}]}')]


def test_a_hop_that_was_answered_whole_is_innocent() -> None:
    found = passage(
        link_of(Tap("up", START, DOCUMENT, **WHOLE).record(), Tap("down", START, DOCUMENT, **WHOLE).record())
    )

    assert found.held is False
    assert "innocent" in found.summary
    assert "not a stream" in found.summary


def test_a_hop_that_drops_the_wish_for_a_stream_is_not() -> None:
    up = Tap("up", START, DOCUMENT, asked={"model": "m", "messages": ["hello"]}, **WHOLE).record()
    down = Tap("down", START, DOCUMENT, **WHOLE).record()

    found = passage(link_of(up, down))

    assert found.held is True
    assert "without that wish" in found.summary


def test_an_error_of_the_hops_own_is_not_told_as_holding_back() -> None:
    found = passage(
        link_of(Tap("up", START, MADE).record(), Tap("down", START, [(9.0, b"timeout")], status=504).record())
    )

    assert found.held is None
    assert "answers 504 instead of 200" in found.changed


def test_without_times_nothing_is_told() -> None:
    up, down = sides(MADE, MADE)
    undated = replace(
        down,
        timing=replace(down.timing, request_end=None, response_start=None, first_byte=None, first_token=None, end=None),
        stream=replace(down.stream, arrivals=None) if down.stream else None,
        events=tuple(event._replace(t=None) for event in down.events or ()),
    )

    found = passage(link_of(up, undated))

    assert (found.held, found.hold, found.event_delay, found.first_byte_added) == (None, None, None, None)
    assert (found.request_added, found.arrivals) == (None, Reads(41, None))
    assert "It is unclear" in found.summary
    assert "not observed" in found.summary


def test_what_the_hop_changed_stands_beside() -> None:
    above = (("content-type", "text/event-stream"), ("X-Accel-Buffering", "no"), ("server", "uvicorn"))
    below = (("content-type", "text/event-stream"), ("content-encoding", "gzip"), ("Server", "nginx"))
    up = Tap("up", START, MADE, response_headers=above, http_version="HTTP/1.0").record()
    down = Tap("down", START, MADE, response_headers=below).record()

    assert passage(link_of(up, down)).changed == (
        "asks by HTTP/1.0 instead of HTTP/1.1",
        "adds `content-encoding: gzip`",
        "removes `x-accel-buffering: no`",
        "makes `server: nginx` of `uvicorn`",
    )


def test_the_clocks_error_is_stated_and_the_hold_is_free_of_it() -> None:
    up, down = sides(MADE, whole(MADE), ahead=100.0)

    found = hop(up, down, Offset(100.002, 0.005, 1))

    assert found.hold == pytest.approx(1.0, abs=1e-4)
    assert found.first_byte_added == pytest.approx(2.0, abs=1e-3)
    assert found.request_added == pytest.approx(0.004, abs=1e-3)
    assert (found.clock_offset, found.clock_error) == (100.002, 0.005)
    assert "known to ±5.00 ms" in found.summary


def test_a_head_that_came_alone_is_told_where_nothing_else_was_seen() -> None:
    up, down = (Tap(name, START, [], head=at).record() for name, at in (("up", 0.1), ("down", 0.4)))

    assert "300 ms to the head" in passage(link_of(up, down)).summary


def test_what_got_no_answer_on_either_side_changed_nothing_in_it() -> None:
    up = replace(Tap("up", START, []).record(), response=None, stream=None)
    down = Tap("down", START, MADE).record()

    assert passage(link_of(up, down)).changed == passage(link_of(down, up)).changed == ()


def test_arrivals_that_were_not_kept_are_not_counted() -> None:
    up, down = sides(MADE, whole(MADE))
    assert down.stream
    down = replace(down, stream=replace(down.stream, arrivals=None))

    assert "left it in an unknown number of arrivals" in hop(up, down).summary
