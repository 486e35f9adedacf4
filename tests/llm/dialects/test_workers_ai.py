"""Cloudflare Workers AI."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Llm, ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/client/v4/accounts/a/ai/run/@cf/vendor/m", host="api.cloudflare.com")
COUNTED = {"prompt_tokens": 3, "completion_tokens": 2}


def enveloped(**result: object) -> Llm:
    return whole(WHERE, {"result": result, "success": True, "errors": [], "messages": []})


@pytest.mark.parametrize(
    ("response", "channels", "text"),
    [
        ("a", ("text",), "a"),
        ("", (), ""),
        (None, (), None),
        (20, ("text",), "20"),  # a piece that is a number comes as one
        (0, ("text",), "0"),
    ],
)
def test_pieces(response: object, channels: tuple[str, ...], text: str | None) -> None:
    listener = listened(WHERE)
    assert listener.read_event(frame({"response": response, "p": "abcd"})).channels == channels
    llm = listener.result()
    assert llm
    assert llm.text == text


def test_apps_pass_on_what_their_workers_get() -> None:
    llm = streamed(context("/"), {"response": "a", "p": "abc"}, {"response": "b", "p": "ab"}, "[DONE]")
    assert (llm.api, llm.text) == ("ai.run", "ab")


def test_calls_come_whole() -> None:
    llm = enveloped(response=None, tool_calls=[{"name": "f", "arguments": {"a": 1}}], usage=COUNTED)
    assert (llm.provider, llm.api, llm.model) == ("cloudflare", "ai.run", "@cf/vendor/m")
    assert (llm.text, llm.tool_calls, llm.usage) == (None, (ToolCall(None, "f", '{"a":1}'),), Usage(3, 2))


def test_calls_come_in_pieces() -> None:
    pieces = [
        {"id": "c", "type": "function", "index": 0, "function": {"name": "f", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"a": '}},
        {"index": 0, "function": {"arguments": "1}"}},
        {"id": None, "type": None, "index": 0, "function": {"name": None, "arguments": ""}},
    ]
    listener = listened(WHERE)
    heard = [listener.read_event(frame({"response": "", "tool_calls": [piece]})).channels for piece in pieces]
    assert heard == [("tool_calls",)] * 3 + [()]
    llm = listener.result()
    assert llm
    assert llm.tool_calls == (ToolCall("c", "f", '{"a": 1}'),)


def test_an_answer_to_a_schema_is_an_object() -> None:
    assert enveloped(response={"a": 1}).text == '{"a":1}'


def test_an_answer_in_the_shape_of_openais_chat() -> None:
    message = {"role": "assistant", "content": "Hi", "reasoning_content": "hm"}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    llm = enveloped(id="c", object="chat.completion", model="@cf/vendor/m", choices=choices, usage=COUNTED)
    assert (llm.provider, llm.api, llm.text, llm.reasoning) == ("cloudflare", "chat.completions", "Hi", "hm")
    assert (llm.finish_reason, llm.usage, llm.response_id) == ("stop", Usage(3, 2), "c")


def test_an_answer_in_the_shape_of_openais_responses() -> None:
    output = [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]
    llm = enveloped(id="r", object="response", status="completed", output=output, usage=COUNTED)
    assert (llm.provider, llm.api, llm.text, llm.response_id) == ("cloudflare", "responses", "Hi", "r")


def test_a_model_that_does_not_exist() -> None:
    where = context("/client/v4/accounts/a/ai/run/no%20model", host="api.cloudflare.com", status=400)
    llm = whole(where, {"result": None, "success": False, "errors": [{"code": 7000, "message": "No such route"}]})
    assert (llm.api, llm.model) == ("ai.run", "no model")
    assert llm.error == {"code": 7000, "message": "No such route"}


def test_errors_in_the_envelope_and_in_a_stream() -> None:
    failed = {"result": {}, "success": False, "errors": [{"code": 5006, "message": "m"}], "messages": []}
    expected = {"code": 5006, "message": "m"}
    assert whole(context(WHERE.path, host=WHERE.host, status=400), failed).error == expected
    assert streamed(WHERE, {"response": "a"}, {"errors": failed["errors"], "success": False}).error == expected
