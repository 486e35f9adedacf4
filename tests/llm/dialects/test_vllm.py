"""The demonstration server of vLLM."""

from __future__ import annotations

from streamwatchlib.model import Usage

from ..replies import context, frame, listened, streamed, whole

WHERE = context("/generate", body={"prompt": "Once", "stream": True, "n": 2})


def test_each_line_holds_the_prompt_and_all_said_so_far() -> None:
    listener = listened(WHERE)
    lines = [{"text": ["Once", "Once"]}, {"text": ["Once a", "Once b"]}, {"text": ["Once a c", "Once b"]}]
    assert [listener.read_event(frame(each)).channels for each in lines] == [(), ("text",), ("text",)]
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api) == ("vllm-compatible", "generate")
    assert [choice.text for choice in llm.choices] == [" a c", " b"]
    assert not listener.terminator_due


def test_a_fork_that_says_no_prompt_and_pieces_only() -> None:
    assert streamed(WHERE, {"text": ["a"]}, {"text": ["b"]}, {"text": ["c"]}).text == "abc"


def test_a_whole_answer() -> None:
    assert whole(WHERE, {"text": ["Once a"]}).text == " a"


def test_transcripts_come_in_a_chats_chunks() -> None:
    def heard(delta: object, **more: object) -> dict[str, object]:
        return {"id": "i", "object": "transcription.chunk", "model": "m", "choices": [{"delta": delta, **more}]}

    usage = {**heard({}), "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    where = context("/v1/audio/transcriptions", body={"stream": "true"})
    last = heard({"content": ""}, finish_reason="stop")
    llm = streamed(where, heard({"content": " a"}), heard({"content": " b"}), last, usage, "[DONE]")
    assert (llm.api, llm.model, llm.text, llm.finish_reason) == ("audio.transcriptions", "m", " a b", "stop")
    assert llm.usage == Usage(3, 2)


def test_other_answers_at_its_path_are_not_its() -> None:
    assert whole(WHERE, {"text": "a", "meta_info": {"id": "i"}}).provider == "sglang-compatible"
    assert listened("/relay", {"text": ["a"], "more": 1}).result() is None
    assert listened("/relay", {"text": [1]}).result() is None
