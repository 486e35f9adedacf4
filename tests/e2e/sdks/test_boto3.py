"""boto3: Bedrock's Converse and InvokeModel, the events that the SDK unpacks joined."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .answers import Answer, dumped, eventstream, whole
from .holding import answer_of, hold, hold_all, recorded_at, sdk
from .meaning import ASKED, Call, Meaning, Usage, answer, call, recorded
from .stage import KEY, Stage

boto3 = sdk("boto3")
botocore = sdk("botocore.config")
exceptions = sdk("botocore.exceptions")


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[Any]:
    client = boto3().client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=stage.url,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        aws_session_token=KEY,
        config=botocore().Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()


# --- Converse ---


def converse(client: Any, streamed: bool) -> Meaning:
    asked = {"modelId": ASKED, "messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    meaning = Meaning()
    fragments: dict[int, list[Any]] = {}
    try:
        if streamed:
            for event in client.converse_stream(**asked)["stream"]:
                (value,) = event.values()
                add(
                    meaning,
                    fragments,
                    value.get("contentBlockIndex", 0),
                    value.get("start") or value.get("delta") or {},
                )
                end(meaning, value)
        else:
            said = client.converse(**asked)
            for position, block in enumerate(said["output"]["message"]["content"]):
                add(meaning, fragments, position, block)
            end(meaning, said)
    except (exceptions().ClientError, exceptions().EventStreamError) as problem:
        meaning.error = str(problem)
    if fragments:
        meaning.choice().calls = [call(*made) for made in fragments.values()]
    return meaning


def add(meaning: Meaning, fragments: dict[int, list[Any]], position: int, block: dict[str, Any]) -> None:
    """A block or a piece of one; tool calls grow in `fragments`, by their block: id, name, arguments."""
    one, reasoning = meaning.choice(), block.get("reasoningContent", {})
    one.text += block.get("text", "")
    one.reasoning += reasoning.get("text", "") or reasoning.get("reasoningText", {}).get("text", "")
    if use := block.get("toolUse"):
        made = fragments.setdefault(position, [use.get("toolUseId"), use.get("name"), ""])
        piece = use.get("input", "")
        made[2] = made[2] + piece if isinstance(piece, str) else piece


def end(meaning: Meaning, value: dict[str, Any]) -> None:
    meaning.choice().finish = value.get("stopReason", meaning.choice().finish)
    if counted := value.get("usage"):
        meaning.usage = Usage(
            counted["inputTokens"], counted["outputTokens"], None, counted.get("cacheReadInputTokens")
        )


def piece(index: int, **delta: Any) -> tuple[str, object]:
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": delta, "p": "abcd"}


def stop(index: int) -> tuple[str, object]:
    return "contentBlockStop", {"contentBlockIndex": index, "p": "abc"}


USED = {"toolUse": {"toolUseId": "tooluse_1", "name": "weather"}}
START = ("messageStart", {"role": "assistant", "p": "ab"})
COUNTED = {"usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12}, "metrics": {"latencyMs": 123}}
STOPPED = ("messageStop", {"stopReason": "end_turn"})
CALL = Call("tooluse_1", "weather", {"city": "São Paulo"})
CONVERSATIONS: dict[str, tuple[Answer, Meaning]] = {
    "text": (
        eventstream(START, piece(0, text="Hel"), piece(0, text="lo, 你好 🎉"), stop(0), STOPPED, ("metadata", COUNTED)),
        answer("Hello, 你好 🎉", finish="end_turn", model=ASKED, usage=Usage(5, 7)),
    ),
    "reasoning, text and a tool": (
        eventstream(
            START,
            piece(0, reasoningContent={"text": "Let me"}),
            piece(0, reasoningContent={"text": " see."}),
            piece(0, reasoningContent={"signature": "c2ln"}),
            stop(0),
            piece(1, text="One moment."),
            stop(1),
            ("contentBlockStart", {"contentBlockIndex": 2, "start": USED}),
            piece(2, toolUse={"input": '{"city": "São'}),
            piece(2, toolUse={"input": ' Paulo"}'}),
            stop(2),
            ("messageStop", {"stopReason": "tool_use"}),
            ("metadata", COUNTED),
        ),
        answer(
            "One moment.",
            reasoning="Let me see.",
            calls=(CALL,),
            finish="tool_use",
            model=ASKED,
            usage=Usage(5, 7),
        ),
    ),
    "an exception in the middle": (
        eventstream(
            START, piece(0, text="So f"), exception=("throttlingException", {"message": "Too many tokens, slow down"})
        ),
        answer("So f", model=ASKED, error="Too many tokens, slow down"),
    ),
    "whole": (
        whole(
            {
                "output": {
                    "message": {
                        "role": "assistant",
                        "content": [
                            {"reasoningContent": {"reasoningText": {"text": "Let me see."}}},
                            {"text": "One moment."},
                            {"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": {"city": "São Paulo"}}},
                        ],
                    }
                },
                "stopReason": "tool_use",
                **COUNTED,
            }
        ),
        answer(
            "One moment.",
            reasoning="Let me see.",
            calls=(CALL,),
            finish="tool_use",
            model=ASKED,
            usage=Usage(5, 7),
        ),
    ),
    "a refused request": (
        Answer(b'{"message":"slow down"}', "application/json", 429, (("x-amzn-errortype", "ThrottlingException"),)),
        answer(model=ASKED, error="slow down"),
    ),
}


@pytest.mark.parametrize(("said", "meant"), CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_conversation_is_read_as_the_sdk_reads_it(stage: Stage, client: Any, said: Answer, meant: Meaning) -> None:
    hold(stage, partial(converse, client), said, meant, "converse")


def test_recorded_conversations(stage: Stage, client: Any) -> None:
    hold_all(stage, recorded_at("/converse(-stream)?$"), partial(converse, client))


# --- InvokeModel ---


def invoke(client: Any, streamed: bool) -> Iterator[dict[str, Any]]:
    """The models' own payloads: the SDK unpacks them and leaves them to its caller."""
    asked = {"modelId": ASKED, "body": json.dumps({"prompt": "hi"})}
    if not streamed:
        yield json.loads(client.invoke_model(**asked)["body"].read())
        return
    for event in client.invoke_model_with_response_stream(**asked)["body"]:
        yield json.loads(event["chunk"]["bytes"])


def text_of(payload: dict[str, Any]) -> str:
    """The text of a payload of Titan, Llama, Nova or Claude, streamed or whole."""
    result = (payload.get("results") or [payload])[0]
    message = payload.get("output", {}).get("message") or payload
    delta = payload.get("contentBlockDelta", payload).get("delta", {})
    blocks = [delta, *message.get("content", ())]
    known = (result.get("outputText"), payload.get("generation"), payload.get("completion"))
    return next(filter(None, known), None) or "".join(block.get("text", "") for block in blocks)


def chunks(*payloads: dict[str, Any]) -> Answer:
    wrapped = ({"bytes": base64.b64encode(dumped(payload).encode()).decode(), "p": "abc"} for payload in payloads)
    return eventstream(*(("chunk", chunk) for chunk in wrapped))


COUNTS = {"inputTokenCount": 5, "outputTokenCount": 7, "invocationLatency": 90, "firstByteLatency": 30}
METRICS = {"amazon-bedrock-invocationMetrics": COUNTS}
INVOCATIONS = {
    "Titan": chunks({"outputText": "Hel"}, {"outputText": "lo, 你好 🎉", "completionReason": "FINISH", **METRICS}),
    "Llama": chunks(
        {"generation": "Hel", "stop_reason": None},
        {"generation": "lo, 你好 🎉", "stop_reason": "stop", **METRICS},
    ),
    "Nova": chunks(
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"delta": {"text": "Hel"}, "contentBlockIndex": 0}},
        {"contentBlockDelta": {"delta": {"text": "lo, 你好 🎉"}, "contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 7}}},
    ),
    "Claude": chunks(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo, 你好 🎉"}},
        {"type": "message_stop", **METRICS},
    ),
}


@pytest.mark.parametrize("said", INVOCATIONS.values(), ids=INVOCATIONS)
def test_an_invocation_is_unpacked_as_the_sdk_unpacks_it(stage: Stage, client: Any, said: Answer) -> None:
    stage.next(said)
    text = "".join(map(text_of, invoke(client, True)))
    llm = stage.record()["llm"]
    assert (llm["api"], llm["text"], text) == ("invoke", "Hello, 你好 🎉", text)
    assert recorded(llm).usage == Usage(5, 7)


def test_an_invocation_that_breaks_off_tells_why(stage: Stage, client: Any) -> None:
    stage.next(eventstream(exception=("modelStreamErrorException", {"message": "the model broke"})))
    with pytest.raises(exceptions().EventStreamError, match="the model broke"):
        list(invoke(client, True))
    assert recorded(stage.record()["llm"]).error == "the model broke"


def test_recorded_invocations(stage: Stage, client: Any) -> None:
    """Of models that generate text: the texts are equal."""
    different, count = {}, 0
    for place, recording in recorded_at("(titan-text|llama|nova|claude).*/invoke(-with-response-stream)?$"):
        said = answer_of(recording)
        stage.next(said)
        theirs = ""
        with contextlib.suppress(exceptions().ClientError):
            theirs = "".join(map(text_of, invoke(client, said.streamed)))
        ours = (stage.record()["llm"] or {}).get("text") or ""
        count += theirs == ours
        if theirs != ours:
            different[place] = theirs, ours
    print(f"{count} equal, {len(different)} different")
    assert different == {}
    if not count:
        pytest.skip("the recorded corpus has none of these")
