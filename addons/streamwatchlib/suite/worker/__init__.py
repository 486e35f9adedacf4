"""The worker seen from the proxy: calls go out, answers come back, and the event loop waits for neither.

In: calls (`worker.handler`), which leave by the `outbox`.  Out: answers, which the `inbox` brings to the event loop,
each to the callback that waits for it.  The worker is a process of its own wherever Python can be started; in
mitmproxy's standalone binaries, where it can't, it is a thread that takes turns with the event loop.

A worker that has died, or does nothing for its `patience`, is given up: the exchanges in flight get no record, which is
logged, and the next exchange gets a new worker.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from itertools import count
from math import inf
from queue import Empty

from ...worker.answers import Answer, Failed, Finished, InFlight, ReadFailed
from ...worker.handler import Ending
from .inbox import Inbox
from .outbox import CROWDED_BYTES, PERIOD, Outbox
from .process import start

logger = logging.getLogger(__name__)

SOON = 0.003
"""Seconds until a call is sent whose answer somebody waits for: normally several exchanges end at the same time."""
QUIET = 0.15
"""Seconds in which no exchange may begin before the ends of others are sent, within `PERIOD`: agents send their next
request at once, and making a record, here and on the worker's processor, would delay the next response's beginning."""
PATIENCE = 10.0
"""Seconds in which the worker must make progress or give a sign of life, besides those that the largest body takes."""
_PACE = 4 << 20
"""Bytes of a body that the worker reads, judges and masks per second, at least: on a slow machine."""
_EXCHANGE = 4 << 10
"""Bytes that an exchange weighs without its bodies."""

type Waiting = Callable[[Finished | Failed], None]


class Worker:
    """One worker, from its start to its end.  All methods are for the event loop's thread.

    The constructor raises what `start` does.
    """

    def __init__(self, *, in_thread: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = 0.0
        self._awaiting_quiet: asyncio.Handle | None = None
        self._answers = 0
        self._check_scheduled = False
        """A check of the worker's progress is scheduled."""
        self.outbox = Outbox(self._watch_progress)
        self._inbox = Inbox(self._take)
        self._keys = count(1)
        self._largest = 0
        self._users: dict[int, Waiting | None] = {}
        """Key of each open exchange -> None; once it has ended -> the callback that waits for its record."""
        self._on_snapshots: Callable[[InFlight], None] | None = None
        self._retired = self.answered = False
        """It gets no new exchanges; it has answered at least once, so it can."""
        self._started = start(in_thread=in_thread)
        try:
            for work, pipe in ((self.outbox.send, self._started.calls), (self._inbox.read, self._started.answers)):
                threading.Thread(target=work, args=(pipe,), name="streamwatch", daemon=True).start()
        except RuntimeError:
            self.outbox.close()
            self._started.end(grace=0.0)
            raise

    @property
    def alive(self) -> bool:
        """Return whether calls can be sent to it."""
        return self.outbox.open

    # --- what goes out ---

    def open(self, most: int, *arguments: object) -> int:
        """Begin an exchange, of whose bodies at most `most` bytes each are read, and return its key."""
        key = next(self._keys)
        self._largest = max(self._largest, most)
        self._users[key] = None
        self._began = self._loop.time()
        self.outbox.call("open", key, *arguments, weight=_EXCHANGE)
        return key

    @property
    def patience(self) -> float:
        """Seconds in which it must make progress."""
        return PATIENCE + self._largest / _PACE

    def _watch_progress(self) -> None:
        """There is work: check from time to time that it gets done."""
        if not self._check_scheduled:
            self._schedule_check((self.outbox.steps, self._answers), self._loop.time())

    def _schedule_check(self, progress: tuple[int, int], since: float) -> None:
        self._check_scheduled = True
        self._loop.call_later(PATIENCE / 4, self._check_progress, progress, since)

    def _check_progress(self, before: tuple[int, int], since: float) -> None:
        self._check_scheduled = False
        if not self.alive or not (self.outbox.waiting > CROWDED_BYTES or any(self._users.values())):
            return
        now, progress = self._loop.time(), (self.outbox.steps, self._answers)
        if progress == before and now - since > self.patience:
            self._give_up(self._idle())
        else:
            self._schedule_check(progress, since if progress == before else now)

    def close(self, key: int, ending: Ending, *, then: Waiting, at_once: bool = False) -> None:
        """End an exchange; `then` gets its record, or why there is none."""
        if self.alive and key in self._users:
            self._users[key] = then
            self._watch_progress()
            self.outbox.call("close", key, *ending, within=SOON if at_once else PERIOD)
            if not at_once and self._awaiting_quiet is None:
                self._awaiting_quiet = self._loop.call_later(QUIET, self._when_quiet)
        else:
            then(Failed(key, "the worker that had read it is gone"))

    def _when_quiet(self) -> None:
        """Send the ends, unless an exchange has just begun."""
        self._awaiting_quiet = None
        if (rest := self._began + QUIET - self._loop.time()) > 0:
            self._awaiting_quiet = self._loop.call_later(rest, self._when_quiet)
        else:
            self.outbox.flush()

    def request_snapshots(self, wanted: Sequence[tuple[int, float]], then: Callable[[InFlight], None]) -> None:
        """Ask for snapshots of the `wanted` exchanges, (key, time on its axis) each.

        `then` gets the answer; it replaces the callback of an earlier call that was not answered yet.
        """
        self._on_snapshots = then
        if self.alive:
            self.outbox.call("snapshots", 0, wanted, within=SOON)
        else:
            then(InFlight(()))

    # --- what comes back ---

    def _take(self, answer: Answer | None) -> None:
        self._answers += 1
        self.answered = self.answered or answer is not None
        match answer:
            case Finished() | Failed():
                if then := self._users.pop(answer.key, None):
                    _guarded(then, answer)
            case InFlight():
                if on_snapshots := self._on_snapshots:
                    on_snapshots(answer)
            case ReadFailed():
                logger.error("streamwatch lost sight of a stream (the traffic goes on): %s", answer.why)
            case None:
                self._give_up("it has died")
        if self._retired and not self._users:
            self.end()

    def finish(self, most: float = inf) -> None:
        """Wait for the records of all exchanges that have ended, at most `most` seconds; the rest come later."""
        self.outbox.flush()
        until = self._loop.time() + most
        while any(self._users.values()) and (rest := until - self._loop.time()) > 0:
            before = self.outbox.steps
            try:
                self._inbox.take(min(rest, self.patience))
            except Empty:
                if before == self.outbox.steps and most > self.patience:
                    self._give_up(self._idle())

    # --- its end ---

    def _idle(self) -> str:
        return f"it has died, or did nothing for {self.patience:.0f} s"

    def _give_up(self, why: str) -> None:
        if not self.alive:
            return
        self.outbox.close()
        self._started.end(grace=0.0)
        logger.error("streamwatch lost its worker (%s); the traffic goes on. %s", why, self._started.last_words())
        waiting, self._users = self._users, {}
        for key, then in waiting.items():
            if then:
                _guarded(then, Failed(key, f"the worker was lost ({why})"))
        if self._on_snapshots:
            self._on_snapshots(InFlight(()))

    def retire(self) -> None:
        """End the worker when the last of its exchanges has got its record."""
        self._retired = True
        if not self._users:
            self.end()

    def end(self) -> None:
        """End the worker now; it answers no more calls."""
        if self.alive:
            self.outbox.close()
            self._started.end()


def _guarded(then: Waiting, answer: Finished | Failed) -> None:
    """Call `then`; an error with one record must not keep back the others."""
    try:
        then(answer)
    except Exception:
        logger.exception("streamwatch could not make a record (the traffic was not touched)")
