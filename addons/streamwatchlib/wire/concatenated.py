"""JSON documents that follow each other on one line, because a line feed was left out between them.

In: the bytes of one line in pieces of any size.  Out: where to cut it.  Only objects and arrays with nothing but white
space between them count, so that a line that is merely broken is left whole.
"""

from __future__ import annotations

from .scan import Scanner


class ConcatenatedJson:
    """Cuts one line.

    A document is cut off as soon as another begins behind it.  If the stream is `known` to leave out line feeds, a
    document is cut off at its own end, since no line feed may ever come.
    """

    __slots__ = ("_begun", "_ended", "_fed", "_known", "_scanner", "_spoilt", "_taken")

    def __init__(self, known: bool) -> None:
        self._known = known
        self._scanner = Scanner()
        self._fed = self._ended = self._taken = 0
        self._begun = self._spoilt = False

    def feed(self, data: bytes) -> list[int]:
        """Lengths of the documents to be cut off, one by one, from the front of what is left of the line."""
        cuts: list[int] = []
        at = 0
        for end, byte, _ in self._scanner.marks(data, 0):
            if byte in b"}]":
                self._begin(data[at:end], cuts)
                self._end(self._fed + end, cuts)
                at = end
        self._begin(data[at:], cuts)
        self._fed += len(data)
        return cuts

    def _begin(self, data: bytes, cuts: list[int]) -> None:
        """Decide by the first byte behind a document whether another follows."""
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
