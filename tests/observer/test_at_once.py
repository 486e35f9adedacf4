"""Arrivals read together or one by one are the same arrivals."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Limits, RequestHead, ResponseHead
from streamwatchlib.observer import Observer
from streamwatchlib.observer.tally import Tally

HEADS = {
    "sse": ResponseHead(200, "HTTP/1.1", (("content-type", "text/event-stream"),)),
    "ndjson": ResponseHead(200, "HTTP/1.1", (("content-type", "application/x-ndjson"),)),
    "plain": ResponseHead(200, "HTTP/1.1", (("content-type", "text/plain"),)),
}


def event(word: str) -> str:
    return json.dumps({"id": "1", "choices": [{"index": 0, "delta": {"content": word}}]})


def sse(word: str) -> bytes:
    return f"data: {event(word)}\n\n".encode()


PIECES = {
    "sse": [sse, sse, sse, lambda word: f"event: x\ndata: {event(word)}\n\n".encode(), lambda word: b": ping\n\n"],
    "ndjson": [lambda word: f"{event(word)}\n".encode()],
    "plain": [lambda word: word.encode("utf-8", "replace"), lambda word: b"\n"],
}


def observer(head: ResponseHead, limits: Limits | None = None, *, keep_text: bool = True) -> Observer:
    opening = RequestHead("x", 1e9, "POST", "http://h/v1/chat/completions", "HTTP/1.1", ())
    made = Observer(opening, limits or Limits(), keep_text=keep_text)
    made.end_request(b'{"stream": true}', 0.001)
    made.response_head(head, 0.01)
    return made


type Arrivals = list[tuple[bytes, float, int]]


def one_by_one(made: Observer, arrivals: Arrivals) -> Observer:
    for arrival in arrivals:
        made.feed(*arrival)
    return made


def together(made: Observer, arrivals: Arrivals, rng: random.Random, most: int = 9) -> Observer:
    rest = [*arrivals]
    while rest:
        some, rest = rest[: (count := rng.randint(1, most))], rest[count:]
        made.feed_all(some)
    return made


def same(one: Observer, other: Observer) -> None:
    """All that can be asked of them."""
    now = one.response.tally.last_arrival or 0.0
    assert other.snapshot(now) == one.snapshot(now)
    assert other.close(99.0, "complete") == one.close(99.0, "complete")
    assert other.signals == one.signals
    assert other.response.callbacks == one.response.callbacks
    assert other.response.truncated == one.response.truncated


@settings(max_examples=150)
@given(st.sampled_from([*PIECES]), st.lists(st.text(max_size=5), min_size=1, max_size=30), st.randoms())
def test_however_arrivals_are_read_the_record_is_the_same(format: str, words: list[str], rng: random.Random) -> None:
    body = [rng.choice(PIECES[format])(word) for word in words]
    if rng.random() < 0.5:  # cut anywhere instead of between events
        whole = b"".join(body)
        cuts = sorted(rng.randint(0, len(whole)) for _ in range(rng.randint(0, 9)))
        body = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    arrivals = [(piece, 0.02 * (i + 1), 1 + i % 3) for i, piece in enumerate(body) if piece]
    head = HEADS[format]
    same(one_by_one(observer(head), arrivals), together(observer(head), arrivals, rng))


def named(word: str) -> bytes:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
    return f"event: content_block_delta\ndata: {json.dumps(delta)}\n\n".encode()


STREAMS = [sse, lambda word: sse(word).replace(b'"id"', b'"created": %d, "id"' % (1 + len(word)), 1), named]
ODD = [
    lambda word: f"id: {len(word)}\ndata: {event(word)}\n\n".encode(),
    lambda word: f"event: error\ndata: {event(word)}\n\n".encode(),
    lambda word: b": ping\n\n",
    lambda word: b"data: [DONE]\n\n",
    lambda word: sse(word)[:-1] + b"\r\n",
    lambda word: sse(word).replace(b"\n", b"\r"),
    lambda word: sse(word)[:-9],
    lambda word: b'data: {"id":\ndata: "1"}\n\n',
    lambda word: sse(word).replace(b"content", b"reasoning"),
    lambda word: sse(word)[:-2],
    lambda word: b"\n",
    lambda word: named(word).replace(b"content_block_delta", b"error", 1),
]
TIGHT = [
    Limits(),
    Limits(events=30),
    Limits(arrivals=17, moments=23),
    Limits(body=5000),
    Limits(body=200),
    Limits(event=62),
]


@settings(max_examples=300)
@given(
    st.sampled_from(STREAMS),
    st.lists(st.text(max_size=5) | st.just("word"), min_size=1, max_size=12),
    st.integers(40, 150),
    st.sampled_from(TIGHT),
    st.booleans(),
    st.sampled_from([0.0, 0.02, 0.2]),
    st.randoms(use_true_random=True),
)
def test_what_is_read_by_the_lot_is_read_as_one_by_one(
    make: Callable[[str], bytes],
    words: list[str],
    events: int,
    limits: Limits,
    keep_text: bool,
    odd: float,
    rng: random.Random,
) -> None:
    said = [rng.choice(words) for _ in range(events)]
    body = [rng.choice(ODD)(word) if rng.random() < odd else make(f"{i % 9}{word}") for i, word in enumerate(said)]
    arrivals, t = list[tuple[bytes, float, int]](), 0.02
    while body:  # some bring several
        some, body = body[: (count := rng.choice((1, 1, 1, 2, 5)))], body[count:]
        t += rng.choice((0.0, 0.02, 0.5, 3.0))
        arrivals.append((b"".join(some), t, 1))
    one, other = (observer(HEADS["sse"], limits, keep_text=keep_text) for _ in range(2))
    same(one_by_one(one, arrivals), together(other, arrivals, rng, most=60))


def test_most_of_a_stream_is_read_by_the_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[Sequence[int]] = []
    monkeypatch.setattr(Tally, "take_batch", lambda self, batch, *_: batches.append(batch.counts))
    for make in STREAMS:
        arrivals = [(make(f"w{i % 7}"), 0.02 * (i + 1), 1) for i in range(500)]
        observer(HEADS["sse"]).feed_all(arrivals)
    assert sum(map(sum, batches)) >= 0.95 * 500 * len(STREAMS)
    assert max(map(len, batches)) >= 100
