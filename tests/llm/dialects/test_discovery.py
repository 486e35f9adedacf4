"""Google's Discovery Engine."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import array_stream

from ..replies import context, listened, streamed, whole

HOST = "discoveryengine.googleapis.com"
ENGINE = "/v1/projects/p/locations/global/collections/c/engines/e"
ASSIST = context(f"{ENGINE}/assistants/a:streamAssist", HOST)
ANSWER = context(f"{ENGINE}/servingConfigs/s:streamAnswer", HOST)


def reply(state: str, **said: object) -> dict[str, object]:
    replies = [{"groundedContent": {"content": {"role": "model", **said}}}] if said else []
    return {"answer": {"state": state, "replies": replies}, "assistToken": "t"}


@pytest.mark.parametrize("wrapped", [False, True], ids=["api", "web"])
def test_assistants_think_and_reply(wrapped: bool) -> None:
    chunks = [
        reply("IN_PROGRESS", text="Hm", thought=True),
        reply("IN_PROGRESS", text="a"),
        reply("IN_PROGRESS", text="b", thought=False),
        {**reply("SUCCEEDED"), "sessionInfo": {"session": "s"}},
    ]
    llm = streamed(ASSIST, *[{"streamAssistResponse": each} if wrapped else each for each in chunks])
    assert (llm.provider, llm.api, llm.reasoning, llm.text) == ("vertex", "answer", "Hm", "ab")
    assert llm.finish_reason == "SUCCEEDED"
    assert streamed("/elsewhere", chunks[1]).text == "a"


def test_pictures_are_no_text() -> None:
    picture = reply("IN_PROGRESS", inlineData={"mimeType": "image/png", "data": "aaaa"})
    llm = listened(ASSIST, picture).result()
    assert llm
    assert llm.text is None


def test_answers_of_a_search() -> None:
    pieces = [{"answer": {"state": "STREAMING", "answerText": each}} for each in "ab"]
    last = {"answer": {"name": "n", "state": "SUCCEEDED", "answerText": "ab"}}
    llm = streamed(ANSWER, *pieces, last)
    assert (llm.text, llm.response_id, llm.finish_reason) == ("ab", "n", "SUCCEEDED")
    assert whole(context(f"{ENGINE}/servingConfigs/s:answer", HOST), last).text == "ab"


def test_errors() -> None:
    assert whole(ASSIST, {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}).error == {
        "code": 403,
        "message": "no",
        "status": "PERMISSION_DENIED",
    }


def test_streams_are_arrays() -> None:
    assert array_stream(ASSIST)
    assert array_stream(ANSWER)
    assert array_stream(context("/v1alpha/locations/global/widgetStreamAssist"))
    assert not array_stream(context(f"{ENGINE}/servingConfigs/s:answer", HOST))
