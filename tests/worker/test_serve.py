"""The worker's loop, through real pipes."""

from __future__ import annotations

import os
import threading
from typing import IO

from streamwatchlib.worker.answers import Answer, Closed, Failed, loads
from streamwatchlib.worker.serve import receive, send_calls, serve

from .test_desk import answered, ended, observed, opened


class Served:
    """A worker in a thread, and the two pipes."""

    def __init__(self) -> None:
        (asked, to_worker), (answers, from_worker) = os.pipe(), os.pipe()
        self.calls: IO[bytes] = os.fdopen(to_worker, "wb")
        self.answers: IO[bytes] = os.fdopen(answers, "rb")

        def work() -> None:
            with os.fdopen(asked, "rb") as pipe, os.fdopen(from_worker, "wb") as out:
                serve(pipe, out)

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.close()
        self.thread.join(10)
        assert not self.thread.is_alive(), "it ends with its input"
        assert receive(self.answers) == []
        self.answers.close()


def read_answer(pipe: IO[bytes]) -> Answer:
    return loads(receive(pipe))


def test_calls_are_answered_in_their_order() -> None:
    with Served() as served:
        send_calls(served.calls, opened(1) + opened(2))
        send_calls(served.calls, answered(1) + ended(9) + ended(1))
        first, second = read_answer(served.answers), read_answer(served.answers)
        assert isinstance(first, Failed)
        assert isinstance(second, Closed)
        assert (first.key, second.record) == (9, observed())


def test_megabytes_come_whole() -> None:
    with Served() as served:
        body = b"word " * 1_000_000
        calls = [*opened(), ("head", 1, (200, "HTTP/1.1", (("content-type", "text/plain"),)), 0.01), ("whole", 1, body)]
        send_calls(served.calls, calls + ended(line=True))
        answer = read_answer(served.answers)
        assert isinstance(answer, Closed)
        assert answer.record.response
        assert answer.record.response.body.content == body.decode()
        assert len(answer.line or b"") > len(body)


def test_a_call_that_breaks_off_ends_it() -> None:
    with Served() as served:
        served.calls.write((1).to_bytes(8, "little") + (3).to_bytes(8, "little"))
