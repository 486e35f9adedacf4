"""Events to meaning: what an LLM API's stream, or its whole answer, says.

In: frames as `wire` makes them and the exchange's `Context`.  Out: a `Reading` a frame and the `Llm` object.  The
table `DIALECTS` has one row an API; `Reader` finds the row by path, and by the payloads where the path says nothing
or is contradicted, so that an API is known behind any host name.  Knows no transport.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..model import Context, Frame, Limits, Llm, Reading
from . import ollama
from .dialect import NOTHING, Dialect, heard
from .figures import complaint_of
from .intent import Asked, Asks, by_anything, by_body
from .openai_chat import Chat
from .openai_completions import Completions
from .providers import asked_model
from .values import obj, objects, text

__all__ = ["DIALECTS", "Dialect", "Reader", "Row", "intent", "reader"]


class Row(NamedTuple):
    """One API: where it lives, who reads it, and how a client asks it for a stream."""

    dialect: type[Dialect]
    path: str
    """Regular expression, searched in the request's path."""
    asks: Asks


DIALECTS: tuple[Row, ...] = (
    Row(Chat, r"/chat/completions/?$", by_body(default=False)),
    Row(Completions, r"/completions/?$", by_body(default=False)),
    Row(ollama.Chat, r"/api/chat/?$", by_body(default=True)),
    Row(ollama.Generate, r"/api/generate/?$", by_body(default=True)),
)
"""In order of precedence: of two paths that match, and of two dialects that claim a payload, the first one is meant."""

_ENDS = frozenset({"done", "end", "close", "complete", "finish"})
_SIGNS_OF_LIFE = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "error"})


def _row_of(context: Context) -> Row | None:
    return next((row for row in DIALECTS if re.search(row.path, context.path)), None)


def intent(context: Context) -> Asked:
    """Did the client ask for a stream, and by what: ``body.stream``, ``header.accept``, ``url``, ``default`` ...

    (None, None) where it can't be told or is the server's choice.
    """
    row = _row_of(context)
    return row.asks(context) if row else by_anything(context)


def reader(context: Context, limits: Limits) -> Reader:
    """A reader for one exchange."""
    return Reader(context, limits)


class Reader:
    """Reads one answer.  The path proposes a dialect; the first payload that some dialect claims decides."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits
        self._row = _row_of(context)
        self._dialect: Dialect | None = None

    def event(self, frame: Frame) -> Reading:
        """One frame of a stream.  Never raises."""
        if frame.comment:
            if self._dialect:
                self._dialect.comment(frame.data)
            return NOTHING
        if frame.malformed is not None:
            return NOTHING
        if self._dialect is None:
            self._bind(frame.value, frame.type)
        return self._dialect.event(frame) if self._dialect else _unknown(frame)

    def whole(self, value: object) -> None:
        """A whole answer, parsed; None where it was no JSON."""
        self._bind(value, "message")
        if self._dialect is None:
            return
        self._dialect.whole(value)
        status = self._context.status
        complaint = complaint_of(value) if status is not None and status >= 400 else None
        if complaint:
            self._dialect.answer.failed(complaint)

    def result(self) -> Llm | None:
        """What was said so far; None when the shape is unknown."""
        return self._dialect.result() if self._dialect else None

    @property
    def api(self) -> str | None:
        """The API read; before its first payload, the one that the path proposes."""
        if self._dialect:
            return self._dialect.api
        return self._row.dialect.api if self._row else None

    @property
    def traits(self) -> frozenset[str]:
        return self._dialect.traits if self._dialect else frozenset()

    @property
    def terminator_due(self) -> bool:
        return self._dialect is not None and self._dialect.terminator_due

    @property
    def model(self) -> str | None:
        """The model that answers, or until it is known the one asked for."""
        return (self._dialect.answer.model if self._dialect else None) or asked_model(self._context)

    def _bind(self, value: object, name: str) -> None:
        """Choose the dialect, once a payload shows it."""
        payload = obj(value) or next(iter(objects(value)), {})
        if not payload:
            return
        rows = ([self._row] if self._row else []) + list(DIALECTS)
        row = next((row for row in rows if row.dialect.claims(payload, name)), None)
        if row is None and self._row and complaint_of(payload):
            row = self._row  # errors look alike everywhere: the path decides
        if row:
            self._dialect = row.dialect(self._context, self._limits)


def _unknown(frame: Frame) -> Reading:
    """A frame of an API of unknown shape: an event of it, unless it is an end marker or a sign of life."""
    if frame.data.startswith("[DONE]"):
        return heard(0, end="[DONE]")
    name = (text(obj(frame.value).get("type")) or frame.type).lower()
    if name in _ENDS:
        return heard(0, end=frame.type)
    return NOTHING if not frame.data or name in _SIGNS_OF_LIFE else Reading(("events",))
