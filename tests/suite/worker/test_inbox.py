"""The worker's answers: each handled on the event loop, in order, with time for the traffic between any two."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
import time
from collections.abc import Callable

import pytest
from streamwatchlib.suite.worker.inbox import Inbox
from streamwatchlib.worker.answers import Answer, Failed, dumps


def message(*parts: bytes) -> bytes:
    """As `serve` sends it."""
    return struct.pack(f"<{1 + len(parts)}Q", len(parts), *map(len, parts)) + b"".join(parts)


def answer(key: int) -> bytes:
    return message(*map(bytes, dumps(Failed(key, "why"))))


def told(sent: bytes, beside: Callable[[], None] = lambda: None, taking: float = 0.0) -> list[Answer | None]:
    """What an inbox tells of these bytes, to the end; `beside` is called at each turn of the loop."""
    return asyncio.run(_told(sent, beside, taking))


async def _told(sent: bytes, beside: Callable[[], None], taking: float) -> list[Answer | None]:
    answers: list[Answer | None] = []

    def take(one: Answer | None) -> None:
        answers.append(one)
        until = time.perf_counter() + taking
        while time.perf_counter() < until:
            pass

    inbox = Inbox(take)
    out, into = os.pipe()
    thread = threading.Thread(target=inbox.read, args=(os.fdopen(out, "rb"),), daemon=True)
    thread.start()
    with os.fdopen(into, "wb") as pipe:
        pipe.write(sent)
    thread.join()  # all of them are there before the first is told
    async with asyncio.timeout(20):
        while not answers or answers[-1] is not None:
            beside()
            await asyncio.sleep(0)
    return answers


def test_answers_come_in_their_order_and_then_none() -> None:
    answers = told(b"".join(map(answer, range(300))))
    assert answers == [*(Failed(key, "why") for key in range(300)), None]


def test_between_two_answers_the_loop_has_most_of_the_time() -> None:
    moments: list[float] = []
    began = time.perf_counter()
    told(b"".join(map(answer, range(20))), lambda: moments.append(time.perf_counter()), taking=0.002)
    assert time.perf_counter() - began > 4 * 20 * 0.002
    assert len(moments) > 20


def test_what_is_no_answer_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    answers = told(answer(1) + message(b"nonsense"))
    assert answers == [Failed(1, "why"), None]
    assert "did not understand its worker" in caplog.text
