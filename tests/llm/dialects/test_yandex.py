"""Yandex Cloud's own text generation."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/foundationModels/v1/completion", "llm.api.cloud.yandex.net", {"modelUri": "gpt://b/m/latest"})


def line(*texts: str, status: str = "PARTIAL", tokens: str = "2", **message: object) -> dict[str, object]:
    said = [{"role": "assistant", "text": words, **message} for words in texts]
    alternatives = [{"message": each, "status": f"ALTERNATIVE_STATUS_{status}"} for each in said]
    details = {"reasoningTokens": "1"}
    usage = {"inputTextTokens": "20", "completionTokens": tokens, "completionTokensDetails": details}
    return {"result": {"alternatives": alternatives, "usage": usage, "modelVersion": "1.1.2026"}}


def test_each_line_holds_all_said_so_far() -> None:
    listener = listened(WHERE)
    lines = [line("a"), line("ab"), line("ab"), line("abc", status="FINAL", tokens="3")]
    readings = [listener.read_event(frame(each)) for each in lines]
    assert [(reading.channels, reading.end) for reading in readings] == [
        (("text",), None),
        (("text",), None),
        ((), None),
        (("text",), "status"),
    ]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model, llm.text) == ("yandex", "completion", "gpt://b/m/latest", "abc")
    assert (llm.finish_reason, llm.usage) == ("ALTERNATIVE_STATUS_FINAL", Usage(20, 3, 1))


def test_behind_another_host_and_whole() -> None:
    answer = line("ab", "cd", status="TRUNCATED_FINAL")
    for llm in (streamed("/relay", answer), whole(WHERE, answer), whole("/relay", answer["result"])):
        assert [(choice.text, choice.finish_reason) for choice in llm.choices] == [
            ("ab", "ALTERNATIVE_STATUS_TRUNCATED_FINAL"),
            ("cd", "ALTERNATIVE_STATUS_TRUNCATED_FINAL"),
        ]


def test_a_call_that_is_said_again_is_one() -> None:
    calls = {"toolCalls": [{"functionCall": {"name": "f", "arguments": {"a": 1}}}]}
    llm = streamed(WHERE, line("", toolCallList=calls), line("", status="TOOL_CALLS", toolCallList=calls))
    assert llm.tool_calls == (ToolCall(None, "f", '{"a":1}'),)


def test_an_error_is_an_error() -> None:
    error = {"error": {"grpcCode": 16, "httpCode": 401, "message": "no key", "httpStatus": "Unauthorized"}}
    assert whole(WHERE, error).error == {"message": "no key"}
