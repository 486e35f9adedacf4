"""What LangServe and LangGraph's server stream."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Llm, ToolCall, Usage

from ..replies import chain_message, context, frame, listened, streamed, whole

RUNS = "/threads/k/runs/stream"
HUMAN = chain_message("human", "q", id="0")
TOOL = chain_message("tool", "no word", id="2", tool_call_id="t")


def piece(content: object = "", **more: object) -> dict[str, object]:
    return chain_message("AIMessageChunk", content, **{"tool_call_chunks": [], **more})


def ai(id_: str, content: object = "", **more: object) -> dict[str, object]:
    return chain_message("ai", content, **more, id=id_)


CALLED = [{"type": "tool_call", "id": "t", "name": "f", "args": {"x": 1}}]
PIECES = [
    piece(),
    piece("a"),
    piece(tool_call_chunks=[{"name": "f", "args": "", "id": "t", "index": 0}]),
    piece(tool_call_chunks=[{"name": None, "args": '{"x":', "id": None, "index": 0}]),
    piece(tool_call_chunks=[{"name": None, "args": "1}", "id": None, "index": 0}]),
    piece("b", usage_metadata={"input_tokens": 9, "output_tokens": 0, "input_token_details": {"cache_read": 4}}),
    piece(
        usage_metadata={"input_tokens": 0, "output_tokens": 5, "output_token_details": {"reasoning": 2}},
        response_metadata={"finish_reason": "stop", "model_name": "m"},
    ),
]
HEARD = [(), ("text",), ("tool_calls",), ("tool_calls",), ("tool_calls",), ("text",), ()]
DONE = ai("r", "ab", tool_calls=CALLED, response_metadata={"finish_reason": "stop", "model_name": "m"})


def said(llm: Llm | None) -> tuple[object, ...]:
    assert llm is not None
    assert (llm.provider, llm.api) == ("langchain-compatible", "runs")
    return llm.text, llm.tool_calls, llm.model, llm.finish_reason


ALL = ("ab", (ToolCall("t", "f", '{"x":1}'),), "m", "stop")


def of_run(called: str, data: object, run: str = "i") -> dict[str, object]:
    return {"event": called, "run_id": run, "name": "n", "data": data}


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [
        ("data", lambda message: message),
        ("messages", lambda message: [message, {"langgraph_node": "n"}]),
        ("messages|sub:1", lambda message: [message, {"langgraph_node": "n"}]),
        ("data", lambda message: of_run("on_chat_model_stream", {"chunk": message})),
        ("events", lambda message: of_run("on_chat_model_stream", {"chunk": message})),
        ("data", lambda message: {"ops": [{"op": "add", "path": "/streamed_output/-", "value": message}]}),
        ("data", lambda message: {"lc": 1, "type": "constructor", "id": ["x", "AIMessageChunk"], "kwargs": message}),
    ],
)
def test_a_message_in_pieces_in_any_envelope(name: str, wrapped: object) -> None:
    assert callable(wrapped)
    for where in (context(RUNS), context("/any")):
        listener = listened(where)
        started = listener.read_event(frame({"run_id": "i"}, "metadata"))
        assert started.channels == ()
        assert [listener.read_event(frame(wrapped(message), name)).channels for message in PIECES] == HEARD
        assert said(listener.result()) == ALL
        llm = listener.result()
        assert llm is not None
        assert (llm.response_id, llm.usage) == ("i", Usage(9, 5, 2, 4))


def test_each_message_of_a_run_is_counted() -> None:
    def used(output: int, cached: int) -> dict[str, object]:
        return {"input_tokens": 9, "output_tokens": output, "input_token_details": {"cache_read": cached}}

    first, last = ai("1", "a", usage_metadata=used(5, 0)), ai("2", "b", usage_metadata=used(7, 4))
    states = [("values", {"messages": [HUMAN, first]}), ("values", {"messages": [HUMAN, first, TOOL, last]})]
    pieces = [("messages", [piece(**{**message, "type": "AIMessageChunk"}), {}]) for message in (first, last)]
    for told in (states, pieces):
        assert streamed(RUNS, *told).usage == Usage(18, 12, None, 4)


def test_what_repeats_pieces_says_nothing_new() -> None:
    end = of_run("on_chat_model_end", {"output": DONE})
    events = [("data", of_run("on_chat_model_stream", {"chunk": message})) for message in PIECES]
    assert said(streamed(RUNS, *events, ("data", end))) == ALL
    tuples: list[object] = [("messages", [message, {}]) for message in PIECES]
    state = ("values", {"messages": [HUMAN, ai("other", "ab"), TOOL]})
    update = ("updates", {"n": {"messages": [ai("other", "ab")]}})
    assert said(streamed(RUNS, ("values", {"messages": [HUMAN]}), *tuples, state, update)) == ALL


def test_what_else_a_log_tells_is_no_content() -> None:
    def patch(path: str, value: object) -> dict[str, object]:
        return {"ops": [{"op": "add", "path": path, "value": value}]}

    listener = listened("/any", ("data", patch("/streamed_output/-", "a")))
    for other in ("/logs/ChatOpenAI", "/logs/ChatOpenAI/final_output", "/final_output"):
        assert listener.read_event(frame(patch(other, {"output": "a"}), "data")).channels == ()
    assert listener.read_event(frame(patch("/streamed_output/-", "b"), "data")).channels == ("text",)


def test_a_model_that_sends_no_pieces_is_heard_at_its_end() -> None:
    assert said(streamed(RUNS, ("events", of_run("on_chat_model_end", {"output": DONE})))) == ALL
    assert streamed(RUNS, ("events", of_run("on_llm_stream", {"chunk": {"text": "a"}}))).text == "a"
    generations = {"generations": [[{"text": "a", "message": DONE}]]}
    assert said(streamed(RUNS, ("events", of_run("on_chat_model_end", {"output": generations})))) == ALL


def test_messages_that_come_again_with_all_they_say_so_far() -> None:
    thought: dict[str, object] = {"additional_kwargs": {"reasoning_content": "c"}}
    so_far = [
        ai("1"),
        ai("1", "a"),
        ai("1", "a", tool_calls=[{**CALLED[0], "args": {}}]),
        ai("1", "a", tool_calls=CALLED),
        ai("1", "a", tool_calls=CALLED),
        TOOL,
        ai("3", "", **thought),
        ai("3", "b", response_metadata=DONE["response_metadata"], **thought),
    ]
    listener = listened(RUNS)
    heard = [listener.read_event(frame([message], "messages/partial")).channels for message in so_far]
    assert heard == [(), ("text",), ("tool_calls",), ("tool_calls",), (), (), ("reasoning",), ("text",)]
    assert said(listener.result()) == ALL
    assert listener.read_event(frame([so_far[-1]], "messages/complete")).channels == ()
    llm = listener.result()
    assert llm is not None
    assert llm.reasoning == "c"


def test_the_state_of_a_graph_is_an_answer_behind_the_last_question() -> None:
    before = [chain_message("human", "p", id="8"), ai("9", "old")]
    states = [[*before, HUMAN], [*before, HUMAN, DONE], [*before, HUMAN, DONE, TOOL]]
    assert said(streamed(RUNS, *[("values", {"messages": state}) for state in states])) == ALL
    assert said(whole("/runs/wait", {"messages": states[-1]})) == ALL
    listener = listened(RUNS, ("metadata", {"run_id": "i"}))
    assert listener.read_event(frame({"n": {"messages": DONE}}, "updates")).channels == ("text", "tool_calls")
    assert listener.read_event(frame({"n": {"documents": ["d"]}}, "updates")).channels == ()
    assert said(listener.result()) == ALL


def test_a_chain_may_make_bare_text_or_objects_of_its_own() -> None:
    listener = listened("/any", ("metadata", {"run_id": "i"}))
    heard = ['"a"', '"', {"context": ["d"]}, {"answer": "b"}, {"answer": ""}]
    readings = [listener.read_event(frame(payload, "data")).channels for payload in heard]
    assert readings == [("text",), (), ("events",), ("text",), ("events",)]
    assert listener.read_event(frame("", "end")).end == "end"
    llm = listener.result()
    assert llm is not None
    assert (llm.text, whole("/any", {"output": "ab", "metadata": {"run_id": "i"}}).text) == ("ab", "ab")


def test_content_in_parts() -> None:
    parts: list[object] = [{"type": "thinking", "thinking": "c"}, {"type": "text", "text": "a", "index": 0}, "b"]
    parts += [{"type": "reasoning", "summary": [{"text": "d"}]}, {"type": "input_json_delta", "partial_json": "{"}]
    llm = streamed(RUNS, ("messages", [piece(parts), {}]))
    assert (llm.text, llm.reasoning) == ("ab", "cd")


def test_runs_that_fail() -> None:
    said_so = {"error": "ValueError", "message": "no"}
    assert streamed(RUNS, ("error", said_so)).error == {"type": "ValueError", "message": "no"}
    failed = streamed("/any", ("metadata", {"run_id": "i"}), ("error", {"status_code": 500, "message": "no"}))
    assert failed.error == {"message": "no"}
