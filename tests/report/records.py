"""Made-up records for the reports' tests: one of every kind that the contract knows.

They are written by hand to look like what the observer makes of real exchanges; nothing in them was recorded.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from streamwatchlib.model import (
    Arrival,
    Body,
    Channel,
    Choice,
    ClockLag,
    Delays,
    Event,
    Itl,
    Label,
    Llm,
    Measures,
    Part,
    Passage,
    Reads,
    Record,
    Reply,
    Request,
    Response,
    Sent,
    Severity,
    Stream,
    Suspect,
    Timing,
    ToolCall,
    Usage,
    Verdict,
)

HOSTILE = (
    "<script>alert(1)</script>\"'`|*_[x](http://evil)![](http://evil)\u202egnp.exe\x1b[31m\x07 @all #1 \u2028 =1+1"
)
"""What a report must never let work: markup, Markdown, bidi controls, terminal escapes, mentions, formulas."""

PROSE = (
    "A stream is only a stream if its pieces come when they are made. Held back and sent at once, it is a file "
    "with extra steps. 流式输出要看到达的时间，而不是看格式。 So look at the times."
)
WORDS = PROSE.split(" ")

NGINX = Suspect(
    "intermediary",
    "nginx response buffering",
    "Server: nginx/1.22.1; 5 reads of 4096 bytes, 97 % of them ending inside an event; no X-Accel-Buffering header",
    "In the location that proxies this path set `proxy_buffering off;`, or send `X-Accel-Buffering: no` from the "
    "application.",
    "high",
)
SLOW_APP = Suspect(
    "model-server",
    "the application collects the answer before it writes",
    "headers came 2.51 s after the request, with the body",
    "Yield each piece as the model makes it; do not join them first.",
    "medium",
)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def itl(times: Sequence[float]) -> Itl | None:
    gaps = [b - a for a, b in pairwise(times)]
    if not gaps:
        return None
    return Itl(
        len(gaps),
        sum(gaps) / len(gaps),
        percentile(gaps, 0.5),
        percentile(gaps, 0.9),
        percentile(gaps, 0.99),
        max(gaps),
    )


@cache
def chunk(text: str, key: str = "content") -> str:
    return json.dumps(
        {"id": "chatcmpl-7", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {key: text}}]},
        ensure_ascii=False,
    )


def streamed(
    id: str,
    groups: Sequence[tuple[float, int]],
    label: Label = "streaming",
    *,
    reasoning: int = 0,
    severity: Severity | None = None,
    summary: str = "48 pieces came in 48 deliveries, 50 ms apart: a real stream.",
    suspects: tuple[Suspect, ...] = (),
    flags: tuple[str, ...] = (),
    model: str = "qwen2.5-7b-instruct",
    url: str = "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    started_at: str = "2026-03-04T10:15:02.120000Z",
    hold: float = 0.0,
) -> Record:
    """A chat answer whose arrivals are `groups`: (seconds, events completed by that read); the last event is [DONE]."""
    arrivals, events, texts, thoughts = [], [], [], []
    for index, (t, n) in enumerate(groups):
        size = 0
        for _ in range(n):
            place = len(events)
            key = "reasoning_content" if 0 < place <= reasoning else "content"
            word = WORDS[place % len(WORDS)] + " "
            last = index == len(groups) - 1 and place == sum(n for _, n in groups) - 1
            data = "[DONE]" if last else chunk("" if place == 0 else word, key)
            content = place > 0 and not last
            channel: Channel | None = "reasoning" if content and key == "reasoning_content" else None
            if content:
                (thoughts if channel else texts).append(word)
            size += len(data.encode()) + 8
            events.append(Event(t, index, "message", None, data, content, None, channel))
        arrivals.append(Arrival(t, size, n))
    times = [event.t for event in events if event.content and event.t is not None]
    outputs = [event.t for event in events if event.content and not event.channel and event.t is not None]
    first, last_t = times[0], times[-1]
    end = arrivals[-1].t + 0.001
    total = sum(a.size for a in arrivals)
    truth = label == "streaming"
    return Record(
        id=id,
        started_at=started_at,
        outcome="complete",
        error=None,
        request=Request(
            "POST",
            url,
            "HTTP/1.1",
            (
                ("Host", "dashscope.aliyuncs.com"),
                ("Authorization", "Bearer ***"),
                ("Content-Type", "application/json"),
                ("User-Agent", "OpenAI/Python 1.60.0"),
            ),
            Body(
                "json",
                "json",
                "application/json",
                size=112,
                decoded_size=112,
                top="object",
                keys=("model", "messages", "stream"),
                valid=True,
                content=json.dumps(
                    {"model": model, "messages": [{"role": "user", "content": "什么是流?"}], "stream": True},
                    ensure_ascii=False,
                ),
            ),
            True,
            "body.stream",
        ),
        response=Response(
            200,
            "HTTP/1.1",
            (
                ("Content-Type", "text/event-stream; charset=utf-8"),
                ("Server", "nginx/1.22.1" if suspects else "uvicorn"),
                ("Transfer-Encoding", "chunked"),
            ),
            Body(
                "streaming",
                "sse",
                "text/event-stream",
                size=total,
                decoded_size=total,
                content="".join(f"data: {event.data}\n\n" for event in events),
            ),
        ),
        timing=Timing(
            request_end=0.0012,
            response_start=max(0.0015, arrivals[0].t - 0.002) if truth else 0.02,
            first_byte=arrivals[0].t,
            first_event=arrivals[0].t,
            first_token=first,
            first_output_token=outputs[0] if outputs else None,
            last_token=last_t,
            end=end,
            ttft=first - 0.0012,
            e2e=end - 0.0012,
            itl=itl(times),
            output_tokens_per_second=len(times) / (last_t - first) if truth and last_t > first else None,
            tokens_per_second_e2e=len(times) / last_t,
            clock_lag=ClockLag(0.0004, 0.0021),
        ),
        stream=Stream(
            "sse",
            tuple(arrivals),
            callbacks=len(arrivals) + 3,
            events=len(events),
            content_events=len(times),
            split_events=0 if truth else 4,
            terminator="[DONE]",
        ),
        events=tuple(events),
        llm=Llm(
            "dashscope",
            "chat.completions",
            model,
            "chatcmpl-7",
            text="".join(texts),
            reasoning="".join(thoughts) or None,
            finish_reason="stop",
            usage=Usage(21, len(times), reasoning or None, None),
        ),
        verdict=Verdict(
            label,
            severity,
            "high",
            "text",
            flags,
            summary,
            Measures(
                len(times),
                len(arrivals),
                float(len(arrivals)) if truth else 1.3,
                0.04 if truth else 0.93,
                0.05,
                hold,
                last_t - first,
                len(times) / len(arrivals),
                0.0,
                None if truth else 4096,
                0.002,
            ),
            suspects,
        ),
    )


def paced(n: int, gap: float = 0.05, start: float = 0.31, seed: int = 1) -> list[tuple[float, int]]:
    """`n` arrivals of one event, `gap` seconds apart give or take a fifth."""
    rng = random.Random(seed)
    t, out = start, []
    for _ in range(n):
        out.append((round(t, 6), 1))
        t += gap * rng.uniform(0.8, 1.2)
    return out


STREAMING = streamed("streaming", paced(50))
REASONING = streamed(
    "reasoning",
    [*paced(40, 0.03), *paced(60, 0.02, start=4.4, seed=2)],
    reasoning=39,
    model="deepseek-reasoner",
    url="https://api.deepseek.com/chat/completions",
    summary="98 pieces came in 100 deliveries, 22 ms apart; it fell silent once, for 2.9 s, after the reasoning.",
    flags=("stalled",),
    started_at="2026-03-04T10:15:09.000000Z",
)
BURSTY = streamed(
    "bursty",
    [(0.62, 14), (1.27, 14), (1.90, 13), (2.55, 9)],
    "bursty",
    severity="moderate",
    summary="48 pieces came in 4 lumps about 640 ms apart (4096 bytes each): something fills a buffer before it sends.",
    suspects=(NGINX,),
    hold=0.31,
    url="https://llm.example.com/v1/chat/completions",
    started_at="2026-03-04T10:15:21.500000Z",
)
PSEUDO = streamed(
    "pseudo-streaming",
    [(2.514, 50)],
    "pseudo-streaming",
    severity="severe",
    summary="All 48 pieces came within 1 ms after 2.51 s of silence: the whole answer was held back and sent at once.",
    suspects=(NGINX, SLOW_APP),
    hold=1.2,
    url="https://llm.example.com/v1/chat/completions",
    started_at="2026-03-04T10:15:31.700000Z",
)
NOT_STREAMED = replace(
    STREAMING,
    id="not-streamed",
    started_at="2026-03-04T10:16:00.000000Z",
    response=Response(
        200,
        "HTTP/1.1",
        (("Content-Type", "application/json"), ("Content-Length", "611")),
        Body(
            "json",
            "json",
            "application/json",
            611,
            611,
            top="object",
            keys=("id", "choices", "usage"),
            valid=True,
            content='{"id": "chatcmpl-8", "choices": [{"message": {"role": "assistant", "content": "Hello"}}]}',
        ),
    ),
    stream=None,
    events=None,
    timing=Timing(0.001, 1.9, 1.901, None, None, None, None, 1.904, None, 1.903),
    llm=Llm("openai-compatible", "chat.completions", "gpt-4o-mini", text="Hello", usage=Usage(9, 1)),
    verdict=Verdict(
        "not-streamed",
        "severe",
        "certain",
        None,
        (),
        "The request asked for a stream (body.stream), but one JSON document of 611 bytes came after 1.90 s.",
        Measures(),
        (SLOW_APP,),
    ),
)
INCONCLUSIVE = replace(
    streamed("inconclusive", [(0.2, 1), (0.21, 3)], "inconclusive", summary="Only 2 pieces came: too few to judge."),
    started_at="2026-03-04T10:16:05.000000Z",
)
UNRECORDED = replace(
    STREAMING,
    id="unrecorded",
    stream=Stream("sse", None, None, events=50, content_events=48, terminator="[DONE]"),
    events=tuple(event._replace(t=None, arrival=None) for event in STREAMING.events or ()),
    timing=Timing(request_end=0.001, response_start=0.3, end=3.1, e2e=3.099),
    verdict=replace(
        INCONCLUSIVE.verdict, summary="No arrival times were recorded with this flow: it can't be told.", channel=None
    ),
)
NO_TEXTS = replace(
    PSEUDO,
    id="no-texts",
    events=None,
    llm=replace(PSEUDO.llm or Llm("", ""), text=None),
    request=replace(PSEUDO.request, body=replace(PSEUDO.request.body, content=None)),
    response=replace(PSEUDO.response, body=Body("streaming", "sse", "text/event-stream", 9000, 9000)),  # type: ignore[type-var]
)
TOOLS = replace(
    STREAMING,
    id="tools",
    llm=Llm(
        "openai",
        "chat.completions",
        "gpt-4o",
        tool_calls=(
            ToolCall("call_1", "get_weather", '{"city": "北京", "unit": "°C"}'),
            ToolCall(None, "broken", '{"city": '),
        ),
        server_tool_calls=(ToolCall("ws_1", "web_search", '{"q": "weather"}'),),
        finish_reason="tool_calls",
        usage=Usage(80, 20),
        server_timing={"generation": 1.25},
        notes=("sequence numbers jump from 4 to 6",),
    ),
)
CHOICES = replace(
    STREAMING,
    id="choices",
    llm=Llm(
        "openai",
        "chat.completions",
        "gpt-4o",
        text="one",
        choices=(
            Choice(0, "one", "", (), "stop"),
            Choice(1, "two", "hm", (ToolCall("c", "f", "{}"),), "length", "not that"),
        ),
    ),
)
REFUSED = replace(
    STREAMING, id="refused", llm=Llm("openai", "chat.completions", "gpt-4o", refusal="I can't help with that.")
)
CUT = replace(
    streamed(
        "cut",
        paced(21),
        flags=("truncated",),
        summary="19 pieces came 50 ms apart, then the server broke the connection off after 1.3 s.",
        started_at="2026-03-04T10:16:20.000000Z",
    ),
    outcome="server-disconnected",
    error="server closed connection",
)
LEFT = replace(CUT, id="left", outcome="client-disconnected", error="Client disconnected.")
CALL_FAILED = replace(STREAMING, error="gRPC status 8: Quota exceeded")
"""All came of it, and last that it failed."""
HUNG_UP = replace(STREAMING, outcome="client-disconnected", error="Client disconnected.")
"""The client left when all that it waited for had come."""
FAILED = replace(
    STREAMING,
    id="failed",
    started_at="2026-03-04T10:16:30.000000Z",
    outcome="error",
    error="[Errno 111] Connect call failed ('127.0.0.1', 11434)",
    response=None,
    timing=Timing(request_end=0.001, end=0.004, e2e=0.003),
    stream=None,
    events=None,
    llm=None,
    verdict=Verdict(
        "not-applicable", None, "certain", None, (), "No answer came: the connection was refused.", Measures()
    ),
)
MALFORMED = replace(
    STREAMING,
    id="malformed",
    request=replace(STREAMING.request, url="http://127.0.0.1:11434/api/chat?debug=1", query=(("debug", "1"),)),
    stream=replace(
        STREAMING.stream or Stream("ndjson"),
        format="ndjson",
        malformed=1,
        terminator="done",
        events_omitted=7,
        arrivals_omitted=2,
        comments=3,
        deviations=("the last line has no line end",),
    ),
    events=tuple(
        event._replace(malformed="not JSON: Expecting value (column 3)", data='{"mess', content=False)
        if index == 9
        else event
        for index, event in enumerate(STREAMING.events or ())
    ),
    llm=Llm("ollama", "chat", "llama3.2", text="Hi", error={"type": "server_error", "message": "out of memory"}),
)


def plain(id: str, body: Body, method: str = "POST", url: str = "http://127.0.0.1:8000/echo", **more: object) -> Record:
    """An exchange that has nothing to do with streams."""
    return replace(
        FAILED,
        id=id,
        outcome="complete",
        error=None,
        request=Request(method, url, "HTTP/1.1", (("Host", "127.0.0.1:8000"),), body, False, None, **more),  # type: ignore[arg-type]
        response=Response(
            200, "HTTP/1.1", (("Content-Length", "2"),), Body("text", "text", "text/plain", 2, 2, content="ok")
        ),
        timing=Timing(0.001, 0.012, 0.012, end=0.013, e2e=0.012),
        verdict=replace(FAILED.verdict, summary="No stream was asked for and none was sent."),
    )


FORM = plain(
    "form",
    Body(
        "form",
        "urlencoded",
        "application/x-www-form-urlencoded",
        17,
        17,
        fields=(("a", "abc"), ("a", "def"), ("a", "bec"), ("empty", ""), ("bare", None)),
    ),
)
MULTIPART = plain(
    "multipart",
    Body(
        "multipart",
        "form-data",
        "multipart/form-data",
        4711,
        4711,
        parts=(
            Part("a", None, None, (("Content-Disposition", 'form-data; name="a"'),), 3),
            Part("file", "a.txt", "text/plain", (("a", "b"),), 4000),
            Part(None, None, None, (), 0),
        ),
        complete=False,
    ),
)
UNTYPED = plain(
    "untyped",
    Body(
        "json",
        "json",
        None,
        12,
        12,
        mismatch="JSON was sent without a Content-Type.",
        top="object",
        keys=("a",),
        valid=True,
        content='{"a": "abc"}',
    ),
)
INVALID = plain(
    "invalid",
    Body(
        "json",
        "json",
        "application/json",
        9,
        9,
        valid=False,
        error={"message": "Expecting value", "line": 1, "column": 7},
        content='{"a": oh',
        truncated=True,
        notes=("a GET with a body",),
    ),
    method="GET",
)
BINARY = plain("binary", Body("binary", "jpeg", "image/jpeg", 90_000, 90_000, ("gzip",)))
QUERY = plain("query", Body("empty"), "GET", "http://127.0.0.1:8000/get?q=1&r=23", query=(("q", "1"), ("r", None)))
UPLOAD = plain("upload", Body("streaming", "unknown", None, 30), arrivals=(Arrival(0.1, 10, 0), Arrival(0.4, 20, 0)))


def reply(label: Label, id: str | None, **more: Any) -> Reply:
    """One of the responses on a WebSocket; what is not told of it was not observed."""
    unseen = dict.fromkeys(("t", "first_token", "end", "ttft", "e2e", "output_tokens_per_second", "severity", "llm"))
    known = {"events": 50, "content_events": 48, "terminator": "response.done", "confidence": "high", "flags": ()}
    return Reply(**{**unseen, **known, "response_id": id, "label": label, "summary": f"It was {label}.", **more})


WEBSOCKET = replace(
    STREAMING,
    id="websocket",
    request=replace(STREAMING.request, method="GET", url="wss://api.openai.com/v1/realtime", body=Body("empty")),
    stream=replace(
        STREAMING.stream or Stream(""), format="websocket", callbacks=None, split_events=None, sent=4, responses=3
    ),
    sent=(
        Sent(0.05, 31, "session.update", '{"type": "session.update", "session": {}}'),
        Sent(0.1, 26, "response.create", '{"type": "response.create"}'),
        Sent(0.2, 9_000, "input_audio_buffer.append", None),
        Sent(0.21, 3, "binary", None),
    ),
    responses=(
        reply("streaming", "resp_1", t=0.1, first_token=0.353, ttft=0.253, e2e=2.3, llm=STREAMING.llm),
        reply("pseudo-streaming", "resp_2", severity="severe", flags=("coarse-events",), llm=TOOLS.llm),
        reply("not-applicable", None, t=2.6, terminator=None),
    ),
)
INJECTED = replace(
    PSEUDO,
    id=HOSTILE,
    request=replace(
        PSEUDO.request,
        method=HOSTILE,
        url=f"https://{HOSTILE}/{HOSTILE}?{HOSTILE}",
        headers=((HOSTILE, HOSTILE),),
        query=((HOSTILE, HOSTILE),),
        body=Body("form", HOSTILE, HOSTILE, mismatch=HOSTILE, fields=((HOSTILE, HOSTILE),), notes=(HOSTILE,)),
    ),
    response=Response(
        200,
        HOSTILE,
        ((HOSTILE, HOSTILE),),
        Body(
            "multipart",
            parts=(Part(HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), 1),),
            keys=(HOSTILE,),
            content=HOSTILE,
        ),
    ),
    error=HOSTILE,
    stream=replace(
        PSEUDO.stream or Stream(""), format=HOSTILE, terminator=HOSTILE, deviations=(HOSTILE,), sent=1, responses=1
    ),
    events=(Event(2.5, 0, HOSTILE, HOSTILE, HOSTILE, True, HOSTILE),),
    sent=(Sent(0.1, 5, HOSTILE, HOSTILE),),
    responses=(
        reply("bursty", HOSTILE, terminator=HOSTILE, flags=("stalled",), summary=HOSTILE, llm=Llm(*[HOSTILE] * 5)),
    ),
    llm=Llm(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        (ToolCall(HOSTILE, HOSTILE, HOSTILE),),
        (ToolCall(HOSTILE, HOSTILE, HOSTILE),),
        (Choice(1, HOSTILE, HOSTILE, (), HOSTILE, HOSTILE),),
        HOSTILE,
        None,
        {HOSTILE: HOSTILE},
        {HOSTILE: 1.0},
        (HOSTILE,),
    ),
    verdict=replace(
        PSEUDO.verdict,
        summary=HOSTILE,
        suspects=(Suspect("proxy", HOSTILE, HOSTILE, HOSTILE, "low"),),
        flags=("stalled",),
    ),
)

HOPPED = replace(
    BURSTY,
    id="hopped",
    hop=Passage(
        paired_with="upstream",
        paired_by=("request", "response"),
        held=True,
        hold=0.312,
        request_added=0.001,
        first_byte_added=0.3,
        first_token_added=0.3,
        last_byte_added=0.004,
        event_delay=Delays(48, 0.31, 0.3, 0.62, 0.63),
        arrivals=Reads(50, 4),
        changed=("merged 50 reads into 4",),
        clock_offset=-0.25,
        clock_error=0.002,
        summary="The hop held each event for 312 ms on average: it got 50 reads and made 4 of them.",
    ),
)

EVERY: tuple[Record, ...] = (
    STREAMING,
    REASONING,
    BURSTY,
    PSEUDO,
    NOT_STREAMED,
    INCONCLUSIVE,
    UNRECORDED,
    NO_TEXTS,
    TOOLS,
    CHOICES,
    REFUSED,
    CUT,
    LEFT,
    FAILED,
    MALFORMED,
    FORM,
    MULTIPART,
    UNTYPED,
    INVALID,
    BINARY,
    QUERY,
    UPLOAD,
    WEBSOCKET,
    INJECTED,
    HOPPED,
)


def many(exchanges: int, events: int) -> list[Record]:
    """A big capture: exchanges of `events` events each, of every temper."""
    rng = random.Random(7)
    out: list[Record] = []
    for i in range(exchanges):
        started = f"2026-03-04T11:{i // 60 % 60:02d}:{i % 60:02d}.000000Z"
        if i % 5 == 3:
            groups = [(round(2 + 0.4 * k, 6), events // 10) for k in range(10)]
            out.append(replace(BURSTY, **_shape(streamed(f"b{i}", groups, "bursty", started_at=started))))
        elif i % 7 == 4:
            groups = [(round(rng.uniform(3, 9), 6), events)]
            out.append(replace(PSEUDO, **_shape(streamed(f"p{i}", groups, "pseudo-streaming", started_at=started))))
        else:
            groups = paced(events, rng.uniform(0.01, 0.06), rng.uniform(0.1, 1.5), i)
            out.append(
                streamed(f"s{i}", groups, started_at=started, model=rng.choice(["qwen-max", "gpt-4o", "llama3.2"]))
            )
    return out


def _shape(record: Record) -> dict[str, object]:
    """What of a record changes with its arrivals."""
    return {
        name: getattr(record, name) for name in ("id", "started_at", "timing", "stream", "events", "llm", "response")
    }
