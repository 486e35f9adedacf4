"""One event's bytes to its text and value: what every framing does with a payload once it has found its ends.

In: the bytes of one payload.  Out: a `Frame`; what cannot be read becomes its `malformed`.
"""

from __future__ import annotations

from ..model import Frame
from .jsontext import JsonError, loads

REPLACED = "Bytes that are not UTF-8 were replaced by U+FFFD."
"""Deviation of a stream in which `text` had to replace bytes."""
CONSTANTS = "NaN or Infinity in JSON, which allows neither; they were read as Python reads them."
MENDED = frozenset({REPLACED, CONSTANTS})
"""Deviations after which the value read is not exactly what was sent."""
_BROKEN_OFF = "The body broke off inside this event."


class Notes:
    """Sentences, each once, in the order in which they were first added."""

    __slots__ = ("_sentences",)

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        self._sentences[sentence] = None

    def all(self) -> tuple[str, ...]:
        return tuple(self._sentences)


def text(data: bytes, notes: Notes) -> str:
    """Decode UTF-8; invalid bytes become U+FFFD, which is noted."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        notes.add(REPLACED)
        return data.decode(errors="replace")


def parsed(payload: str, notes: Notes) -> object:
    """Parse the payload as the clients of such servers do: NaN and Infinity are accepted, and noted.

    Raises:
        JsonError: it is not JSON.
    """
    try:
        return loads(payload)
    except JsonError:
        found = loads(payload, constants=True)
        notes.add(CONSTANTS)
        return found


def oversize(data: bytes, limit: int, *, type: str = "message", split: bool = False) -> Frame:
    """The frame of an event longer than `limit` bytes, of which only the head was kept."""
    # the cut may halve a character, which is not an error of the sender
    head = data[:limit].decode(errors="ignore")
    return Frame(type, head, malformed=f"Longer than {limit} bytes: only its beginning is kept.", split=split)


def json_frame(data: bytes, limit: int, notes: Notes, *, split: bool = False) -> Frame:
    """The frame of a payload that must be JSON."""
    if len(data) > limit:
        return oversize(data, limit, split=split)
    payload = text(data, notes)
    try:
        return Frame("message", payload, parsed(payload, notes), split=split)
    except JsonError as error:
        return Frame("message", payload, malformed=f"Not JSON: {error}.", split=split)


def broken_off(frame: Frame) -> Frame:
    """Mark the last event of a body that broke off as malformed, unless its own bytes prove it whole."""
    proven = frame.malformed or frame.comment or isinstance(frame.value, dict | list | tuple)  # a tuple: a stand-in
    return frame if proven else frame._replace(malformed=_BROKEN_OFF)
