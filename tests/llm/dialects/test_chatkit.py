"""Threads of OpenAI's ChatKit."""

from __future__ import annotations

from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall

from ..replies import context, frame, listened, streamed


def done(type_: str, **more: object) -> dict[str, object]:
    return {"type": "thread.item.done", "item": {"id": "m", "thread_id": "t", "type": type_, **more}}


def update(type_: str, item: str = "m", **more: object) -> dict[str, object]:
    return {"type": "thread.item.updated", "item_id": item, "update": {"type": type_, **more}}


def thought(words: str, position: int = 0) -> dict[str, object]:
    task = {"type": "thought", "content": words}
    return update(f"workflow.task.{'updated' if position else 'added'}", "w", task_index=position, task=task)


def delta(words: str) -> dict[str, object]:
    return update("assistant_message.content_part.text_delta", content_index=0, delta=words)


def test_what_is_said_in_a_thread() -> None:
    stream = [
        ({"type": "thread.created", "thread": {"id": "t"}}, ()),
        (done("user_message", content=[{"type": "input_text", "text": "hi"}]), ()),
        ({"type": "stream_options", "stream_options": {"allow_cancel": True}}, ()),
        (thought("h"), ("reasoning",)),
        (thought("hm"), ("reasoning",)),
        (thought("hm"), ()),
        (thought(" so", 1), ("reasoning",)),
        ({"type": "progress_update", "text": "searching"}, ()),
        (delta("a"), ("text",)),
        (delta("b"), ("text",)),
        (update("assistant_message.content_part.done", content={"type": "output_text", "text": "ab"}), ()),
        (done("assistant_message", content=[{"type": "output_text", "text": "ab"}]), ()),
        (done("client_tool_call", call_id="c", name="f", arguments={"a": 1}), ("tool_calls",)),
    ]
    listener = listened("/any")
    assert [listener.read_event(frame(payload)).channels for payload, _ in stream] == [
        channels for _, channels in stream
    ]
    assert not listener.terminator_due
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.response_id) == ("chatkit-compatible", "threads", "m")
    assert (llm.text, llm.reasoning, llm.tool_calls) == ("ab", "hm so", (ToolCall("c", "f", '{"a":1}'),))


def test_what_was_not_streamed_stands_in_its_end() -> None:
    whole = done(
        "assistant_message", content=[{"type": "output_text", "text": "a"}, {"type": "output_text", "text": "b"}]
    )
    assert streamed("/any", whole).text == "ab"
    assert streamed("/any", delta("a"), whole).text == "ab"
    assert streamed("/any", update("widget.streaming_text.value_delta", delta="a", done=False)).text == "a"


def test_errors() -> None:
    error = {"type": "error", "code": "stream.error", "allow_retry": True}
    assert streamed("/chatkit", error).error == {"type": "error", "code": "stream.error"}
    assert streamed("/any", delta("a"), error).error == {"type": "error", "code": "stream.error"}
    assert listened("/any", {"type": []}).result() is None


def test_requests_say_whether_they_ask_for_a_stream() -> None:
    assert intent(context("/chatkit", body={"type": "threads.create", "params": {}})) == (True, "body.type")
    assert intent(context("/chatkit", body={"type": "threads.list", "params": {}})) == (None, None)
    assert intent(context("/chatkit", body={"type": []})) == (None, None)
