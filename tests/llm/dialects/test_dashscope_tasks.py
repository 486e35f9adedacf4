"""DashScope's tasks over a WebSocket."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import Reader
from streamwatchlib.model import Frame, Limits, Llm, Reading

from ..replies import context, frame, streamed

WHERE = "/api-ws/v1/inference/"


def event(name: str, output: object = None, **header: object) -> dict[str, object]:
    return {"header": {"event": name, "task_id": "t", **header}, "payload": {"output": output}}


def sentence(words: str, **more: object) -> dict[str, object]:
    return event("result-generated", {"sentence": {"begin_time": 0, "end_time": None, "text": words, **more}})


def gummy(heard: str, *translated: str, over: bool = False) -> dict[str, object]:
    told = [{"sentence_id": 0, "text": words, "sentence_end": over} for words in (heard, *translated)]
    return event("result-generated", {"transcription": told[0], "translations": told[1:]})


def heard(path: str, *frames: Frame) -> tuple[list[Reading], Llm]:
    reader = Reader(context(path), Limits())
    readings = [reader.read_event(each) for each in frames]
    llm = reader.result()
    assert llm is not None
    return readings, llm


@pytest.mark.parametrize("path", [WHERE, "/somewhere"])
def test_what_is_heard(path: str) -> None:
    told = [
        (event("task-started"), ()),
        (sentence("Helo"), ("text",)),
        (sentence("Helo"), ()),
        (sentence("Hello", end_time=900), ("text",)),  # older models tell the end by its time alone
        (sentence("", heartbeat=True), ()),
        (sentence("Hello", sentence_end=False, end_time=900), ("text",)),
        (sentence("Hello you", sentence_end=True), ("text",)),
        (event("task-finished", {}), ()),
    ]
    readings, llm = heard(path, *(frame(value) for value, _ in told))
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert [reading.type for reading in readings] == [value["header"]["event"] for value, _ in told]  # type: ignore[index]
    assert [reading.end for reading in readings] == [None] * 7 + ["task-finished"]
    assert (llm.provider, llm.api, llm.response_id, llm.text) == ("dashscope", "inference", "t", "Hello\nHello you")


def test_what_a_model_generates_is_told_as_over_http() -> None:
    def said(words: str, finish: str = "null") -> dict[str, object]:
        message = {"role": "assistant", "content": words}
        return event("result-generated", {"choices": [{"message": message, "finish_reason": finish}]})

    told = [event("task-started"), said("你"), said("好", "stop"), event("task-finished", {})]
    readings, llm = heard(WHERE, *map(frame, told))
    assert [reading.channels for reading in readings] == [(), ("text",), ("text",), ()]
    assert (llm.response_id, llm.text, llm.finish_reason) == ("t", "你好", "stop")


def test_translations_stand_beside_what_was_heard() -> None:
    told = [gummy("Hal", "He"), gummy("Hallo", "Hello", "Bonjour", over=True), gummy("du", "you", over=True)]
    llm = streamed(WHERE, *told)
    assert [choice.text for choice in llm.choices] == ["Hallo\ndu", "Hello\nyou", "Bonjour"]


def test_a_translation_alone_is_the_text() -> None:
    llm = streamed(WHERE, event("result-generated", {"translations": [{"text": "Hello"}]}))
    assert (llm.text, llm.choices) == ("Hello", ())


def test_sound_is_content_that_is_not_kept() -> None:
    readings, llm = heard(WHERE, frame(event("task-started")), Frame("binary"), Frame("message", "null"))
    assert [(reading.channels, reading.kept) for reading in readings] == [((), True), (("events",), False), ((), True)]
    assert llm.text is None


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({"error_code": "X", "error_message": "it broke"}, {"code": "X", "message": "it broke"}),
        ({}, {"message": "task-failed"}),
    ],
)
def test_a_task_that_fails(header: dict[str, object], error: dict[str, object]) -> None:
    [reading], llm = heard(WHERE, frame(event("task-failed", **header)))
    assert (reading.end, llm.error) == ("task-failed", error)


def test_what_is_replied_in_a_dialogue() -> None:
    told = [
        ({"event": "SpeechContent", "text": "not mine", "finished": True}, ()),
        ({"event": "RespondingContent", "text": "Hel", "finished": False}, ("text",)),
        ({"event": "RespondingContent", "text": "Hello", "finished": True}, ("text",)),
        ({"event": "RespondingEnded"}, ()),
        ({"event": "RespondingContent", "text": "Bye", "finished": False}, ("text",)),
    ]
    readings, llm = heard(WHERE, *(frame(event("result-generated", output)) for output, _ in told))
    assert [reading.channels for reading in readings] == [channels for _, channels in told]
    assert llm.text == "Hello\nBye"
