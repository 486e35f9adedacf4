"""Texts whose pieces may be cumulative: each may repeat all that was said before.

In: pieces.  Out: the text.  DashScope without ``incremental_output`` and SGLang's native API send cumulative text and
don't say so.  The data shows it: as long as each piece begins with the one before, it may be cumulative, and after a
few that grew it is.  Until that is decided nothing is lost: the pieces are kept, of which few differ by then.
"""

from __future__ import annotations

from ..surrogates import well_formed
from .bounded_dict import BoundedDict
from .texts import Budget, Text

_PROOF = 3
"""Times that a piece must repeat and outgrow its predecessor: chance does that once ("ha", "haha"), not three times."""

_MAX_PARTS = 1000
"""Most parts of a text that are kept; real ones have a few."""

_HALVES = "\N{REPLACEMENT CHARACTER}" + "".join(map(chr, range(0xD800, 0xDC00)))
"""How half a character at the end of a piece looks: the next piece has the whole one in its place."""


class MaybeCumulativeText(Text):
    """Finds out from its pieces whether these are cumulative.  Work and memory are linear in their lengths."""

    __slots__ = ("_doubtful", "_grown", "_last", "rewritten")

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._last = ""
        self._doubtful: list[str] | None = []
        """The pieces so far; None once the pieces are known not to be cumulative."""
        self._grown = 0
        self.rewritten = False

    def add(self, piece: str) -> bool:
        """Take a piece; return whether it says anything new."""
        if self._doubtful is None:
            super().add(piece)
            return bool(piece)
        if piece and piece.startswith(self._last.rstrip(_HALVES)):
            new = piece != self._last
            self._grown += bool(self._last) and new
            self._last = piece if new else self._last
            if self._grown < _PROOF:
                self._doubtful.append(self._last)
            return new
        if self._grown >= _PROOF:
            self.rewritten = self.rewritten or bool(piece)
            self._last = piece or self._last
            return bool(piece)
        if self._last:
            self._spell_out(piece)
        return bool(piece)

    def finish(self) -> None:
        """The text is complete: equal pieces ("1", "1") were increments, since cumulative text grows."""
        if self._doubtful and not self._grown:
            self._spell_out("")

    def _spell_out(self, piece: str) -> None:
        """The pieces are not cumulative: join them."""
        for doubtful in self._doubtful or ():
            super().add(doubtful)
        super().add(piece)
        self._last, self._doubtful = "", None

    def __len__(self) -> int:
        return super().__len__() or len(self._last)

    def joined(self) -> str:
        if self._doubtful is None:
            return super().joined()
        return well_formed(self._fit(self._last))


class CumulativeText(MaybeCumulativeText):
    """A text known to be cumulative: each piece has all so far, perhaps revised."""

    __slots__ = ()

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._grown = _PROOF


class PartedText(Text):
    """A text of named parts, any of which may be sent again."""

    __slots__ = ("_parts",)

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._parts = BoundedDict[str, Text](_MAX_PARTS)

    def append(self, name: str, piece: str) -> bool:
        """Add to a part; return whether that says anything."""
        part = self._parts.get(name)
        return part.add(piece) if part else self._begin(name, piece)

    def replace(self, name: str, words: str) -> bool:
        """Replace a part by `words`; return whether that changed it."""
        part = self._parts.get(name)
        if part and part.joined() == well_formed(words):
            return False
        self._budget.left += len(part or "")
        return self._begin(name, words)

    def _begin(self, name: str, words: str) -> bool:
        part = self._parts[name] = Text(self._budget)
        return part.add(words)

    def __len__(self) -> int:
        return sum(map(len, self._parts.values()))

    def joined(self) -> str:
        return "".join(part.joined() for part in self._parts.values())


class Sentences(Text):
    """Recognised speech, a line each sentence: the last one is sent again, corrected, until it is over."""

    __slots__ = ("_last",)

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self._last = ""

    def update(self, words: str, *, over: bool) -> bool:
        """Take the last sentence as it is recognised by now; return whether it changed."""
        new, budget = words != self._last, self._budget
        budget.left += len(self._last)
        self._last = self._fit(words)
        if over:
            self.add(self._line())
            self._last = ""
        budget.left -= len(self._last)
        return new

    def _line(self) -> str:
        return "\n" * bool(self._last and super().__len__()) + self._last

    def __len__(self) -> int:
        return super().__len__() + len(self._last)

    def joined(self) -> str:
        return super().joined() + well_formed(self._line())
