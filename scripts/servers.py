"""Small real servers that behave like the ones people use, for the demo and the tests.

Nothing here is a model: texts are fixed, the pace is given in seconds per token.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sse_starlette import EventSourceResponse

ANSWER = (
    "Streaming means that each token leaves the server as soon as the model has made it, "
    "so the reader can start reading while the rest is still being written, and stop it early if it goes astray. "
    "流式输出让人一边生成一边阅读。"
)


def tokens(text: str = ANSWER) -> list[str]:
    """Pieces of about a word, or one Chinese character."""
    pieces: list[str] = []
    for word in text.split(" "):
        pieces += [word + " "] if word.isascii() else list(word)
    return pieces


# --- OpenAI-like, as FastAPI services do it ------------------------------------------------------------------


def openai_like(pace: float = 0.03) -> FastAPI:
    """``/v1/chat/completions`` with usage and ``[DONE]``, and ``/whole/v1/...`` that ignores ``stream: true``."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        asked = await request.json()
        if asked.get("stream"):
            return StreamingResponse(_chunks(asked, pace), media_type="text/event-stream")
        await asyncio.sleep(pace * len(tokens()))
        return JSONResponse(_whole(asked))

    @app.post("/whole/v1/chat/completions")
    async def whole(request: Request) -> Response:
        return JSONResponse(_whole(await request.json()))

    return app


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": model,
        "choices": [choice],
        **more,
    }


def _usage(n: int) -> dict[str, int]:
    return {"prompt_tokens": 12, "completion_tokens": n, "total_tokens": 12 + n}


async def _chunks(asked: dict[str, Any], pace: float) -> AsyncIterator[str]:
    model, pieces = asked.get("model", "demo"), tokens()
    events = [_chunk(model, {"role": "assistant", "content": ""})]
    events += [_chunk(model, {"content": piece}) for piece in pieces]
    events.append(_chunk(model, {}, "stop"))
    if (asked.get("stream_options") or {}).get("include_usage"):
        events.append(_chunk(model, {}) | {"choices": [], "usage": _usage(len(pieces))})
    for event in events:
        await asyncio.sleep(pace)
        yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"


def _whole(asked: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(tokens())}
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": asked.get("model", "demo"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(len(tokens())),
    }


# --- Qwen's own server: FastAPI and sse-starlette (CRLF, no id, no created, no usage) -------------------------


def qwen_like(pace: float = 0.03) -> FastAPI:
    """As ``openai_api.py`` of the Qwen repository frames it."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        asked = await request.json()
        return EventSourceResponse(events(asked.get("model", "Qwen")), media_type="text/event-stream")

    async def events(model: str) -> AsyncIterator[str]:
        yield chunk(model, {"role": "assistant"})
        for piece in tokens():
            await asyncio.sleep(pace)
            yield chunk(model, {"content": piece})
        yield chunk(model, {}, "stop")
        yield "[DONE]"

    def chunk(model: str, delta: dict[str, str], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return json.dumps({"model": model, "object": "chat.completion.chunk", "choices": [choice]}, ensure_ascii=False)

    return app


# --- Ollama-like: NDJSON, each line dated ---------------------------------------------------------------------


def ollama_like(pace: float = 0.03, broken_line: bool = False) -> FastAPI:
    """``/api/chat`` and ``/api/generate``; they stream unless told not to."""
    app = FastAPI()

    @app.post("/api/chat")
    async def chat(request: Request) -> Response:
        return answer(await request.json(), lambda piece: {"message": {"role": "assistant", "content": piece}})

    @app.post("/api/generate")
    async def generate(request: Request) -> Response:
        return answer(await request.json(), lambda piece: {"response": piece})

    def answer(asked: dict[str, Any], content: Any) -> Response:
        model = asked.get("model", "llama3.2")
        if asked.get("stream") is False:
            return JSONResponse(line(model, content("".join(tokens())), done=True, started=time.time()))
        return StreamingResponse(lines(model, content), media_type="application/x-ndjson")

    async def lines(model: str, content: Any) -> AsyncIterator[str]:
        started = time.time()
        for i, piece in enumerate(tokens()):
            await asyncio.sleep(pace)
            if broken_line and i == 5:
                yield '{"model": "llama3.2", "message": {"role": "assis\n'
            yield json.dumps(line(model, content(piece)), ensure_ascii=False) + "\n"
        yield json.dumps(line(model, content(""), done=True, started=started)) + "\n"

    def line(model: str, content: dict[str, Any], done: bool = False, started: float = 0.0) -> dict[str, Any]:
        out = {
            "model": model,
            "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            **content,
            "done": done,
        }
        if done:
            spent = int((time.time() - started) * 1e9)
            counts = {"prompt_eval_count": 12, "eval_count": len(tokens()), "eval_duration": spent}
            out |= {"done_reason": "stop", "total_duration": spent, **counts}
        return out

    return app


# --- an endpoint of one's own ---------------------------------------------------------------------------------


def echo(pace: float = 0.3, text: str = "everything flows") -> FastAPI:
    """A character of `text` as ``{"chunk": "e"}`` every `pace` seconds, and ``/echo`` that takes any body."""
    app = FastAPI()

    @app.get("/stream")
    async def stream() -> Response:
        return EventSourceResponse(characters())

    async def characters() -> AsyncIterator[str]:
        for character in text:
            yield json.dumps({"chunk": character})
            await asyncio.sleep(pace)

    @app.api_route("/echo", methods=["GET", "POST", "PUT"])
    async def anything(request: Request) -> Response:
        return JSONResponse({"received": len(await request.body())})

    return app


# --- a hop that holds back ------------------------------------------------------------------------------------


def buffering_hop(upstream: str, block: int | None = None) -> FastAPI:
    """A reverse proxy that passes responses on in blocks of `block` bytes; None: all at once at the end."""
    app = FastAPI()
    client = httpx.AsyncClient(base_url=upstream, timeout=None)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def forward(path: str, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        asked = client.build_request(request.method, f"/{path}", content=await request.body(), headers=headers)
        answer = await client.send(asked, stream=True)
        blocks = _blocks(answer, block)
        first = await anext(blocks, b"")  # like a buffering proxy, it sends its head with the first data
        kind = answer.headers.get("content-type")
        return StreamingResponse(_chain(first, blocks), status_code=answer.status_code, media_type=kind)

    return app


async def _blocks(answer: httpx.Response, block: int | None) -> AsyncIterator[bytes]:
    held = bytearray()
    async for data in answer.aiter_raw():
        held += data
        while block and len(held) >= block:
            yield bytes(held[:block])
            del held[:block]
    if held:
        yield bytes(held)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in rest:
        yield block
