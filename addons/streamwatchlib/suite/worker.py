"""The worker seen from the proxy: calls go out, answers come back, and the event loop waits for neither.

In: calls (`worker.desk`), collected for a moment and sent by a thread.  Out: answers, on the event loop, each to who
waits for it.  The worker is a process of its own where Python can be started, as it is everywhere but in mitmproxy's
standalone binaries: there it is a thread, which computes in turn with the event loop.

What waits to be sent is bounded: of what comes faster than it can be read, some waits at its server (`inlet`), and the
rest passes unread (`tap`, `hand`).  A worker that has died, or does nothing for its `patience`, is given up: those in
flight get no record, which is told, and the next exchange gets a new worker.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from itertools import count
from math import inf
from queue import Empty, SimpleQueue
from typing import IO

from ..worker.answers import Answer, Closed, Failed, LostSight, Standing
from ..worker.desk import Call
from ..worker.serve import pieces, send_calls
from .inbox import Inbox
from .process import start

logger = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds that what has come may wait to be sent: together it costs a fraction of what it costs piece by piece."""
SOON = 0.003
"""Seconds for what somebody waits for: several end at the same time as a rule."""
QUIET = 0.15
"""Seconds in which no exchange may begin before ends are sent, within `PERIOD`: agents ask for the next thing at once,
and what it takes to make a record, here and on the worker's processor, would delay the next answer's beginning."""
FULL = 512 << 10
"""Bytes that are not waited with any longer."""
MUCH, MOST = 8 << 20, 16 << 20
"""Bytes waiting, of all bodies together: from the one on servers that send more are read from less, from the other on
what comes passes unread."""
_BEGINNING = 64 << 10
"""Bytes of a body that passes unread which are read nevertheless: they tell what it is."""
PATIENCE = 10.0
"""Seconds in which the worker must get something done or give a sign, besides those that the largest body takes it."""
_PACE = 4 << 20
"""Bytes of a body that it reads, judges and masks in a second, at least: a slow machine's."""
_EXCHANGE = 4 << 10
"""Bytes that an exchange takes without its bodies."""
_LIGHTER = 16
"""Times less that a body counts which mitmproxy holds as a whole: it is in memory anyhow until its exchange is over."""

type Waiting = Callable[[Closed | Failed], None]


class Worker:
    """One worker, from its start to its end.  All methods are for the event loop's thread."""

    def __init__(self, *, in_thread: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls: list[Call] = []
        self._sources: list[Callable[[], None]] = []
        """Who have something to send, asked for it when all is sent."""
        self._handle: asyncio.Handle | None = None
        self._due = self._began = 0.0
        self._awaiting_quiet: asyncio.Handle | None = None
        self.bytes = self._opened = 0
        """Bytes of bodies that wait to be collected or sent (who adds to them calls `full` when there are `FULL`), and
        exchanges that have begun since: to send these at once would keep the first events of all of them."""
        self._queue: SimpleQueue[tuple[int, list[Call]] | None] = SimpleQueue()
        self._put = self._taken = self._steps = self._answers = 0
        """Bytes that were handed to the sending thread, that it has got rid of, in how many steps; what came back."""
        self._seen_to = False
        """Somebody will look whether the worker gets anything done."""
        self._inbox = Inbox(self._take)
        self._keys = count(1)
        self._largest = 0
        self._users: dict[int, Waiting | None] = {}
        """The exchanges that were opened; those that have ended, with who waits for their records."""
        self._looking: Callable[[Standing], None] | None = None
        self.alive = True
        self._retired = self.answered = False
        """Nothing new is asked of it; it has answered once: it can."""
        self._started = start(in_thread=in_thread)
        for work, pipe in ((self._send, self._started.calls), (self._inbox.read, self._started.answers)):
            threading.Thread(target=work, args=(pipe,), name="streamwatch", daemon=True).start()

    # --- what goes out ---

    def open(self, most: int, *arguments: object) -> int:
        """An exchange begins, of whose bodies so many bytes are read at most; its key."""
        key = next(self._keys)
        self._largest = max(self._largest, most)
        self._users[key] = None
        self._opened += 1
        self._began = self._loop.time()
        self.tell("open", key, *arguments)
        return key

    def tell(self, what: str, key: int, *arguments: object, within: float = PERIOD) -> None:
        """A call that nothing is answered to."""
        self._calls.append((what, key, *arguments))
        self._schedule(within)

    def hand(self, what: str, key: int, body: bytes) -> None:
        """A call with a body that came whole: ``request`` or ``whole``."""
        read = body[:_BEGINNING] if self.waiting > MOST else body
        self.bytes += len(read) // _LIGHTER
        self.tell(what, key, read)
        if unread := len(body) - len(read):
            self.tell("unread", key, unread, what == "request")
        if self.bytes >= FULL:
            self.full()

    def later(self, source: Callable[[], None]) -> None:
        """This has something to tell: it is called when all is sent."""
        self._sources.append(source)
        self._schedule(PERIOD)

    def full(self) -> None:
        """There is enough to be sent."""
        self._schedule(0.0)

    @property
    def waiting(self) -> int:
        """Bytes that have come and are not read yet."""
        return self.bytes + self._put - self._taken

    def is_crowded(self) -> bool:
        """More comes than can be read."""
        crowded = self.alive and self.waiting > MUCH
        if crowded:
            self._see_to_it()
        return crowded

    @property
    def patience(self) -> float:
        """Seconds in which it must get something done."""
        return PATIENCE + self._largest / _PACE

    def _see_to_it(self) -> None:
        """Something is to be done: look from time to time whether it is."""
        if not self._seen_to:
            self._look_again((self._steps, self._answers), self._loop.time())

    def _look_again(self, progress: tuple[int, int], since: float) -> None:
        self._seen_to = True
        self._loop.call_later(PATIENCE / 4, self._look_after, progress, since)

    def _look_after(self, before: tuple[int, int], since: float) -> None:
        self._seen_to = False
        if not self.alive or not (self.waiting > MUCH or any(self._users.values())):
            return
        now, progress = self._loop.time(), (self._steps, self._answers)
        if progress == before and now - since > self.patience:
            self._give_up(self._idle())
        else:
            self._look_again(progress, since if progress == before else now)

    def close(self, key: int, *arguments: object, then: Waiting, at_once: bool = False) -> None:
        """An exchange has ended; `then` gets its record."""
        if self.alive and key in self._users:
            self._users[key] = then
            self._see_to_it()
            self.tell("close", key, *arguments, within=SOON if at_once else PERIOD)
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
            self.flush()

    def look(self, wanted: Sequence[tuple[int, float]], then: Callable[[Standing], None]) -> None:
        """How these stand; who asked before and was not answered yet is not any more."""
        self._looking = then
        if self.alive:
            self.tell("look", 0, wanted, within=SOON)
        else:
            then(Standing(()))

    def _schedule(self, delay: float) -> None:
        due = self._loop.time() + delay
        if self._handle and self._due <= due:
            return
        self._unschedule()
        self._due = due
        self._handle = self._loop.call_later(delay, self.flush) if delay else self._loop.call_soon(self.flush)

    def _unschedule(self) -> None:
        if self._handle:
            self._handle.cancel()
        self._handle = None

    def flush(self) -> None:
        """Send what there is."""
        sources, self._sources = self._sources, []
        for source in sources:
            try:
                source()
            except Exception:
                logger.exception("streamwatch lost sight of a stream (the traffic goes on)")
        self._unschedule()  # what they told is sent now
        calls, self._calls = self._calls, []
        size, self.bytes, self._opened = self.bytes + self._opened * _EXCHANGE, 0, 0
        if calls and self.alive:
            self._put += size
            self._queue.put((size, calls))

    def _send(self, pipe: IO[bytes]) -> None:
        """The sending thread."""
        try:
            with pipe:
                while batch := self._queue.get():
                    size, calls = batch
                    for some in pieces(calls):
                        send_calls(pipe, some)
                        self._steps += 1
                    self._taken += size
        except OSError:
            pass  # it has died: the other thread sees it, too
        except Exception:
            logger.exception("streamwatch can't reach its worker")

    # --- what comes back ---

    def _take(self, answer: Answer | None) -> None:
        self._answers += 1
        self.answered = self.answered or answer is not None
        match answer:
            case Closed() | Failed():
                if then := self._users.pop(answer.key, None):
                    _guarded(then, answer)
            case Standing():
                if looking := self._looking:
                    looking(answer)
            case LostSight():
                logger.error("streamwatch lost sight of a stream (the traffic goes on): %s", answer.why)
            case None:
                self._give_up("it has died")
        if self._retired and not self._users:
            self.end()

    def finish(self, most: float = inf) -> None:
        """Wait until the records of all that have ended are there, for so many seconds: others are answered later."""
        self.flush()
        until = self._loop.time() + most
        while any(self._users.values()) and (rest := until - self._loop.time()) > 0:
            before = self._steps
            try:
                self._inbox.take(min(rest, self.patience))
            except Empty:
                if before == self._steps and most > self.patience:
                    self._give_up(self._idle())

    # --- its end ---

    def _idle(self) -> str:
        return f"it has died, or did nothing for {self.patience:.0f} s"

    def _give_up(self, why: str) -> None:
        if not self.alive:
            return
        self.alive = False
        self._queue.put(None)
        self._started.end(grace=0.0)
        logger.error("streamwatch lost its worker (%s); the traffic goes on. %s", why, self._started.last_words())
        waiting, self._users = self._users, {}
        for key, then in waiting.items():
            if then:
                _guarded(then, Failed(key, f"the worker was lost ({why})"))
        if self._looking:
            self._looking(Standing(()))

    def retire(self) -> None:
        """End when the last of the exchanges in flight has ended."""
        self._retired = True
        if not self._users:
            self.end()

    def end(self) -> None:
        """End it: nothing is asked of it any more."""
        if self.alive:
            self.alive = False
            self._queue.put(None)
            self._started.end()


def _guarded(then: Waiting, answer: Closed | Failed) -> None:
    """What goes wrong with one record must not keep the others."""
    try:
        then(answer)
    except Exception:
        logger.exception("streamwatch could not make a record (the traffic was not touched)")
