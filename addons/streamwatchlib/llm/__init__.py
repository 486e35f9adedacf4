"""Events to meaning: what the stream, or the whole answer, of an LLM API says.

In: frames as `wire` makes them and the exchange's `Context`.  Out: a `Reading` a frame and the `Llm` object.  Never
here: a transport.  The table `DIALECTS` has one row an API; `Reader` finds the row by path, and by the payloads where
the path says nothing or is contradicted, so that an API is recognised behind any host name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..headers import header
from ..model import Context, ErrorFrame, Frame, Limits, Llm, Reading
from ..surrogates import well_formed
from .dialect import NOTHING, Dialect, unknown
from .dialects.gemini import array_stream
from .dialects.media import Speech
from .figures import error_of, lenient_error_of
from .intent import UNSPECIFIED, StreamIntent, by_anything, fetches_file
from .providers import asked_model
from .table import DIALECTS, Row, row_of
from .templates import Match, StandIn, Template, TemplateLearner
from .texts import MAX_NAME
from .values import obj, objects

__all__ = [
    "DIALECTS",
    "Dialect",
    "Reader",
    "Row",
    "array_stream",
    "fetches_file",
    "intent",
    "model_named",
    "streams_audio",
]

_DIALECT_TYPES = tuple(dict.fromkeys(row.dialect for row in DIALECTS))
_NOTHING_GENERATED = frozenset({"DELETE", "HEAD", "OPTIONS"})
"""Methods that ask for nothing to be generated, whatever the path: browsers send OPTIONS before their requests."""

_ERROR_TYPE = "x-amzn-errortype"
"""Where AWS names an error, before a colon and a namespace."""

_MAX_UNCLAIMED = 50
"""Payloads that no dialect claims, after which the API is taken to be unknown for good."""

_PREAMBLE = 2
"""Payloads that a gateway may send of its own before those of the API that the path proposes: they are no content."""

_PROLOGUE = 8
"""Payloads that an API may send before the first that is recognised: if content follows, they were no content.  If
there were more of them, they were an answer of another kind."""


def intent(context: Context) -> StreamIntent:
    """Whether the client asked for a stream, and by what: ``body.stream``, ``header.accept``, ``url``, ``default`` ...

    (None, None) if the request does not tell, or leaves it to the server.
    """
    if context.method in _NOTHING_GENERATED:
        return UNSPECIFIED
    row = row_of(context)
    return row.asks(context) if row else by_anything(context)


def streams_audio(context: Context) -> bool:
    """Audio was requested as it is generated."""
    row = row_of(context)
    return row is not None and row.dialect is Speech and row.asks(context)[0] is True


def model_named(context: Context) -> str | None:
    """The model that a request to a known API names; None for any other request."""
    model = asked_model(context) if row_of(context) else None
    return model and well_formed(model)


class Reader:
    """Reads one answer.  The path proposes a dialect; the first payload that some dialect claims decides."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits
        self._row = row_of(context)
        self._dialect: Dialect | None = None
        self._learner = TemplateLearner()
        self._unclaimed = self._guessed = 0
        """Payloads that no dialect claimed, and how many of them were taken for content."""
        self._comments: list[str] = []
        self._bare = False
        """The answer is just a text or bytes, which no end marker ends."""

    def read_event(self, frame: Frame) -> Reading:
        """Read one frame of a stream.  Never raises."""
        value = frame.value
        if type(value) is StandIn:
            if value.template is self._learner.trusted and (
                reading := self._takes(value.template, frame.type, value.match)
            ):
                return reading
            frame = frame._replace(value=json.loads(frame.data))
        if frame.comment:
            self._read_comment(frame.data)
            return NOTHING
        if frame.malformed is not None:
            return NOTHING
        dialect = self._dialect
        if dialect is None:
            if self._unclaimed < _MAX_UNCLAIMED:
                dialect = self._bind(frame.value, frame.type, is_error=isinstance(frame, ErrorFrame))
            if dialect is None:
                reading = unknown(frame)
                if self._row and self._unclaimed <= _PREAMBLE:
                    return reading._replace(channels=())
                self._guessed += bool(reading.channels)
                return reading
        if isinstance(frame, ErrorFrame):
            dialect.read_error(frame)
            return NOTHING
        if dialect.ignored_members is None:
            reading = dialect.read_event(frame)
        else:
            reading = self._learner.read(dialect, dialect.ignored_members, frame)
        if self._guessed and reading.channels:
            reading, self._guessed = reading._replace(first=self._guessed <= _PROLOGUE), 0
        if reading.type is None or reading.type.isascii():
            return reading
        return reading._replace(type=well_formed(reading.type))

    def recognize(self, payloads: Sequence[str]) -> Sequence[object] | None:
        """Return stand-ins for the values of these payloads if their looks tell what each says; None: parse them."""
        template = self._learner.template
        match = template.match(payloads) if template else None
        return [StandIn(template, each) for each in match.split()] if template and match else None

    @property
    def has_template(self) -> bool:
        """The next payloads may be recognised by their looks."""
        return self._learner.trusted is not None

    def read_batch(self, type_: str, payloads: Sequence[str]) -> Reading | None:
        """Read the next events of this type together: what each of them means; None if they must be read one by one."""
        template = self._learner.trusted
        match = template.match(payloads) if template else None
        return self._takes(template, type_, match) if template and match else None

    def _takes(self, template: Template, type_: str, match: Match) -> Reading | None:
        """Take what these events say and return what each means; None, having taken nothing, if there is more to
        them."""
        sample, dialect = template.sample, self._dialect
        if sample.name != type_ or dialect is None or not match.continues_from(dialect.last_sequence):
            return None
        sample.target.add("".join(match.words))
        if match.numbers:
            dialect.last_sequence = int(match.numbers[-1])
        return sample.reading

    def _read_comment(self, words: str) -> None:
        """Take an SSE comment; the last few before the payload that shows the dialect are kept for it."""
        if self._dialect:
            self._dialect.read_comment(words)
        else:
            self._comments = [*self._comments[-7:], words]

    def read_whole(self, value: object) -> None:
        """Read a whole answer, parsed; None if it was not JSON."""
        if isinstance(value, str):  # a sentence, in quotes
            self.read_plain_text(value)
            return
        dialect = self._bind(value, "message")
        if dialect is None:
            return
        dialect.read_whole(value)
        error = lenient_error_of(value) if self._failed else None
        if error:
            dialect.answer.set_error({**self._error_type(), **error})

    def read_plain_text(self, words: str | None) -> None:
        """Read a whole plain-text answer: some APIs send it on request, and servers to say why they have no answer."""
        if not words or self._dialect:
            return
        self._bare = True
        if not self._failed:
            if self._row and (member := self._row.dialect.plain):
                self.read_whole({member: words})
        elif not words.lstrip().startswith("<"):  # an HTML page is that of a hop
            self.read_whole({"message": words[:MAX_NAME].strip()})

    def read_binary(self) -> None:
        """Read a whole answer that is neither text nor JSON: audio, if the API that was called makes some."""
        if not self._failed:
            self._bare = True
            self._bind(None, "binary")

    def result(self) -> Llm | None:
        """What was said so far; None if the API is unknown."""
        return self._dialect.result() if self._dialect else None

    @property
    def traits(self) -> frozenset[str]:
        return self._dialect.traits if self._dialect else frozenset()

    @property
    def terminator_due(self) -> bool:
        return self._dialect is not None and self._dialect.terminator_due and not self._bare

    def has_end_marker_in(self, framing: str) -> bool:
        """Streams of this framing show the API's end marker, if it has one."""
        return self._dialect is None or self._dialect.end_marker_framing in (None, framing)

    @property
    def model(self) -> str | None:
        """The model that answers or, until that is known, the one asked for."""
        model = (self._dialect.answer.model if self._dialect else None) or asked_model(self._context)
        return model and well_formed(model)

    def _error_type(self) -> dict[str, object]:
        """The error's name, if a header tells it."""
        name = (header(self._context.response_headers, _ERROR_TYPE) or "").partition(":")[0]
        return {"type": name} if name else {}

    @property
    def _failed(self) -> bool:
        """The status is that of an error."""
        return (self._context.status or 0) >= 400

    def _bind(self, value: object, name: str, *, is_error: bool = False) -> Dialect | None:
        """Choose the dialect, once a payload shows it."""
        payload = obj(value) or next(iter(objects(value)), {})
        proposed = self._row.dialect if self._row else None
        dialect = proposed
        if dialect is None or not dialect.accepts(payload, name):
            dialect = next((speaker for speaker in _DIALECT_TYPES if speaker.claims(payload, name)), None)
        is_error = is_error or name == "error" or (self._failed and lenient_error_of(payload) is not None)
        if dialect is None and (is_error or error_of(payload)):
            dialect = proposed  # errors look alike everywhere: the path decides
        if dialect is None:
            self._unclaimed += 1
            return None
        self._dialect = dialect(self._context, self._limits)
        if self._row and self._row.shape and dialect is proposed:
            self._dialect.shape = self._row.shape
        for words in self._comments:
            self._dialect.read_comment(words)
        return self._dialect
