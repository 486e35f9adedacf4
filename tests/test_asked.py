"""What a request alone tells, also one that is too long to be read."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib import asked
from streamwatchlib.asked import ENDS, READABLE, Ends, asked_for
from streamwatchlib.model import Limits, Opening
from streamwatchlib.observer import Observer

from .helpers import pieces

OPENING = Opening(
    "id", 1e9, "POST", "http://h/v1/chat/completions", "HTTP/1.1", (("content-type", "application/json"),)
)
PICTURE = [{"role": "user", "content": "QUJD" * (ENDS // 2)}]
TALK = [{"role": "user", "content": 'say "stream": false, {"stream": false} and "model": "none"'}]
LONG = {
    "behind": {"messages": PICTURE, "model": "m", "stream": True, "tools": [{"name": "x" * 1000}]},
    "before": {"model": "m", "stream": True, "messages": PICTURE},
    "on both sides": {"model": "m", "messages": PICTURE, "stream": True},
    "beside talk of it": {"stream": True, "model": "m", "messages": TALK + PICTURE + TALK},
    "not wanted": {"messages": PICTURE, "model": "m", "stream": False},
    "not told": {"messages": PICTURE, "model": "m"},
    "told in talk": {"messages": TALK + PICTURE + TALK},
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("size", [1 << 20, 100_000])
def test_the_ends_of_a_long_request_tell_how_it_is_to_be_answered(name: str, size: int) -> None:
    body = json.dumps(LONG[name]).encode()
    observer = Observer(OPENING, Limits(body=READABLE, event=READABLE))
    for start in range(0, len(body), size):
        observer.request_data(body[start : start + size], None)
    observer.request_body(None, 0.1)
    record = observer.close(1.0, "error", "refused")
    expected = LONG[name].get("stream")
    assert record.request.stream_requested is expected is asked_for(OPENING, body)
    assert record.request.stream_requested_by == (None if expected is None else "body.stream")
    assert record.request.body.truncated


def test_a_form_with_a_long_file_is_read_whole() -> None:
    field = b'--B\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n'
    file = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + b"RIFF" * 50_000
    form = replace(OPENING, headers=(("content-type", "multipart/form-data; boundary=B"),))
    observer = Observer(form, Limits(body=READABLE))
    observer.request_body(file + b"\r\n" + field + b"--B--\r\n", 0.1)
    assert observer.requested == (True, "body.stream")


def test_a_long_request_that_is_no_object_tells_nothing() -> None:
    ends = Ends()
    ends.feed(b'[{"stream": true}]')
    assert ends.value() is None


@pytest.mark.parametrize(("body", "wanted"), [(b'{"stream": true}', True), (b'{"stream": 0}', False), (b"{", None)])
def test_a_short_one_is_read(body: bytes, wanted: bool | None) -> None:
    assert asked_for(OPENING, body) is wanted


@given(st.binary(max_size=100), st.integers(1, 80), st.integers())
def test_the_ends_are_the_same_however_it_is_cut(data: bytes, most: int, seed: int) -> None:
    text = b'{"model": "m", ' + data + b', "stream": true}'
    with mock.patch.object(asked, "ENDS", most):
        whole, cut = Ends(), Ends()
        whole.feed(text)
        for piece in pieces(text, random.Random(seed)):
            cut.feed(piece)
    assert cut.value() == whole.value()
    if most > 20 and b'"' not in data:
        assert cut.value() == {"stream": True, "model": "m"}


def test_a_form_asks_as_json_does() -> None:
    opening = replace(OPENING, headers=(("content-type", "application/x-www-form-urlencoded"),))
    body = b"prompt=" + b"x" * 200 + b"&model=m&stream=true"
    observer = Observer(opening, Limits())
    observer.request_body(body, 0.1)
    assert observer.requested == (True, "body.stream")
    assert asked_for(opening, body) is True
