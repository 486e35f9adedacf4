"""openai: sessions of agents, as the SDK collects the turn that the client began."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, typed_sse
from .holding import hold, sdk
from .meaning import ASKED, Call, Meaning, Said, Usage, answer, call
from .stage import KEY, Stage
from .test_openai import usage

openai = sdk("openai.resources.beta.agents")
AGENT = {"id": "agent_1", "model": "gpt-x", "tools": [], "multi_agent": {"enabled": True}, "service_tier": "auto"}


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    openai()
    with sdk("openai")().OpenAI(base_url=stage.url + "/v1", api_key=KEY, max_retries=0) as client:
        yield client


def work(client: Any, streamed: bool) -> Meaning:
    """The turn as the SDK has it in the end; it leaves calls and reasoning to who reads the events."""
    assert streamed
    meaning = Meaning()
    one = meaning.choices[0] = Said()
    about = {"agent": {"model": ASKED}, "environment": {"type": "none"}, "input": "hi"}
    with client.beta.agents.sessions.create(stream=True, **about).with_result_collection() as stream:
        for event in stream:
            if event.type == "agent.session.created":
                meaning.model = event.session.agent.model
            elif event.type == "agent.session.turn.item.done" and event.item.type == "function_call":
                one.calls.append(call(event.item.call_id, event.item.name, event.item.arguments))
            elif event.type == "agent.session.turn.reasoning_summary_text.delta":
                one.reasoning += event.delta
        result = stream.get_final_result()
    one.text, one.finish = result.output_text, result.turn.status
    meaning.id, meaning.usage = result.turn.id, usage(result.turn.usage)
    return meaning


def session(status: str) -> dict[str, Any]:
    return {"id": "sess_1", "object": "agent.session", "status": status, "agent": AGENT, "required_actions": []}


def turn(how: str, id_: str, **more: Any) -> dict[str, Any]:
    about = {"id": id_, "object": "agent.session.turn", "session_id": "sess_1", "status": how, "subagent_id": None}
    return {"type": f"turn.{how}", "turn_id": id_, "turn": {**about, **more}}


def item(step: str, position: int, turn_id: str, **more: Any) -> dict[str, Any]:
    held = {"turn_id": turn_id, "status": "completed", **more}
    return {"type": f"turn.item.{step}", "output_index": position, "turn_id": turn_id, "item": held}


def told(*events: dict[str, Any]) -> Answer:
    more = {"session_id": "sess_1", "obfuscation": "x"}
    named = ({**event, "type": f"agent.session.{event['type']}"} for event in events)
    return typed_sse(*({**event, **more, "event_id": f"evt_{number}"} for number, event in enumerate(named)))


WORDS = {"item_id": "msg_1", "output_index": 2, "content_index": 0, "turn_id": "turn_1"}
SAID = {"type": "message", "role": "assistant", "phase": "final_answer"}
TOLD = {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 7, "total_tokens": 12}
COUNTED = {**TOLD, "output_tokens_details": {"reasoning_tokens": 3}}
MADE = {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "look", "arguments": {"q": "x"}}
OTHERS = {**WORDS, "item_id": "msg_2", "turn_id": "turn_2"}
TURN = told(
    {"type": "created", "session": session("idle")},
    turn("created", "turn_1", status="queued"),
    item("added", 0, "turn_1", type="message", role="user", id="u", content=[{"type": "input_text", "text": "hi"}]),
    {"type": "turn.reasoning_summary_text.delta", **WORDS, "item_id": "rs_1", "delta": "Look it up."},
    item("added", 1, "turn_1", **MADE),
    item("done", 1, "turn_1", **MADE),
    turn("created", "turn_2", status="queued", subagent_id="sub_1"),
    {"type": "turn.output_text.delta", **OTHERS, "delta": "of a subagent"},
    item("done", 2, "turn_2", **SAID, id="msg_2", content=[{"type": "output_text", "text": "of a subagent"}]),
    turn("completed", "turn_2", subagent_id="sub_1", usage={**COUNTED, "output_tokens": 99}),
    {"type": "turn.output_text.delta", **WORDS, "delta": "Let me"},
    {"type": "turn.output_text.delta", **WORDS, "delta": " look."},
    {"type": "turn.output_text.done", **WORDS, "text": "Let me look."},
    item("done", 2, "turn_1", **SAID, id="msg_1", content=[{"type": "output_text", "text": "Let me look."}]),
    {**turn("completed", "turn_1", usage=COUNTED), "usage": COUNTED},
    {"type": "idle", "session": session("idle")},
)


def test_a_turn_is_read_as_the_sdk_reads_it(stage: Stage, client: Any) -> None:
    meant = answer(
        "Let me look.",
        reasoning="Look it up.",
        calls=(Call("call_a", "look", {"q": "x"}),),
        finish="completed",
        model="gpt-x",
        id="turn_1",
        usage=Usage(5, 7, 3, 2),
    )
    hold(stage, partial(work, client), TURN, meant, "agents.sessions")
