"""Z.ai, the app."""

from __future__ import annotations

from streamwatchlib.model import Usage

from ..replies import context, frame, listened, streamed

WHERE = context("/api/v2/chat/completions", "chat.z.ai", {"model": "m"})


def piece(phase: str, **said: object) -> dict[str, object]:
    return {"type": "chat:completion", "data": {"phase": phase, **said}}


def test_phases_tell_reasoning_from_the_answer() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    listener = listened(
        WHERE,
        piece("thinking", delta_content="Hm"),
        piece("answer", delta_content="a"),
        piece("answer", delta_content="b"),
        piece("other", usage=usage),
    )
    assert listener.read_event(frame(piece("done", done=True))).end == "done"
    llm = listener.result()
    assert llm
    assert (llm.provider, llm.api, llm.model) == ("zai", "chat", "m")
    assert (llm.reasoning, llm.text, llm.usage) == ("Hm", "ab", Usage(3, 5))
    assert streamed("/elsewhere", piece("answer", delta_content="a")).provider == "zai-compatible"


def test_the_answer_may_begin_as_an_edit() -> None:
    edit = "<details>> Hm</details>\n\na"
    llm = streamed(WHERE, piece("thinking", delta_content="Hm"), piece("answer", edit_content=edit))
    assert (llm.reasoning, llm.text) == ("Hm", "a")


def test_errors() -> None:
    assert streamed(WHERE, piece("done", error={"detail": "no", "code": "c"})).error == {"code": "c", "message": "no"}
