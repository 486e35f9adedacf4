"""The stream callable: bytes out are bytes in, blocks of one loop iteration are one arrival."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import inf

import pytest
from streamwatchlib.suite.iterations import LoopIterations
from streamwatchlib.suite.segments import SILENT
from streamwatchlib.suite.tap import FEW, TIMED, Arrival, Tap
from streamwatchlib.suite.worker.outbox import FLUSH_BYTES, MAX_WAITING_BYTES


class Ticking:
    """A clock that is one second later with every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class Bench:
    """A worker that takes nothing."""

    def __init__(self) -> None:
        self.bytes = 0
        self.sources: list[Callable[[], None]] = []
        self.was_full = self.waiting = 0
        self.crowded = False

    def add_source(self, source: Callable[[], None]) -> None:
        self.sources.append(source)

    def flush_soon(self) -> None:
        self.was_full += 1

    def is_crowded(self) -> bool:
        return self.crowded

    def flush(self) -> None:
        sources, self.sources, self.bytes = self.sources, [], 0
        for source in sources:
            source()


class Watcher:
    """What a tap is told, and a tap that tells it."""

    def __init__(
        self,
        clock: Callable[[], float] | None = None,
        inner: Callable[[bytes], bytes] | None = None,
        most: int = 0,
        worker: Bench | None = None,
        readable: float = inf,
    ) -> None:
        self.arrivals: list[Arrival] = []
        self.gone: list[tuple[float, float]] = []
        self.wants_more = True
        self.rested = 0
        self.said: list[object] = []
        self.error: Exception | None = None
        self.worker = worker or Bench()
        self.silences: list[float] = []
        self.tap = Tap(
            self.worker,
            LoopIterations(),
            clock or Ticking(),
            self.came,
            self.end,
            inner=inner,
            on_passed_on=self.passed,
            pause_server=self.rest,
            max_kept=most,
            max_read=readable,
            on_silence=self.silences.append,
        )

    def came(self, arrivals: Sequence[Arrival]) -> None:
        self.said += [data for data, _, _ in arrivals]
        self.arrivals += arrivals
        if self.error:
            raise self.error

    def passed(self, at: float, now: float) -> bool:
        self.gone.append((at, now))
        return self.wants_more

    def rest(self) -> None:
        self.rested += 1

    def end(self) -> None:
        self.said.append("end")
        if self.error:
            raise self.error


def test_blocks_of_one_iteration_are_one_arrival_at_the_first_ones_time() -> None:
    async def scene() -> None:
        watcher = Watcher()
        tap = watcher.tap
        assert [tap(b"a"), tap(b"b")] == [b"a", b"b"]
        await asyncio.sleep(0)
        tap(b"c")
        await asyncio.sleep(0)
        assert watcher.arrivals == [], "handed over when nobody waits for it"
        watcher.worker.flush()
        assert watcher.arrivals == [(b"ab", 1.0, 2), (b"c", 2.0, 1)]
        tap(b"d")
        assert watcher.worker.sources, "asked for again, for there is more"
        tap.flush()
        watcher.worker.flush()
        assert watcher.arrivals[2:] == [(b"d", 3.0, 1)], "once"

    asyncio.run(scene())


def test_the_first_arrival_and_those_after_a_silence_are_told_when_they_have_been_passed_on() -> None:
    async def scene() -> None:
        moments = iter([10.0, 10.02, 10.02 + SILENT + 0.01, 10.1])
        watcher = Watcher(lambda: next(moments))
        told = []
        for data in (b"a", b"b", b"c", b"d"):
            watcher.tap(data)
            told.append(len(watcher.silences))
            await asyncio.sleep(0)
        assert watcher.silences == [10.0, 10.02 + SILENT + 0.01]
        assert told == [0, 1, 1, 2]

    asyncio.run(scene())


def test_a_failing_look_at_a_silence_costs_no_byte() -> None:
    async def scene() -> None:
        tap = Tap(Bench(), LoopIterations(), Ticking(), lambda _: None, lambda: None, on_silence=_failing)
        assert [tap(b"a"), tap(b"b")] == [b"a", b"b"]
        await asyncio.sleep(0)
        assert tap.broken
        assert tap(b"c") == b"c"

    asyncio.run(scene())


def _failing(_: float) -> None:
    raise OSError("no such connection")


def test_much_is_handed_over_soon_but_not_before_it_has_been_passed_on() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.tap(b"x" * (FLUSH_BYTES - 1))
        assert watcher.worker.was_full == 0
        await asyncio.sleep(0)
        watcher.tap(b"x")
        assert (watcher.worker.was_full, watcher.arrivals) == (1, [])

    asyncio.run(scene())


def test_if_more_comes_than_can_be_read_those_that_send_much_are_read_from_less_and_no_others() -> None:
    async def scene() -> None:
        worker = Bench()
        heavy, blocks, steady = (Watcher(worker=worker) for _ in range(3))
        for crowded in (False, True, True):
            worker.crowded = crowded
            heavy.tap(b"x" * FLUSH_BYTES)
            for _ in range(FLUSH_BYTES // 100):
                blocks.tap(b"x" * 100)
            steady.tap(b"x" * 100)
            await asyncio.sleep(0)
        assert (heavy.rested, blocks.rested) == (2, 2), "also one whose blocks are small, but come by the hundred"
        assert steady.rested == 0, "its events would be late for what another one sends"

    asyncio.run(scene())


def test_what_is_more_than_is_kept_passes_unread_if_more_comes_than_can_be_read() -> None:
    async def scene() -> None:
        watcher = Watcher(readable=2 * FLUSH_BYTES)
        for crowded, unread in (
            (False, 0),
            (False, 0),
            (False, 0),
            (True, 0),
            (True, FLUSH_BYTES),
            (False, FLUSH_BYTES),
        ):
            watcher.worker.crowded = crowded
            assert watcher.tap(b"x" * FLUSH_BYTES) == b"x" * FLUSH_BYTES
            assert watcher.tap.take_unread() == unread
            await asyncio.sleep(0)
        watcher.worker.flush()
        assert sum(len(data) for data, _, _ in watcher.arrivals) == 4 * FLUSH_BYTES
        assert watcher.rested == 0, "it is not kept from its client"
        watcher.tap(b"")
        await asyncio.sleep(0)
        assert watcher.said[-1] == "end"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("waiting", "unread"),
    [
        (MAX_WAITING_BYTES, (0, 0)),
        (MAX_WAITING_BYTES + 1, (FLUSH_BYTES, 0)),
        (2 * MAX_WAITING_BYTES + 1, (FLUSH_BYTES, 100)),
    ],
)
def test_in_need_what_comes_passes_unread_first_of_those_who_send_much(waiting: int, unread: tuple[int, int]) -> None:
    async def scene() -> None:
        worker = Bench()
        heavy, steady = (Watcher(worker=worker, most=1 << 30) for _ in range(2))
        worker.crowded, worker.waiting = True, waiting
        for _ in range(2):
            assert heavy.tap(b"x" * FLUSH_BYTES) == b"x" * FLUSH_BYTES
            steady.tap(b"x" * 100)
            await asyncio.sleep(0)
        assert (heavy.tap.take_unread(), steady.tap.take_unread()) == unread
        worker.flush()
        assert heavy.tap.kept() == b"x" * (2 * FLUSH_BYTES), "other addons find it on the flow nevertheless"

    asyncio.run(scene())


def test_behind_what_went_wrong_nothing_is_told_or_kept() -> None:
    async def scene() -> None:
        watcher = Watcher(most=100)
        watcher.error = ValueError()
        watcher.tap(b"a")
        watcher.worker.flush()
        assert watcher.tap.broken
        assert watcher.tap(b"b") == b"b"
        assert watcher.tap.take_unread() == 0
        assert watcher.tap.kept() == b"a", "there may be a hole"

    asyncio.run(scene())


def test_the_first_bytes_are_kept_until_no_more_are_to_be() -> None:
    async def scene() -> None:
        watcher, other = Watcher(most=5), Watcher(most=5)
        for data in (b"abc", b"def", b"ghi"):
            watcher.tap(data)
            other.tap(data)
            other.tap.keep_no_more()
            await asyncio.sleep(0)
        watcher.worker.flush()
        assert (watcher.tap.kept(), watcher.tap.arrivals_seen) == (b"abcde", 3)
        assert (other.tap.kept(), other.tap.arrivals_seen) == (b"abc", 3)
        assert b"".join(map(bytes, other.said)) == b"abcdefghi", "it is handed over nevertheless"

    asyncio.run(scene())


def test_when_an_arrival_is_gone_is_told_of_one_every_few_bytes() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.wants_more = False
        for size in (1, FEW - 1, 1, FEW // 2, FEW // 2):
            watcher.tap(b"x" * size)
            await asyncio.sleep(0)
        assert len(watcher.gone) == 2, "the second and the last"
        watcher.wants_more = True
        for _ in range(4):
            watcher.tap(b"x" * (FEW // 2))
        assert len(watcher.gone) == 2, "not before it has been handed on"
        await asyncio.sleep(0)
        assert len(watcher.gone) == 3, "once for all of one arrival"
        watcher.tap(b"x")
        await asyncio.sleep(0)
        assert len(watcher.gone) == 4, "the next one, too, where that is wanted"

    asyncio.run(scene())


def test_of_many_arrivals_few_are_timed() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.wants_more = False
        for _ in range(20 * TIMED):
            watcher.tap(b"x")
            await asyncio.sleep(0)
        assert 15 <= len(watcher.gone) <= 25

    asyncio.run(scene())


def test_the_end_waits_for_nothing() -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.tap(b"a")
        assert watcher.tap(b"") == b""
        await asyncio.sleep(0)
        assert watcher.said == ["end"]

    asyncio.run(scene())


def test_a_failing_watcher_costs_the_sight_of_the_stream_and_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        watcher = Watcher()
        watcher.error = ValueError("ours")
        tap = watcher.tap
        for data in (b"a", b"b", b"c"):
            assert tap(data) == data
            watcher.worker.flush()
            await asyncio.sleep(0)
        assert tap(b"") == b""
        await asyncio.sleep(0)
        assert tap.broken
        assert watcher.said == [b"a", "end"]
        assert not watcher.worker.sources

    asyncio.run(scene())
    assert len(caplog.records) == 1, "said once"


def test_a_failing_clock_costs_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> float:
        raise OSError("no clock")

    async def scene() -> None:
        assert Watcher(failing).tap(b"a") == b"a"

    asyncio.run(scene())
    assert "no clock" in caplog.text


def test_another_addons_callable_still_decides_what_goes_out() -> None:
    async def scene() -> None:
        watcher = Watcher(inner=bytes.upper)
        assert watcher.tap(b"a") == b"A"
        watcher.worker.flush()
        assert watcher.arrivals == [(b"a", 1.0, 1)], "what the server sent is what is watched"

    asyncio.run(scene())
