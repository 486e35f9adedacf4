"""Bytes to a framer in small steps: events by the thousand, and one of megabytes, take their time.

In: a framer and bytes.  Out: what `Framer.feed` gives, as a generator's return; between its steps others have their
turns.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ..model import Frame
from . import Framer
from .jsonsteps import steps
from .jsontext import JsonError
from .payload import CONSTANTS, LONG, Notes, Unparsed
from .sse import SseFramer

_PART = 4096
"""Bytes whose events are read in a millisecond or two, though they be of a few bytes each."""


def parts(data: bytes) -> Iterable[bytes]:
    """Bytes in parts that are read in a step."""
    return (data,) if len(data) <= _PART else (data[at : at + _PART] for at in range(0, len(data), _PART))


def is_long(framer: Framer, data: bytes) -> bool:
    """An event that these bytes complete may be long: they are to be fed in steps."""
    return isinstance(framer, SseFramer) and framer.held + len(data) > LONG


def feeding(framer: Framer, data: bytes) -> Generator[None, None, list[Frame]]:
    """`feed`, in steps."""
    if not (isinstance(framer, SseFramer) and is_long(framer, data)):
        return framer.feed(data)
    framer.defers = True
    frames = framer.feed(data)
    framer.defers = False
    for i, frame in enumerate(frames):
        if isinstance(frame.value, Unparsed):
            frames[i] = yield from _parsing(frame, framer.notes)
    return frames


def _parsing(frame: Frame, notes: Notes) -> Generator[None, None, Frame]:
    """A frame with its value in the place of `Unparsed`, in steps."""
    promised = isinstance(frame.value, Unparsed) and frame.value.is_json
    try:
        return frame._replace(value=(yield from _steps(frame.data, notes)))
    except JsonError as error:
        return frame._replace(value=None, malformed=f"Not JSON: {error}." if promised else None)


def _steps(payload: str, notes: Notes) -> Generator[None, None, object]:
    """`parsed`, in steps."""
    try:
        return (yield from steps(payload))
    except JsonError:
        found = yield from steps(payload, constants=True)
        notes.add(CONSTANTS)
        return found
