"""A worker that is gone is replaced; if none can be started, the next try waits for a while."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import threading
from collections.abc import Iterator

import pytest
from streamwatchlib.suite.worker.process import Started, start
from streamwatchlib.suite.worker.supervisor import WorkerSupervisor


@contextlib.contextmanager
def files_left(count: int) -> Iterator[None]:
    """Not more of them can be opened."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free() + count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def lowest_free() -> int:
    free = os.dup(1)
    os.close(free)
    return free


@pytest.mark.parametrize("count", [1, 2, 3])
def test_where_no_files_are_left_no_other_worker_is_tried_for_a_while_and_the_last_of_them_are_the_traffics(
    count: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        post, free = WorkerSupervisor(), lowest_free()
        with files_left(count):
            assert post.running_worker() is None
            assert post.running_worker() is None
        assert caplog.text.count("can't start a worker") == 1
        assert lowest_free() == free
        monkeypatch.setattr("streamwatchlib.suite.worker.supervisor.RETRY_DELAY", 0.0)
        assert post.running_worker() is None, "the pause is not over"

    asyncio.run(scene())


def test_where_no_threads_are_left_neither_is_a_process_and_then_it_is_filled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    started: list[Started] = []

    def starting(*, in_thread: bool) -> Started:
        started.append(start(in_thread=in_thread))
        return started[-1]

    monkeypatch.setattr("streamwatchlib.suite.worker.start", starting)
    monkeypatch.setattr("streamwatchlib.suite.worker.supervisor.RETRY_DELAY", 0.0)

    async def scene() -> None:
        post = WorkerSupervisor()
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refused)
            assert post.running_worker() is None
        assert started[0].process
        assert started[0].process.returncode is not None, "it has ended, and was waited for"
        worker = post.running_worker()
        assert worker
        assert post.running_worker() is worker
        worker.retire()
        assert post.running_worker() is not worker
        assert post.latest
        post.latest.retire()

    asyncio.run(scene())
