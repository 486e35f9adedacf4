"""Sessions of DashScope's managed agents."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed

WHERE = "/api/v1/agentstudio/sessions/sesn_1/events/stream"


def message(type_: str, *content: object, id_: str = "i", role: str = "assistant") -> dict[str, object]:
    return {"object": "message", "id": id_, "type": type_, "role": role, "content": list(content)}


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


def data(**told: object) -> dict[str, object]:
    return {"type": "data", "data": told}


def piece(words: str, id_: str = "m") -> dict[str, object]:
    return {"type": "event_delta", "event_id": id_, "delta": {"type": "content_delta", "content": text(words)}}


def begin(type_: str, id_: str) -> dict[str, object]:
    return {"type": "event_start", "event": {"id": id_, "type": type_}}


type Told = list[tuple[dict[str, object], tuple[str, ...]]]

BEGINS: Told = [
    (message("session_status", data(session_status="running")), ()),
    (message("message", text("no word"), role="user"), ()),
    (message("model_request_start"), ()),
    (message("tool_call", data(call_id="t", name="bash", arguments='{"command":"ls"}')), ("tool_calls",)),
    (message("tool_call_output", data(call_id="t", output="no word"), role="tool"), ()),
    (message("function_call", data(call_id="f", name="f", arguments='{"a":1}')), ("tool_calls",)),
]
THOUGHT, SAID = message("reasoning", text("Hm"), id_="r"), message("message", text("Hello"), id_="m")
WHOLE: Told = [(THOUGHT, ("reasoning",)), (SAID, ("text",))]
IN_PIECES: Told = [
    (begin("reasoning", "r"), ()),
    (piece("Hm", "r"), ("reasoning",)),
    (THOUGHT, ()),
    (begin("message", "m"), ()),
    (piece("Hel"), ("text",)),
    (piece("lo"), ("text",)),
    (SAID, ()),
]
JOINED_LATE: Told = [(THOUGHT, ("reasoning",)), (piece("Hello"), ("text",)), (SAID, ())]
ENDS: Told = [
    (message("model_request_end", data(input_tokens=3, output_tokens=5, cache_read_input_tokens=1)), ()),
    (message("session_status", data(session_status="idle", stop_reason={"type": "end_turn"})), ()),
]


@pytest.mark.parametrize("says", [WHOLE, IN_PIECES, JOINED_LATE])
@pytest.mark.parametrize("where", [WHERE, "/any"])
def test_a_turn(says: Told, where: str) -> None:
    listener = listened(where)
    told = [*BEGINS, *says, *ENDS]
    readings = [listener.read_event(frame(payload)) for payload, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [(reading.type, reading.end) for reading in readings if reading.end] == [("session_status",) * 2]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api) == ("dashscope-compatible", "sessions")
    assert (llm.text, llm.reasoning, llm.finish_reason) == ("Hello", "Hm", "end_turn")
    assert llm.tool_calls == (ToolCall("f", "f", '{"a":1}'),)
    assert llm.server_tool_calls == (ToolCall("t", "bash", '{"command":"ls"}'),)
    assert llm.usage == Usage(3, 5, None, 1)
    assert not listener.terminator_due


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"type": "error", "error": {"code": "down", "message": "no"}}, {"code": "down", "message": "no"}),
        (
            message("error", {"type": "error", "error_code": "down", "message": "no"}),
            {"type": "error", "code": "down", "message": "no"},
        ),
    ],
)
def test_a_session_complains(told: dict[str, object], error: dict[str, object]) -> None:
    assert streamed(WHERE, told).error == error
