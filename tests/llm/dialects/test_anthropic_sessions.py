"""Sessions of Anthropic's managed agents."""

from __future__ import annotations

import pytest
from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed

WHERE = "/v1/sessions/sesn_1/events/stream"


def event(type_: str, id_: str = "i", **more: object) -> dict[str, object]:
    return {"type": type_, "id": id_, "processed_at": "2026-03-15T10:00:00Z", **more}


def piece(text: str) -> dict[str, object]:
    delta = {"type": "content_delta", "index": 0, "content": {"type": "text", "text": text}}
    return {"type": "event_delta", "event_id": "m", "delta": delta}


MESSAGE = event("agent.message", "m", content=[{"type": "text", "text": "Hello"}])
COUNTED = {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": 1, "cache_creation_input_tokens": 0}
BEGINS = [
    (event("session.status_running"), ()),
    (event("span.model_request_start"), ()),
    (event("agent.thinking"), ()),
    (event("agent.tool_use", "t", name="bash", input={"command": "ls"}), ("tool_calls",)),
    (event("span.model_request_end", model_usage={**COUNTED, "output_tokens": 20}), ()),
    (event("agent.tool_result", tool_use_id="t", content=[{"type": "text", "text": "no word"}]), ()),
    (event("agent.custom_tool_use", "c", name="f", input={"a": 1}), ("tool_calls",)),
]
ENDS = [
    (event("span.model_request_end", model_usage=COUNTED), ()),
    (event("session.status_idle", stop_reason={"type": "end_turn"}), ()),
]
WHOLE = [(MESSAGE, ("text",))]
IN_PIECES = [
    ({"type": "event_start", "event": {"type": "agent.message", "id": "m"}}, ()),
    (piece("Hel"), ("text",)),
    (piece("lo"), ("text",)),
    (MESSAGE, ()),
]


@pytest.mark.parametrize("says", [WHOLE, IN_PIECES])
@pytest.mark.parametrize("where", [WHERE, "/any"])
def test_a_turn(says: list[tuple[dict[str, object], tuple[str, ...]]], where: str) -> None:
    listener = listened(where)
    told = [*BEGINS, *says, *ENDS]
    readings = [listener.read_event(frame(payload, str(payload["type"]))) for payload, _ in told]
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert (readings[-1].type, readings[-1].end) == ("session.status_idle", "session.status_idle")
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == (
        "anthropic-compatible",
        "sessions",
        "Hello",
        "end_turn",
    )
    assert llm.tool_calls == (ToolCall("c", "f", '{"a":1}'),)
    assert llm.server_tool_calls == (ToolCall("t", "bash", '{"command":"ls"}'),)
    assert llm.usage == Usage(6, 25, None, 2)  # of two requests to the model
    assert not listener.terminator_due


def test_a_session_complains() -> None:
    failed = event("session.error", error={"type": "model_overloaded_error", "message": "no"})
    assert streamed(WHERE, failed).error == {"type": "model_overloaded_error", "message": "no"}


def test_why_the_model_declined_is_told() -> None:
    why = {"type": "refusal", "category": "cyber", "explanation": "This may not be asked."}
    llm = streamed(WHERE, event("session.status_idle", stop_reason={"type": "refusal"}, stop_details=why))
    assert (llm.refusal, llm.finish_reason) == ("This may not be asked.", "refusal")
