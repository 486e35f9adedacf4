"""Server-sent events, by the rules of WHATWG HTML 9.2.6, and with the deviations of real servers.

In: the bytes of a body, decoded from any content-coding.  Out: each event as soon as the line end that dispatches it
has come, and each comment.  https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

A browser drops what the rules do not cover; a recorder must show it.  So beyond the rules, and noted once each:

- the last event is emitted although no blank line closed it;
- JSON documents on successive ``data:`` lines are an event each. Joined, as the rules have it, they would not be JSON,
  and the clients of such servers read line by line;
- bare JSON between events, without ``data:``, is an event (Gemini sends its errors so), also where ``data:`` stands
  before its first bracket only, or alone on the line before it (indented JSON behind a ``data:`` written by hand);
- where the data of an event is itself a ``data:`` line, the JSON behind that is the payload (frameworks wrap what an
  app wrote by hand);
- JSON behind ``error:`` is an event of that name (older llama.cpp servers send theirs so).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

from ...model import Batch, Frame, Limits
from ..jsontext import JsonError, loads
from ..lines import LF, Lines
from ..payload import Notes, oversize, text
from ..scan import Scanner
from .blocks import parse_batch, parse_uniform
from .data import DataReader, Recognizer, unwrapped
from .deviations import BARE_JSON, ERROR_FIELD, NO_BLANK_LINE, UNKNOWN_FIELD, UNTERMINATED

_JSON_STARTS = (b"{", b"[")
_FEW = 8
"""Most bytes of data that may be just a bracket and blanks."""


class SseFramer:
    """Parses the event stream.  `Frame.id` is the last event ID so far, None if there never was one."""

    format = "sse"

    def __init__(self, limits: Limits, recognize: Recognizer = lambda payloads: None) -> None:
        self._limit = limits.event
        self._lines = Lines(limits.event + len(b"data: "), bare_cr=True)
        self.notes = Notes()
        self._reader = DataReader(recognize, self.notes)
        self._id: str | None = None
        # the current block, which a blank line will dispatch
        self._data: bytes | bytearray | None = None
        self._type = b""
        self._late_type: bytes | None = None
        self._open = self._started_earlier = False
        self._by_line = False  # this stream leaves out blank lines
        # bare JSON, outside of any field
        self._bare = bytearray()
        self._bare_type = b""
        self._scanner = Scanner()

    @property
    def pending(self) -> bool:
        return self._open or self._lines.pending

    @property
    def deviations(self) -> tuple[str, ...]:
        return self.notes.all()

    def feed(self, data: bytes) -> list[Frame]:
        if data:
            self._started_earlier = self.pending
        lines = self._lines.complete_lines(data)
        frames: list[Frame] = []
        if self._open or self._type:  # read to the blank line that ends this block
            head, blank, lines = (b"\n" + lines).partition(b"\n\n")
            frames = self._read((head + blank)[1:])
        blocks, blank, lines = lines.rpartition(b"\n\n")
        if blank:
            frames += self._read_blocks(blocks)
        if lines:
            frames += self._read(lines)
        return frames

    def peek_batch(self, pieces: Sequence[bytes]) -> Batch | None:
        """Return arrivals as a `Batch` if they are whole events of one type and continue nothing that came before; else
        None.

        Consumes nothing, and such arrivals need not be fed if the caller finds that their payloads need no parsing.
        """
        apart = not (self.pending or self._type)
        return parse_batch(pieces, self._id) if apart and sum(map(len, pieces)) <= self._limit else None

    def close(self) -> list[Frame]:
        last = self._lines.close()
        frames = self._read(last + b"\n") if last else []
        if self._data is not None or self._bare:
            self.notes.add(UNTERMINATED)
        return frames + self._read(b"\n")

    def _read_blocks(self, blocks: bytes) -> list[Frame]:
        """Read whole blocks; the last comes without its blank line.

        Nearly all that servers send are blocks of one `data:` line, or of one behind an `event:` line.
        """
        frames: list[Frame] = []
        name, line = b"", blocks
        if blocks.startswith(b"event: "):
            name, _, line = blocks[7:].partition(b"\n")
        if len(blocks) > self._limit:
            pass
        elif LF in line:
            frames = self._read_uniform(blocks)
        elif line.startswith(b"data: "):
            self._emit(self._frame(line[6:], name), frames)
        return frames or self._read(blocks + b"\n\n")

    def _read_uniform(self, blocks: bytes) -> list[Frame]:
        """Read several such blocks at once, in a third of the time; no frames if the blocks are not all alike."""
        if (found := parse_uniform(blocks)) is None or found[1][0].startswith("data:"):
            return []
        names, payloads = found
        types = names or repeat("message")
        values, reasons = self._reader.values(payloads)
        splits = chain((self._started_earlier,), repeat(False))
        self._started_earlier = False
        columns = zip(types, payloads, values, repeat(self._id), reasons, splits, repeat(False))
        return [*map(tuple.__new__, repeat(Frame), columns)]  # Frame._make without a Python call for each

    def _read(self, lines: bytes) -> list[Frame]:
        frames: list[Frame] = []
        for line in self._lines.split(lines):
            if line.startswith(b"data:"):
                self._add_data(line[6:] if line.startswith(b"data: ") else line[5:], frames)
            elif line:
                self._other_line(line, frames)
            else:
                self._blank_line(frames)
        return frames

    # --- lines ---

    def _blank_line(self, frames: list[Frame]) -> None:
        if self._data is not None:
            self._emit(self._event(), frames)
        elif self._bare:
            self._emit_bare(frames)
        self._data = self._late_type = None
        self._type = b""
        self._open = self._started_earlier = False

    def _add_data(self, value: bytes, frames: list[Frame]) -> None:
        if self._bare:
            self._emit_bare(frames)
        self._open = True
        if self._data is None:
            self._data = value
        elif self._is_next_document(value):
            self._emit(self._frame(bytes(self._data), self._type), frames)
            self._next_in_block(value)
        else:
            self._append(value)
        if self._by_line:
            self._try_line(frames)

    def _append(self, value: bytes) -> None:
        if isinstance(self._data, bytes):
            self._data = bytearray(self._data)
        assert self._data is not None
        if len(self._data) <= self._limit:
            self._data += b"\n" + value

    def _other_line(self, line: bytes, frames: list[Frame]) -> None:
        if self._bare or (self._data is None and line.startswith(_JSON_STARTS)):
            self._add_bare(line, frames)
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ") if name else value
        match name:
            case b"":
                frames.append(Frame("comment", text(value, self.notes), comment=True))
                self._started_earlier = self._started_earlier and self._open
                return
            case b"data":  # without a colon
                self._add_data(b"", frames)
            case b"event" if self._data is None:
                self._type = value
            case b"event":
                self._late_type = value
            case b"id" if b"\0" not in value:
                self._id = text(value, self.notes)
            case b"error" if self._data is None and value.startswith(_JSON_STARTS):
                self.notes.add(ERROR_FIELD)
                self._type = name
                self._add_data(value, frames)
            case b"id" | b"retry":
                pass  # `retry` says how long to wait before reconnecting: nobody reconnects here
            case _ if self._data is not None and self._sets_out(self._data, line):
                held, self._data, self._bare_type = bytes(self._data), None, self._type
                for part in filter(None, (held, line)):
                    self._add_bare(part, frames)
                return
            case _:
                self.notes.add(UNKNOWN_FIELD)
        self._open = True

    @staticmethod
    def _sets_out(held: bytes | bytearray, line: bytes) -> bool:
        """Bare JSON began: the data is just its first bracket, or empty, and `line`, which is no field, begins it."""
        return len(held) < _FEW and (held.strip() or line.lstrip()[:1]) in _JSON_STARTS

    def _add_bare(self, line: bytes, frames: list[Frame]) -> None:
        self._open = True
        line += b"\n"
        if len(self._bare) <= self._limit:
            self._bare += line
        self._scanner.marks(line, 0)
        if not self._scanner.inside:
            self._emit_bare(frames)

    # --- events ---

    def _emit(self, frame: Frame, frames: list[Frame]) -> None:
        frames.append(frame)
        self._started_earlier = False

    def _emit_bare(self, frames: list[Frame]) -> None:
        self.notes.add(BARE_JSON)
        bare = self._bare if len(self._bare) > self._limit else self._bare.rstrip()
        self._emit(self._frame(bytes(bare), self._bare_type), frames)
        self._bare.clear()
        self._bare_type = b""
        self._scanner = Scanner()
        self._open = False

    def _event(self) -> Frame:
        """The event that the lines of the current block make."""
        assert self._data is not None
        return self._frame(bytes(self._data), self._type if self._late_type is None else self._late_type)

    def _frame(self, data: bytes, name: bytes) -> Frame:
        type_ = text(name, self.notes) if name else "message"
        if len(data) > self._limit:
            return oversize(data, self._limit, type=type_, split=self._started_earlier)._replace(id=self._id)
        payload = unwrapped(text(data, self.notes), self.notes)
        value, malformed = self._reader.value(payload)
        return Frame(type_, payload, value, self._id, malformed, self._started_earlier)

    # --- servers that leave out the blank lines ---

    def _is_next_document(self, value: bytes) -> bool:
        """The block holds one line, a whole JSON document, and `value` begins another."""
        held = self._data
        if not isinstance(held, bytes) or not held.startswith(_JSON_STARTS) or not value.startswith(_JSON_STARTS):
            return False
        try:
            loads(held)
        except JsonError:
            return False
        self._by_line = True
        self.notes.add(NO_BLANK_LINE)
        return True

    def _next_in_block(self, value: bytes | None) -> None:
        """Go on to the next event of the block: an `event:` line behind the last data names it."""
        self._type, self._late_type = self._late_type or b"", None
        self._data = value
        self._open = value is not None

    def _try_line(self, frames: list[Frame]) -> None:
        """In a stream that leaves out blank lines, emit a data line that is a whole event without waiting for more."""
        if isinstance(self._data, bytes) and self._data.startswith(_JSON_STARTS):
            frame = self._event()
            if frame.malformed is None:
                self._emit(frame, frames)
                self._next_in_block(None)
