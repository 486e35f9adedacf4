"""openai over WebSocket, Realtime and Responses: every event and every response as the SDK has them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from ..conftest import Lane
from .holding import sdk
from .meaning import Meaning, Said, Usage, call, differences, recorded
from .stage import KEY

openai = sdk("openai")

type Event = dict[str, Any]
GAP = 0.02
WORDS = [f"word {i} " for i in range(12)]
TEXT = "".join(WORDS)
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "look", "arguments": '{"q": "x"}'}
TOLD = {"total_tokens": 16, "input_tokens": 7, "output_tokens": 9, "input_token_details": {"cached_tokens": 4}}
COUNTED = {**TOLD, "input_tokens_details": {"cached_tokens": 4}, "output_tokens_details": {"reasoning_tokens": 3}}


def final(name: str, status: str, output: list[Event], **more: Any) -> Event:
    return {"id": name, "object": "response", "model": "gpt-x", "status": status, "output": output, **more}


def spoken(kind: str, words: str) -> Event:
    """An output message whose one part is of this kind."""
    field = "transcript" if kind == "output_audio" else "text"
    part = {"type": kind, field: words, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def deltas(type_: str, name: str, pieces: list[str]) -> list[Event]:
    of = {"response_id": name, "item_id": "msg_1", "output_index": 0, "content_index": 0}
    return [{"type": type_, **of, "delta": piece, "logprobs": []} for piece in pieces]


def called(name: str) -> list[Event]:
    of = {"response_id": name, "item_id": "fc_1", "output_index": 0, "call_id": "call_a"}
    pieces = ['{"q": ', '"x"}']
    return [
        {"type": "response.output_item.added", **of, "item": {**CALL, "arguments": ""}},
        *({"type": "response.function_call_arguments.delta", **of, "delta": piece} for piece in pieces),
        {"type": "response.output_item.done", **of, "item": CALL},
    ]


def realtime(number: int, asked: Event) -> list[Event]:
    """Text, then a call, then speech; what is asked for after that is refused."""
    name = f"resp_{number}"
    if number == 4:
        return [{"type": "error", "error": {"type": "invalid_request_error", "message": "no more", "event_id": "mine"}}]
    made: dict[int, tuple[list[Event], Event]] = {
        1: (deltas("response.output_text.delta", name, WORDS), spoken("output_text", TEXT)),
        2: (called(name), CALL),
        3: (
            deltas("response.output_audio.delta", name, ["UklGRg=="] * 3)
            + deltas("response.output_audio_transcript.delta", name, WORDS),
            spoken("output_audio", TEXT),
        ),
    }
    events, item = made[number]
    begun = {"type": "response.created", "response": final(name, "in_progress", [])}
    ended = {"type": "response.done", "response": final(name, "completed", [item], usage=TOLD)}
    return [{**event, "event_id": f"e{at}"} for at, event in enumerate([begun, *events, ended])]


def responses(number: int, asked: Event) -> list[Event]:
    """Text, then a call, each in the lane it was asked for in; then a response that fails."""
    name = f"resp_{number}"
    made: dict[int, tuple[list[Event], str, list[Event], Event]] = {
        1: (deltas("response.output_text.delta", name, WORDS), "completed", [spoken("output_text", TEXT)], {}),
        2: (called(name), "completed", [CALL], {}),
        3: ([], "failed", [], {"error": {"code": "server_error", "message": "it broke"}}),
    }
    events, status, output, more = made[number]
    begun = {"type": "response.created", "response": final(name, "in_progress", [])}
    ended = {"type": f"response.{status}", "response": final(name, status, output, usage=COUNTED, **more)}
    lane = {"stream_id": asked["stream_id"]} if "stream_id" in asked else {}
    return [{**event, **lane, "sequence_number": at} for at, event in enumerate([begun, *events, ended])]


def model(connection: ServerConnection) -> None:
    answers = realtime if "/realtime" in (connection.request.path if connection.request else "") else responses
    if answers is realtime:
        connection.send(json.dumps({"type": "session.created", "event_id": "e", "session": {"type": "realtime"}}))
    number = 0
    for message in connection:
        asked = json.loads(message)
        if asked["type"] == "response.create":
            number += 1
            for event in answers(number, asked):
                time.sleep(GAP)
                connection.send(json.dumps(event))


@pytest.fixture
def proxy(lane: Lane) -> Iterator[Lane]:
    with serve(model, "127.0.0.1", lane.port) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield lane
        server.shutdown()
        thread.join()


# --- what the SDK makes of it ---


class Heard:
    """The events of one connection, and the responses that the SDK put into them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.meanings: list[Meaning] = []
        self._pieces = ""

    def take(self, event: Any) -> bool:
        """One event; True if it is the last of its response."""
        self.events.append(event.to_dict())
        if event.type in ("response.output_text.delta", "response.output_audio_transcript.delta"):
            self._pieces += event.delta
        if event.type == "error":
            self.meanings.append(Meaning(error=event.error.message))
        elif event.type in ("response.done", "response.completed", "response.failed"):
            self.meanings.append(self._meant(event.response))
            self._pieces = ""
        else:
            return False
        return True

    def _meant(self, response: Any) -> Meaning:
        said = Said(self._pieces, finish=response.status)
        for item in response.output:
            if item.type == "function_call":
                said.calls.append(call(item.call_id, item.name, item.arguments))
            else:
                assert "".join(part.to_dict().get("text") or part.to_dict()["transcript"] for part in item.content) == (
                    said.text
                )
        meaning = Meaning({0: said}, getattr(response, "model", None) or "gpt-x", response.id)
        if told := response.usage:
            told = told.to_dict()
            cached = (told.get("input_tokens_details") or told["input_token_details"])["cached_tokens"]
            thought = told.get("output_tokens_details", {}).get("reasoning_tokens")
            meaning.usage = Usage(told["input_tokens"], told["output_tokens"], thought, cached)
        failure = getattr(response, "error", None)
        meaning.error = failure.message if failure else None
        return meaning


def client(proxy: Lane) -> dict[str, str]:
    return {"api_key": KEY, "websocket_base_url": proxy.url.replace("http", "ws", 1) + "/v1"}


def hold(proxy: Lane, heard: Heard, api: str) -> None:
    """The record has every event and every response as the SDK has them."""
    record = proxy.record()
    sound = "response.output_audio.delta"
    assert [event["type"] for event in record["events"]] == [event["type"] for event in heard.events]
    kept = [json.loads(event["data"]) for event in record["events"] if event["type"] != sound]
    assert kept == [event for event in heard.events if event["type"] != sound]
    assert len(record["responses"]) == len(heard.meanings)
    for theirs, reply in zip(heard.meanings, record["responses"], strict=True):
        assert reply["llm"]["api"] == api
        assert differences(theirs, recorded(reply["llm"])) == {}
        assert reply["ttft"] is None or 0 < reply["ttft"] < reply["e2e"]
    assert KEY not in json.dumps(record)


def test_realtime(proxy: Lane) -> None:
    heard = Heard()
    with openai().OpenAI(**client(proxy)) as sdk, sdk.realtime.connect(model="gpt-x") as connection:
        heard.take(connection.recv())
        for _ in range(4):
            connection.response.create(event_id="mine")
            while not heard.take(connection.recv()):
                pass
    hold(proxy, heard, "realtime")


def test_realtime_async(proxy: Lane) -> None:
    heard = Heard()

    async def converse() -> None:
        async with openai().AsyncOpenAI(**client(proxy)) as sdk, sdk.realtime.connect(model="gpt-x") as connection:
            heard.take(await connection.recv())
            for _ in range(3):
                await connection.response.create()
                while not heard.take(await connection.recv()):
                    pass

    asyncio.run(converse())
    hold(proxy, heard, "realtime")


def test_responses(proxy: Lane) -> None:
    heard = Heard()
    with openai().OpenAI(**client(proxy)) as sdk, sdk.responses.connect() as connection:
        for _ in range(3):
            connection.response.create(model="gpt-x", input="hi")
            while not heard.take(connection.recv()):
                pass
    hold(proxy, heard, "responses")
