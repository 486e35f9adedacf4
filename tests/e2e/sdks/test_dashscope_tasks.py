"""dashscope over WebSocket: speech recognised and made, every task as the SDK has it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from ..conftest import Lane
from .holding import sdk
from .stage import KEY

dashscope = sdk("dashscope")

GAP = 0.02
SENTENCES = ("今天天气很好", "We may go out")
SOUND = [bytes([n]) * 400 for n in range(12)]
REFUSED = "no such voice"


def sentence(words: str, begin: int, over: bool) -> dict[str, Any]:
    end = begin + 900 if over else None
    told = {"begin_time": begin, "end_time": end, "text": words, "words": [], "heartbeat": False, "sentence_end": over}
    return {"output": {"sentence": told}, "usage": {"duration": 2} if over else None}


def recognised() -> Iterator[dict[str, Any]]:
    """Each sentence word by word, its last word misheard at first; between them a sign of life."""
    for at, words in enumerate(SENTENCES):
        for end in range(1, len(words)):
            yield sentence(words[:end] + "?", 1000 * at, False)
        yield sentence(words, 1000 * at, True)
        yield {"output": {"sentence": {"text": "", "heartbeat": True, "end_time": None}}}


def model(connection: ServerConnection) -> None:
    """Hears or speaks, whichever the task is; a voice that it does not have is refused."""

    def tell(event: str, payload: dict[str, Any], **more: str) -> None:
        time.sleep(GAP)
        connection.send(json.dumps({"header": {"task_id": task, "event": event, **more}, "payload": payload}))

    for message in connection:
        if isinstance(message, bytes):
            continue
        asked = json.loads(message)
        task, payload = asked["header"]["task_id"], asked["payload"]
        if asked["header"]["action"] == "run-task":
            speaks, is_duplex = payload["task"] == "tts", asked["header"]["streaming"] == "duplex"
            if payload["parameters"].get("voice") == "nobody":
                tell("task-failed", {}, error_code="InvalidParameter", error_message=REFUSED)
                continue
            tell("task-started", {})
        if asked["header"]["action"] == "finish-task" or not is_duplex:
            if speaks:
                for number, piece in enumerate(SOUND):
                    tell("result-generated", {"output": {"sentence": {"begin_time": number, "end_time": 9}}})
                    connection.send(piece)
            else:
                for result in recognised():
                    tell("result-generated", result)
            tell("task-finished", {"output": None, "usage": {"characters": 9}} if speaks else {})


@pytest.fixture
def proxy(lane: Lane) -> Iterator[Lane]:
    with serve(model, "127.0.0.1", lane.port) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        before = dashscope().base_websocket_api_url, dashscope().api_key
        dashscope().base_websocket_api_url = lane.url.replace("http", "ws", 1) + "/api-ws/v1/inference"
        dashscope().api_key = KEY
        yield lane
        dashscope().base_websocket_api_url, dashscope().api_key = before
        server.shutdown()
        thread.join()


def replies(proxy: Lane) -> list[dict[str, Any]]:
    record = proxy.record()
    assert KEY not in json.dumps(record)
    assert all(reply["llm"]["provider"] == "dashscope" for reply in record["responses"])
    assert all(reply["llm"]["api"] == "inference" for reply in record["responses"])
    return list(record["responses"])


def test_speech_that_is_recognised(proxy: Lane, tmp_path: Path) -> None:
    from dashscope.audio.asr import Recognition

    recording = tmp_path / "said.wav"
    recording.write_bytes(b"\1" * 64_000)
    heard = Recognition(model="fun-asr-realtime", format="wav", sample_rate=16000, callback=None).call(str(recording))
    [reply] = replies(proxy)
    assert [one["text"] for one in heard.output["sentence"]] == list(SENTENCES)
    assert reply["llm"]["text"] == "\n".join(SENTENCES)
    assert (reply["llm"]["model"], reply["response_id"]) == ("fun-asr-realtime", heard.request_id)
    assert (reply["label"], reply["terminator"]) == ("streaming", "task-finished")
    assert reply["content_events"] == sum(map(len, SENTENCES))
    assert 0 < reply["ttft"] < reply["e2e"]


def test_speech_that_is_made(proxy: Lane) -> None:
    from dashscope.audio.tts_v2 import SpeechSynthesizer

    speech = SpeechSynthesizer(model="cosyvoice-v3", voice="longxiaochun")
    assert speech.call("Say that we may go out.") == b"".join(SOUND)
    [reply] = replies(proxy)
    assert (reply["llm"]["model"], reply["llm"]["text"]) == ("cosyvoice-v3", None)
    assert (reply["label"], reply["content_events"], reply["terminator"]) == ("streaming", len(SOUND), "task-finished")
    assert 0 < reply["ttft"] < reply["e2e"]


def test_speech_that_is_asked_for_as_a_whole(proxy: Lane) -> None:
    from dashscope.audio.tts import SpeechSynthesizer

    made = SpeechSynthesizer.call(model="sambert-zhichu-v1", text="Say that we may go out.")
    assert made.get_audio_data() == b"".join(SOUND)
    [reply] = replies(proxy)
    assert (reply["llm"]["model"], reply["content_events"]) == ("sambert-zhichu-v1", len(SOUND))


def test_a_task_that_fails(proxy: Lane) -> None:
    from dashscope.audio.tts_v2 import SpeechSynthesizer

    with pytest.raises(Exception, match=REFUSED):
        SpeechSynthesizer(model="cosyvoice-v3", voice="nobody").call("Say nothing.")
    [reply] = replies(proxy)
    assert reply["llm"]["error"] == {"code": "InvalidParameter", "message": REFUSED}
    assert (reply["label"], reply["terminator"]) == ("not-applicable", "task-failed")
