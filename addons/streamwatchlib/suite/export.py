"""The addon that writes the files named by ``streamwatch_export``.

A thread does the writing.  A ``.jsonl`` file gets a line soon after each exchange's end; it is opened each time, so
that it may be moved or removed meanwhile and no handle is lost.  The other formats need all records at once: lines are
put aside (`spool`) and rendered when the proxy ends.  In mitmproxy and mitmweb they are always put aside, for the
command ``streamwatch.report``.  A changed option applies to exchanges that end from then on, not to those that have
ended and whose records are still in the making.  A file that can't be written costs a log line, never the traffic.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from os.path import expanduser
from typing import NamedTuple
from weakref import ref

from mitmproxy import ctx

from ..files import append_private, write_private
from ..model import Record
from ..report import jsonl, render
from ..units import counted
from ..worker.answers import Part
from .background import BackgroundThread
from .persistent import persistent, renew_persistent
from .policy import has_prompt
from .spool import Spool

logger = logging.getLogger(__name__)

_MAX_WAITING = 64 << 20
"""Bytes of records that may wait to be written; further ones are left out, for nothing may wait for a disk."""
_BARE = 4 << 10
"""Bytes of a record without its texts."""
_TOGETHER = 0.05
"""Seconds that a record may wait for others: waking the thread, and opening and closing a file, costs more than the
writing, and takes the GIL from the event loop several times."""


class _Where(NamedTuple):
    """Where records go."""

    paths: tuple[str, ...]
    kept: ref[Spool]
    """Where they are put aside; a weak reference, since the spool may have been cleared."""


class _Waiting(NamedTuple):
    """A record to be written."""

    record: Record
    line: Part | None
    """The record as a line of JSON, if the worker has made one."""
    paths: tuple[str, ...]
    spool: Spool | None
    """Where it is to be put aside."""


def spool() -> Spool:
    """The spool in which records are put aside for reports."""
    return persistent("spool", Spool)


class Export:
    """Writes every record to every file asked for.

    `line` gives the line of JSON that the worker made of a record, `unpublished` the ids of exchanges that have ended
    and whose records are not published yet.
    """

    name = "streamwatch.export"

    def __init__(self, line: Callable[[Record], Part | None], unpublished: Callable[[], Iterable[str]]) -> None:
        self._line, self._unpublished = line, unpublished
        self._background = BackgroundThread()
        self._configured = False
        self._paths: tuple[str, ...] = ()
        self._late: dict[str, _Where] = {}
        """By id, where the records of exchanges go that had ended before the paths or the spool changed."""
        self._waiting: list[_Waiting] = []
        self._weight = self._left_out = 0
        self._failing: dict[str, int] = {}
        """Path that can't be written -> how many records it lacks."""

    def configure(self, updated: set[str]) -> None:
        if "streamwatch_export" in updated:
            paths = map(expanduser, ctx.options.streamwatch_export)
            if self._configured:  # else the script was reloaded: the same paths hold for what had ended before
                self._settle_where(self._unpublished())
            self._configured = True
            self._paths = tuple(dict.fromkeys(paths))  # named twice, written once

    def streamwatch_record(self, record: Record) -> None:
        where = self._late.pop(record.id, None) or self._where()
        paths, kept = where.paths, where.kept() if self.puts_aside() else None
        if not paths and kept is None:
            return
        if getattr(ctx.options, "rfile", None):
            # flows from a file keep no stream waiting: a thread would only be in the way
            self._write([_Waiting(record, None, paths, kept)])
            return
        weight = _weight(record)
        if self._weight and self._weight + weight > _MAX_WAITING:
            self._leave_out()
            return
        self._weight += weight
        self._waiting.append(_Waiting(record, self._line(record), paths, kept))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(_TOGETHER, self.flush)

    def puts_aside(self) -> bool:
        """Return whether records are kept for reports."""
        return not all(map(is_jsonl, self._paths)) or has_prompt()

    def forget(self, unpublished: Iterable[str]) -> None:
        """Start an empty spool.  The old one, and these exchanges, only go into reports that were asked for before."""
        self._settle_where(unpublished)
        renew_persistent("spool", Spool)

    def _where(self) -> _Where:
        return _Where(self._paths, ref(spool()))

    def _settle_where(self, unpublished: Iterable[str]) -> None:
        """Have the records of these exchanges go where they would go now, whatever changes."""
        now = self._where()
        self._late = {name: self._late.get(name, now) for name in unpublished}

    def flush(self) -> None:
        """Have the records that have come written and put aside."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            writing = self._background.submit(partial(self._write, waiting))
            writing.add_done_callback(partial(self._written, sum(_weight(each.record) for each in waiting)))

    def _write(self, waiting: Iterable[_Waiting]) -> None:
        lines = list(_lines(waiting))
        for path in dict.fromkeys(path for each, _ in lines for path in each.paths if is_jsonl(path)):
            its = [line for each, line in lines if path in each.paths]
            self._guarded(path, partial(append_private, path, b"".join(its)), len(its))
        for each, line in lines:
            if each.spool is not None:
                report = next((path for path in each.paths if not is_jsonl(path)), None)
                self._guarded("its temporary file", partial(each.spool.add, line, report))

    def _leave_out(self) -> None:
        if not self._left_out:
            logger.error("streamwatch can't write as fast as exchanges end: some records are left out")
        self._left_out += 1

    def _written(self, weight: int, _: asyncio.Future[None]) -> None:
        self._weight -= weight
        if self._left_out and not self._weight:
            logger.error("streamwatch left out %d records that could not be written in time", self._left_out)
            self._left_out = 0

    def settle(self) -> None:
        """Wait until what was handed over is written and put aside; from any thread."""
        self._background.wait()

    def finish(self) -> None:
        """Have all records that have come written, and wait for it."""
        self.flush()
        self.settle()

    def done(self) -> None:
        self.finish()
        if whole := [path for path in self._paths if not is_jsonl(path)]:
            self._guarded(", ".join(whole), partial(self._report, whole))
        for path in list(self._failing):
            self._tell_lost(path)

    def _report(self, paths: Sequence[str]) -> None:
        records = jsonl.read(spool().read().split("\n"))
        for path in paths:
            self._guarded(path, partial(_replace, path, records))
        if missing := spool().missing:
            logger.warning("streamwatch's reports lack %s", missing)

    def _guarded(self, path: str, write: Callable[[], object], added: int = 0) -> None:
        try:
            write()
            self._tell_lost(path)
        except Exception as error:  # noqa: BLE001 - the files are ours to lose, the traffic is not
            if path not in self._failing:  # say it once, not with every record
                logger.error("streamwatch can't write %s: %s", path, error)
            self._failing[path] = self._failing.get(path, 0) + added

    def _tell_lost(self, path: str) -> None:
        """Log what a file lacks, when it could be written again or never will be."""
        if lost := self._failing.pop(path, 0):  # the disk may have taken some of them before it was full
            logger.error("%s lacks up to %s that streamwatch could not write", path, counted(lost, "record"))


def _weight(record: Record) -> int:
    """Estimate a record's bytes: the response's text stands in its events as well."""
    asked, answered = record.request.body.content, record.response.body.content if record.response else None
    return _BARE + len(asked or "") + 2 * len(answered or "")


def _lines(waiting: Iterable[_Waiting]) -> Iterator[tuple[_Waiting, Part]]:
    """Yield each record with its line; an error in one must not keep back the others."""
    for each in waiting:
        try:
            yield each, each.line or jsonl.to_line(each.record).encode()
        except Exception:
            logger.exception("streamwatch could not write a record")


def _replace(path: str, records: Sequence[Record]) -> None:
    write_private(path, render(records, path))


def is_jsonl(path: str) -> bool:
    """Return whether the file is appended to; all others are written anew."""
    return path.lower().endswith(".jsonl")
