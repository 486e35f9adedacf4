"""Runs of Google's Agent Development Kit."""

from __future__ import annotations

from streamwatchlib.model import ToolCall, Usage

from ..replies import context, frame, listened, streamed, whole

RUN = context("/run_sse")
CALL = {"functionCall": {"id": "t", "name": "f", "args": {"x": 1}}}


def said(*parts: object, partial: bool | None = None, author: str = "a", **more: object) -> dict[str, object]:
    spoken = {"content": {"role": "model", "parts": list(parts)}, "invocationId": "i", "author": author, "id": "e"}
    return {**spoken, "actions": {}} | ({} if partial is None else {"partial": partial}) | more


def words(text: str, **more: object) -> dict[str, object]:
    return {"text": text, **more}


FINAL = {"finishReason": "STOP", "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5}}
STREAM = [
    said(words("c", thought=True), partial=True),
    said(words("a"), partial=True),
    said(words("b"), CALL, partial=True),
    said(words("c", thought=True), words("ab"), CALL, partial=False),
    {**said({"functionResponse": {"name": "f", "response": {"result": "no word"}}}), "content": {"role": "user"}},
    said(words("d"), partial=True),
    said(words("d"), partial=False, modelVersion="m", **FINAL),
]


def test_pieces_are_heard_once() -> None:
    for where in (RUN, context("/any")):
        listener = listened(where)
        heard = [listener.read_event(frame(payload)).channels for payload in STREAM]
        assert heard == [("reasoning",), ("text",), ("text",), ("tool_calls",), (), ("text",), ()]
        llm = listener.result()
        assert llm is not None
        assert (llm.provider, llm.api, llm.model, llm.response_id) == ("adk-compatible", "run", "m", "i")
        assert (llm.text, llm.reasoning, llm.tool_calls) == ("abd", "c", (ToolCall("t", "f", '{"x":1}'),))
        assert (llm.finish_reason, llm.usage) == ("STOP", Usage(9, 5))


def test_what_comes_whole_is_heard() -> None:
    events = [said(words("a"), CALL), said(words("b"), **FINAL)]
    for llm in (streamed(RUN, *events), whole("/run", events)):
        assert (llm.text, llm.tool_calls) == ("ab", (ToolCall("t", "f", '{"x":1}'),))


def test_each_request_to_the_model_is_counted_once() -> None:
    def used(prompt: int, answer: int) -> dict[str, object]:
        return {"usageMetadata": {"promptTokenCount": prompt, "candidatesTokenCount": answer}}

    result = said({"functionResponse": {"name": "f", "response": {}}})
    result["content"] = {"role": "user", "parts": result["content"]["parts"]}  # type: ignore[index]
    one = [
        said(words("a"), partial=True, **used(9, 1)),
        said(words("ab"), partial=False, **used(9, 5)),
        said(CALL, partial=False, **used(9, 5)),
    ]
    other = said(words("x"), author="other", **used(7, 3))
    assert streamed(RUN, *one).usage == Usage(9, 5)
    assert streamed(RUN, *one, result, said(words("c"), partial=False, **used(30, 6))).usage == Usage(39, 11)
    assert streamed(RUN, one[0], other, *one[1:], other).usage == Usage(16, 8)


def test_agents_do_not_speak_for_one_another() -> None:
    assert streamed(RUN, said(words("a"), partial=True), said(words("b"), author="other")).text == "ab"


def test_engines_spell_names_with_underscores() -> None:
    event = {
        "content": {"role": "model", "parts": [{"text": "a"}, {"function_call": {"id": "t", "name": "f", "args": {}}}]}
    }
    event |= {"invocation_id": "i", "author": "a", "finish_reason": "STOP"}
    llm = streamed(context("/v1/reasoningEngines/1:streamQuery"), event | {"usage_metadata": {"prompt_token_count": 9}})
    assert (llm.text, llm.tool_calls, llm.finish_reason) == ("a", (ToolCall("t", "f", "{}"),), "STOP")
    assert llm.usage == Usage(9)


def test_runs_that_fail() -> None:
    failed = said(errorCode="SAFETY", errorMessage="no")
    assert streamed(RUN, failed).error == {"code": "SAFETY", "message": "no"}
    assert streamed(RUN, said(errorCode="\ud800")).error == {"code": "\ufffd", "message": ""}
    assert streamed(RUN, {"error": "no"}).error == {"message": "no"}
