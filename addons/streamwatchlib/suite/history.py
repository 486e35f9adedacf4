"""The addon that remembers endpoints: it reports what many exchanges show and no single one does.

In: records, including those of earlier runs from the files named by ``streamwatch_history``.  Out: a warning in the log
for each finding, and the latest of them once more for the summary.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from mitmproxy import ctx

from ..baseline import Baselines, Finding
from ..model import Record
from ..report import jsonl
from ..report.show import one_line

logger = logging.getLogger(__name__)

_REMARKS = 20
"""Findings repeated at the end: the latest."""


class History:
    name = "streamwatch.history"

    def __init__(self) -> None:
        self._baselines = Baselines()
        self._found: list[Finding] = []

    def running(self) -> None:
        for path in ctx.options.streamwatch_history:
            try:
                self._learn(Path(path).expanduser())
            except (OSError, ValueError) as error:
                logger.warning("streamwatch_history: %s is not remembered (%s)", path, error)

    def _learn(self, path: Path) -> None:
        """Read line by line: an archive may be larger than memory.  The last line may have been left unfinished."""
        with path.open(encoding="utf-8", errors="replace", newline="\n") as archive:
            for each in archive:
                if each.endswith("\n"):
                    self._baselines.learn(jsonl.from_line(each))

    def streamwatch_record(self, record: Record) -> None:
        for finding in self._baselines.add(record):
            logger.warning("%s.", one_line(finding.sentence))
            self._found = [*self._found, finding][-_REMARKS:]

    def remarks(self) -> Iterator[str]:
        """Yield sentences for the summary."""
        for finding in self._found:
            yield f"{finding.sentence}."
