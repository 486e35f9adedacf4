"""Texts that grow by pieces, all of one answer within one budget.

In: pieces.  Out: the text so far, at any time.  Pieces are joined when the text is asked for, so the work is linear.
"""

from __future__ import annotations

from .values import clean

LONGEST = 1000
"""Characters of a name, an id or a note; real ones have a few hundred at most."""
_BLOCK = 1024
"""Pieces of a text that are joined to one."""


class Budget:
    """Characters that may still be kept of an answer, over all its texts."""

    __slots__ = ("latest", "left", "overdrawn", "pieces")

    def __init__(self, left: int) -> None:
        self.left = left
        self.overdrawn = False
        self.pieces = 0
        """That were added so far."""
        self.latest: tuple[Text, str] | None = None
        """The text to which the last of them was added, and the piece."""

    def kept(self, word: str | None) -> str | None:
        """As much of a name or an id as is kept."""
        if not word:
            return None
        kept = word[: min(LONGEST, self.left)]
        self.overdrawn = self.overdrawn or len(kept) < len(word)
        self.left -= len(kept)
        return kept or None


class Text:
    """A text that grows by pieces."""

    rewritten = False
    """A cumulative text took back what it had said; a text of pieces never does."""
    __slots__ = ("_blocks", "_budget", "_length", "_pieces")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._blocks: list[str] = []
        """Pieces joined by the thousand: a million tokens as objects of their own would be a hundred megabytes."""
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> bool:
        """Take a piece; True if it says anything new, be it kept or not."""
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

    def over(self) -> None:
        """The end says nothing new: that tells what its pieces were, where they were in doubt."""

    def _fit(self, piece: str) -> str:
        """As much of the piece as the budget has room for."""
        if len(piece) <= self._budget.left:
            return piece
        self._budget.overdrawn = True
        return piece[: self._budget.left]

    def __len__(self) -> int:
        return self._length

    def ends_with(self, end: str) -> bool:
        """Its last piece ends so."""
        last = self._pieces or self._blocks
        return bool(last) and last[-1].endswith(end)

    def whole(self) -> str:
        return clean("".join((*self._blocks, *self._pieces)))
