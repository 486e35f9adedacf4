"""Credentials in pieces: a model that repeats a key says a few letters of it in each event, or in each event a few more
than in the one before.

In: texts with JSON in them, in order.  Out: the same with `***` in place of each piece of a credential that the strings
of one name, and of one choice, spell together.  Nothing else is joined: neither text outside of JSON nor other names.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise, takewhile
from typing import NamedTuple

from .pairs import MASK

_MEMBER = re.compile(r'(?:"([\w.-]{1,64})"\s*|(?:\A|\n)(\w)):\s*"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
"""A name, or the letter that stands for one at the start of a line, and a string."""
_INDEX = re.compile(r'"index"\s*:\s*(\d{1,9})')
"""Which of several choices or calls a text continues."""
_MAX_STRINGS = 250_000
"""Most strings that are looked at: those of 20,000 events with a dozen members each."""
_MIN_ANCHOR = 8
"""Fewest characters between two credentials that show where each of them stands."""


class _Piece(NamedTuple):
    """A string: the text it is in, its place there, and its value."""

    text: int
    start: int
    end: int
    value: str


def mask(texts: Sequence[str], mask_text: Callable[[str], str]) -> list[str]:
    """Mask the pieces of whatever `mask_text` masks in the joined text."""
    named: dict[tuple[str, ...], list[_Piece]] = defaultdict(list)
    for number, choice, member in islice(_members(texts), _MAX_STRINGS):
        if value := _unescape(member[3]):
            named[member[1] or member[2], *choice].append(_Piece(number, *member.span(3), value))
    put: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for pieces in named.values():
        for piece, masked in _masked(pieces, mask_text):
            put[piece.text].append((piece.start, piece.end, masked))
    return [_replace_spans(text, put[number]) if number in put else text for number, text in enumerate(texts)]


def _members(texts: Iterable[str]) -> Iterator[tuple[int, list[str], re.Match[str]]]:
    """Yield the number of each text, its choice, and the members of its JSON one by one."""
    for number, text in enumerate(texts):
        choice = _INDEX.findall(text)
        for member in _MEMBER.finditer(text):
            yield number, choice, member


def _unescape(inside: str) -> str | None:
    """The value of a JSON string, by what stands between its quotes; None if it is not valid."""
    if "\\" not in inside:
        return inside
    try:
        return str(json.loads(f'"{inside}"', strict=False))
    except ValueError:
        return None


def _masked(pieces: Sequence[_Piece], mask_text: Callable[[str], str]) -> Iterator[tuple[_Piece, str]]:
    """Yield the pieces that spell a credential, and the masked JSON text of each."""
    if all(later.value.startswith(piece.value) for piece, later in pairwise(pieces)):
        whole, starts = pieces[-1].value, [0] * len(pieces)  # each repeats what the ones before it said
    else:
        whole = "".join(piece.value for piece in pieces)
        starts = [*accumulate((len(piece.value) for piece in pieces[:-1]), initial=0)]
    gaps = [*_gaps(whole, mask_text(whole))]
    begins, ends = [start for start, _ in gaps], [end for _, end in gaps]
    for piece, at in zip(pieces, starts, strict=True):
        until = at + len(piece.value)
        first, last = bisect_right(ends, at), bisect_left(begins, until)
        put = [(max(start - at, 0), min(end, until) - at, MASK) for start, end in gaps[first:last]]
        if put:
            yield piece, json.dumps(_replace_spans(piece.value, put))[1:-1]


def _gaps(text: str, masked: str) -> Iterator[tuple[int, int]]:
    """From where to where the text was masked; a short stretch between two such places is taken to belong to them."""
    if masked == text:
        return
    first, *between, last = masked.split(MASK)
    if not text.startswith(first) or not text.endswith(last):  # the text around it was changed, too
        start = _alike(text, masked)
        yield start, max(start, len(text) - _alike(reversed(text), reversed(masked)))
        return
    start, stop = len(first), len(text) - len(last)
    for other in between:
        end = text.find(other, start, stop) if len(other) >= _MIN_ANCHOR else -1
        if end >= 0:
            yield start, end
            start = end + len(other)
    if start < stop:
        yield start, stop


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """Length of the common start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _replace_spans(text: str, put: Iterable[tuple[int, int, str]]) -> str:
    """The text with these places replaced."""
    kept: list[str] = []
    at = 0
    for start, end, other in sorted(put):
        kept += text[at:start], other
        at = end
    return "".join([*kept, text[at:]])
