"""OpenAI assistants."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import frame, listened, streamed, whole

WHERE = "/v1/threads/t/runs"


def step(**call: object) -> tuple[str, dict[str, object]]:
    details = {"type": "tool_calls", "tool_calls": [{"index": 0, **call}]}
    return "thread.run.step.delta", {"id": "step_1", "delta": {"step_details": details}}


def run(status: str, **more: object) -> tuple[str, dict[str, object]]:
    return f"thread.run.{status}", {"id": "run_1", "object": "thread.run", "status": status, "model": "m", **more}


def words(text: str) -> tuple[str, dict[str, object]]:
    return "thread.message.delta", {"delta": {"content": [{"index": 0, "type": "text", "text": {"value": text}}]}}


def test_a_run_is_read() -> None:
    stream = [
        run("created"),
        step(id="c1", type="code_interpreter", code_interpreter={"input": "", "outputs": []}),
        step(type="code_interpreter", code_interpreter={"input": "1+"}),
        step(type="code_interpreter", code_interpreter={"input": "1"}),
        words("Two"),
        words("."),
        run("completed", usage={"prompt_tokens": 3, "completion_tokens": 5}),
        ("done", "[DONE]"),
    ]
    llm = streamed(WHERE, *stream)
    assert (llm.api, llm.model, llm.response_id, llm.text) == ("threads.runs", "m", "run_1", "Two.")
    assert (llm.finish_reason, llm.usage) == ("completed", Usage(3, 5))
    assert llm.server_tool_calls == (ToolCall("c1", "code_interpreter", "1+1"),)


def test_dashscopes_content_stands_in_no_list() -> None:
    pieces = [
        ("thread.message.delta", {"delta": {"content": {"type": "text", "text": {"value": text}}}}) for text in "ab"
    ]
    assert streamed(WHERE, run("created"), *pieces, run("completed")).text == "ab"


def test_channels_and_end() -> None:
    listener = listened(WHERE, run("created"))
    call = step(type="function", function={"name": "f", "arguments": "{}"})
    readings = [listener.read_event(frame(value, name)) for name, value in (words("a"), call, run("completed"))]
    assert [reading.channels for reading in readings] == [("text",), ("tool_calls",), ()]
    assert listener.read_event(frame("[DONE]", "done")).end == "[DONE]"


def test_functions_are_the_clients_to_run() -> None:
    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    action = {"submit_tool_outputs": {"tool_calls": calls}}
    expected = (ToolCall("c", "f", "{}"),)
    streamed_ = streamed(WHERE, step(**calls[0]), run("requires_action", required_action=action))
    assert (streamed_.tool_calls, streamed_.finish_reason) == (expected, "requires_action")
    assert whole(WHERE, run("requires_action", required_action=action)[1]).tool_calls == expected


def test_a_function_is_named_once_and_its_arguments_come_in_pieces() -> None:
    stream = [
        step(id="c", type="function", function={"name": "get_weather", "arguments": "", "output": None}),
        step(type="function", function={"arguments": '{"a"'}),
        step(type="function", function={"arguments": ":1}"}),
    ]
    assert streamed(WHERE, *stream).tool_calls == (ToolCall("c", "get_weather", '{"a":1}'),)


def test_a_failed_run_and_a_refusal() -> None:
    failed = run("failed", last_error={"code": "rate_limit_exceeded", "message": "x"})
    assert streamed(WHERE, failed).error == {"code": "rate_limit_exceeded", "message": "x"}
    refused = {"delta": {"content": [{"type": "refusal", "refusal": "no"}]}}
    assert streamed(WHERE, ("thread.message.delta", refused)).refusal == "no"


def test_what_other_agents_say_of_their_threads_is_theirs() -> None:
    listener = listened("/any")
    assert listener.read_event(frame({"type": "thread.started", "id": "t"}, "thread.started")).channels == ("events",)
    assert listener.result() is None
    deltas = {"object": "thread.message.delta", **words("a")[1]}
    assert streamed("/any", ("thread.message.delta", deltas)).text == "a"
