"""The addon that writes the files named by ``streamwatch_export``.

A ``.jsonl`` file gets a line as each exchange ends; it is opened for each, so that it may be moved or removed
meanwhile and no handle is lost.  The other formats need all records at once: lines are put aside in an unnamed
temporary file (memory stays flat) and rendered when the proxy ends.  A file that can't be written costs a log line,
never the traffic.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO

from mitmproxy import ctx

from ..model import Record
from ..report import jsonl, render
from .carried import carried
from .files import open_append_private, write_private

logger = logging.getLogger(__name__)


class Export:
    """Writes every record to every file asked for."""

    name = "streamwatch.export"  # mitmproxy has addons of its own called by plain words

    def __init__(self) -> None:
        self._failing: set[str] = set()

    @property
    def _paths(self) -> tuple[str, ...]:
        return tuple(ctx.options.streamwatch_export)

    @property
    def _spool(self) -> IO[str]:
        return carried("spool", lambda: tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n"))

    def streamwatch_record(self, record: Record) -> None:
        if not self._paths:
            return
        line = jsonl.to_line(record)
        for path in filter(_is_jsonl, self._paths):
            self._guarded(path, partial(_append, path, line))
        if not all(map(_is_jsonl, self._paths)):
            self._guarded("its temporary file", partial(self._spool.write, line))

    def done(self) -> None:
        whole = [path for path in self._paths if not _is_jsonl(path)]
        if not whole:
            return
        self._spool.seek(0)
        records = jsonl.read(self._spool)
        for path in whole:
            self._guarded(path, partial(_replace, path, records))

    def _guarded(self, path: str, write: Callable[[], object]) -> None:
        try:
            write()
            self._failing.discard(path)
        except Exception as error:  # noqa: BLE001 - the files are ours to lose, the traffic is not
            if path not in self._failing:  # say it once, not with every record
                self._failing.add(path)
                logger.error("streamwatch can't write %s: %s", path, error)


def _append(path: str, line: str) -> None:
    with open_append_private(path) as file:
        file.write(line)


def _replace(path: str, records: Sequence[Record]) -> None:
    write_private(path, render(records, _suffix(path)))


def _suffix(path: str) -> str:
    return path[path.rindex(".") :].lower()


def _is_jsonl(path: str) -> bool:
    return _suffix(path) == ".jsonl"
