"""A large JSON text to its value, in small steps: whoever drives them may do something else in between.

In: a text.  Out: what `jsontext.loads` makes of it, value or `JsonError`, to the letter.  json's scanner holds the
interpreter until it is through, a tenth of a second for what some clients send.  So it is given one piece after the
other: a run of whole elements of one array or object, never longer than a window, in brackets of its own.

Where such a run ends is either guessed, from how the elements before were parted, or looked up: one regular expression
goes from bracket to bracket and leaves those that are still open where the window ends.  A wrong guess does no harm: a
run that is not cut between two elements of its own container is no JSON.  Both are bounded by the window, no matter
what is nested in what, and that is what keeps the work linear.
"""

from __future__ import annotations

import re
from collections import deque
from enum import IntEnum
from typing import Any, NoReturn

from .jsonscan import LEAST, PYTHON, STRICT, Fault, Scan, Steps, bearable, located, string_at, value_at
from .jsontext import JsonError, loads

WINDOW = 16 * 1024  # characters: a quarter of a millisecond of json's scanner, three of a look if all are brackets
_NEAR = 500  # levels that no interpreter minds: only below them it is asked how many it bears
_SINGLES = 64  # brackets, commas and keys taken one by one in a step
_WARY = 8  # windows looked through after a wrong guess, so that guessing costs an eighth at most

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BLANK = re.compile(r"[ \t\n\r]*+")
# a bracket; the quote of a string that does not end here; nothing, at the end
_MARK = re.compile(rf'(?:[^"\[\]{{}}]++|{_STRING})*+([\[\]{{}}"]|\Z)', re.DOTALL)
_RUN = re.compile(rf'(?:(?:[^",\[\]{{}}]++|{_STRING})*+,)*+', re.DOTALL)
_SEAM = re.compile(r',[ \t\n\r]{0,32}+(?:[\[{]{1,4}+(?:"\w{1,16}+")?+|")?+')


class _State(IntEnum):
    """What may come next in a container: an element or its end, a comma or its end, an element."""

    OPENED, FILLED, PARTED = range(3)


# the shortest text that leads to a state, so that json itself words what is wrong behind it
_LIST_LEADS, _DICT_LEADS = ("[", "[0", "[0,"), ("{", '{"":0', '{"":0,')
_BEFORE_COLON = '{""'


def steps(text: str, *, constants: bool = False, window: int = WINDOW) -> Steps[object]:
    """Parse one JSON text as `jsontext.loads` does, a window's worth of work at a time.

    The value is what the generator returns.  A number is taken in one step, however many digits it has.

    Raises:
        JsonError: and nothing else, from whichever step comes upon it.
    """
    window = max(window, LEAST)
    if len(text) <= window:
        return loads(text, constants=constants)
    start = int(text.startswith("\ufeff"))
    try:
        return (yield from _Reader(text, start, window, PYTHON if constants else STRICT).document())
    except Fault as fault:
        raise located(fault, text, start) from None
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except ValueError as error:  # an integer beyond sys.set_int_max_str_digits
        raise JsonError(str(error)) from None


def loads_long(text: str) -> object:
    """`jsontext.loads` of a text of any length, for a thread: others have their turns between the steps."""
    reading = steps(text)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value


class _Reader:
    """One text on its way to a value: the containers that are open, outermost first, and the place reached."""

    def __init__(self, text: str, start: int, window: int, scan: Scan) -> None:
        self._text, self._at, self._window, self._scan = text, start, window, scan
        self._stack: list[Any] = []
        self._state = _State.OPENED
        self._comma = start  # the last one taken singly
        # what a look has found: the brackets of containers that outlast the window, and, for the present container and
        # each of these, where in it the last complete one ends (0: there is none).  No ends: look again.
        self._opens: deque[int] = deque()
        self._ends: deque[int] = deque()
        self._limit = start  # nothing is known from here on
        self._seam = ""  # what parts the elements of the present container, "" if that is not known
        self._wary = 0
        self._deepest = 0  # levels that the interpreter bears, once they are counted

    def document(self) -> Steps[object]:
        root: list[object] = []
        yield from self._blank()
        root.append((yield from self._single()))
        taken = 0
        while self._stack:
            yield from self._next()
            if not (taken := (taken + 1) % _SINGLES):
                yield
        yield from self._blank()
        if self._at < len(self._text):
            raise Fault("Extra data", self._at)
        return root[0]

    def _next(self) -> Steps[None]:
        """One comma, one closing bracket, or some elements."""
        yield from self._blank()
        container = self._stack[-1]
        keyed = isinstance(container, dict)
        sign = self._text[self._at : self._at + 1]
        if sign == ("}" if keyed else "]") and self._state is not _State.PARTED:
            self._closed()
        elif self._state is _State.FILLED:
            if sign != ",":
                self._complain((_DICT_LEADS if keyed else _LIST_LEADS)[self._state])
            self._comma, self._state = self._at, _State.PARTED
            self._at += 1
        elif sign != '"' if keyed else sign in ("]", ""):
            self._complain((_DICT_LEADS if keyed else _LIST_LEADS)[self._state])
        elif not (yield from self._some(container)):
            yield from self._one(container)

    def _some(self, container: Any) -> Steps[bool]:
        """Several elements at once, if the end of one is within the window."""
        if self._seam and not self._wary:
            yield
            if self._guessed(container):
                return True
        if not self._ends:
            yield
            self._look()
            yield
        if (cut := self._cut()) <= self._at:
            return False
        self._take(container, cut)
        self._seam = self._seam_at(cut)
        if not self._opens:
            self._ends.clear()
        return True

    def _one(self, container: Any) -> Steps[None]:
        """One element by itself: a container or a string that outlasts the window, or what is last before its end."""
        if isinstance(container, dict):
            key = yield from self._string()
            yield from self._blank()
            if self._text[self._at : self._at + 1] != ":":
                self._complain(_BEFORE_COLON)
            self._at += 1
            yield from self._blank()
            container[key] = yield from self._single()
        else:
            container.append((yield from self._single()))

    def _single(self) -> Steps[Any]:
        """A value, or the empty container that is to be filled."""
        sign = self._text[self._at : self._at + 1]
        if sign in ("[", "{"):
            return (yield from self._opened([] if sign == "[" else {}))
        if not self._opens:
            self._ends.clear()
        self._state = _State.FILLED
        if sign == '"':
            return (yield from self._string())
        value, self._at = value_at(self._scan, self._text, self._at, 0)
        return value

    def _opened(self, container: Any) -> Steps[Any]:
        if len(self._stack) >= _NEAR:
            if not self._deepest:
                self._deepest = yield from bearable()
            if len(self._stack) >= self._deepest:
                raise RecursionError
        if self._opens and self._opens[0] == self._at:
            self._opens.popleft()
            self._ends.popleft()
        else:
            self._opens.clear()
            self._ends.clear()
        self._stack.append(container)
        self._state, self._seam = _State.OPENED, ""
        self._at += 1
        return container

    def _closed(self) -> None:
        self._stack.pop()
        self._state, self._seam = _State.FILLED, ""
        self._at += 1

    # -- runs of elements

    def _guessed(self, container: Any) -> bool:
        """Whether the run up to the last seam in the window was one."""
        seam = self._text.rfind(self._seam, self._at, self._at + self._window)
        cut = seam + (self._seam[0] != ",")
        if cut <= self._at:
            return False
        try:
            self._fill(container, cut)
        except (Fault, ValueError, RecursionError):
            self._wary = _WARY
            return False
        self._opens.clear()
        self._ends.clear()
        return True

    def _seam_at(self, cut: int) -> str:
        """What parts the element that ends here from the next: the comma, and what others are likely to share."""
        parting = _SEAM.match(self._text, cut)
        if not parting:
            return ""
        return self._text[cut - 1] + parting[0] if self._text[cut - 1] in '"]}' else parting[0]

    def _look(self) -> None:
        """Find the brackets that are open at the window's end, or the one that closes the present container."""
        self._wary -= self._wary > 0
        opens: list[int] = []
        ends = [0]
        room = (self._deepest or _NEAR) - len(self._stack)
        for mark in _MARK.finditer(self._text, self._at, self._at + self._window):
            sign, self._limit = mark[1], mark.start(1)
            if sign in ("[", "{"):
                if len(opens) >= room:
                    break  # one by one from here on: they are counted
                opens.append(self._limit)
                ends.append(0)
            elif sign in ("]", "}") and opens:
                opens.pop()
                ends.pop()
                ends[-1] = self._limit + 1
            else:
                break
        self._opens, self._ends = deque(opens), deque(ends)

    def _cut(self) -> int:
        """Where the last element of the present container ends that is complete, as far as can be told."""
        if not self._opens and self._text[self._limit : self._limit + 1] in ("]", "}"):
            return self._limit
        start = max(self._ends[0], self._at)
        run = _RUN.match(self._text, start, self._opens[0] if self._opens else self._limit)
        return run.end() - 1 if run and run.end() > start else self._ends[0]

    def _take(self, container: Any, cut: int) -> None:
        """Elements that are known to be whole; what is wrong with them is told by how the text really goes on."""
        start = self._at
        try:
            self._fill(container, cut)
        except Fault:
            lead = "{" if isinstance(container, dict) else "["
            value_at(self._scan, lead + self._text[start : cut + 1], 0, start - 1)
            raise

    def _fill(self, container: Any, cut: int) -> None:
        """Add the elements up to `cut`, or to the container's end if that comes first."""
        run = self._text[self._at : cut]
        if isinstance(container, dict):
            elements, end = value_at(self._scan, "{" + run + "}", 0, self._at - 1)
            container.update(elements)
        else:
            elements, end = value_at(self._scan, "[" + run + "]", 0, self._at - 1)
            container.extend(elements)
        self._at += end - 2
        self._state = _State.FILLED

    # -- parts of the text

    def _blank(self) -> Steps[None]:
        while self._text[self._at : self._at + 1] in (" ", "\t", "\n", "\r"):
            blank = _BLANK.match(self._text, self._at, stop := self._at + self._window)
            self._at = blank.end() if blank else self._at
            if self._at == stop:
                yield

    def _string(self) -> Steps[str]:
        value, self._at = yield from string_at(self._text, self._at, self._window)
        return value

    def _complain(self, lead: str) -> NoReturn:
        """Raise what json says of the next character, or of the end, where a text that began like `lead` goes on so."""
        try:
            value_at(self._scan, lead + self._text[self._at : self._at + 1], 0, self._at - len(lead))
        except Fault as fault:
            if fault.place < self._at:  # Python 3.13 complains of the comma before a bracket
                fault.place = self._comma
            raise
        raise AssertionError(lead)
