"""Qwen's two apps."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, Frame, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

ASKED = {"stream": True, "incremental_output": True, "model": "qwen3-max"}
WHERE = context("/api/v2/chat/completions", "chat.qwen.ai", ASKED)
BEGUN = {"response.created": {"chat_id": "c", "parent_id": "p", "response_id": "r", "response_index": "0"}}


def told(phase: str, content: str = "", status: str = "typing", **more: object) -> dict[str, object]:
    delta = {"role": "assistant", "content": content, "phase": phase, "status": status, **more}
    return {"choices": [{"delta": delta}], "response_id": "r"}


def summed_up(*thoughts: str) -> dict[str, object]:
    extra = {"summary_title": {"content": ["a title"]}, "summary_thought": {"content": [*thoughts]}}
    return told("thinking_summary", extra=extra)


USED = {"input_tokens": 7, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 3}}
ANSWERED = [told("answer", "a"), {**told("answer", "b"), "usage": USED}, told("answer", status="finished")]


@pytest.mark.parametrize(
    ("thoughts", "reasoning"),
    [
        ([told("think", "x"), told("think", "y"), told("think", status="finished")], "xy"),
        ([summed_up("x"), summed_up("x", "y"), told("thinking_summary", status="finished")], "x\ny"),
    ],
    ids=["as they are", "summed up"],
)
@pytest.mark.parametrize(
    ("where", "provider"), [(WHERE, "dashscope"), (context("/relay", body=ASKED), "dashscope-compatible")]
)
def test_thoughts_are_no_text_and_the_last_phase_ends_it(
    where: Context, provider: str, thoughts: list[dict[str, object]], reasoning: str
) -> None:
    listener = listened(where)
    readings = [listener.read_event(frame(each)) for each in (BEGUN, *thoughts, *ANSWERED)]
    channels = [(), ("reasoning",), ("reasoning",), (), ("text",), ("text",), ()]
    assert [reading.channels for reading in readings] == channels
    assert [reading.end for reading in readings] == [None] * 6 + ["finished"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.response_id, llm.model) == (provider, "r", "qwen3-max")
    assert (llm.text, llm.reasoning, llm.finish_reason, llm.usage) == ("ab", reasoning, "finished", Usage(7, 5, 3))


def test_what_the_server_looks_up_is_a_call_of_its_own() -> None:
    call = {"name": "web_search", "arguments": '{"queries":["q"]}'}
    found = told("web_search", status="finished", role="function", name="web_search", extra={"tool_result": {}})
    llm = streamed(WHERE, BEGUN, told("web_search", function_call=call, function_id="f"), found, *ANSWERED)
    assert llm.server_tool_calls == (ToolCall("f", "web_search", '{"queries":["q"]}'),)
    assert (llm.tool_calls, llm.text) == ((), "ab")


def test_errors() -> None:
    error = {"code": "Too_Many_Requests", "details": "slow down"}
    normalised = {"code": "Too_Many_Requests", "message": "slow down"}
    assert streamed(WHERE, BEGUN, {"error": error, "response_id": "r"}).error == normalised
    assert whole(WHERE, {"success": False, "request_id": "q", "data": error}).error == normalised
    assert streamed(WHERE, BEGUN, {"error": {"message": "no"}}).error == {"message": "no"}


APP = context("/api/v2/chat", "chat2.qianwen.com", {"model": "Qwen", "messages": []})


def sent(*messages: dict[str, object], status: str = "processing", **more: object) -> dict[str, object]:
    at = {"communication": {"reqid": "r", "resid": 0}, "error_code": 0, "error_msg": "", "success": True}
    return {**at, "data": {"messages": list(messages), "status": status}, **more}


def part(kind: str, content: str) -> dict[str, object]:
    return {"mime_type": kind, "content": content, "status": "processing"}


@pytest.mark.parametrize(
    ("where", "provider"), [(APP, "dashscope"), (context("/relay", body={"model": "Qwen"}), "dashscope-compatible")]
)
def test_qianwen_says_all_so_far_beside_what_it_does(where: Context, provider: str) -> None:
    does = part("bar/progress", "looking")
    loaded = {"mime_type": "multi_load/iframe", "meta_data": {"multi_load": [{"content": "abc"}]}}
    told = [sent(does), sent(does, part("multi_load/iframe", "a")), sent(loaded), sent(loaded, status="complete")]
    listener = listened(where)
    readings = [listener.read_event(frame(each)) for each in told] + [
        listener.read_event(Frame("complete", "true", True))
    ]
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",), (), ()]
    assert [reading.end for reading in readings] == [None] * 4 + ["complete"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.response_id, llm.finish_reason) == (provider, "abc", "r", "complete")


def test_qianwens_error() -> None:
    assert streamed(APP, sent({"mime_type": {}}, error_code=7, error_msg="no")).error == {"code": 7, "message": "no"}
