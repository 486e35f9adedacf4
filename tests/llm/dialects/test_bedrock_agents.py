"""Bedrock's agents, flows and knowledge bases."""

from __future__ import annotations

import base64
import json

from streamwatchlib.llm import intent
from streamwatchlib.model import ToolCall, Usage

from ..replies import broken, context, frame, listened, streamed, whole

HOST = "bedrock-agent-runtime.us-east-1.amazonaws.com"
AGENT = context("/agents/A/agentAliases/B/sessions/s/text", host=HOST)


def traced(**steps: object) -> tuple[str, object]:
    return "trace", {"sessionId": "s", "trace": {"orchestrationTrace": steps}}


def coded(words: str) -> tuple[str, object]:
    return "chunk", {"bytes": base64.b64encode(words.encode()).decode()}


def test_an_agent_thinks_in_its_trace_and_answers_in_chunks() -> None:
    events = [
        traced(modelInvocationInput={"text": "no word"}),
        traced(rationale={"text": "c"}),
        coded("a每"),
        coded("42"),
        coded('{"x": 1}'),
        traced(observation={"finalResponse": {"text": "no word"}}),
    ]
    listener = listened(AGENT)
    readings = [listener.read_event(frame(payload, name)) for name, payload in events]
    assert [r.channels for r in readings] == [(), ("reasoning",), *[("text",)] * 3, ()]
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.api, llm.text, llm.reasoning) == ("bedrock", "agents", 'a每42{"x": 1}', "c")
    found = streamed("/any", *events)
    assert (found.api, found.text, found.reasoning) == ("agents", 'a每42{"x": 1}', "c")
    assert streamed("/any", coded("a")).text == "a"
    assert intent(AGENT) == (None, None)


def test_what_is_run_for_an_agent_and_what_its_models_used() -> None:
    parameter = {"name": "x", "type": "string", "value": "1"}
    action = {"actionGroupName": "g", "function": "f", "parameters": [parameter], "executionType": "LAMBDA"}
    called = {"function": "left to the client", "executionType": "RETURN_CONTROL"}
    runs: list[dict[str, object]] = [
        {"invocationType": "ACTION_GROUP", "actionGroupInvocationInput": action},
        {"invocationType": "ACTION_GROUP", "actionGroupInvocationInput": called},
        {"invocationType": "KNOWLEDGE_BASE", "knowledgeBaseLookupInput": {"knowledgeBaseId": "K", "text": "q"}},
        {
            "invocationType": "AGENT_COLLABORATOR",
            "agentCollaboratorInvocationInput": {"agentCollaboratorName": "c", "input": {"text": "t", "type": "TEXT"}},
        },
        {"invocationType": "ACTION_GROUP_CODE_INTERPRETER", "codeInterpreterInvocationInput": {"code": "1 + 1"}},
        {"invocationType": "FINISH"},
    ]
    thought = {"reasoningContent": {"reasoningText": {"text": "hm"}}, "rawResponse": {"content": "no word"}}
    first = {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2}}}
    second = {**thought, "metadata": {"usage": {"inputTokens": 10, "outputTokens": 20}}}
    listener = listened(AGENT)
    readings = [
        listener.read_event(frame(payload, name))
        for name, payload in [
            ("trace", {"sessionId": "s", "trace": {"preProcessingTrace": {"modelInvocationOutput": first}}}),
            traced(modelInvocationOutput=second),
            *(traced(invocationInput=run) for run in runs),
        ]
    ]
    tools = [("tool_calls",), (), *[("tool_calls",)] * 3, ()]
    assert [r.channels for r in readings] == [(), ("reasoning",), *tools]
    llm = listener.result()
    assert llm is not None
    assert (llm.reasoning, llm.tool_calls, llm.usage) == ("hm", (), Usage(11, 22))
    assert [(call.name, call.arguments) for call in llm.server_tool_calls] == [
        ("f", '{"x":"1"}'),
        ("K", "q"),
        ("c", "t"),
        ("ACTION_GROUP_CODE_INTERPRETER", "1 + 1"),
    ]


def test_a_models_own_payload_is_no_agents() -> None:
    titan = coded(json.dumps({"outputText": "a", "completionReason": None}))
    assert (streamed("/any", titan).api, streamed("/any", titan).text) == ("invoke", "a")


def test_a_call_that_is_left_to_the_client() -> None:
    function = {"actionGroup": "g", "function": "f", "parameters": [{"name": "x", "type": "number", "value": "1"}]}
    called = {"invocationId": "i", "invocationInputs": [{"functionInvocationInput": function}]}
    api = {"invocationId": "j", "invocationInputs": [{"apiInvocationInput": {"apiPath": "/p", "httpMethod": "GET"}}]}
    listener = listened(AGENT)
    assert listener.read_event(frame(called, "returnControl")).channels == ("tool_calls",)
    assert listener.read_event(frame(api, "returnControl")).channels == ("tool_calls",)
    llm = listener.result()
    assert llm is not None
    assert llm.tool_calls == (ToolCall("i", "f", '{"x":"1"}'), ToolCall("j", "/p", "{}"))


def test_knowledge_bases() -> None:
    where = context("/retrieveAndGenerateStream", host=HOST)
    said: list[object] = [("output", {"text": "a"}), ("citation", {"citation": {}}), ("output", {"text": "b"})]
    assert streamed(where, *said).text == "ab"
    asked = context("/retrieveAndGenerate", host=HOST)
    assert whole(asked, {"sessionId": "s", "citations": [], "output": {"text": "ab"}}).text == "ab"
    assert intent(asked) == (False, "url")


def test_flows() -> None:
    said = {"nodeName": "n", "nodeType": "FlowOutputNode", "content": {"document": "ab"}}
    listener = listened("/any")
    assert listener.read_event(frame(said, "flowOutputEvent")).channels == ("text",)
    assert (
        listener.read_event(frame({"completionReason": "SUCCESS"}, "flowCompletionEvent")).end == "flowCompletionEvent"
    )
    llm = listener.result()
    assert llm is not None
    assert (llm.text, llm.finish_reason) == ("ab", "SUCCESS")


def test_what_keeps_an_agent_from_answering() -> None:
    listener = listened(AGENT, ("trace", {"sessionId": "s", "trace": {"guardrailTrace": {"action": "INTERVENED"}}}))
    assert listener.traits == {"content-filter"}
    failed = streamed(AGENT, broken("throttlingException", {"message": "slow down"}))
    assert failed.error == {"type": "throttlingException", "message": "slow down"}


RUNTIME = context("/runtimes/arn%3Aaws/invocations", host="bedrock-agentcore.us-east-1.amazonaws.com")


def test_an_agent_at_a_runtime_says_what_it_likes() -> None:
    listener = listened(RUNTIME)
    readings = [listener.read_event(frame(words)) for words in ('"a"', '"每 b"', '"[DONE]"')]
    assert [(reading.channels, reading.end) for reading in readings] == [
        (("text",), None),
        (("text",), None),
        ((), "[DONE]"),
    ]
    llm = listener.result()
    assert llm is not None
    assert (llm.provider, llm.api, llm.text) == ("bedrock", "invocations", "a每 b")
    assert not listener.terminator_due


def test_what_converse_says_is_not_said_again_as_python_shows_it() -> None:
    shown = json.dumps("{'data': 'a', 'agent': <Agent object>}")
    piece = {"event": {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a"}}}}
    llm = streamed(RUNTIME, {"init_event_loop": True}, piece, shown, {"event": {"messageStop": {"stopReason": "x"}}})
    assert (llm.text, llm.finish_reason) == ("a", "x")
    message = {"type": "AIMessageChunk", "content": "a", "id": "r", "response_metadata": {}, "additional_kwargs": {}}
    assert streamed(RUNTIME, message).api == "runs"
