"""Texts that grow by pieces, all of one answer within one budget.

In: pieces.  Out: the text so far, at any time.  Pieces are joined when the text is requested, so the work is linear.
"""

from __future__ import annotations

from ..surrogates import well_formed

MAX_NAME = 1000
"""Most characters of a name, an ID or a note; real ones have a few hundred."""
_BLOCK = 1024
"""Pieces of a text that are joined into one block."""


class Budget:
    """Characters that may still be kept of an answer, over all its texts."""

    __slots__ = ("latest", "left", "overdrawn", "pieces")

    def __init__(self, left: int) -> None:
        self.left = left
        self.overdrawn = False
        self.pieces = 0
        """Pieces added so far."""
        self.latest: tuple[Text, str] | None = None
        """The text to which the last piece was added, and the piece."""

    def kept(self, word: str | None) -> str | None:
        """As much of a name or an ID as is kept."""
        if not word:
            return None
        kept = word[: min(MAX_NAME, self.left)]
        self.overdrawn = self.overdrawn or len(kept) < len(word)
        self.left -= len(kept)
        return kept or None


class Text:
    """A text that grows by pieces."""

    rewritten = False
    """A cumulative text was revised; a text of increments never is."""
    __slots__ = ("_blocks", "_budget", "_length", "_pieces")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._blocks: list[str] = []
        """Pieces joined by the thousand: a million tokens as objects of their own would take a hundred megabytes."""
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> bool:
        """Take a piece; return whether it says anything new, kept or not."""
        kept = self._fit(piece)
        if not kept:
            return bool(piece)
        budget = self._budget
        budget.left -= len(kept)
        budget.pieces += 1
        budget.latest = self, kept
        self._length += len(kept)
        self._pieces.append(kept)
        if len(self._pieces) == _BLOCK:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()
        return True

    def finish(self) -> None:
        """The text is complete.  Matters only where it was in doubt what its pieces are."""

    def _fit(self, piece: str) -> str:
        """As much of the piece as the budget has room for."""
        if len(piece) <= self._budget.left:
            return piece
        self._budget.overdrawn = True
        return piece[: self._budget.left]

    def __len__(self) -> int:
        return self._length

    def ends_with(self, end: str) -> bool:
        """The last piece ends with `end`."""
        last = self._pieces or self._blocks
        return bool(last) and last[-1].endswith(end)

    def joined(self) -> str:
        return well_formed("".join((*self._blocks, *self._pieces)))
