"""APIs whose events are named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

LM_STUDIO = [
    {"type": "chat.start", "model_instance_id": "m"},
    {"type": "prompt_processing.start"},
    {"type": "prompt_processing.progress", "progress": 0.5},
    {"type": "reasoning.start"},
    {"type": "reasoning.delta", "content": "c"},
    {"type": "tool_call.start", "tool": "f"},
    {"type": "tool_call.arguments", "tool": "f", "arguments": {"x": 1}},
    {"type": "tool_call.success", "tool": "f", "arguments": {"x": 1}, "output": "o"},
    {"type": "message.delta", "content": "a"},
    {"type": "message.delta", "content": "b"},
]
RESULT = {
    "model_instance_id": "m",
    "output": [
        {"type": "reasoning", "content": "c"},
        {"type": "tool_call", "tool": "f", "arguments": {"x": 1}, "output": "o"},
        {"type": "message", "content": "ab"},
    ],
    "stats": {
        "input_tokens": 9,
        "total_output_tokens": 5,
        "reasoning_output_tokens": 2,
        "time_to_first_token_seconds": 0.5,
    },
    "response_id": "r",
}
LM_STUDIO_END = {"type": "chat.end", "result": RESULT}


def test_lm_studio() -> None:
    listener = listened("/api/v1/chat")
    readings = [listener.read_event(frame(payload)) for payload in [*LM_STUDIO, LM_STUDIO_END]]
    heard = [(), (), (), (), ("reasoning",), (), ("tool_calls",), (), ("text",), ("text",), ()]
    assert [reading.channels for reading in readings] == heard
    assert (readings[-1].type, readings[-1].end) == ("chat.end", "chat.end")
    found, told = streamed("/any", *LM_STUDIO, LM_STUDIO_END), listener.result()
    for llm in (told, found, whole("/api/v1/chat", RESULT), whole("/any", RESULT)):
        assert llm is not None
        assert (llm.provider, llm.api, llm.model, llm.response_id) == ("lmstudio-compatible", "chat", "m", "r")
        assert (llm.text, llm.reasoning, llm.tool_calls) == ("ab", "c", ())
        assert llm.server_tool_calls == (ToolCall(None, "f", '{"x":1}'),)
        assert (llm.usage, llm.server_timing) == (Usage(9, 5, 2), {"ttft": 0.5})
    assert streamed("/api/v1/chat", LM_STUDIO_END).text == "ab"


def test_lm_studio_complains_and_goes_on() -> None:
    failed = {"type": "error", "error": {"type": "mcp_connection_error", "message": "no"}}
    llm = streamed(context("/api/v1/chat"), ("error", failed), *LM_STUDIO)
    assert (llm.error, llm.text) == ({"type": "mcp_connection_error", "message": "no"}, "ab")


def test_lm_studio_times_its_old_chat_completions() -> None:
    stats = {"tokens_per_second": 50, "time_to_first_token": 0.1, "generation_time": 0.9}
    said = {"object": "chat.completion", "choices": [{"message": {"content": "a"}}], "stats": stats}
    assert whole("/api/v0/chat/completions", said).server_timing == {"ttft": 0.1, "generation": 0.9}


def coze(event: str, **more: object) -> tuple[str, dict[str, object]]:
    return f"conversation.{event}", {"id": "i", **more}


COZE = [
    coze("chat.created", status="created", last_error={"code": 0, "msg": ""}, usage={"output_count": 0}),
    coze("message.completed", type="verbose", content='{"msg_type":"knowledge_recall"}'),
    coze("message.delta", type="answer", reasoning_content="c", content=""),
    coze("message.delta", type="answer", content="a"),
    coze("message.delta", type="answer", content="b"),
    coze("message.completed", type="answer", content="ab"),
    coze("message.completed", type="follow_up", content="and then?"),
    coze("chat.completed", status="completed", usage={"token_count": 14, "output_count": 5, "input_count": 9}),
]


def test_coze() -> None:
    listener = listened(context("/v3/chat", host="api.coze.cn"))
    readings = [listener.read_event(frame(payload, name)) for name, payload in COZE]
    heard = [(), (), ("reasoning",), ("text",), ("text",), (), (), ()]
    assert [reading.channels for reading in readings] == heard
    assert readings[-1].end == "conversation.chat.completed"
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.response_id, llm.finish_reason) == ("coze", "i", "completed")
    assert (llm.text, llm.reasoning, llm.usage, llm.error) == ("ab", "c", Usage(9, 5), None)
    assert streamed("/any", *COZE).text == "ab"
    assert streamed("/any", *COZE[:2], *COZE[5:]).text == "ab"


def test_coze_calls_and_complains() -> None:
    failed = coze("chat.failed", status="failed", last_error={"code": 5000, "msg": "no"})
    llm = streamed("/v3/chat", coze("message.completed", type="function_call", content='{"name":"f"}'), failed)
    assert llm.server_tool_calls == (ToolCall(None, "function_call", '{"name":"f"}'),)
    assert (llm.finish_reason, llm.error) == ("failed", {"code": 5000, "message": "no"})
    assert whole("/v3/chat", {"code": 4000, "msg": "no"}).error == {"code": 4000, "message": "no"}
    assert whole("/v3/chat", {"code": 0, "msg": "", "data": {"id": "i"}}).error is None


def test_coze_asks_the_client_to_run_its_own_tools() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}
    asked = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}
    listener = listened("/v3/chat", COZE[0])
    name, payload = coze("chat.requires_action", status="requires_action", required_action=asked)
    reading = listener.read_event(frame(payload, name))
    assert (reading.channels, reading.end) == (("tool_calls",), "conversation.chat.requires_action")
    llm = listener.result()
    assert llm is not None
    assert (llm.finish_reason, llm.tool_calls) == ("requires_action", (ToolCall("c1", "add", '{"a":1}'),))


CHUNK = {"uuid": "i", "type": "textResponseChunk", "sources": [], "close": False, "error": False}
METRICS = {"prompt_tokens": 9, "completion_tokens": 5, "outputTps": 50, "duration": 0.1}


def test_anythingllm() -> None:
    place = "/api/v1/workspace/w/stream-chat"
    last = {"uuid": "i", "type": "finalizeResponseStream", "close": True, "error": False, "metrics": METRICS}
    chunks = [{**CHUNK, "textResponse": "a"}, {**CHUNK, "textResponse": "b"}]
    listener = listened(place)
    readings = [listener.read_event(frame(payload)) for payload in [*chunks, last]]
    assert [(reading.channels, reading.end) for reading in readings] == [
        (("text",), None),
        (("text",), None),
        ((), "finalizeResponseStream"),
    ]
    for llm in (listener.result(), streamed("/any", *chunks, last)):
        assert llm is not None
        assert (llm.provider, llm.response_id, llm.text) == ("anythingllm-compatible", "i", "ab")
        assert (llm.usage, llm.error) == (Usage(9, 5), None)
    answer = {"id": "i", "type": "textResponse", "textResponse": "ab", "close": True, "error": None}
    assert whole("/api/v1/workspace/w/chat", answer).text == "ab"
    aborted = {"id": "i", "type": "abort", "textResponse": None, "close": True, "error": "no"}
    assert streamed(place, aborted).error == {"message": "no"}


UI = [
    {"type": "start", "messageId": "i"},
    {"type": "start-step"},
    {"type": "reasoning-start", "id": "1"},
    {"type": "reasoning-delta", "id": "1", "delta": "c"},
    {"type": "tool-input-start", "toolCallId": "t", "toolName": "f"},
    {"type": "tool-input-delta", "toolCallId": "t", "inputTextDelta": '{"x":'},
    {"type": "tool-input-delta", "toolCallId": "t", "inputTextDelta": "1}"},
    {"type": "tool-input-available", "toolCallId": "t", "toolName": "f", "input": {"x": 1}},
    {"type": "tool-input-available", "toolCallId": "u", "toolName": "g", "input": {}},
    {"type": "text-start", "id": "2"},
    {"type": "text-delta", "id": "2", "delta": "a"},
    {"type": "text-delta", "id": "2", "delta": "b"},
    {"type": "finish", "finishReason": "stop", "messageMetadata": {"usage": {"inputTokens": 9, "outputTokens": 5}}},
]
AG_UI = [
    {"type": "RUN_STARTED", "threadId": "k", "runId": "i"},
    {"type": "REASONING_MESSAGE_CONTENT", "messageId": "1", "delta": "c"},
    {"type": "TOOL_CALL_START", "toolCallId": "t", "toolCallName": "f"},
    {"type": "TOOL_CALL_ARGS", "toolCallId": "t", "delta": '{"x":'},
    {"type": "TOOL_CALL_ARGS", "toolCallId": "t", "delta": "1}"},
    {"type": "TEXT_MESSAGE_START", "messageId": "2", "role": "assistant"},
    {"type": "TEXT_MESSAGE_CONTENT", "messageId": "2", "delta": "a"},
    {"type": "TEXT_MESSAGE_CONTENT", "messageId": "2", "delta": "b"},
    {"type": "RUN_FINISHED", "threadId": "k", "runId": "i"},
]


def test_ui_messages_in_any_app() -> None:
    told = (("X-Vercel-AI-UI-Message-Stream", "v1"),)
    for where in (context("/api/chat"), context("/any"), replace(context("/api/chat"), response_headers=told)):
        listener = listened(where)
        readings = [listener.read_event(frame(payload)) for payload in UI]
        heard = [(), (), ("reasoning",), (), *[("tool_calls",)] * 2, (), ("tool_calls",), (), *[("text",)] * 2, ()]
        assert [reading.channels for reading in readings][1:] == heard
        assert readings[0].channels == (("events",) if where.path == "/any" else ())
        assert readings[-1].end == "finish"
        llm = listener.result()
        assert llm is not None
        assert (llm.provider, llm.api) == ("ai-sdk-compatible", "ui.messages")
        assert llm.response_id == ("i" if where.response_headers else None)
        assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "c", "stop", Usage(9, 5))
        assert llm.tool_calls == (ToolCall("t", "f", '{"x":1}'), ToolCall("u", "g", "{}"))
    theirs = {"type": "tool-input-start", "toolCallId": "p", "toolName": "h", "providerExecuted": True}
    piece = {"type": "tool-input-delta", "toolCallId": "p", "inputTextDelta": "{}"}
    wrong = {"type": "tool-input-error", "toolCallId": "w", "toolName": "f", "input": "{bad", "errorText": "no"}
    counted = {"inputTokens": 9, "outputTokens": 5, "reasoningTokens": 2, "cachedInputTokens": 4}
    end = {"type": "finish", "messageMetadata": {"totalUsage": counted}}
    llm = streamed("/any", UI[1], theirs, piece, {**theirs, "type": "tool-input-available", "input": {}}, wrong, end)
    assert llm.server_tool_calls == (ToolCall("p", "h", "{}"),)
    assert (llm.tool_calls, llm.usage) == ((ToolCall("w", "f", "{bad"),), Usage(9, 5, 2, 4))
    failed = streamed("/any", *UI[:2], {"type": "error", "errorText": "no"})
    assert failed.error == {"type": "error", "message": "no"}


def test_parts_of_the_ai_sdks_full_stream_that_an_app_passes_on() -> None:
    stream: list[tuple[dict[str, object], tuple[str, ...]]] = [
        ({"type": "start"}, ()),
        ({"type": "start-step", "request": {}}, ()),
        ({"type": "reasoning-delta", "id": "0", "text": "hm"}, ("reasoning",)),
        ({"type": "text-start", "id": "1"}, ()),
        ({"type": "text-delta", "id": "1", "text": "a"}, ("text",)),
        ({"type": "text-delta", "id": "1", "text": "b"}, ("text",)),
        ({"type": "tool-input-start", "id": "t", "toolName": "f"}, ()),
        ({"type": "tool-input-delta", "id": "t", "delta": '{"a":1}'}, ("tool_calls",)),
        ({"type": "tool-call", "toolCallId": "t", "toolName": "f", "input": {"a": 1}}, ()),
        ({"type": "finish-step", "finishReason": "stop", "usage": {"inputTokens": 1}}, ()),
        ({"type": "finish", "finishReason": "stop", "totalUsage": {"inputTokens": 9, "outputTokens": 5}}, ()),
    ]
    listener = listened("/api/chat")
    assert [listener.read_event(frame(part)).channels for part, _ in stream] == [channels for _, channels in stream]
    llm = listener.result()
    assert llm
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", "hm", "stop", Usage(9, 5))
    assert llm.tool_calls == (ToolCall("t", "f", '{"a":1}'),)


def test_ag_ui_at_any_agent() -> None:
    listener = listened("/agent")
    readings = [listener.read_event(frame(payload)) for payload in AG_UI]
    heard = [(), ("reasoning",), (), *[("tool_calls",)] * 2, (), *[("text",)] * 2, ()]
    assert [reading.channels for reading in readings] == heard
    assert readings[-1].end == "RUN_FINISHED"
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.response_id, llm.text, llm.reasoning) == ("ag-ui-compatible", "i", "ab", "c")
    assert llm.tool_calls == (ToolCall("t", "f", '{"x":1}'),)
    failed = streamed("/agent", AG_UI[0], {"type": "RUN_ERROR", "message": "no", "code": "x"})
    assert failed.error == {"code": "x", "message": "no"}


def test_ag_ui_counts_each_model_and_an_sdk_all_together() -> None:
    counts = {"model": "m", "inputTokens": 9, "outputTokens": 5, "cachedInputTokens": 4, "reasoningTokens": 2}
    ended = {"type": "RUN_FINISHED", "threadId": "t", "runId": "i", "usage": [counts]}
    llm = streamed("/agent", AG_UI[0], ended)
    assert (llm.model, llm.usage) == ("m", Usage(9, 5, 2, 4))
    aside = {"tanstack": {"model": "m", "finishReason": "stop"}}
    for more in ({"metadata": aside}, {"model": "m", "finishReason": "stop"}):
        llm = streamed("/agent", AG_UI[0], {**ended, "usage": {"promptTokens": 9, "completionTokens": 5}, **more})
        assert (llm.model, llm.finish_reason, llm.usage) == ("m", "stop", Usage(9, 5))


def test_what_others_call_alike_is_theirs() -> None:
    for payload in (
        {"type": "start"},
        {"type": "text-start", "id": "1"},
        {"type": "message.delta", "delta": "a"},
        {"type": "message.delta", "content": "a"},
        {"type": "RUN_STARTED", "turn": "i"},
        {"type": "TEXT_MESSAGE_CONTENT", "textMessageContent": {"delta": "a"}},
        {"event": "message", "answer": "a"},
    ):
        listener = listened("/any")
        assert listener.read_event(frame(payload)).channels == ("events",)
        assert listener.result() is None


@pytest.mark.parametrize("path", ["/chat/conversation/65f0c0ffee65f0c0ffee65f0", "/somewhere"])
def test_huggingchat(path: str) -> None:
    use = {"type": "tool", "subtype": "call", "uuid": "c", "call": {"name": "f", "parameters": {"a": 1}}}
    told = [
        ({"type": "reasoning", "subtype": "stream", "token": "hm\0\0"}, ("reasoning",), None),
        (use, ("tool_calls",), None),
        ({"type": "stream", "token": "a\0\0\0"}, ("text",), None),
        ({"type": "stream", "token": "b\0\0\0"}, ("text",), None),
        ({"type": "finalAnswer", "text": "ab", "interrupted": False}, (), "finalAnswer"),
    ]
    listener = listened(path)
    readings = [listener.read_event(frame(value)) for value, _, _ in told]
    assert [(reading.channels, reading.end) for reading in readings] == [(channels, end) for _, channels, end in told]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.reasoning) == ("huggingchat-compatible", "ab", "hm")
    assert llm.server_tool_calls == (ToolCall("c", "f", '{"a":1}'),)
    assert streamed(path, told[-1][0]).text == "ab"


@pytest.mark.parametrize("place", ["/assistant/chat/mine", "/some/app"])
def test_pinecones_assistants(place: str) -> None:
    about = {"id": "i", "model": "m"}
    said = [{"type": "content_chunk", **about, "delta": {"content": word}} for word in ("Hel", "lo")]
    end = {"finish_reason": "stop", "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    cited = {"type": "citation", "id": "i", "citation": {"position": 5, "references": []}}
    began = {"type": "message_start", **about, "role": "assistant"}
    listener = listened(place, began)
    readings = [
        listener.read_event(frame(payload)) for payload in (*said, cited, {"type": "message_end", **about, **end})
    ]
    assert [reading.channels for reading in readings] == [("text",), ("text",), (), ()]
    assert readings[-1].end == "message_end"
    entire = whole("/assistant/chat/mine", {**about, **end, "message": {"role": "assistant", "content": "Hello"}})
    for llm in (listener.result(), entire):
        assert llm is not None
        assert (llm.api, llm.model, llm.response_id, llm.text) == ("assistant", "m", "i", "Hello")
        assert (llm.finish_reason, llm.usage) == ("stop", Usage(3, 2))
