"""Credentials that are spelled out by pieces: a model that repeats a key says a few letters of it in each event, or in
each a few more than in the one before.

In: texts with JSON in them, one behind the other.  Out: the same with `***` in place of each piece of what the strings
of one name, and of one choice, spell together.  What is no JSON, and what no single name spells, is not put together.
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
"""Which of several choices, or of several calls, a text says more of."""
_MOST = 250_000
"""Strings that are looked at: those of 20,000 events with a dozen members each."""
_SURE = 8
"""Characters between two credentials from which on it is plain where they stand."""


class _Piece(NamedTuple):
    """A string: in which text, where, and what it says."""

    text: int
    start: int
    end: int
    says: str


def mask(texts: Sequence[str], hide: Callable[[str], str]) -> list[str]:
    """The texts without the pieces of what `hide` masks once they are joined."""
    named: dict[tuple[str, ...], list[_Piece]] = defaultdict(list)
    for number, choice, member in islice(_members(texts), _MOST):
        if says := _said(member[3]):
            named[member[1] or member[2], *choice].append(_Piece(number, *member.span(3), says))
    put: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for pieces in named.values():
        for piece, said in _masked(pieces, hide):
            put[piece.text].append((piece.start, piece.end, said))
    return [_with(text, put[number]) if number in put else text for number, text in enumerate(texts)]


def _members(texts: Iterable[str]) -> Iterator[tuple[int, list[str], re.Match[str]]]:
    """Of each text its number, of which choice it is, and a member of its JSON."""
    for number, text in enumerate(texts):
        choice = _INDEX.findall(text)
        for member in _MEMBER.finditer(text):
            yield number, choice, member


def _said(inside: str) -> str | None:
    """What stands between the quotes of a string."""
    if "\\" not in inside:
        return inside
    try:
        return str(json.loads(f'"{inside}"', strict=False))
    except ValueError:
        return None


def _masked(pieces: Sequence[_Piece], hide: Callable[[str], str]) -> Iterator[tuple[_Piece, str]]:
    """The pieces that spell a credential, with what may be said of each."""
    if all(later.says.startswith(piece.says) for piece, later in pairwise(pieces)):
        whole, starts = pieces[-1].says, [0] * len(pieces)  # each says again what the ones before it said
    else:
        whole = "".join(piece.says for piece in pieces)
        starts = [*accumulate((len(piece.says) for piece in pieces[:-1]), initial=0)]
    gaps = [*_gaps(whole, hide(whole))]
    begins, ends = [start for start, _ in gaps], [end for _, end in gaps]
    for piece, at in zip(pieces, starts, strict=True):
        until = at + len(piece.says)
        first, last = bisect_right(ends, at), bisect_left(begins, until)
        put = [(max(start - at, 0), min(end, until) - at, MASK) for start, end in gaps[first:last]]
        if put:
            yield piece, json.dumps(_with(piece.says, put))[1:-1]


def _gaps(text: str, masked: str) -> Iterator[tuple[int, int]]:
    """From where to where the text was masked; what is short between two such places is taken to belong to them."""
    if masked == text:
        return
    first, *between, last = masked.split(MASK)
    if not text.startswith(first) or not text.endswith(last):  # what stands beside it was put in other words, too
        start = _alike(text, masked)
        yield start, max(start, len(text) - _alike(reversed(text), reversed(masked)))
        return
    start, stop = len(first), len(text) - len(last)
    for other in between:
        end = text.find(other, start, stop) if len(other) >= _SURE else -1
        if end >= 0:
            yield start, end
            start = end + len(other)
    if start < stop:
        yield start, stop


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many signs at the start are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _with(text: str, put: Iterable[tuple[int, int, str]]) -> str:
    """The text with something else in these places of it."""
    kept: list[str] = []
    at = 0
    for start, end, other in sorted(put):
        kept += text[at:start], other
        at = end
    return "".join([*kept, text[at:]])
