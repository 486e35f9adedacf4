"""Whether the client asked for a stream, and by what."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import array_stream, intent
from streamwatchlib.model import Context

CHAT = "/v1/chat/completions"
SSE = ("Accept", "text/event-stream")
BOTH = ("accept", "application/json, text/event-stream")
GENERATION = "/api/v1/services/aigc/text-generation/generation"


def asked(
    path: str, body: object = None, *headers: tuple[str, str], host: str = "llm.example", query: str = ""
) -> tuple[bool | None, str | None]:
    fields = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
    return intent(Context("POST", host, path, fields, headers, body))


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (CHAT, {"stream": True}, (True, "body.stream")),
        (CHAT, {"stream": False}, (False, "body.stream")),
        (CHAT, {}, (False, "default")),
        (CHAT, {"stream": None}, (False, "default")),
        (CHAT, {"stream": "true"}, (True, "body.stream")),
        (CHAT, {"stream": "False"}, (False, "body.stream")),
        (CHAT, {"stream": 1}, (True, "body.stream")),
        (CHAT, {"stream": {"odd": 1}}, (False, "default")),
        (CHAT, None, (None, None)),
        (CHAT, ["stream"], (None, None)),
        ("/v1/completions", {"prompt": "x"}, (False, "default")),
        ("/openai/deployments/gpt/chat/completions", {"stream": True}, (True, "body.stream")),
        ("/v1/responses", {"stream": True}, (True, "body.stream")),
        ("/v1/messages", {}, (False, "default")),
        ("/v1/threads/t/runs", {"stream": True}, (True, "body.stream")),
        ("/v1/audio/speech", {"stream_format": "sse"}, (True, "body.stream_format")),
        ("/v1/audio/speech", {"stream_format": "audio"}, (True, "body.stream_format")),
        ("/v1/text-to-speech/voice/stream", {"text": "x"}, (True, "url")),
        ("/v1/audio/speech", {"input": "x"}, (None, None)),
        ("/v1/audio/speech", {"input": "x", "stream": True}, (None, None)),
        ("/v1/images/generations", {"stream": True}, (True, "body.stream")),
        ("/v1/images/edits", {"stream": "true"}, (True, "body.stream")),
        ("/v1/audio/transcriptions", {"stream": "true", "model": "m"}, (True, "body.stream")),
        ("/v1/audio/translations", {"model": "m"}, (False, "default")),
        ("/openai/v1/responses", {"stream": True}, (True, "body.stream")),
        ("/compatible-mode/v1/chat/completions", {"stream": True}, (True, "body.stream")),
        ("/v1/realtime", None, (None, None)),
        ("/v1/t2a_v2", {"stream": True}, (True, "body.stream")),
        ("/api/v3/tts/unidirectional", {"req_params": {}}, (True, "url")),
        ("/adp/v2/chat", {"Stream": "enable"}, (True, "body.Stream")),
        ("/adp/v2/chat", {"Stream": "disable"}, (False, "body.Stream")),
        ("/adp/v2/chat", {"Stream": ""}, (None, None)),
        ("/v1/qbot/chat/sse", {"stream": "enable"}, (True, "body.stream")),
        ("/api/chat", {"model": "m", "messages": ["a"]}, (True, "default")),
        ("/api/chat", {"model": "m", "stream": False}, (False, "body.stream")),
        ("/api/generate", {"model": "m", "stream": True}, (True, "body.stream")),
        ("/api/chat", {"messages": []}, (None, None)),
        ("/v2/chat", {}, (False, "default")),
        ("/completion", {"stream": True}, (True, "body.stream")),
        ("/generate_stream", {"inputs": "x"}, (True, "url")),
        ("/20231130/actions/chat", {"chatRequest": {"isStream": True}}, (True, "body.chatRequest.isStream")),
        ("/20231130/actions/chat", {"chatRequest": {}}, (False, "default")),
        ("/20231130/actions/chat", None, (None, None)),
        (
            "/foundationModels/v1/completion",
            {"completionOptions": {"stream": True}},
            (True, "body.completionOptions.stream"),
        ),
        ("/foundationModels/v1/completion", {"stream": True}, (False, "default")),
        ("/foundationModels/v1/completion", None, (None, None)),
        (
            "/v2/inference/deployments/d/v2/completion",
            {"config": {"stream": {"enabled": True}}},
            (True, "body.config.stream.enabled"),
        ),
        (
            "/v2/inference/deployments/d/completion",
            {"orchestration_config": {"stream": False}},
            (False, "body.orchestration_config.stream"),
        ),
        ("/v2/inference/deployments/d/completion", {}, (False, "default")),
        ("/v2/inference/deployments/d/completion", None, (None, None)),
        ("/v1beta/models/g:streamGenerateContent", {}, (True, "url")),
        ("/v1beta/models/g:generateContent", {"stream": True}, (False, "url")),
        ("/v1/projects/p/models/c:streamRawPredict", {}, (True, "url")),
        ("/v1/projects/p/models/c:rawPredict", {"stream": True}, (True, "body.stream")),
        ("/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent", {}, (True, "url")),
        ("/api/v1/services/aigc/multimodal-generation/generation", {"stream": True}, (True, "body.stream")),
        ("/api/v1/apps/a/completion", {}, (False, "default")),
        ("/v1/conversations", {"stream": True}, (True, "body.stream")),
        ("/text/chat_stream", {}, (True, "url")),
        ("/v2/models/m/generate_stream", {}, (True, "url")),
        ("/api/extra/generate/stream", {}, (True, "url")),
        ("/model/m/converse-stream", {}, (True, "url")),
        ("/model/m/converse", {}, (False, "url")),
        ("/model/m/invoke-with-response-stream", {}, (True, "url")),
        ("/model/m/invoke", {}, (False, "url")),
        ("/ml/v1/text/generation_stream", {}, (True, "url")),
        ("/ml/v1-beta/generation/text", {}, (False, "url")),
        ("/ml/v1/deployments/d/text/generation_stream", {}, (True, "url")),
        ("/.api/completions/stream", {}, (True, "default")),
        ("/.api/completions/stream", {"stream": False}, (False, "body.stream")),
        ("/.api/completions/code", {}, (False, "default")),
        ("/api/v2/databases/d/schemas/s/agents/a:run", {}, (True, "default")),
        ("/api/v2/cortex/agent:run", {"stream": False}, (False, "body.stream")),
        ("/studio/v1/j2-mid/complete", {}, (False, "default")),
        (GENERATION, {"model": "qwen"}, (False, "default")),
        ("/v1/chat-messages", {"response_mode": "streaming"}, (True, "body.response_mode")),
        ("/v1/workflows/run", {"response_mode": "blocking"}, (False, "body.response_mode")),
        ("/any/workflows/run", {"stream": True}, (True, "body.stream")),
        ("/api/v1/chat", {"stream": True}, (True, "body.stream")),
        ("/mcp", {"jsonrpc": "2.0", "stream": True}, (None, None)),
        ("/anything", {"stream": True}, (True, "body.stream")),
        ("/anything", {"stream": False}, (False, "body.stream")),
        ("/anything", {"streaming": True}, (True, "body.streaming")),
        ("/anything", {"stream": False, "streaming": True}, (False, "body.stream")),
        ("/api/v1/prediction/f", {"question": "q", "streaming": True}, (True, "body.streaming")),
        ("/api/v1/prediction/f", {"question": "q"}, (False, "default")),
        ("/anything", {"stream": []}, (None, None)),
        ("/anything", None, (None, None)),
    ],
)
def test_body_url_and_default(path: str, body: object, expected: tuple[bool | None, str | None]) -> None:
    assert asked(path, body) == expected


@pytest.mark.parametrize(
    ("path", "body", "header", "expected"),
    [
        (GENERATION, {}, ("X-DashScope-SSE", "enable"), (True, "header.x-dashscope-sse")),
        (GENERATION, {}, ("X-DashScope-SSE", "disable"), (False, "default")),
        (GENERATION, {}, SSE, (True, "header.accept")),
        (CHAT, {}, SSE, (False, "default")),
        (CHAT, None, SSE, (True, "header.accept")),
        ("/anything", None, SSE, (True, "header.accept")),
        ("/anything", {"q": 1}, ("Accept", "application/x-ndjson"), (True, "header.accept")),
        ("/anything", None, ("Accept", "*/*"), (None, None)),
        ("/anything", {"jsonrpc": "2.0"}, BOTH, (None, None)),
        ("/anything", None, BOTH, (None, None)),
        ("/anything", {"stream": True}, ("MCP-Protocol-Version", "2025-06-18"), (None, None)),
    ],
)
def test_headers(path: str, body: object, header: tuple[str, str], expected: tuple[bool | None, str | None]) -> None:
    assert asked(path, body, header) == expected


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/anything", "stream=true", (True, "url")),
        ("/anything", "stream=0", (False, "url")),
        ("/anything", "streaming=true", (True, "url")),
        ("/api/v1/run/f", "stream=true", (True, "url")),
        ("/anything", "alt=sse", (True, "url")),
        ("/anything", "alt=json", (None, None)),
        ("/v1/responses/resp_1", "stream=true", (True, "url")),
        ("/v1/responses/resp_1", "", (False, "default")),
        ("/v1beta/interactions/i", "stream=true", (True, "url")),
        ("/v1beta/interactions/i", "", (False, "default")),
    ],
)
def test_query(path: str, query: str, expected: tuple[bool | None, str | None]) -> None:
    assert asked(path, query=query) == expected


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/v1/responses/resp_1", "/threads/t/runs/stream", "/v1beta/models/g:streamGenerateContent"]
)
def test_who_asks_for_nothing_to_be_said_asks_for_no_stream(method: str, path: str) -> None:
    assert intent(Context(method, "h", path, (("stream", "true"),), (SSE,))) == (None, None)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/v1beta/models/g:streamGenerateContent", (), True),
        ("/v1beta/models/g:streamGenerateContent", (("alt", "sse"),), False),
        ("/v1beta/models/g:generateContent", (), False),
        ("/v1beta/projects/p/templates/t:templateStreamGenerateContent", (), True),
        ("/v1beta/projects/p/templates/t:templateGenerateContent", (), False),
    ],
)
def test_gemini_streams_an_array_unless_asked_for_events(
    path: str, query: tuple[tuple[str, str], ...], expected: bool
) -> None:
    assert array_stream(Context("POST", "h", path, query)) is expected
