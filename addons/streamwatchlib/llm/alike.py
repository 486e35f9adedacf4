"""Payloads that are known by their looks: a stream says the same thousands of times, with another word in it.

In: payloads that were read in full, and what each added to the answer.  Out: a `Form`, which tells from a payload's
text alone, without parsing it, that reading it would add such a word to that text and do nothing else.

Two payloads make a form: what is the same in both must be so in all, what differs must be the word that was added, or
the value of a member to which the dialect is indifferent.  What fits a form is JSON, because they were; what does not
is read as ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from ..model import Frame, Reading
from .answer import Budget, Text
from .dialect import Dialect

_DECODER: Any = json.JSONDecoder()
_string = _DECODER.parse_string
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[-+.\w]++|[^"\w]', re.DOTALL)
_WORDS = (("text",), ("reasoning",))
"""Channels of what adds to a text, whatever it says."""
_DIGITS = 18
"""Digits of a number that is no matter of how a parser reads it."""
_LONGEST = 4096
"""Characters of a payload that is worth a form."""


class Told(NamedTuple):
    """A payload that was read in full, and all that it did: to add one piece to one text."""

    payload: str
    name: str
    """The framing's name of its event."""
    to: Text
    piece: str
    reading: Reading


class Alike(NamedTuple):
    """Stands for the value of a payload that fits a form."""

    form: Form
    piece: str


_alike = partial(tuple.__new__, Alike)


class _Hole(NamedTuple):
    """Where payloads of a form differ, and what stands between this place and the next."""

    is_word: bool
    is_text: bool
    behind: str
    length: int
    """Of what stands behind."""


class Form:
    """What payloads look like that add a word to one text."""

    __slots__ = ("_from", "_holes", "_start", "told")

    def __init__(self, told: Told, start: str, holes: Sequence[_Hole]) -> None:
        self.told, self._start, self._holes = told, start, tuple(holes)
        self._from = len(start)

    def read(self, payload: str) -> Alike | None:
        """What the payload says, if it fits."""
        if not payload.startswith(self._start):
            return None
        at, word = self._from, ""
        for is_word, is_text, behind, length in self._holes:
            if is_text:
                try:
                    piece, end = _string(payload, at)
                except json.JSONDecodeError:
                    return None
                end -= 1  # the closing quote stands in `behind`
                if is_word:
                    word = piece
            else:
                end = payload.find(behind, at)
                if not _is_plain(payload[at:end]):
                    return None
            if not payload.startswith(behind, end):
                return None
            at = end + length
        return _alike((self, word)) if at == len(payload) and word else None

    def foretells(self, told: Told) -> bool:
        """It says of a payload what reading it in full did."""
        found, like = self.read(told.payload), self.told
        same = like.to is told.to and (like.name, like.reading) == (told.name, told.reading)
        return same and found is not None and found.piece == told.piece


def form(one: Told, other: Told, indifferent: frozenset[str]) -> Form | None:
    """The form of two payloads, if they have one in common.  `indifferent`: members whose values mean nothing."""
    if (one.name, one.reading) != (other.name, other.reading) or one.to is not other.to or one.piece == other.piece:
        return None
    if max(len(one.payload), len(other.payload)) > _LONGEST:
        return None
    firsts, seconds = _TOKEN.findall(one.payload), _TOKEN.findall(other.payload)
    if len(firsts) != len(seconds):
        return None
    parts: list[str] = [""]
    """What stands before the first hole, and behind each."""
    kinds: list[tuple[bool, bool]] = []
    for i, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        if first == second:
            parts[-1] += first
            continue
        is_text = first[0] == second[0] == '"'
        means_nothing = _member(firsts[:i]) in indifferent
        is_word = is_text and (json.loads(first), json.loads(second)) == (one.piece, other.piece)
        if not (means_nothing or is_word) or not (is_text or (_is_plain(first) and _is_plain(second))):
            return None
        parts[-1] += '"' * is_text
        parts.append('"' * is_text)
        kinds.append((is_word and not means_nothing, is_text))
    if [is_word for is_word, _ in kinds].count(True) != 1:
        return None
    return Form(
        other, parts[0], [_Hole(*kind, behind, len(behind)) for kind, behind in zip(kinds, parts[1:], strict=True)]
    )


def _is_plain(number: str) -> bool:
    """A number that any parser takes, as counters and dates are."""
    return number.isdecimal() and number.isascii() and number[0] != "0" and len(number) <= _DIGITS


def _member(before: Sequence[str]) -> str | None:
    """The name of the member whose value these tokens lead up to; None where it is no member's."""
    *_, name, colon = (None, None, *filter(str.strip, before))
    return name.strip('"') if name and colon == ":" else None


class Learner:
    """Finds the form of one stream's payloads, and watches over it.

    What has been read in between may have changed what a payload does: one that fits is then read in full once more
    before the form is trusted again.
    """

    def __init__(self) -> None:
        self.form: Form | None = None
        self.trusted: Form | None = None
        """The form, while a payload that fits it needs no reading."""
        self._last: Told | None = None
        self._unlike, self._patience = 0, 2

    def read(self, dialect: Dialect, indifferent: frozenset[str], frame: Frame) -> Reading:
        """Have a frame read in full, and see what that does."""
        before = dialect.answer.budget.pieces
        reading = dialect.event(frame)
        told = _told(frame, reading, dialect.answer.budget, before)
        self.trusted = self.form if told and self.form and self.form.foretells(told) else None
        if self.trusted is None:
            self._try(told, indifferent)
        self._last = told
        return reading

    def _try(self, told: Told | None, indifferent: frozenset[str]) -> None:
        """Each try waits for twice as many payloads as the one before: together they cost little, come what may."""
        self._unlike += 1
        if told is None or self._last is None or self._unlike < self._patience:
            return
        self._unlike, self._patience = 0, 2 * self._patience
        found = form(self._last, told, indifferent)
        if found and found.foretells(told):
            self.form = self.trusted = found


def _told(frame: Frame, reading: Reading, budget: Budget, before: int) -> Told | None:
    """What a frame did, if that is all that can be told of a form.

    Where a tool's arguments belong may depend on what they say: they are always read.
    """
    if budget.pieces != before + 1 or budget.latest is None or reading.channels not in _WORDS:
        return None
    to, piece = budget.latest
    plain = type(to) is Text and frame.data.startswith("{") and not reading.end
    return Told(frame.data, frame.type, to, piece, reading) if plain else None
