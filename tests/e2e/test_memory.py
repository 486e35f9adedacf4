"""What no single exchange shows is reported once enough exchanges have been seen, those of earlier runs included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from loopback import Origin, ReceivedRequest, Step, chunked, sse

from .conftest import Watched

Start = Callable[..., Watched]
LENGTHS = (3, 4, 6, 8, 10, 12, 15, 18, 22, 26, 30)
CHUNK = '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word "}}]}'
TOLD = "the longer the answer, the later its first token"


def held_to_its_end(asked: ReceivedRequest) -> Iterator[Step]:
    n = json.loads(asked.body)["n"]
    yield 0.02 * n
    yield from chunked([b"".join(sse(*[CHUNK] * n, "[DONE]"))])


def ask(proxy: Watched, n: int) -> None:
    requests.post(proxy.url + "/v1/chat/completions", json={"stream": True, "messages": [], "n": n})


def test_a_wait_that_grows_with_the_answer_is_told_in_the_log_and_at_the_end(watch: Start, tmp_path: Path) -> None:
    with Origin(held_to_its_end) as origin:
        proxy = watch(origin.url)
        for n in LENGTHS:
            ask(proxy, n)
        proxy.records(len(LENGTHS))
        proxy.stop()
        assert proxy.output.count(TOLD) == 2
        again = watch(origin.url, options=(f"streamwatch_history={proxy.export}",))
        ask(again, 5)
        again.records(1)
        again.stop()
    assert again.output.count(TOLD) == 2
    assert "12 exchanges of 3 to 30 tokens" in again.output


def test_true_streams_of_any_length_are_nothing_to_tell(watch: Start) -> None:
    with Origin(lambda asked: chunked(sse(*[CHUNK] * json.loads(asked.body)["n"], "[DONE]"), 0.02)) as origin:
        proxy = watch(origin.url)
        for n in LENGTHS:
            ask(proxy, n)
        proxy.records(len(LENGTHS))
        proxy.stop()
    assert TOLD not in proxy.output
    assert "buffer of" not in proxy.output
