"""The worker's loop, through real pipes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from itertools import takewhile
from typing import IO

import pytest
from streamwatchlib.observer import Observer
from streamwatchlib.worker.answers import Answer, Busy, Failed, Finished, InFlight, loads
from streamwatchlib.worker.handler import Call
from streamwatchlib.worker.serve import receive, send_calls, serve

from .test_handler import answered, ended, observed, opened


class Served:
    """A worker in a thread, and the two pipes; some messages are there before it begins."""

    def __init__(self, *before: list[Call]) -> None:
        (asked, to_worker), (answers, from_worker) = os.pipe(), os.pipe()
        self.calls: IO[bytes] = os.fdopen(to_worker, "wb")
        for calls in before:
            send_calls(self.calls, calls)
        self.answers: IO[bytes] = os.fdopen(answers, "rb")

        def work() -> None:
            with os.fdopen(asked, "rb", 0) as pipe, os.fdopen(from_worker, "wb") as out:
                serve(pipe, out)

        self.thread = threading.Thread(target=work, daemon=True)  # a test that fails leaves it writing
        self.thread.start()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.close()
        self.thread.join(10)
        assert not self.thread.is_alive(), "it ends with its input"
        assert {type(loads(parts)) for parts in iter(lambda: receive(self.answers), [])} <= {Busy}
        self.answers.close()


def read_answer(pipe: IO[bytes]) -> Answer:
    """The next answer that is no mere sign of life, which a slow machine may give before any other."""
    return next(answer for answer in read_all(pipe) if not isinstance(answer, Busy))


def read_all(pipe: IO[bytes]) -> Iterator[Answer]:
    while parts := receive(pipe):
        yield loads(parts)


def test_calls_are_answered_in_their_order() -> None:
    with Served() as served:
        send_calls(served.calls, opened(1) + opened(2))
        send_calls(served.calls, answered(1) + ended(9) + ended(1))
        first, second = read_answer(served.answers), read_answer(served.answers)
        assert isinstance(first, Failed)
        assert isinstance(second, Finished)
        assert (first.key, second.record) == (9, observed())


@pytest.mark.parametrize(("ahead", "order"), [(64 << 20, [InFlight, Finished]), (0, [Finished, InFlight])])
def test_ends_wait_while_there_is_more_to_read_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, ahead: int, order: list[type[Answer]]
) -> None:
    monkeypatch.setattr("streamwatchlib.worker.serve._MAX_AHEAD", ahead)
    with Served(opened() + answered() + ended(), [("snapshots", 0, [])]) as served:
        assert [type(read_answer(served.answers)) for _ in order] == order


def test_what_had_ended_is_answered_after_the_last_call() -> None:
    with Served(opened() + answered() + ended(), opened(2) + answered(2) + ended(2)) as served:
        served.calls.close()
        closed = [read_answer(served.answers) for _ in range(2)]
        assert [answer.key for answer in closed if isinstance(answer, Finished)] == [1, 2]


@pytest.mark.parametrize("longest", [60.0, 0.0])
def test_of_work_that_takes_long_signs_are_given_but_not_for_ever(
    longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamwatchlib.worker.serve._SIGN_INTERVAL", 0.02)
    monkeypatch.setattr("streamwatchlib.worker.serve._MAX_CALL_TIME", longest)
    monkeypatch.setattr(Observer, "keep_no_more", lambda _: time.sleep(0.3))
    with Served([*opened(), *answered(), ("keep_no_more", 1), *ended()]) as served:
        signs = list(takewhile(lambda answer: isinstance(answer, Busy), read_all(served.answers)))
    assert (len(signs) > 3) is bool(longest), "none of what takes no time, nor of what may never end"


def test_megabytes_come_whole() -> None:
    with Served() as served:
        body = b"word " * 1_000_000
        calls = [
            *opened(),
            ("response_head", 1, (200, "HTTP/1.1", (("content-type", "text/plain"),)), 0.01),
            ("response_body", 1, body),
        ]
        send_calls(served.calls, calls + ended(line=True))
        answer = read_answer(served.answers)
        assert isinstance(answer, Finished)
        assert answer.record.response
        assert answer.record.response.body.content == body.decode()
        assert len(answer.line or b"") > len(body)


def test_a_call_that_breaks_off_ends_it() -> None:
    with Served() as served:
        served.calls.write((1).to_bytes(8, "little") + (3).to_bytes(8, "little"))
