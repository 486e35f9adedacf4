"""Responses for the tests of this room: frames built by hand, and one neutral response in every dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streamwatchlib.llm import Reader
from streamwatchlib.model import Context, ErrorFrame, Frame, Limits, Llm

CHAT = "/v1/chat/completions"


def context(path: str = CHAT, host: str = "llm.example", body: object = None, status: int | None = 200) -> Context:
    return Context("POST", host, path, request_value=body, status=status)


def frame(payload: object, name: str = "message") -> Frame:
    """A frame as `wire` would deliver it: text that is no JSON object or list has no value."""
    if isinstance(payload, str):
        return Frame(name, payload)
    data = json.dumps(payload)
    return Frame(name, data, json.loads(data))


def broken(name: str, payload: object) -> ErrorFrame:
    """A frame that is an error by its framing."""
    return ErrorFrame(*frame(payload, name))


def listened(where: Context | str, *payloads: object, limits: Limits | None = None) -> Reader:
    """A reader that has heard these payloads or frames; a pair is (frame name, payload)."""
    listener = Reader(where if isinstance(where, Context) else context(where), limits or Limits())
    for payload in payloads:
        if not isinstance(payload, Frame):
            name, value = payload if isinstance(payload, tuple) else ("message", payload)
            payload = frame(value, name)
        listener.read_event(payload)
    return listener


def streamed(where: Context | str, *payloads: object) -> Llm:
    """What a stream of these payloads says."""
    llm = listened(where, *payloads).result()
    assert llm is not None
    return llm


def whole(where: Context | str, value: object) -> Llm:
    """What a whole answer says."""
    listener = Reader(where if isinstance(where, Context) else context(where), Limits())
    listener.read_whole(value)
    llm = listener.result()
    assert llm is not None
    return llm


def chunk(delta: object, finish: str | None = None, index: int = 0, **more: object) -> dict[str, object]:
    """A chat completion chunk."""
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


# --- one answer, many dialects ---


@dataclass(frozen=True)
class Said:
    """An answer as a model makes it: piece by piece."""

    text: Sequence[str] = ()
    reasoning: Sequence[str] = ()
    calls: Sequence[tuple[str, Sequence[str]]] = ()
    """(name, pieces of the arguments' JSON)."""

    @property
    def all_text(self) -> str:
        return joined(self.text)

    @property
    def all_reasoning(self) -> str:
        return joined(self.reasoning)

    def arguments(self) -> Iterator[tuple[str, str, object]]:
        """(id, name, arguments as a value) of each call."""
        for number, (name, pieces) in enumerate(self.calls):
            yield f"call_{number}", name, json.loads(joined(pieces))


def joined(pieces: Sequence[str]) -> str:
    """The pieces as one text, surrogate halves that meet made whole."""
    return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Spoken:
    """One answer in one dialect."""

    where: Context
    whole: object
    stream: list[object]


USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def chat(said: Said) -> Spoken:
    stream: list[object] = [chunk({"role": "assistant", "content": ""})]
    stream += [chunk({"reasoning_content": piece}) for piece in said.reasoning]
    stream += [chunk({"content": piece}) for piece in said.text]
    for number, (name, pieces) in enumerate(said.calls):
        call = {"index": number, "id": f"call_{number}", "type": "function"}
        stream.append(chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]}))
        stream += [chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]}) for piece in pieces]
    end: list[object] = [chunk({}, "stop"), {**chunk({}), "choices": [], "usage": USAGE}, "[DONE]"]
    calls = [
        {"id": id_, "type": "function", "function": {"name": name, "arguments": compact(value)}}
        for id_, name, value in said.arguments()
    ]
    message = {"role": "assistant", "content": said.all_text, "reasoning_content": said.all_reasoning}
    whole_ = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "message": {**message, "tool_calls": calls}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
    return Spoken(context(), whole_, stream + end)


def ollama(said: Said) -> Spoken:
    line = {"model": "m", "created_at": "2025-10-26T17:15:24.097767Z", "done": False}
    end = {**line, "done": True, "done_reason": "stop", "eval_count": 5, "eval_duration": 2_000_000_000}
    calls = [{"id": id_, "function": {"name": name, "arguments": value}} for id_, name, value in said.arguments()]
    messages = [
        *({"content": "", "thinking": piece} for piece in said.reasoning),
        *({"content": piece} for piece in said.text),
        *({"content": "", "tool_calls": [call]} for call in calls),
    ]
    stream: list[object] = [{**line, "message": message} for message in messages]
    message = {"content": said.all_text, "thinking": said.all_reasoning, "tool_calls": calls}
    return Spoken(context("/api/chat"), {**end, "message": message}, [*stream, {**end, "message": {"content": ""}}])


def messages(said: Said) -> Spoken:
    blocks: list[tuple[dict[str, object], list[dict[str, object]], dict[str, object]]] = []
    if said.reasoning:
        pieces = [{"type": "thinking_delta", "thinking": piece} for piece in said.reasoning]
        blocks.append(
            ({"type": "thinking", "thinking": ""}, pieces, {"type": "thinking", "thinking": said.all_reasoning})
        )
    if said.text:
        pieces = [{"type": "text_delta", "text": piece} for piece in said.text]
        blocks.append(({"type": "text", "text": ""}, pieces, {"type": "text", "text": said.all_text}))
    for (id_, name, value), (_, parts) in zip(said.arguments(), said.calls, strict=True):
        tool = {"type": "tool_use", "id": id_, "name": name}
        pieces = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        blocks.append(({**tool, "input": {}}, pieces, {**tool, "input": value}))
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    start = {**head, "content": [], "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}}
    stream: list[object] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, (opening, pieces, _) in enumerate(blocks):
        stream.append({"type": "content_block_start", "index": index, "content_block": opening})
        stream += [{"type": "content_block_delta", "index": index, "delta": piece} for piece in pieces]
        stream.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": "end_turn"}
    stream.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 5}})
    stream.append({"type": "message_stop"})
    content = [block for _, _, block in blocks]
    whole_ = {**head, **ended, "content": content, "usage": {"input_tokens": 3, "output_tokens": 5}}
    return Spoken(
        context("/v1/messages"), whole_, [(event["type"], event) for event in stream if isinstance(event, dict)]
    )


def responses(said: Said) -> Spoken:
    output: list[dict[str, object]] = []
    stream: list[dict[str, object]] = [{"type": "response.created", "response": {"id": "resp_1", "model": "m"}}]

    def item(done: dict[str, object], added: dict[str, object], type_: str, pieces: Sequence[str], key: str) -> None:
        place = {"output_index": len(output), "content_index": 0}
        stream.append({"type": "response.output_item.added", **place, "item": added})
        stream.extend({"type": f"{type_}.delta", **place, "delta": piece} for piece in pieces)
        stream.append({"type": f"{type_}.done", **place, key: joined(pieces)})
        stream.append({"type": "response.output_item.done", **place, "item": done})
        output.append(done)

    if said.reasoning:
        thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": said.all_reasoning}]}
        item(thought, {"type": "reasoning"}, "response.reasoning_summary_text", said.reasoning, "text")
    if said.text:
        spoken = {"type": "message", "content": [{"type": "output_text", "text": said.all_text}]}
        item(spoken, {"type": "message"}, "response.output_text", said.text, "text")
    for (id_, name, _), (_, pieces) in zip(said.arguments(), said.calls, strict=True):
        call = {"type": "function_call", "call_id": id_, "name": name, "arguments": joined(pieces)}
        item(call, {**call, "arguments": ""}, "response.function_call_arguments", pieces, "arguments")
    usage = {"input_tokens": 3, "output_tokens": 5}
    final = {
        "id": "resp_1",
        "object": "response",
        "model": "m",
        "status": "completed",
        "output": output,
        "usage": usage,
    }
    stream.append({"type": "response.completed", "response": final})
    numbered = [(str(event["type"]), {**event, "sequence_number": i}) for i, event in enumerate(stream)]
    return Spoken(context("/v1/responses"), final, list(numbered))


def gemini(said: Said) -> Spoken:
    about = {"modelVersion": "m", "responseId": "r"}

    def payload(parts: Sequence[object], **more: object) -> dict[str, object]:
        return {**about, "candidates": [{"content": {"parts": parts, "role": "model"}, **more}]}

    calls = [{"functionCall": {"id": id_, "name": name, "args": value}} for id_, name, value in said.arguments()]
    thoughts = [{"text": piece, "thought": True} for piece in said.reasoning]
    texts = [{"text": piece} for piece in said.text]
    usage = {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}}
    stream: list[object] = [payload([part]) for part in (*thoughts, *texts, *calls)]
    end = {**payload([], finishReason="STOP"), **usage}
    parts = [{"text": said.all_reasoning, "thought": True}, {"text": said.all_text}]
    parts_ = [part for part in parts if part["text"]] + calls
    return Spoken(
        context("/v1beta/models/m:streamGenerateContent"),
        {**payload(parts_, finishReason="STOP"), **usage},
        [*stream, end],
    )


def dashscope(said: Said, incremental: bool = True) -> Spoken:
    usage = {"input_tokens": 3, "output_tokens": 5}

    def payload(finish: str, **message: object) -> dict[str, object]:
        choice = {"message": {"role": "assistant", **message}, "finish_reason": finish}
        return {"output": {"choices": [choice]}, "usage": usage, "request_id": "r"}

    calls = [
        {"index": index, "id": id_, "type": "function", "function": {"name": name, "arguments": compact(value)}}
        for index, (id_, name, value) in enumerate(said.arguments())
    ]
    stream: list[object] = []
    for number in range(len(said.reasoning)):
        pieces = said.reasoning[: number + 1]
        stream.append(payload("null", content="", reasoning_content=pieces[-1] if incremental else "".join(pieces)))
    thought = "" if incremental else "".join(said.reasoning)
    for number in range(len(said.text)):
        pieces = said.text[: number + 1]
        stream.append(
            payload("null", content=pieces[-1] if incremental else "".join(pieces), reasoning_content=thought)
        )
    for call in calls:
        stream.append(payload("null", content="" if incremental else "".join(said.text), tool_calls=[call]))
    last = "" if incremental else "".join(said.text)
    stream.append(payload("stop", content=last, reasoning_content=thought))
    whole_ = payload("stop", content=said.all_text, reasoning_content=said.all_reasoning, tool_calls=calls)
    asked = {"model": "m", "parameters": {"incremental_output": True} if incremental else {}}
    return Spoken(context("/api/v1/services/aigc/text-generation/generation", body=asked), whole_, stream)


def cumulative_dashscope(said: Said) -> Spoken:
    return dashscope(said, incremental=False)


def converse(said: Said) -> Spoken:
    stream: list[object] = [("messageStart", {"role": "assistant"})]
    content: list[object] = []
    if said.reasoning:
        deltas = [{"reasoningContent": {"text": piece}} for piece in said.reasoning]
        stream += [("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta}) for delta in deltas]
        content.append({"reasoningContent": {"reasoningText": {"text": said.all_reasoning}}})
    if said.text:
        stream += [("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": piece}}) for piece in said.text]
        content.append({"text": said.all_text})
    for number, ((id_, name, value), (_, pieces)) in enumerate(zip(said.arguments(), said.calls, strict=True), 2):
        use = {"toolUseId": id_, "name": name}
        stream.append(("contentBlockStart", {"contentBlockIndex": number, "start": {"toolUse": use}}))
        deltas = [{"toolUse": {"input": piece}} for piece in pieces]
        stream += [("contentBlockDelta", {"contentBlockIndex": number, "delta": delta}) for delta in deltas]
        content.append({"toolUse": {**use, "input": value}})
    about = {"usage": {"inputTokens": 3, "outputTokens": 5}, "metrics": {"latencyMs": 1500}}
    stream += [("messageStop", {"stopReason": "end_turn"}), ("metadata", about)]
    whole_ = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn", **about}
    return Spoken(context("/model/m/converse-stream"), whole_, stream)


def cohere(said: Said) -> Spoken:
    stream: list[dict[str, object]] = [{"type": "message-start", "id": "c", "delta": {"message": {"content": []}}}]
    content: list[object] = []
    for kind, pieces in (("thinking", said.reasoning), ("text", said.text)):
        if pieces:
            start = {"message": {"content": {"type": kind, kind: ""}}}
            stream.append({"type": "content-start", "index": len(content), "delta": start})
            deltas = [{"message": {"content": {kind: piece}}} for piece in pieces]
            stream += [{"type": "content-delta", "index": len(content), "delta": delta} for delta in deltas]
            content.append({"type": kind, kind: joined(pieces)})
    calls: list[object] = []
    for number, (name, pieces) in enumerate(said.calls):
        call = {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": ""}}
        stream.append({"type": "tool-call-start", "index": number, "delta": {"message": {"tool_calls": call}}})
        deltas = [{"message": {"tool_calls": {"function": {"arguments": piece}}}} for piece in pieces]
        stream += [{"type": "tool-call-delta", "index": number, "delta": delta} for delta in deltas]
        calls.append({**call, "function": {"name": name, "arguments": joined(pieces)}})
    end = {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 3, "output_tokens": 5}}}
    stream.append({"type": "message-end", "delta": end})
    message = {"role": "assistant", "content": content, "tool_calls": calls}
    events: list[object] = [(str(event["type"]), event) for event in stream]
    return Spoken(context("/v2/chat"), {"id": "c", "message": message, **end}, [*events, "[DONE]"])


def hunyuan(said: Said) -> Spoken:
    usage = {"PromptTokens": 3, "CompletionTokens": 5, "TotalTokens": 8}

    def event(finish: str = "", **delta: object) -> dict[str, object]:
        choice = {"Index": 0, "Delta": {"Role": "assistant", **delta}, "FinishReason": finish}
        return {"Note": "made by AI", "Choices": [choice], "Created": 1700000000, "Id": "h", "Usage": usage}

    stream: list[object] = [event(Content="", ReasoningContent=piece) for piece in said.reasoning]
    stream += [event(Content=piece) for piece in said.text]
    for number, (name, pieces) in enumerate(said.calls):
        call = {"Index": number, "Id": f"call_{number}", "Type": "function"}
        parts = [{"Name": name, "Arguments": ""}, *({"Name": "", "Arguments": piece} for piece in pieces)]
        stream += [event(Content="", ToolCalls=[{**call, "Function": part}]) for part in parts]
    calls = [
        {"Index": index, "Id": id_, "Type": "function", "Function": {"Name": name, "Arguments": compact(value)}}
        for index, (id_, name, value) in enumerate(said.arguments())
    ]
    message = {"Content": said.all_text, "ReasoningContent": said.all_reasoning, "ToolCalls": calls}
    choices = [{"Index": 0, "Message": {"Role": "assistant", **message}, "FinishReason": "stop"}]
    whole_ = {"Response": {"RequestId": "r", "Note": "", "Choices": choices, "Id": "h", "Usage": usage}}
    return Spoken(context("/", host="hunyuan.tencentcloudapi.com"), whole_, [*stream, event("stop", Content="")])


def oci(said: Said) -> Spoken:
    usage = {"promptTokens": 3, "completionTokens": 5, "totalTokens": 8}

    def event(content: Sequence[object] = (), **more: object) -> dict[str, object]:
        return {"index": 0, "message": {"role": "ASSISTANT", "content": list(content), **more}, "pad": "aaa"}

    stream: list[object] = [event([{"type": "TEXT", "text": ""}])]
    stream += [event(reasoningContent=piece) for piece in said.reasoning]
    stream += [event([{"type": "TEXT", "text": piece}]) for piece in said.text]
    for number, (name, pieces) in enumerate(said.calls):
        call = {"type": "FUNCTION", "id": f"call_{number}", "name": name, "arguments": ""}
        parts = [call, *({"type": "FUNCTION", "arguments": piece} for piece in pieces)]
        stream += [event(toolCalls=[part]) for part in parts]
    stream += [{"finishReason": "stop", "pad": "a"}, {"usage": usage, "pad": "a"}, "[DONE]"]
    calls = [
        {"type": "FUNCTION", "id": id_, "name": name, "arguments": compact(value)}
        for id_, name, value in said.arguments()
    ]
    message = {"role": "ASSISTANT", "content": [{"type": "TEXT", "text": said.all_text}], "toolCalls": calls}
    choice = {"index": 0, "message": {**message, "reasoningContent": said.all_reasoning}, "finishReason": "stop"}
    answer = {"apiFormat": "GENERIC", "choices": [choice], "usage": usage}
    body = {"servingMode": {"modelId": "m"}, "chatRequest": {"isStream": True}}
    whole_ = {"modelId": "m", "modelVersion": "1", "chatResponse": answer}
    return Spoken(context("/20231130/actions/chat", body=body), whole_, stream)


def chain_message(kind: str, content: object = "", **more: object) -> dict[str, object]:
    """A message as LangChain writes it."""
    return {"type": kind, "content": content, "additional_kwargs": {}, "response_metadata": {}, "id": "r"} | more


def langserve(said: Said) -> Spoken:
    def piece(content: str = "", **more: object) -> tuple[str, object]:
        return "data", chain_message("AIMessageChunk", content, **more)

    about = {"finish_reason": "stop", "model_name": "m"}
    usage = {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}
    stream: list[object] = [("metadata", {"run_id": "i"})]
    stream += [piece(additional_kwargs={"reasoning_content": words}) for words in said.reasoning]
    stream += [piece(words) for words in said.text]
    for number, (name, pieces) in enumerate(said.calls):
        chunks: list[object] = [{"name": name, "args": "", "id": f"call_{number}", "index": number}]
        chunks += [{"name": None, "args": words, "id": None, "index": number} for words in pieces]
        stream += [piece(tool_call_chunks=[chunk]) for chunk in chunks]
    calls = [{"type": "tool_call", "id": id_, "name": name, "args": value} for id_, name, value in said.arguments()]
    aside = {"reasoning_content": said.all_reasoning}
    message = chain_message("ai", said.all_text, additional_kwargs=aside, tool_calls=calls, usage_metadata=usage)
    whole_ = {"output": {**message, "response_metadata": about}, "metadata": {"run_id": "i", "feedback_tokens": []}}
    stream += [piece(usage_metadata=usage, response_metadata=about), ("end", "null")]
    return Spoken(context("/chat/stream"), whole_, stream)


DIALECTS = (
    chat,
    ollama,
    messages,
    responses,
    gemini,
    dashscope,
    cumulative_dashscope,
    converse,
    cohere,
    hunyuan,
    oci,
    langserve,
)
