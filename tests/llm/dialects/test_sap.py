"""SAP AI Core's orchestration."""

from __future__ import annotations

import pytest
from streamwatchlib.model import Context, Usage

from ..replies import chunk, context, frame, listened, streamed, whole

PATH = "/v2/inference/deployments/d/v2/completion"
WHERE = context(PATH, "api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com")


def held(result: dict[str, object], key: str = "final_result") -> dict[str, object]:
    modules = "intermediate_results" if key == "final_result" else "module_results"
    return {"request_id": "q", modules: {"llm": result}, key: result}


@pytest.mark.parametrize(("where", "provider"), [(WHERE, "sap"), (context("/relay"), "sap-compatible")])
@pytest.mark.parametrize("key", ["final_result", "orchestration_result"])
def test_what_is_in_the_envelope_is_said_once(where: Context, provider: str, key: str) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    first = {"id": "", "object": "", "model": "", "choices": [{"index": 0, "delta": {"content": ""}}]}
    chunks = [first, chunk({"content": "a"}), chunk({"content": "b"}), chunk({"content": ""}, "stop", usage=usage)]
    listener = listened(where)
    heard = [listener.read_event(frame(held(each, key))).channels for each in chunks]
    assert heard == [(), ("text",), ("text",), ()]
    assert listener.read_event(frame("[DONE]")).end == "[DONE]"
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "usage": usage}
    choice = {"index": 0, "message": {"role": "assistant", "content": "ab"}, "finish_reason": "stop"}
    for llm in (listener.result(), whole(where, held({**answer, "choices": [choice]}, key))):
        assert llm
        assert (llm.provider, llm.api, llm.model, llm.response_id) == (provider, "chat.completions", "m", "chatcmpl-1")
        assert (llm.text, llm.finish_reason, llm.usage) == ("ab", "stop", Usage(3, 5))


def test_errors() -> None:
    told = {"code": 400, "message": "no such model"}
    assert streamed(WHERE, held(chunk({"content": "a"})), {"error": {**told, "location": "LLM Module"}}).error == told
    filtered = {"request_id": "q", **told, "location": "Input Filter", "module_results": {}}
    assert whole(context(PATH, status=400), filtered).error == told
