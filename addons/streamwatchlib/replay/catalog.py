"""Which recorded response a request gets.

In: records, then requests.  Out: playbacks.  A request is answered by an exchange with its method and path; among
several by the one whose query, body, model and ``stream`` are most like its own, among equals by the one played least
often, in the order of the records.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from .. import urls
from ..model import Record
from ..report.show import count, one_line
from ..units import seconds
from .playback import Playback, Unplayable, playback_of


class RequestTraits(NamedTuple):
    """What two requests may have in common, the most telling first."""

    query: str
    body: object
    model: object
    stream: object


@dataclass(frozen=True, slots=True)
class PlayableExchange:
    """A recorded exchange that can be played."""

    name: str
    """For people: method, path, model and verdict."""
    method: str
    path: str
    traits: RequestTraits
    playback: Playback


class ReplayCatalog:
    """All that can be played, with counts of how often it was."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.plays: list[PlayableExchange] = []
        self.unplayable: list[str] = []
        """For people: what can't be played, and why."""
        self._played: Counter[int] = Counter()
        for record in records:
            try:
                self.plays.append(_play(record))
            except Unplayable as reason:
                self.unplayable.append(f"{_name(record)}: not played, {reason}")

    def find(self, method: str, target: str, body: bytes) -> PlayableExchange | None:
        """The exchange to play for a request; None if there is none for its method and path."""
        path, _, query = target.partition("?")
        traits = _traits_of(query, body.decode(errors="replace"))
        known = (method.upper(), unquote(path))
        fitting = [index for index, play in enumerate(self.plays) if (play.method, play.path) == known]
        if not fitting:
            return None
        best = min(fitting, key=lambda index: (_unlike(traits, self.plays[index].traits), self._played[index], index))
        self._played[best] += 1
        return self.plays[best]

    def endpoints(self) -> Iterator[str]:
        """Yield ``POST /v1/chat/completions`` and so on, for each method and path that can be played."""
        yield from dict.fromkeys(f"{play.method} {play.path}" for play in self.plays)


def _play(record: Record) -> PlayableExchange:
    url, body = urls.split(record.request.url), record.request.body
    traits = _traits_of(url.query, body.content or "")
    return PlayableExchange(
        _name(record), record.request.method.upper(), unquote(url.path) or "/", traits, playback_of(record)
    )


def _name(record: Record) -> str:
    path, model = urls.split(record.request.url).path or "/", record.llm.model if record.llm else None
    parts = [f"{record.request.method} {path}", model or "", record.verdict.label]
    if record.stream:
        parts.append(f"{count(record.stream.events)} events in {seconds(record.timing.end)}")
    if record.outcome != "complete":
        parts.append(record.outcome)
    return " · ".join(one_line(part) for part in parts if part)


def _traits_of(query: str, text: str) -> RequestTraits:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    fields = value if isinstance(value, dict) else {}
    return RequestTraits(query, value, fields.get("model"), fields.get("stream"))


def _unlike(one: RequestTraits, other: RequestTraits) -> tuple[bool, ...]:
    return tuple(a != b for a, b in zip(one, other, strict=True))
