"""MCP over HTTP."""

from __future__ import annotations

from dataclasses import replace

from streamwatchlib.llm import intent
from streamwatchlib.model import Context

from ..replies import context, frame, listened, streamed, whole

BOTH = (("Accept", "application/json, text/event-stream"),)
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}}
RESULT = {
    "jsonrpc": "2.0",
    "id": 1,
    "result": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
}


def test_messages_are_events_and_the_response_ends_the_stream() -> None:
    listener = listened("/mcp")
    progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}
    heard = [listener.read_event(frame(message)) for message in (progress, RESULT)]
    assert [(reading.channels, reading.type, reading.end) for reading in heard] == [
        (("events",), "notifications/progress", None),
        (("events",), None, "response"),
    ]
    assert not listener.terminator_due
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text) == ("mcp", "ab")


def test_it_is_told_by_path_header_or_body_but_not_by_payload_alone() -> None:
    assert whole("/mcp", RESULT).text == "ab"
    by_body = Context("POST", "h", "/tools", request_headers=BOTH, request_value=CALL)
    by_header = Context("POST", "h", "/tools", response_headers=(("MCP-Session-Id", "s"),))
    assert streamed(by_body, RESULT).api == streamed(by_header, RESULT).api == "mcp"
    assert intent(by_body) == (None, None)
    assert listened(context("/ethereum"), RESULT).result() is None


def test_an_error_is_an_error() -> None:
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}
    assert whole("/mcp", error).error == {"code": -32601, "message": "Method not found"}


def test_an_agents_stream_is_agent2agent() -> None:
    def said(**result: object) -> dict[str, object]:
        return {"jsonrpc": "2.0", "id": 1, "result": result}

    part, status = {"kind": "text", "text": "a"}, {"state": "working"}
    first = [
        said(kind="task", id="t", contextId="c", status=status),
        said(kind="artifact-update", taskId="t", artifact={"parts": [part]}, append=True),
        said(kind="status-update", taskId="t", status=status, final=True),
    ]
    later = [
        said(task={"id": "t", "contextId": "c", "status": status}),
        said(artifactUpdate={"taskId": "t", "contextId": "c", "artifact": {"parts": [{"text": "a"}]}}),
    ]
    where = Context("POST", "h", "/", request_headers=BOTH, request_value={**CALL, "method": "message/stream"})
    assert intent(where) == (True, "body.method")
    for stream in (first, later, [said(kind="message", parts=[part])]):
        llm = streamed(where, *stream)
        assert (llm.provider, llm.api, llm.text) == ("a2a-compatible", "a2a", "a")
    assert streamed("/mcp", said(kind=["task"])).api == "mcp"
    plain = Context("POST", "h", "/", request_value={**CALL, "method": "message/stream"})
    whole_ = replace(plain, request_value={**CALL, "method": "message/send"})
    assert (intent(plain), intent(whole_)) == ((True, "body.method"), (False, "body.method"))
    assert streamed(plain, *first).text == whole(whole_, said(kind="message", parts=[part])).text == "a"
    assert streamed("/mcp", said(task={"taskId": "t", "status": "working"})).api == "mcp"


def test_a_task_answers_by_its_artifacts_and_where_there_are_none_by_what_is_said_of_its_state() -> None:
    def task(*artifacts: str, remark: str = "", role: str = "agent") -> dict[str, object]:
        status = {"state": "completed", "message": {"role": role, "parts": [{"kind": "text", "text": remark}]}}
        made = [{"parts": [{"kind": "text", "text": one}]} for one in artifacts]
        result = {"kind": "task", "id": "t", "contextId": "c", "status": status, "artifacts": made}
        return {"jsonrpc": "2.0", "id": 1, "result": result}

    def update(remark: str) -> dict[str, object]:
        status = {"state": "working", "message": {"role": "agent", "parts": [{"kind": "text", "text": remark}]}}
        return {"jsonrpc": "2.0", "id": 1, "result": {"kind": "status-update", "contextId": "c", "status": status}}

    assert whole("/mcp", task("a", "b", remark="done")).text == "ab"
    assert whole("/mcp", task(remark="Which one?")).text == "Which one?"
    assert whole("/mcp", task(remark="what was asked", role="ROLE_USER")).text is None
    listener = listened("/mcp", update("looking"), update("still looking"))
    assert (llm := listener.result())
    assert (llm.text, llm.finish_reason) == ("still looking", None)
    for _ in range(2):
        listener.read_event(frame(task("a", remark="done")))
        assert (llm := listener.result())
        assert (llm.text, llm.finish_reason) == ("a", "completed")


def test_a_task_that_is_asked_after_is_an_answer() -> None:
    where = Context("POST", "h", "/", request_value={**CALL, "method": "tasks/get"})
    status = {"state": "working", "timestamp": "t"}
    llm = whole(where, {"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "contextId": "c", "status": status}})
    assert (intent(where), llm.api, llm.text, llm.finish_reason) == ((None, None), "a2a", None, None)


def test_an_error_of_an_agent_is_the_agents() -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {}}
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "no"}}
    llm = whole(Context("POST", "h", "/", request_value=asked), error)
    assert (llm.provider, llm.api, llm.error) == ("a2a-compatible", "a2a", {"code": -32603, "message": "no"})


def test_an_agent_without_json_rpc() -> None:
    said = [
        {"task": {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_SUBMITTED"}}},
        {"artifactUpdate": {"taskId": "t", "contextId": "c", "artifact": {"parts": [{"text": "a"}]}}},
        {"artifactUpdate": {"taskId": "t", "contextId": "c", "artifact": {"parts": [{"text": "b"}]}, "append": True}},
        {"statusUpdate": {"taskId": "t", "contextId": "c", "status": {"state": "TASK_STATE_COMPLETED"}}},
    ]
    for path in ("/message:stream", "/v1/tasks/t:subscribe"):
        listener = listened(path)
        assert [listener.read_event(frame(message)).end for message in said] == [None] * 4
        llm = listener.result()
        assert llm
        assert (llm.provider, llm.api, llm.text) == ("a2a-compatible", "a2a", "ab")
        assert intent(context(path)) == (True, "url")
    task = {"task": {"id": "t", "artifacts": [{"parts": [{"text": "a"}, {"text": "b"}]}]}}
    assert whole("/v1/message:send", task).text == "ab"
    assert intent(context("/v1/message:send")) == (False, "url")
    error = {"code": 500, "status": "INTERNAL", "message": "no"}
    assert streamed("/message:stream", ("error", {"error": error})).error == error


def test_an_artifact_may_come_whole_after_its_pieces() -> None:
    def update(words: str, id_: str = "a", **more: object) -> dict[str, object]:
        artifact = {"artifactId": id_, "parts": [{"text": words}]}
        held = {"taskId": "t", "contextId": "c", "artifact": artifact, **more}
        return {"jsonrpc": "2.0", "id": 1, "result": {"artifactUpdate": held}}

    pieces = [update("a", append=True), update("b", append=True)]
    asked = Context("POST", "h", "/", request_value={"jsonrpc": "2.0", "method": "SendStreamingMessage"})
    assert streamed(asked, *pieces, update("ab", append=False)).text == "ab"
    assert streamed(asked, *pieces, update("abc"), update("d", append=True), update("abcde")).text == "abcde"
    assert streamed(asked, *pieces, update("ab", "another")).text == "abab"
    assert streamed(asked, *pieces, update("other"), update("s", append=True), update("others")).text == "abothers"


def test_the_transport_of_2024_is_told_by_how_it_begins() -> None:
    where = Context("GET", "h", "/sse")
    listener = listened(where, ("endpoint", "/messages?session_id=1"))
    assert listener.read_event(frame(RESULT)).channels == ("events",)
    llm = listener.result()
    assert llm
    assert (llm.api, llm.text) == ("mcp", "ab")


def test_what_is_asked_for_elsewhere_comes_at_the_clients_pace() -> None:
    assert listened(Context("GET", "h", "/mcp"), RESULT).traits == {"fed"}
    assert listened(Context("POST", "h", "/mcp"), RESULT).traits == set()
    task = {"task": {"id": "t", "contextId": "c"}}
    assert listened(Context("GET", "h", "/tasks/t:subscribe"), task).traits == set()
