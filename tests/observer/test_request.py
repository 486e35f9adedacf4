"""What is known from a request alone, even one that is too long to be parsed."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import Limits, RequestHead
from streamwatchlib.observer import Observer
from streamwatchlib.observer import request as room
from streamwatchlib.observer.request import ENDS, READABLE, Ends, asks_for_stream

from ..helpers import pieces
from ..wire.framing import seconds

OPENING = RequestHead(
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
    observer.end_request(None, 0.1)
    record = observer.close(1.0, "error", "refused")
    expected = LONG[name].get("stream")
    assert record.request.stream_requested is expected is asks_for_stream(OPENING, body)
    assert record.request.stream_requested_by == (None if expected is None else "body.stream")
    assert record.request.body.truncated


def test_a_form_with_a_long_file_is_read_whole() -> None:
    field = b'--B\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n'
    file = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + b"RIFF" * 50_000
    form = replace(OPENING, headers=(("content-type", "multipart/form-data; boundary=B"),))
    observer = Observer(form, Limits(body=READABLE))
    observer.end_request(file + b"\r\n" + field + b"--B--\r\n", 0.1)
    assert observer.request.stream_intent == (True, "body.stream")


def test_a_long_request_that_is_no_object_tells_nothing() -> None:
    ends = Ends()
    ends.feed(b'[{"stream": true}]')
    assert ends.value() is None


@pytest.mark.parametrize(("body", "wanted"), [(b'{"stream": true}', True), (b'{"stream": 0}', False), (b"{", None)])
def test_a_short_one_is_read(body: bytes, wanted: bool | None) -> None:
    assert asks_for_stream(OPENING, body) is wanted


FORM = b'--B\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n--B--'
SHORT = {
    "JSON": ("application/json", b'{"stream": true}'),
    "JSON with NaN": ("application/json", b'{"stream": true, "top_p": NaN}'),
    "JSON in UTF-16": ("application/json", '{"stream": true}'.encode("utf-16")),
    "JSON of another type": ("text/plain", b' {"stream": true}\n'),
    "an array": ("application/json", b'[{"stream": true}]'),
    "two documents": ("application/json", b'{"stream": true}\n{"stream": true}'),
    "a multipart form": ("multipart/form-data; boundary=B", FORM),
    "an empty multipart form": ("multipart/form-data; boundary=B", b"--B--"),
    "a form": ("application/x-www-form-urlencoded", b"stream=true"),
    "nothing": ("application/json", b""),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("declared", "body"), SHORT.values(), ids=SHORT)
def test_a_short_one_tells_the_same_at_once_as_when_it_is_read(declared: str, body: bytes, packed: bool) -> None:
    headers = (("content-type", declared), *((("content-encoding", "gzip"),) if packed else ()))
    opening, sent = replace(OPENING, headers=headers), gzip.compress(body) if packed else body
    observer = Observer(opening, Limits())
    observer.end_request(sent, 0.1)
    assert asks_for_stream(opening, sent) is observer.request.stream_intent[0]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, b"[{}," + b"{}," * 20_000),
        (None, b"{}\n" * 20_000),
        ("gzip", gzip.compress(b'{"stream": true, "a": [' + b"[]," * 3_000_000)),
        ("gzip", gzip.compress(b"{}\n" * 3_000_000)),
        ("gzip, gzip", gzip.compress(gzip.compress(b"") * 300_000)),
    ],
)
def test_no_short_one_keeps_the_others_waiting(coding: str | None, body: bytes) -> None:
    assert len(body) < READABLE
    headers = (*OPENING.headers, *((("content-encoding", coding),) if coding else ()))
    assert seconds(lambda: asks_for_stream(replace(OPENING, headers=headers), body), 0.02) < 0.02


@given(st.binary(max_size=100), st.integers(1, 80), st.integers())
def test_the_ends_are_the_same_however_it_is_cut(data: bytes, most: int, seed: int) -> None:
    text = b'{"model": "m", ' + data + b', "stream": true}'
    with mock.patch.object(room, "ENDS", most):
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
    observer.end_request(body, 0.1)
    assert observer.request.stream_intent == (True, "body.stream")
    assert asks_for_stream(opening, body) is True
