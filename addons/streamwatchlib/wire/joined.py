"""JSON documents that follow each other on one line, where a line feed was forgotten between them.

In: the bytes of one line in pieces of any size.  Out: where to cut it.  Strict about what counts: objects and arrays,
and nothing but white space between them, so that a line that is merely broken is left whole.
"""

from __future__ import annotations

from .scan import Scanner


class Joined:
    """Cuts one line.

    A document that ended is cut off once another begins behind it, or, if `known`, at its own end: where line feeds
    were left out before, none may ever come.
    """

    __slots__ = ("_begun", "_ended", "_fed", "_known", "_scanner", "_spoilt", "_taken")

    def __init__(self, known: bool) -> None:
        self._known = known
        self._scanner = Scanner()
        self._fed = self._ended = self._taken = 0
        self._begun = self._spoilt = False

    def feed(self, data: bytes) -> list[int]:
        """Lengths of the documents to be taken, one by one, from the front of what is left of the line."""
        cuts: list[int] = []
        at = 0
        for end, byte, _ in self._scanner.marks(data, 0):
            if byte in b"}]" and not self._spoilt:
                self._begin(data[at:end], cuts)
                self._end(self._fed + end, cuts)
                at = end
        self._begin(data[at:], cuts)
        self._fed += len(data)
        return cuts

    def _begin(self, data: bytes, cuts: list[int]) -> None:
        """The first byte behind a document tells whether another follows."""
        if self._begun or not (data := data.lstrip()):
            return
        self._begun = True
        self._spoilt = not data.startswith((b"{", b"["))
        if self._ended > self._taken and not self._spoilt:
            self._known = True
            self._cut(cuts)

    def _end(self, offset: int, cuts: list[int]) -> None:
        if self._spoilt:
            return
        self._ended, self._begun = offset, False
        if self._known:
            self._cut(cuts)

    def _cut(self, cuts: list[int]) -> None:
        cuts.append(self._ended - self._taken)
        self._taken = self._ended
