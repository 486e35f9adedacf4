"""Flow builders: apps that are drawn as graphs."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole


def event(name: str, data: object) -> dict[str, object]:
    return {"event": name, "data": data}


FLOWISE = [
    (event("start", "He"), ()),  # which the first token says again
    (event("token", "He"), ("text",)),
    (event("usedTools", [{"tool": "t", "toolInput": {}, "toolOutput": "no word"}]), ()),
    (event("token", "llo"), ("text",)),
    (event("metadata", {"chatId": "c", "chatMessageId": "i"}), ()),
    (event("end", "[DONE]"), ()),
]
LANGFLOW = [
    (event("add_message", {"text": "q", "sender": "User", "id": "i"}), ()),
    (event("token", {"chunk": "He", "id": "i", "timestamp": "t"}), ("text",)),
    (event("token", {"chunk": "llo", "id": "i"}), ("text",)),
    (event("add_message", {"text": "Hello", "sender": "Machine", "id": "i"}), ()),
]
RESULT = {"session_id": "s", "outputs": [{"outputs": [{"results": {"message": {"text": "Hello"}}}]}]}


def test_flowise() -> None:
    listener = listened("/api/v1/prediction/f")
    readings = [listener.read_event(frame(payload)) for payload, _ in FLOWISE]
    assert [reading.channels for reading in readings] == [channels for _, channels in FLOWISE]
    assert [reading.end for reading in readings] == [None] * 5 + ["end"]
    answered = {"text": "Hello", "question": "q", "chatId": "c", "chatMessageId": "i"}
    for llm in (listener.result(), whole("/api/v1/prediction/f", answered)):
        assert llm
        assert (llm.provider, llm.api, llm.text, llm.response_id) == ("flowise-compatible", "prediction", "Hello", "i")
    assert streamed("/api/v1/prediction/f", event("error", "no")).error == {"message": "no"}


def test_langflow() -> None:
    listener = listened("/api/v1/run/f")
    readings = [
        listener.read_event(frame(payload)) for payload, _ in [*LANGFLOW, (event("end", {"result": RESULT}), ())]
    ]
    assert [reading.channels for reading in readings] == [*(channels for _, channels in LANGFLOW), ()]
    assert readings[-1].end == "end"
    for llm in (listener.result(), whole("/api/v1/run/f", RESULT)):
        assert llm
        assert (llm.provider, llm.api, llm.text) == ("langflow-compatible", "run", "Hello")


def test_the_end_of_a_langflow_in_which_nothing_streams_says_all() -> None:
    listener = listened("/api/v1/run/f")
    assert listener.read_event(frame(event("end", {"result": RESULT}))).channels == ("text",)
    assert streamed("/api/v1/run/f", event("error", {"text": "no"})).error == {"message": "no"}


def n8n(type_: str, **more: object) -> dict[str, object]:
    return {"type": type_, **more, "metadata": {"nodeId": "i", "nodeName": "AI Agent", "runIndex": 0}}


def test_n8n() -> None:
    listener = listened("/webhook/w/chat")
    stream = [n8n("begin"), n8n("item", content="He"), n8n("item", content="llo"), n8n("end")]
    readings = [listener.read_event(frame(payload)) for payload in stream]
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",), ()]
    assert readings[-1].end == "end"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text) == ("n8n-compatible", "Hello")
    assert streamed("/any", n8n("error", content="no")).error == {"message": "no"}
    assert listened("/any", {"type": "item", "content": "a"}).result() is None


def test_what_others_stream_at_such_places_is_not_theirs() -> None:
    for where in ("/api/v1/run/f", "/api/v1/prediction/f"):
        assert listened(where, {"event": "token"}, {"outputs": []}).result() is None


def dify(event: str, **more: object) -> dict[str, object]:
    return {"event": event, "task_id": "t", "message_id": "i", "conversation_id": "k", **more}


DIFY = [
    dify("workflow_started", workflow_run_id="w", data={}),
    dify("node_finished", workflow_run_id="w", data={"status": "succeeded", "outputs": {"text": "no word"}}),
    dify("message", answer="a"),
    dify("agent_message", answer="b"),
    dify("agent_thought", thought="ab", tool="f"),
    dify("tts_message", audio="UklG"),
    dify("workflow_finished", workflow_run_id="w", data={"status": "succeeded", "error": None}),
    dify("message_end", metadata={"usage": {"prompt_tokens": 9, "completion_tokens": 5}}),
]


def test_dify() -> None:
    listener = listened("/v1/chat-messages")
    readings = [listener.read_event(frame(payload)) for payload in DIFY]
    assert [reading.channels for reading in readings] == [(), (), ("text",), ("text",), ("tool_calls",), (), (), ()]
    assert [reading.kept for reading in readings] == [*[True] * 5, False, True, True]
    assert [reading.end for reading in readings[-2:]] == ["workflow_finished", "message_end"]
    for llm in (listener.result(), streamed("/any", *DIFY)):
        assert llm is not None
        assert (llm.provider, llm.response_id, llm.text, llm.finish_reason) == (
            "dify-compatible",
            "i",
            "ab",
            "succeeded",
        )
        assert llm.usage == Usage(9, 5)
    blocking = dify("message", answer="ab", mode="chat", metadata={"usage": {"completion_tokens": 5}})
    assert whole("/v1/chat-messages", blocking).text == "ab"
    assert whole("/v1/chat-messages", {"answer": "ab", "conversation_id": "k"}).text == "ab"


def test_a_workflow_of_dify_streams_pieces_of_text() -> None:
    run = {"event": "text_chunk", "task_id": "t", "workflow_run_id": "w", "data": {"text": "a"}}
    failed = {"event": "workflow_finished", "task_id": "t", "workflow_run_id": "w"}
    llm = streamed("/v1/workflows/run", run, {**failed, "data": {"status": "failed", "error": "no"}})
    assert (llm.text, llm.finish_reason, llm.error) == ("a", "failed", {"message": "no"})


def test_a_workflow_of_dify_that_says_nothing_on_its_way_puts_out_its_answer() -> None:
    def run(**outputs: object) -> dict[str, object]:
        return {"task_id": "t", "workflow_run_id": "w", "data": {"status": "succeeded", "outputs": outputs}}

    for one in (whole("/v1/workflows/run", run(text="a")), whole("/v1/workflows/w/run", run(answer="a"))):
        assert (one.provider, one.text, one.finish_reason) == ("dify-compatible", "a", "succeeded")
    assert whole("/v1/workflows/run", run(a="b", n=1)).text == '{"a":"b","n":1}'
    ended = {"event": "workflow_finished", **run(text="ab")}
    assert listened("/v1/workflows/run").read_event(frame(ended)).channels == ("text",)
    piece = {"event": "text_chunk", "task_id": "t", "workflow_run_id": "w", "data": {"text": "ab"}}
    assert streamed("/v1/workflows/run", piece, ended).text == "ab"
    assert whole("/v1/workflows/run", {**run(), "data": {"status": "failed", "error": "no"}}).error == {"message": "no"}


def test_what_a_moderator_of_dify_puts_in_the_place_of_an_answer_is_the_answer() -> None:
    listener = listened("/v1/chat-messages", dify("message", answer="bad"))
    assert listener.read_event(frame(dify("message_replace", answer="no", reason="output_moderation"))).channels == (
        "text",
    )
    llm = listener.result()
    assert llm
    assert (llm.text, llm.notes) == ("no", ("the text was withdrawn: its replacement is shown",))


def test_a_workflow_of_dify_that_waits_for_people_is_over_for_now() -> None:
    thought = dify("reasoning_chunk", data={"message_id": "m", "reasoning": "hm", "node_id": "n"})
    listener = listened("/v1/chat-messages", thought, dify("human_input_required", data={}))
    assert listener.read_event(frame(dify("workflow_paused", data={"status": "paused"}))).end == "workflow_paused"
    llm = listener.result()
    assert llm
    assert (llm.reasoning, llm.finish_reason) == ("hm", "paused")


def test_the_tools_of_an_agent_of_dify_are_the_servers() -> None:
    thought = dify("agent_thought", id="n", thought="", tool="", tool_input="")
    used = {**thought, "tool": "f", "tool_input": '{"a":1}'}
    llm = streamed("/v1/chat-messages", thought, used, {**used, "observation": "x"}, dify("agent_message", answer="a"))
    assert llm.server_tool_calls == (ToolCall("n", "f", '{"a":1}'),)


def test_dify_tells_of_an_error_as_an_event() -> None:
    refused = dify("error", status=400, code="invalid_param", message="no")
    error = {"code": "invalid_param", "message": "no", "status": 400}
    assert streamed("/v1/chat-messages", refused).error == error
    plain = {"status": 400, "code": "invalid_param", "message": "no"}
    assert whole(context("/v1/chat-messages", status=400), plain).error == error


COZE = "/v1/workflow/stream_run"


def coze(words: str, number: int, name: str = "Message", **more: object) -> tuple[str, dict[str, object]]:
    return name, {"content": words, "node_is_finish": bool(more), "node_seq_id": str(number), "node_title": "n", **more}


@pytest.mark.parametrize("where", [COZE, "/somewhere"])
@pytest.mark.parametrize(("name", "end"), [("Message", "Done"), ("message", "done")])
def test_a_workflow_of_coze(where: str, name: str, end: str) -> None:
    used = {"usage": {"input_count": 3, "output_count": 5, "token_count": 8}}
    listener = listened(where)
    told = [coze("He", 0, name), coze("llo", 1, name, **used), ("PING", {}), (end, {"debug_url": "u"})]
    readings = [listener.read_event(frame(payload, named)) for named, payload in told]
    assert [reading.channels for reading in readings] == [("text",), ("text",), (), ()]
    assert [reading.end for reading in readings] == [None, None, None, end]
    answered = {"code": 0, "msg": "Success", "data": "Hello", "execute_id": "e", **used}
    for llm in (listener.result(), whole("/v1/workflow/run", answered)):
        assert llm
        assert (llm.provider, llm.api, llm.text, llm.usage) == ("coze-compatible", "workflow", "Hello", Usage(3, 5))
        assert llm.error is None


def test_a_workflow_of_coze_that_fails_or_asks_is_over() -> None:
    listener = listened(COZE, coze("a", 0))
    assert listener.read_event(frame({"error_code": 4200, "error_message": "no"}, "Error")).end == "Error"
    asks = {"interrupt_data": {"event_id": "e", "type": 2}, "node_title": "n"}
    assert listened(COZE, coze("a?", 0)).read_event(frame(asks, "Interrupt")).end == "Interrupt"
    refused = whole("/v1/workflow/run", {"code": 4000, "msg": "no", "data": ""}).error
    assert [listener.result().error, refused] == [  # type: ignore[union-attr]
        {"code": 4200, "message": "no"},
        {"code": 4000, "message": "no"},
    ]


def test_chats_with_a_workflow_of_coze_are_those_with_a_bot() -> None:
    delta = {"id": "m", "role": "assistant", "type": "answer", "content": "a"}
    assert streamed("/v1/workflows/chat", ("conversation.message.delta", delta)).text == "a"
    assert intent(context("/v1/workflows/chat")) == (True, "url")


def app(answer: str, over: bool = False, **told: object) -> dict[str, object]:
    return {"request_id": "r", "answer": answer, "conversation_id": "c", "message_id": "m", "is_completion": over,
            "content": [{"event_type": "ChatAgent", "outputs": {"text": answer}, **told}]}  # fmt: skip


@pytest.mark.parametrize("where", ["/v2/app/conversation/runs", "/somewhere"])
def test_an_app_of_appbuilder(where: str) -> None:
    used = {"usage": {"prompt_tokens": 3, "completion_tokens": 5}}
    listener = listened(where)
    readings = [listener.read_event(frame(payload)) for payload in (app("He"), app("llo", **used), app("", True))]
    assert [reading.channels for reading in readings] == [("text",), ("text",), ()]
    assert [reading.end for reading in readings] == [None, None, "is_completion"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.response_id, llm.usage) == ("qianfan-compatible", "Hello", "m", Usage(3, 5))


def test_an_app_of_appbuilder_answers_whole_or_not_at_all() -> None:
    where = "/v2/app/conversation/runs"
    answered = {key: value for key, value in app("Hello").items() if key != "is_completion"}
    assert whole(where, answered).text == "Hello"
    refused = {"request_id": "r", "code": "Invalid", "message": "no"}
    assert streamed(where, refused).error == whole(where, refused).error == {"code": "Invalid", "message": "no"}


def maxkb(content: str, over: bool = False, **more: object) -> dict[str, object]:
    return {"chat_id": "c", "id": "r", "operate": True, "content": content, "is_end": over, **more}


@pytest.mark.parametrize("where", ["/chat/api/chat_message/1", "/somewhere"])
def test_maxkb(where: str) -> None:
    none = {"usage": {"completion_tokens": 0, "prompt_tokens": 0}}
    used = {"usage": {"completion_tokens": 5, "prompt_tokens": 3}}
    told = [maxkb("", reasoning_content="r", **none), maxkb("Hel", **none), maxkb("lo"), maxkb("", True, **used)]
    listener = listened(where)
    readings = [listener.read_event(frame(payload)) for payload in told]
    assert [reading.channels for reading in readings] == [("reasoning",), ("text",), ("text",), ()]
    assert [reading.end for reading in readings] == [None] * 3 + ["is_end"]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.text, llm.reasoning, llm.usage) == ("maxkb-compatible", "Hello", "r", Usage(3, 5))
    data = {"chat_id": "c", "content": "Hello", "is_end": True, "completion_tokens": 5, "prompt_tokens": 3}
    assert whole("/chat/api/chat_message/1", {"code": 200, "message": "ok", "data": data}).text == "Hello"
