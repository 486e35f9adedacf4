"""Events to meaning: what an LLM API's stream, or its whole answer, says.

In: frames as `wire` makes them and the exchange's `Context`.  Out: a `Reading` a frame and the `Llm` object.  The
table `DIALECTS` has one row an API; `Reader` finds the row by path, and by the payloads where the path says nothing
or is contradicted, so that an API is known behind any host name.  Knows no transport.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..model import Context, Frame, Limits, Llm, Reading
from . import (
    adk,
    anthropic,
    bedrock,
    bedrock_agents,
    cohere,
    dashscope,
    data_stream,
    gemini,
    gemini_interactions,
    hunyuan,
    langchain,
    mcp,
    media,
    mistral_conversations,
    named,
    ollama,
    openai_assistants,
    openai_chat,
    openai_completions,
    openai_realtime,
    openai_responses,
    plain,
    replicate,
)
from .alike import Alike, Form, Learner, Said
from .dialect import NOTHING, Dialect, unknown
from .figures import complaint_of, error_of
from .gemini import array_stream
from .intent import Asked, Asks, by_accept, by_anything, by_body, by_field, by_query, by_url, left_to_server
from .providers import asked_model
from .values import clean, obj, objects

__all__ = ["DIALECTS", "Dialect", "Reader", "Row", "array_stream", "intent", "reader"]


class Row(NamedTuple):
    """One API: where it lives, who reads it, and how a client asks it for a stream."""

    dialect: type[Dialect]
    where: str
    """Regular expression, searched in the request's host and path."""
    asks: Asks


_BY_BODY = by_body(default=False)

_UI = Row(named.UiMessages, r"(?!)", by_anything)  # nowhere: any app may have it
_DATA = Row(data_stream.DataStream, r"(?!)", by_anything)
_MCP = Row(mcp.JsonRpc, r"/mcp/?$", mcp.asks)
_TOLD = ((mcp.spoken, _MCP), (named.ui_messages, _UI), (data_stream.spoken, _DATA))  # by headers

DIALECTS: tuple[Row, ...] = (
    Row(openai_chat.Chat, r"/chat/completions/?$|/serving-endpoints/[^/]+/invocations$", _BY_BODY),
    Row(openai_chat.Chat, r"/text/chatcompletion_v2$", _BY_BODY),
    Row(openai_chat.Chat, r"/text/chat_stream$", by_url(stream=True)),
    Row(openai_chat.Chat, r"/text/chat$", by_url(stream=False)),
    Row(mistral_conversations.Conversations, r"mistral\.ai/v1/conversations(?:/[^/]+(?:/restart)?)?$", _BY_BODY),
    Row(openai_realtime.Realtime, r"/realtime/?$", left_to_server),
    Row(openai_responses.Responses, r"/responses/?$", _BY_BODY),
    Row(openai_responses.Responses, r"/responses/[^/]+$", by_query),
    Row(plain.Writer, r"^api\.writer\.com/v1/completions", _BY_BODY),
    Row(openai_completions.Completions, r"/completions/?$", _BY_BODY),
    Row(openai_assistants.Runs, r"/threads/(?:[^/]+/)?runs(?:/[^/]+/submit_tool_outputs)?$", _BY_BODY),
    Row(media.Speech, r"/audio/speech$", by_field("stream_format", "sse")),
    Row(media.Transcription, r"/audio/(?:transcriptions|translations)$", _BY_BODY),
    Row(media.Pictures, r"/images/(?:generations|edits)$", _BY_BODY),
    Row(anthropic.Messages, r"/v1/messages$|:rawPredict$", _BY_BODY),
    Row(anthropic.Messages, r":streamRawPredict$", by_url(stream=True)),
    Row(adk.Events, r"/run_sse$|:streamQuery$", by_url(stream=True)),
    Row(gemini.GenerateContent, r":streamGenerateContent$", by_url(stream=True)),
    Row(gemini.GenerateContent, r":generateContent$", by_url(stream=False)),
    Row(gemini.Live, r"BidiGenerateContent(?:Constrained)?$", left_to_server),
    Row(gemini_interactions.Interactions, r"/interactions$", _BY_BODY),
    Row(ollama.Chat, r"/api/chat/?$", ollama.asks),
    Row(ollama.Generate, r"/api/generate/?$", ollama.asks),
    Row(named.LmStudio, r"/api/v1/chat/?$", _BY_BODY),
    Row(named.Dify, r"/(?:chat|completion)-messages$|/workflows/(?:[^/]+/)?run$", named.asks_dify),
    Row(named.Coze, r"/v3/chat$", _BY_BODY),
    Row(named.AnythingLlm, r"/stream-chat$", by_url(stream=True)),
    _UI,
    _DATA,
    Row(named.AgUi, r"(?!)", by_anything),
    Row(dashscope.Generation, r"/api/v1/services/aigc/|/api/v1/apps/[^/]+/completion$", dashscope.asks),
    Row(hunyuan.ChatCompletions, r"^hunyuan\.(?:[\w-]+\.)*tencentcloudapi\.com/?$", by_body(False, "Stream")),
    Row(bedrock.Converse, r"/converse-stream$", by_url(stream=True)),
    Row(bedrock.Converse, r"/converse$", by_url(stream=False)),
    Row(bedrock_agents.Agents, r"^bedrock-agent-runtime\..*/retrieveAndGenerate$", by_url(stream=False)),
    Row(bedrock_agents.Agents, r"^bedrock-agent-runtime\.", left_to_server),
    Row(bedrock.Invoke, r"/invoke-with-response-stream$", by_url(stream=True)),
    Row(bedrock.Invoke, r"/model/[^/]+/invoke$", by_url(stream=False)),
    Row(cohere.ChatV2, r"/v2/chat$", _BY_BODY),
    Row(cohere.ChatV1, r"cohere\.(?:com|ai)/v1/(?:chat|generate)$", _BY_BODY),
    Row(plain.Triton, r"/v2/models/[^/]+(?:/versions/[^/]+)?/generate_stream$", by_url(stream=True)),
    Row(plain.Triton, r"/v2/models/[^/]+(?:/versions/[^/]+)?/generate$", by_url(stream=False)),
    Row(plain.Kobold, r"/api/extra/generate/stream$", by_url(stream=True)),
    Row(plain.Kobold, r"/api/v1/generate$", by_url(stream=False)),
    Row(plain.Tgi, r"/generate_stream$", by_url(stream=True)),
    Row(plain.Tgi, r"/endpoints/[^/]+/invocations-response-stream$", by_url(stream=True)),
    Row(plain.Tgi, r"huggingface\.(?:co/(?:.*/)?models/[^/]+/[^/]+|cloud/)$", _BY_BODY),
    Row(plain.Watsonx, r"/ml/v\w+(?:-\w+)?/(?:text/)?generation(?:_stream|/text_stream)$", by_url(stream=True)),
    Row(plain.Watsonx, r"/ml/v\w+(?:-\w+)?/(?:text/)?generation(?:/text)?$", by_url(stream=False)),
    Row(replicate.Predictions, r"^stream[\w.-]*replicate\.(?:com|net|delivery)/", by_accept),
    Row(replicate.Predictions, r"replicate\.com/.*predictions(?:/\w+)?$", left_to_server),
    Row(plain.Qianfan, r"baidubce\.com/.*/wenxinworkshop/", _BY_BODY),
    Row(plain.WorkersAi, r"/(?:ai/run|workers-ai)/@", _BY_BODY),
    Row(plain.LlamaCpp, r"/completion$", _BY_BODY),
    Row(plain.Completion, r"/v1/complete$", _BY_BODY),
    Row(plain.SgLang, r"/generate$", _BY_BODY),
    Row(langchain.Runs, r"/runs/(?:[^/]+/)?stream$", by_url(stream=True)),
    Row(langchain.Runs, r"/runs/wait$", by_url(stream=False)),
    _MCP,
)
"""In order of precedence: of two places that match, and of two dialects that claim a payload, the first is meant."""

_SPEAKERS = tuple(dict.fromkeys(row.dialect for row in DIALECTS))
_PATIENCE = 50
"""Payloads that no dialect claims before the API is taken to be unknown for good."""

_PLACE = 200
"""Characters of a host and path that are remembered."""
_PREAMBLE = 2
"""Payloads that a gateway may send of its own before an API speaks whose place is known: they are no content."""


def _row_of(context: Context) -> Row | None:
    """The row that the request proposes."""
    if told := next((row for spoken, row in _TOLD if spoken(context)), None):
        return told
    place = context.host + context.path
    return _row_at(place) if len(place) <= _PLACE else _row_at.__wrapped__(place)


@lru_cache(1024)
def _row_at(place: str) -> Row | None:
    """Servers have few places that are asked again and again, and to look through the table takes a while."""
    return next((row for row in DIALECTS if re.search(row.where, place)), None)


def intent(context: Context) -> Asked:
    """Did the client ask for a stream, and by what: ``body.stream``, ``header.accept``, ``url``, ``default`` ...

    (None, None) where it can't be told or is the server's choice.
    """
    row = _row_of(context)
    return row.asks(context) if row else by_anything(context)


def reader(context: Context, limits: Limits) -> Reader:
    """A reader for one exchange."""
    return Reader(context, limits)


class Reader:
    """Reads one answer.  The path proposes a dialect; the first payload that some dialect claims decides."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits
        self._row = _row_of(context)
        self._dialect: Dialect | None = None
        self._learner = Learner()
        self._unclaimed = 0
        self._comments: list[str] = []

    def event(self, frame: Frame) -> Reading:
        """One frame of a stream.  Never raises."""
        value = frame.value
        if type(value) is Alike:
            if value.form is self._learner.trusted and (reading := self._takes(value.form, frame.type, value.said)):
                return reading
            frame = frame._replace(value=json.loads(frame.data))
        if frame.comment:
            self._comment(frame.data)
            return NOTHING
        if frame.malformed is not None:
            return NOTHING
        dialect = self._dialect
        if dialect is None:
            if self._unclaimed < _PATIENCE:
                dialect = self._bind(frame.value, frame.type)
            if dialect is None:
                reading = unknown(frame)
                return reading._replace(channels=()) if self._row and self._unclaimed <= _PREAMBLE else reading
        if dialect.indifferent is None:
            reading = dialect.event(frame)
        else:
            reading = self._learner.read(dialect, dialect.indifferent, frame)
        if reading.type is None or reading.type.isascii():
            return reading
        return reading._replace(type=clean(reading.type))

    def known(self, payloads: Sequence[str]) -> Sequence[object] | None:
        """What stands for their values in frames, if their looks tell what each says; None if they must be parsed."""
        form = self._learner.form
        said = form.read(payloads) if form else None
        return [Alike(form, each) for each in said.each()] if form and said else None

    @property
    def knows(self) -> bool:
        """What comes next may be known by its looks."""
        return self._learner.trusted is not None

    def lot(self, type_: str, payloads: Sequence[str]) -> Reading | None:
        """What each of the next events of this type means, read together; None if they must be read one by one."""
        form = self._learner.trusted
        said = form.read(payloads) if form else None
        return self._takes(form, type_, said) if form and said else None

    def _takes(self, form: Form, type_: str, said: Said) -> Reading | None:
        """What each event means that says so, and nothing else; None if there is more to it, and nothing was taken."""
        told, dialect = form.told, self._dialect
        if told.name != type_ or dialect is None or not said.follow(dialect.number):
            return None
        told.to.add("".join(said.words))
        if said.numbers:
            dialect.number = int(said.numbers[-1])
        return told.reading

    def _comment(self, words: str) -> None:
        """A comment may come before the payload that tells the dialect: the last few wait for it."""
        if self._dialect:
            self._dialect.comment(words)
        else:
            self._comments = [*self._comments[-7:], words]

    def whole(self, value: object) -> None:
        """A whole answer, parsed; None where it was no JSON."""
        dialect = self._bind(value, "message")
        if dialect is None:
            return
        dialect.whole(value)
        complaint = complaint_of(value) if self._failed else None
        if complaint:
            dialect.answer.failed(complaint)

    def result(self) -> Llm | None:
        """What was said so far; None when the shape is unknown."""
        return self._dialect.result() if self._dialect else None

    @property
    def api(self) -> str | None:
        """The API read; before its first payload, the one that the path proposes."""
        if self._dialect:
            return self._dialect.api
        return self._row.dialect.api if self._row else None

    @property
    def traits(self) -> frozenset[str]:
        return self._dialect.traits if self._dialect else frozenset()

    @property
    def terminator_due(self) -> bool:
        return self._dialect is not None and self._dialect.terminator_due

    @property
    def model(self) -> str | None:
        """The model that answers, or until it is known the one asked for."""
        model = (self._dialect.answer.model if self._dialect else None) or asked_model(self._context)
        return model and clean(model)

    @property
    def _failed(self) -> bool:
        """The status says that this is an error."""
        return (self._context.status or 0) >= 400

    def _bind(self, value: object, name: str) -> Dialect | None:
        """Choose the dialect, once a payload shows it."""
        payload = obj(value) or next(iter(objects(value)), {})
        proposed = self._row.dialect if self._row else None
        dialect = proposed
        if dialect is None or not dialect.accepts(payload, name):
            dialect = next((speaker for speaker in _SPEAKERS if speaker.claims(payload, name)), None)
        if dialect is None and (name == "error" or error_of(payload) or (self._failed and complaint_of(payload))):
            dialect = proposed  # errors look alike everywhere: the path decides
        if dialect is None:
            self._unclaimed += 1
            return None
        self._dialect = dialect(self._context, self._limits)
        for words in self._comments:
            self._dialect.comment(words)
        return self._dialect
