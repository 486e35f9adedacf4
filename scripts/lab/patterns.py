"""When a model writes what: schedules that any origin can play, sent to it in the request's body.

A schedule is a list of (seconds from the request, kind); the kinds are those of `event`.  Every event carries the time
at which it was really written (``x_sent``, seconds since the epoch): the truth that verdicts are checked against.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

SIZE = 248
"""Bytes of an SSE event with its frame, as OpenAI's are."""


@dataclass(frozen=True)
class Pattern:
    name: str
    rate: float
    """Tokens a second."""
    tokens: int
    ttft: float = 0.3
    step: int = 1
    """Tokens written at once, one event each."""
    reasoning: int = 0
    """The first so many tokens are reasoning."""
    tool: int = 0
    """The last so many tokens are arguments of a tool call."""
    ping: float | None = None
    """Seconds between keep-alive comments."""
    pause: float = 0.0
    """Seconds of silence in the middle."""

    def schedule(self) -> list[tuple[float, str]]:
        """Seeded: the same every time.  Steps vary by a fifth."""
        rng = random.Random(self.name)
        played, t = [(self.ttft, "role")], self.ttft
        for i in range(self.tokens):
            if i and i % self.step == 0:
                t += self.step / self.rate * rng.uniform(0.8, 1.2)
            if self.pause and i == self.tokens // 2:
                t += self.pause
            played.append((t, self._kind(i)))
        played += [(t, "stop"), (t, "done")]
        if self.ping:
            played += [(k * self.ping, "ping") for k in range(1, int(t / self.ping) + 1)]
        return sorted(played, key=lambda event: event[0])

    def _kind(self, i: int) -> str:
        if i < self.reasoning:
            return "reasoning"
        return "tool" if i >= self.tokens - self.tool else "text"

    @property
    def seconds(self) -> float:
        return self.schedule()[-1][0]


PATTERNS: tuple[Pattern, ...] = (
    Pattern("chat", 50, 300),
    Pattern("slow", 8, 40),
    Pattern("fast", 300, 600),
    Pattern("faster", 1000, 1500),
    Pattern("fastest", 3000, 2000, ttft=0.5),
    Pattern("thinks", 100, 200, ttft=4.0),
    Pattern("reasons", 60, 300, reasoning=180),
    Pattern("pings", 60, 200, ttft=3.0, ping=0.5),
    Pattern("tools", 60, 200, tool=140),
    Pattern("short", 15, 24),
    Pattern("pairs", 60, 240, step=2),
    Pattern("pauses", 60, 240, pause=2.5),
)
QUICK = ("chat", "thinks", "fastest")


def delta(kind: str, token: str) -> dict[str, Any]:
    if kind == "tool":
        return {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "look", "arguments": token}}]}
    return {
        "role": {"role": "assistant", "content": ""},
        "text": {"content": token},
        "reasoning": {"reasoning_content": token},
        "stop": {},
    }[kind]


def event(kind: str, sent: float) -> bytes:
    """One event as it goes over the wire, written at `sent`; its token is that time, so that no two responses agree."""
    if kind == "ping":
        return b": ping\n\n"
    if kind == "done":
        return b"data: [DONE]\n\n"
    chunk = {
        "id": "chatcmpl-lab",
        "object": "chat.completion.chunk",
        "model": "lab",
        "x_sent": f"{sent:.6f}",
        "choices": [
            {"index": 0, "delta": delta(kind, f"{sent:.6f} "), "finish_reason": "stop" if kind == "stop" else None}
        ],
    }
    chunk["pad"] = "x" * max(0, SIZE - 20 - len(json.dumps(chunk)))
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
