"""Recognise payloads by their looks: a stream sends the same payload thousands of times with another word in it.

In: payloads that were read in full, and what each added to the answer.  Out: a `Form`, which tells from a payload's
text, without parsing it, that reading it would add a certain word to a certain text and do nothing else.

Two payloads make a form: what is the same in both must be the same in all; what differs must be the word that was
added, the value of a member to which the dialect is indifferent, or the number that counts the events.  What fits a
form is JSON, because those two were; all else is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Literal, NamedTuple

from ..model import Frame, Reading
from .dialect import Dialect
from .texts import Budget, Text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[-+.\w]++|[^"\w]', re.DOTALL)
_WORDS = (("text",), ("reasoning",))
"""Channels of a frame that only adds to a text."""
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*+')
_STRING = re.compile(r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_COUNTERS = re.compile(r"[1-9][0-9]{0,17}(?:,[1-9][0-9]{0,17})*+")
"""Numbers of so few digits that every parser reads them alike."""
_LONGEST = 4096
"""Most characters of a payload that is worth a form."""


class Told(NamedTuple):
    """A payload that was read in full, and that did nothing but add one piece to one text."""

    payload: str
    name: str
    """The framing's name of the event."""
    to: Text
    piece: str
    reading: Reading


class Said(NamedTuple):
    """What payloads say that fit a form."""

    words: Sequence[str]
    numbers: Sequence[str]
    """The numbers of the events, if these are counted; each is one more than the one before."""

    def each(self) -> Iterator[Said]:
        """Yield what each payload says by itself."""
        if not self.numbers:
            return (Said([word], ()) for word in self.words)
        return (Said([word], [number]) for word, number in zip(self.words, self.numbers, strict=True))

    def follow(self, number: int | None) -> bool:
        """The events come right after the event of this number; True if they are not counted."""
        return not self.numbers or (number is not None and int(self.numbers[0]) == number + 1)


class Alike(NamedTuple):
    """Stands for the value of a payload that fits a form."""

    form: Form
    said: Said


type _Kind = Literal["word", "text", "number", "count"]


class _Hole(NamedTuple):
    """A place where payloads of one form differ."""

    kind: _Kind
    before: str
    """What stands between it and the hole before it, or the payload's start."""


class Form:
    """The looks of payloads that add a word to one text."""

    __slots__ = ("_end", "_holes", "told")

    def __init__(self, told: Told, holes: Sequence[_Hole], end: str) -> None:
        self.told, self._holes, self._end = told, holes, end

    def read(self, payloads: Sequence[str]) -> Said | None:
        """Return what each payload says, if all of them fit; else None.

        Neither a form nor what may stand in its holes contains a line feed: where one stands between a form's end and
        its start, there and nowhere else the next payload begins.
        """
        (first, *others), end, text = self._holes, self._end, "\n".join(payloads)
        start = first.before
        if not text.startswith(start) or not text.endswith(end) or len(text) < len(start) + len(end):
            return None
        insides: Sequence[str] = text[len(start) : len(text) - len(end)].split(f"{end}\n{start}")
        columns: list[Sequence[str]] = []
        for hole in others:
            column, found, insides = map(list, zip(*map(str.partition, insides, repeat(hole.before)), strict=True))
            if not all(found):
                return None
            columns.append(column)
        said = Said((), ())
        for hole, inside in zip(self._holes, [*columns, insides], strict=True):
            values = _READ[hole.kind](inside)
            if values is None:
                return None
            if hole.kind == "word":
                said = said._replace(words=values)
            elif hole.kind == "count":
                said = said._replace(numbers=values)
        return said if all(said.words) and len(said.words) == len(payloads) else None

    def foretells(self, told: Told) -> bool:
        """The form says of this payload what reading it in full did."""
        like, said = self.told, self.read([told.payload])
        same = like.to is told.to and (like.name, like.reading) == (told.name, told.reading)
        return same and said is not None and said.words == [told.piece]


def _texts(insides: Sequence[str]) -> list[str] | None:
    """Decode strings by what stands between their quotes; None if any is not valid."""
    if _PLAIN.fullmatch("".join(insides)):
        return [*insides]
    if not all(map(_STRING.fullmatch, insides)):
        return None
    return [json.loads(f'"{inside}"') if "\\" in inside else inside for inside in insides]


def _numbers(numbers: Sequence[str]) -> Sequence[str] | None:
    """The numbers, if every parser reads all of them alike, as those of counters and dates; else None."""
    text = ",".join(numbers)
    return numbers if _COUNTERS.fullmatch(text) and text.count(",") == len(numbers) - 1 else None


def _counts(numbers: Sequence[str]) -> Sequence[str] | None:
    """The numbers, if each is one more than the one before; else None."""
    if _numbers(numbers) is None:
        return None
    first = int(numbers[0])
    return numbers if [*map(int, numbers)] == [*range(first, first + len(numbers))] else None


_READ: Mapping[_Kind, Callable[[Sequence[str]], Sequence[str] | None]] = {
    "word": _texts,
    "text": _texts,
    "number": _numbers,
    "count": _counts,
}


def form(one: Told, other: Told, indifferent: frozenset[str], counted: str | None) -> Form | None:
    """The form that two successive payloads have in common, or None; `indifferent` and `counted` as in `Dialect`."""
    if (one.name, one.reading) != (other.name, other.reading) or one.to is not other.to or one.piece == other.piece:
        return None
    if max(len(one.payload), len(other.payload)) > _LONGEST or "\n" in one.payload + other.payload:
        return None
    firsts, seconds = _TOKEN.findall(one.payload), _TOKEN.findall(other.payload)
    if len(firsts) != len(seconds):
        return None
    holes: list[_Hole] = []
    since = ""
    for i, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        if first == second:
            since += first
            continue
        is_text, member = first[0] == second[0] == '"', _member(firsts[:i])
        if is_text and member in indifferent:
            kind: _Kind = "text"
        elif is_text and (json.loads(first), json.loads(second)) == (one.piece, other.piece):
            kind = "word"
        elif member in indifferent and _numbers([first, second]):
            kind = "number"
        elif member is not None and member == counted and _counts([first, second]):
            kind = "count"
        else:
            return None
        holes.append(_Hole(kind, since + '"' * is_text))
        since = '"' * is_text
    return Form(other, holes, since) if [hole.kind for hole in holes].count("word") == 1 else None


def _member(before: Sequence[str]) -> str | None:
    """The name of the member whose value these tokens lead up to; None if no member's value follows."""
    *_, name, colon = (None, None, *filter(str.strip, before))
    return name.strip('"') if name and colon == ":" else None


class Learner:
    """Finds the form of one stream's payloads, and watches over it.

    Other payloads may change what a payload does: after those, one that fits is read in full once more before the form
    is trusted again.
    """

    def __init__(self) -> None:
        self.form: Form | None = None
        self.trusted: Form | None = None
        """The form, while payloads that fit it need not be read in full."""
        self._last: Told | None = None
        self._unlike, self._patience = 0, 2

    def read(self, dialect: Dialect, indifferent: frozenset[str], frame: Frame) -> Reading:
        """Have the dialect read a frame in full, and learn from what that does.  `indifferent`: as in `Dialect`."""
        before = dialect.answer.budget.pieces
        reading = dialect.event(frame)
        told = _told(frame, reading, dialect.answer.budget, before)
        self.trusted = self.form if told and self.form and self.form.foretells(told) else None
        if self.trusted is None:
            self._try(told, indifferent, dialect.counted)
        self._last = told
        return reading

    def _try(self, told: Told | None, indifferent: frozenset[str], counted: str | None) -> None:
        """Look for a form, each time after twice as many payloads as before: all attempts together cost little."""
        self._unlike += 1
        if told is None or self._last is None or self._unlike < self._patience:
            return
        self._unlike, self._patience = 0, 2 * self._patience
        found = form(self._last, told, indifferent, counted)
        if found and found.foretells(told):
            self.form = self.trusted = found


def _told(frame: Frame, reading: Reading, budget: Budget, before: int) -> Told | None:
    """What a frame did, if a form can express that.

    Frames with a tool's arguments are always read: where these belong may depend on what they say.
    """
    if budget.pieces != before + 1 or budget.latest is None or reading.channels not in _WORDS:
        return None
    to, piece = budget.latest
    alone = reading.end is None and reading.clock is None and reading.kept
    # to a text that may be cumulative a piece is only added, and counted, once it is known to be new
    plain = frame.data.startswith("{") and alone
    return Told(frame.data, frame.type, to, piece, reading) if plain else None
