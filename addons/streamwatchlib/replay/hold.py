"""Imitation of a hop that holds back: the same bytes, later and in lumps.

In: a `Score` and a description of the hop.  Out: a `Score`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .score import Piece, Score

type Hold = Callable[[Score], Score]

_BYTES = re.compile(r"(\d{1,9})(k?)", re.ASCII)
_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s)", re.ASCII)


def hold(text: str) -> Hold:
    """The hop that `text` describes: ``all``, a buffer of ``4096`` or ``16k`` bytes, a timer of ``200ms``.

    Raises:
        ValueError: it describes none.
    """
    if text == "all":
        return _all
    if (match := _BYTES.fullmatch(text)) and (block := int(match[1]) * (1024 if match[2] else 1)):
        return lambda score: _released(score, _blocks(score, block))
    if (match := _TIME.fullmatch(text)) and (period := float(match[1]) * (1e-3 if match[2] == "ms" else 1)):
        return lambda score: _released(score, _periods(score, period))
    raise ValueError(f"{text!r} is neither 'all' nor a size such as 4096 or 16k nor a time such as 200ms or 2s")


def faster(score: Score, speed: float) -> Score:
    """The same score, `speed` times as fast."""
    pieces = tuple(Piece(piece.t / speed, piece.data) for piece in score.pieces)
    return replace(score, begin=score.begin / speed, pieces=pieces, end=score.end / speed)


def _released(score: Score, pieces: Iterator[Piece] | Sequence[Piece]) -> Score:
    """The score with other pieces; like most buffering proxies, the hop sends the head with the first data."""
    held = tuple(pieces)
    return replace(score, pieces=held, begin=held[0].t if held else score.begin)


def _all(score: Score) -> Score:
    data = b"".join(piece.data for piece in score.pieces)
    return _released(score, [Piece(score.end, data)] if data else [])


def _blocks(score: Score, size: int) -> Iterator[Piece]:
    """Yield the pieces of a buffer that is passed on when it is full, and at the end."""
    buffer = bytearray()
    for piece in score.pieces:
        buffer += piece.data
        if full := len(buffer) // size * size:
            yield Piece(piece.t, bytes(buffer[:full]))
            del buffer[:full]
    if buffer:
        yield Piece(score.end, bytes(buffer))


def _periods(score: Score, period: float) -> Iterator[Piece]:
    """Yield the pieces of a buffer that is passed on when its oldest byte has waited for `period`, and at the end."""
    buffer, due = bytearray(), 0.0
    for piece in score.pieces:
        if buffer and piece.t >= due:
            yield Piece(due, bytes(buffer))
            buffer.clear()
        if not buffer:
            due = piece.t + period
        buffer += piece.data
    if buffer:
        yield Piece(min(due, score.end), bytes(buffer))
