"""Recognise payloads by their looks: a stream sends the same payload thousands of times with another word in it.

In: payloads that were read in full, and what each added to the answer.  Out: a `Template`, which tells from a payload's
text, without parsing it, that reading it would add a certain word to a certain text and do nothing else.

Two payloads make a template: what is the same in both must be the same in all; what differs must be the word that was
added, the value of a member to which the dialect is indifferent, or the number that counts the events.  What fits a
template is JSON, because those two were; all else is parsed.
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
_MAX_PAYLOAD = 4096
"""Most characters of a payload that is worth a template."""


class Sample(NamedTuple):
    """A payload that was read in full, and that did nothing but add one piece to one text."""

    payload: str
    name: str
    """The framing's name of the event."""
    target: Text
    piece: str
    reading: Reading


class Match(NamedTuple):
    """What payloads say that fit a template."""

    words: Sequence[str]
    numbers: Sequence[str]
    """The numbers of the events, if these are counted; each is one more than the one before."""

    def split(self) -> Iterator[Match]:
        """Yield what each payload says by itself."""
        if not self.numbers:
            return (Match([word], ()) for word in self.words)
        return (Match([word], [number]) for word, number in zip(self.words, self.numbers, strict=True))

    def continues_from(self, number: int | None) -> bool:
        """The events come right after the event of this number; True if they are not counted."""
        return not self.numbers or (number is not None and int(self.numbers[0]) == number + 1)


class StandIn(NamedTuple):
    """Stands for the value of a payload that fits a template."""

    template: Template
    match: Match


type _Kind = Literal["word", "text", "number", "count"]


class _Slot(NamedTuple):
    """A place where payloads of one template differ."""

    kind: _Kind
    before: str
    """What stands between it and the slot before it, or the payload's start."""


class Template:
    """The looks of payloads that add a word to one text."""

    __slots__ = ("_end", "_slots", "sample")

    def __init__(self, sample: Sample, slots: Sequence[_Slot], end: str) -> None:
        self.sample, self._slots, self._end = sample, slots, end

    def match(self, payloads: Sequence[str]) -> Match | None:
        """Return what each payload says, if all of them fit; else None.

        Neither a template nor what may stand in its slots contains a line feed: where one stands between a template's
        end and its start, there and nowhere else the next payload begins.
        """
        (first, *others), end, text = self._slots, self._end, "\n".join(payloads)
        start = first.before
        if not text.startswith(start) or not text.endswith(end) or len(text) < len(start) + len(end):
            return None
        insides: Sequence[str] = text[len(start) : len(text) - len(end)].split(f"{end}\n{start}")
        columns: list[Sequence[str]] = []
        for slot in others:
            column, found, insides = map(list, zip(*map(str.partition, insides, repeat(slot.before)), strict=True))
            if not all(found):
                return None
            columns.append(column)
        match = Match((), ())
        for slot, inside in zip(self._slots, [*columns, insides], strict=True):
            values = _READ[slot.kind](inside)
            if values is None:
                return None
            if slot.kind == "word":
                match = match._replace(words=values)
            elif slot.kind == "count":
                match = match._replace(numbers=values)
        return match if all(match.words) and len(match.words) == len(payloads) else None

    def predicts(self, sample: Sample) -> bool:
        """The template says of this payload what reading it in full did."""
        own, match = self.sample, self.match([sample.payload])
        same = own.target is sample.target and (own.name, own.reading) == (sample.name, sample.reading)
        return same and match is not None and match.words == [sample.piece]


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


def derive_template(
    one: Sample, other: Sample, ignored_members: frozenset[str], sequence_member: str | None
) -> Template | None:
    """The template that two successive payloads have in common, or None; `ignored_members` and `sequence_member` as in
    `Dialect`."""
    if (
        (one.name, one.reading) != (other.name, other.reading)
        or one.target is not other.target
        or one.piece == other.piece
    ):
        return None
    if max(len(one.payload), len(other.payload)) > _MAX_PAYLOAD or "\n" in one.payload + other.payload:
        return None
    firsts, seconds = _TOKEN.findall(one.payload), _TOKEN.findall(other.payload)
    if len(firsts) != len(seconds):
        return None
    slots: list[_Slot] = []
    since = ""
    for i, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        if first == second:
            since += first
            continue
        is_text, member = first[0] == second[0] == '"', _member(firsts[:i])
        if is_text and member in ignored_members:
            kind: _Kind = "text"
        elif is_text and (json.loads(first), json.loads(second)) == (one.piece, other.piece):
            kind = "word"
        elif member in ignored_members and _numbers([first, second]):
            kind = "number"
        elif member is not None and member == sequence_member and _counts([first, second]):
            kind = "count"
        else:
            return None
        slots.append(_Slot(kind, since + '"' * is_text))
        since = '"' * is_text
    return Template(other, slots, since) if [slot.kind for slot in slots].count("word") == 1 else None


def _member(before: Sequence[str]) -> str | None:
    """The name of the member whose value these tokens lead up to; None if no member's value follows."""
    *_, name, colon = (None, None, *filter(str.strip, before))
    return name.strip('"') if name and colon == ":" else None


class TemplateLearner:
    """Finds the template of one stream's payloads, and watches over it.

    Other payloads may change what a payload does: after those, one that fits is read in full once more before the
    template is trusted again.
    """

    def __init__(self) -> None:
        self.template: Template | None = None
        self.trusted: Template | None = None
        """The template, while payloads that fit it need not be read in full."""
        self._last_sample: Sample | None = None
        self._misses, self._retry_after = 0, 2

    def read(self, dialect: Dialect, ignored_members: frozenset[str], frame: Frame) -> Reading:
        """Have the dialect read a frame in full, and learn from what that does.  `ignored_members`: as in `Dialect`."""
        before = dialect.answer.budget.pieces
        reading = dialect.read_event(frame)
        sample = _sample(frame, reading, dialect.answer.budget, before)
        self.trusted = self.template if sample and self.template and self.template.predicts(sample) else None
        if self.trusted is None:
            self._try(sample, ignored_members, dialect.sequence_member)
        self._last_sample = sample
        return reading

    def _try(self, sample: Sample | None, ignored_members: frozenset[str], sequence_member: str | None) -> None:
        """Look for a template, each time after twice as many payloads as before: all attempts together cost little."""
        self._misses += 1
        if sample is None or self._last_sample is None or self._misses < self._retry_after:
            return
        self._misses, self._retry_after = 0, 2 * self._retry_after
        found = derive_template(self._last_sample, sample, ignored_members, sequence_member)
        if found and found.predicts(sample):
            self.template = self.trusted = found


def _sample(frame: Frame, reading: Reading, budget: Budget, before: int) -> Sample | None:
    """What a frame did, if a template can express that.

    Frames with a tool's arguments are always read: where these belong may depend on what they say.
    """
    if budget.pieces != before + 1 or budget.latest is None or reading.channels not in _WORDS:
        return None
    target, piece = budget.latest
    alone = reading.end is None and reading.clock is None and reading.kept
    # to a text that may be cumulative a piece is only added, and counted, once it is known to be new
    plain = frame.data.startswith("{") and alone
    return Sample(frame.data, frame.type, target, piece, reading) if plain else None
