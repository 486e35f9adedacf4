"""Imitation of a hop that holds back: the same bytes, later and in lumps.

In: a `Playback` and a description of the hop.  Out: a `Playback`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .playback import Piece, Playback

type HopEffect = Callable[[Playback], Playback]

_BYTES = re.compile(r"(\d{1,9})(k?)", re.ASCII)
_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s)", re.ASCII)


def parse_hold(text: str) -> HopEffect:
    """The hop that `text` describes: ``all``, a buffer of ``4096`` or ``16k`` bytes, a timer of ``200ms``.

    Raises:
        ValueError: it describes none.
    """
    if text == "all":
        return _all
    if (match := _BYTES.fullmatch(text)) and (block := int(match[1]) * (1024 if match[2] else 1)):
        return lambda playback: _released(playback, _blocks(playback, block))
    if (match := _TIME.fullmatch(text)) and (period := float(match[1]) * (1e-3 if match[2] == "ms" else 1)):
        return lambda playback: _released(playback, _periods(playback, period))
    raise ValueError(f"{text!r} is neither 'all' nor a size such as 4096 or 16k nor a time such as 200ms or 2s")


def faster(playback: Playback, speed: float) -> Playback:
    """The same playback, `speed` times as fast."""
    pieces = tuple(Piece(piece.t / speed, piece.data) for piece in playback.pieces)
    return replace(playback, begin=playback.begin / speed, pieces=pieces, end=playback.end / speed)


def _released(playback: Playback, pieces: Iterator[Piece] | Sequence[Piece]) -> Playback:
    """The playback with other pieces; like most buffering proxies, the hop sends the head with the first data."""
    held = tuple(pieces)
    return replace(playback, pieces=held, begin=held[0].t if held else playback.begin)


def _all(playback: Playback) -> Playback:
    data = b"".join(piece.data for piece in playback.pieces)
    return _released(playback, [Piece(playback.end, data)] if data else [])


def _blocks(playback: Playback, size: int) -> Iterator[Piece]:
    """Yield the pieces of a buffer that is passed on when it is full, and at the end."""
    buffer = bytearray()
    for piece in playback.pieces:
        buffer += piece.data
        if full := len(buffer) // size * size:
            yield Piece(piece.t, bytes(buffer[:full]))
            del buffer[:full]
    if buffer:
        yield Piece(playback.end, bytes(buffer))


def _periods(playback: Playback, period: float) -> Iterator[Piece]:
    """Yield the pieces of a buffer that is passed on when its oldest byte has waited for `period`, and at the end."""
    buffer, due = bytearray(), 0.0
    for piece in playback.pieces:
        if buffer and piece.t >= due:
            yield Piece(due, bytes(buffer))
            buffer.clear()
        if not buffer:
            due = piece.t + period
        buffer += piece.data
    if buffer:
        yield Piece(min(due, playback.end), bytes(buffer))
