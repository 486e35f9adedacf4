"""The worker seen from the proxy, with a real process, and with a thread."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from typing import Any

import pytest
from streamwatchlib.model import Limits
from streamwatchlib.suite import worker as room
from streamwatchlib.suite.worker import Worker
from streamwatchlib.suite.worker.outbox import MAX_WAITING_BYTES, PERIOD
from streamwatchlib.worker.answers import Failed, Finished, InFlight, values_of
from streamwatchlib.worker.handler import Ending

from ...worker.test_handler import BEATS, EVENTS, OPENING, observed

ARRIVALS = [(event, 1000.0 + 0.02 * (i + 1), 1) for i, event in enumerate(EVENTS)]
ENDING = Ending(0.5, "complete", None, ((0.05, 0.03),), None, line=False, digests=False)
SSE = (("content-type", "text/event-stream"),)


def begin(worker: Worker, most: int = 0) -> int:
    """An exchange whose answer has begun."""
    key = worker.open(most, values_of(OPENING), values_of(Limits()), True, 1000.0)
    worker.outbox.call("request_body", key, b'{"model": "m", "stream": true}')
    worker.outbox.call("request_end", key, 0.001)
    worker.outbox.call("response_head", key, (200, "HTTP/1.1", SSE), 0.01)
    return key


def pid(worker: Worker) -> int:
    process = worker._started.process
    assert process
    return process.pid


async def record(worker: Worker, key: int) -> Finished | Failed:
    """What comes of it, waited for as the event loop waits."""
    answered: asyncio.Future[Finished | Failed] = asyncio.get_running_loop().create_future()
    worker.outbox.call("beats", 0, BEATS)
    worker.close(key, ENDING, then=answered.set_result)
    return await asyncio.wait_for(answered, 20)


@pytest.mark.parametrize("in_thread", [False, True], ids=["process", "thread"])
def test_the_record_is_that_of_the_observer(in_thread: bool) -> None:
    async def scene() -> None:
        worker = Worker(in_thread=in_thread)
        key = begin(worker)
        worker.outbox.call("response_arrivals", key, ARRIVALS)
        answer = await record(worker, key)
        assert isinstance(answer, Finished)
        assert answer.record == observed()
        worker.retire()
        assert not worker.alive

    before = sys.getswitchinterval()
    asyncio.run(scene())
    sys.setswitchinterval(before)


def test_no_record_is_made_while_its_client_begins_anew() -> None:
    """Its next answer's first event would come later for it."""

    async def scene() -> None:
        worker = Worker(in_thread=True)
        await record(worker, begin(worker))
        key, began = begin(worker), time.monotonic()
        await record(worker, key)
        assert time.monotonic() - began > room.QUIET
        worker.retire()

    asyncio.run(scene())


def test_ends_wait_for_what_has_just_begun_but_not_for_ever() -> None:
    """Others begin every 60 ms, so that it is never quiet."""

    async def scene() -> None:
        worker = Worker(in_thread=True)
        loop = asyncio.get_running_loop()

        def another() -> None:
            begin(worker)
            loop.call_later(0.06, another)

        ended = begin(worker)
        another()
        began = time.monotonic()
        await record(worker, ended)
        assert PERIOD - 0.1 < time.monotonic() - began < PERIOD + 5
        worker.end()

    asyncio.run(scene())


def test_in_a_program_that_is_no_python_it_is_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        worker = Worker()
        assert worker._started.process is None
        worker.end()

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    asyncio.run(scene())


def test_where_no_file_can_be_made_it_is_a_process_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        worker = Worker()
        assert isinstance(await record(worker, begin(worker)), Finished)
        os.kill(pid(worker), signal.SIGKILL)
        assert isinstance(await record(worker, begin(worker)), Failed)

    def refuse() -> None:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    asyncio.run(scene())
    assert "lost its worker" in caplog.text


def test_what_has_something_to_say_is_asked_before_what_is_said_is_sent() -> None:
    async def scene() -> None:
        worker = Worker()
        key = begin(worker)
        worker.outbox.add_source(lambda: worker.outbox.call("response_arrivals", key, ARRIVALS[:5]))
        worker.outbox.flush()
        worker.outbox.call("beats", 0, BEATS)
        worker.outbox.call("response_arrivals", key, ARRIVALS[5:])
        answers: list[Finished | Failed] = []
        worker.close(key, ENDING, then=answers.append)
        worker.finish()
        assert isinstance(answers[0], Finished)
        assert answers[0].record == observed()
        worker.end()

    asyncio.run(scene())


def test_how_those_in_flight_stand_can_be_asked() -> None:
    async def scene() -> None:
        worker = Worker()
        key = begin(worker)
        worker.outbox.call("response_arrivals", key, ARRIVALS)
        standing: asyncio.Future[InFlight] = asyncio.get_running_loop().create_future()
        worker.request_snapshots([(key, 0.6)], standing.set_result)
        (snapshot,) = (await asyncio.wait_for(standing, 20)).snapshots
        assert (snapshot.age, snapshot.events) == (0.6, len(EVENTS))
        worker.end()

    asyncio.run(scene())


def test_a_worker_that_dies_fails_those_it_had_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        worker = Worker()
        first, second = begin(worker), begin(worker)
        assert isinstance(await record(worker, first), Finished)
        assert worker.answered
        os.kill(pid(worker), signal.SIGKILL)
        failed = await record(worker, second)
        assert isinstance(failed, Failed)
        assert not worker.alive
        worker.outbox.call("response_arrivals", second, ARRIVALS)
        worker.outbox.flush()
        assert isinstance(await record(worker, second), Failed), "it is gone, and nobody waits for it"
        standing: list[InFlight] = []
        worker.request_snapshots([(second, 1.0)], standing.append)
        assert standing == [InFlight(())]

    asyncio.run(scene())
    assert "lost its worker" in caplog.text


def test_a_worker_that_does_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        worker = Worker()
        first, key = begin(worker), begin(worker)
        assert isinstance(await record(worker, first), Finished)
        monkeypatch.setattr(room, "PATIENCE", 0.2)
        os.kill(pid(worker), signal.SIGSTOP)
        answers: list[Finished | Failed] = []
        worker.close(key, ENDING, then=answers.append)
        worker.finish()
        assert [type(each) for each in answers] == [Failed]
        assert worker._started.process
        assert worker._started.process.returncode == -signal.SIGKILL

    asyncio.run(scene())
    assert "lost its worker" in caplog.text


def test_who_waits_for_it_only_so_long_gets_the_rest_later() -> None:
    async def scene() -> None:
        worker = Worker()
        key = begin(worker)
        answered: asyncio.Future[Finished | Failed] = asyncio.get_running_loop().create_future()
        worker.close(key, ENDING, then=answered.set_result)
        os.kill(pid(worker), signal.SIGSTOP)
        worker.finish(0.1)
        worker.retire()
        os.kill(pid(worker), signal.SIGCONT)
        assert isinstance(await asyncio.wait_for(answered, 20), Finished)
        assert not worker.alive, "it was the last"

    asyncio.run(scene())


def test_one_that_stops_is_noticed_though_little_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        worker = Worker()
        first, key, open_one = begin(worker), begin(worker), begin(worker)
        assert isinstance(await record(worker, first), Finished)
        monkeypatch.setattr(room, "PATIENCE", 0.4)
        await asyncio.sleep(1.0)
        assert worker.alive, "nothing is asked of it"
        os.kill(pid(worker), signal.SIGSTOP)
        assert isinstance(await record(worker, key), Failed)
        assert not worker.alive
        assert isinstance(await record(worker, open_one), Failed)

    asyncio.run(scene())
    assert caplog.text.count("lost its worker") == 1


def test_one_that_reads_a_large_body_is_given_the_time_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        worker = Worker()
        first, key = begin(worker), begin(worker, most=8 << 20)
        assert isinstance(await record(worker, first), Finished)
        monkeypatch.setattr(room, "PATIENCE", 0.2)
        os.kill(pid(worker), signal.SIGSTOP)  # as one is that computes
        asyncio.get_running_loop().call_later(1.0, os.kill, pid(worker), signal.SIGCONT)
        assert isinstance(await record(worker, key), Finished)
        worker.end()

    asyncio.run(scene())


@pytest.mark.parametrize("stuck", [False, True])
def test_the_loop_never_waits_and_what_comes_meanwhile_passes_unread(
    stuck: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    body = b'{"text": "' + b"x" * (40 << 20) + b'"}'

    async def scene() -> None:
        worker = Worker()
        first, others = begin(worker), [begin(worker) for _ in range(12)]
        assert isinstance(await record(worker, first), Finished)
        if stuck:
            monkeypatch.setattr(room, "PATIENCE", 1.0)
        os.kill(pid(worker), signal.SIGSTOP)
        began = time.monotonic()
        for key in others:
            worker.outbox.call_with_body("response_body", key, body)
            worker.outbox.flush()
        assert time.monotonic() - began < 0.5
        assert worker.outbox.is_crowded()
        assert worker.outbox.waiting < MAX_WAITING_BYTES + (40 << 20) // 16, (
            "one more than there is room for, of the rest the beginnings"
        )
        if not stuck:
            os.kill(pid(worker), signal.SIGCONT)
        answers = [await record(worker, key) for key in others]
        assert {type(answer) for answer in answers} == {Failed if stuck else Finished}
        assert worker.alive is not stuck
        sizes = [a.record.response.body.size for a in answers if isinstance(a, Finished) and a.record.response]
        assert sizes == ([] if stuck else [len(body)] * len(others))
        worker.end()

    asyncio.run(scene())
    assert ("lost its worker" in caplog.text) is stuck


def test_a_retired_worker_ends_with_the_last_that_it_has() -> None:
    async def scene() -> None:
        worker = Worker()
        key = begin(worker)
        worker.retire()
        assert worker.alive
        assert isinstance(await record(worker, key), Finished)
        assert not worker.alive
        assert worker._started.process
        assert worker._started.process.returncode == 0

    asyncio.run(scene())


def test_what_it_prints_and_ctrl_c_do_not_disturb_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of the directory that mitmdump happens to run in are not taken for Python's own."""
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)

    async def scene() -> None:
        worker = Worker()
        key = begin(worker)
        worker.outbox.call("response_arrivals", key, ARRIVALS[:1])
        worker.outbox.flush()
        first = begin(worker)
        await record(worker, first)  # it is up
        os.kill(pid(worker), signal.SIGINT)
        os.kill(pid(worker), signal.SIGTERM)
        assert os.getpgid(pid(worker)) == pid(worker), "a terminal's Ctrl-C is not for it"
        assert os.getsid(pid(worker)) == os.getsid(0), "Linux shares out time by sessions: nice counts within one"
        worker.outbox.call("response_arrivals", key, ARRIVALS[1:])
        answer = await record(worker, key)
        assert isinstance(answer, Finished)
        assert answer.record == observed()
        worker.end()

    asyncio.run(scene())
