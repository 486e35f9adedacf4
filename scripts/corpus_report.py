"""Replay a folder of recorded exchanges and report, provider by provider, how they were read.

    uv run scripts/corpus_report.py [FOLDER] [--write]

FOLDER holds recordings as JSON lines (in it or in its ``llm/``): ``request`` and ``response`` with ``method``, ``url``,
``status``, ``headers`` and ``body`` or ``body_base64``, and ``stream_kind`` (``none`` for a whole answer).  Beside them
may lie ``llm_oracle.jsonl``: for a stream (``file``, ``line``) a second opinion on the message that its pieces make.
The table goes to the terminal; ``--write`` puts it into docs/providers.md, without FOLDER only the list of APIs.
Exits with 1 if any stream was read differently from its second opinion without a known reason.
"""

from __future__ import annotations

import argparse
import base64
import collections
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamwatchlib.llm import DIALECTS, Dialect, Reader, Row, array_stream
from streamwatchlib.llm.table import NO_PATH
from streamwatchlib.model import Context, Frame, Headers, Limits, Llm, Reading, ToolCall
from streamwatchlib.wire.bodies import BodyReader
from streamwatchlib.wire.urlencoded import query_fields

DOCS = Path(__file__).parents[1] / "docs" / "providers.md"
APIS = "## APIs"
LIMITS = Limits()
type Recording = Mapping[str, Any]
type Place = tuple[str, int]
"""File name and line, from 1."""


# --- recordings ---


def recordings(folder: Path) -> Iterator[tuple[Place, Recording]]:
    """Every recording in the folder, with its place."""
    inner = folder / "llm"
    for path in sorted((inner if inner.is_dir() else folder).glob("*.jsonl")):
        if path.name != "llm_oracle.jsonl":
            with path.open(encoding="utf-8") as lines:
                yield from (((path.name, number), json.loads(line)) for number, line in enumerate(lines, 1))


def second_opinions(folder: Path) -> dict[Place, Recording]:
    """What the oracle assembled from each stream."""
    path = folder / "llm_oracle.jsonl"
    if not path.exists():
        return {}
    opinions = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(one["file"], one["line"]): one["assembled"] for one in opinions if "assembled" in one}


def body_of(message: Recording) -> bytes:
    """The body as it passed."""
    if message.get("body_base64") is not None:
        return base64.b64decode(message["body_base64"])
    return (message.get("body") or "").encode("utf-8", "surrogatepass")


def headers_of(message: Recording) -> Headers:
    """Header fields, which recorders keep as pairs, as a mapping, or as a mapping to lists."""
    headers = message.get("headers") or {}
    pairs: Iterable[tuple[str, Any]] = headers.items() if isinstance(headers, dict) else headers
    return tuple((name, str(one)) for name, value in pairs for one in (value if isinstance(value, list) else [value]))


def context_of(recording: Recording) -> Context:
    """The `Context` of a recording: both heads and the request's body."""
    request, response = recording["request"], recording["response"]
    url = request.get("url") or ""
    split = urlsplit(url if url.startswith("http") else "http://unknown.invalid/")
    return Context(
        method=request.get("method") or "POST",
        host=split.netloc.partition(":")[0].lower(),
        path=split.path,
        query=query_fields(url),
        request_headers=headers_of(request),
        request_value=_json(body_of(request)),
        status=response.get("status"),
        response_headers=headers_of(response),
    )


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return None


# --- replaying ---


@dataclass
class Replay:
    """One recording, as it was read."""

    reader: Reader
    body: BodyReader
    events: list[tuple[Frame, Reading]] = field(default_factory=list)

    @property
    def streamed(self) -> bool:
        return self.body.body().kind == "streaming"

    @property
    def llm(self) -> Llm | None:
        return self.reader.result()


def replay(recording: Recording, pieces: Iterable[bytes] | None = None) -> Replay:
    """Read the response, in these pieces, as the observer would."""
    context = context_of(recording)
    response = recording["response"]
    body = BodyReader(
        headers_of(response),
        limits=LIMITS,
        length_known=recording.get("stream_kind") == "none",
        array_streams=array_stream(context),
    )
    done = Replay(Reader(context, LIMITS), body)
    for piece in pieces if pieces is not None else [body_of(response)]:
        done.events += [(frame, done.reader.read_event(frame)) for frame in body.feed(piece)]
    done.events += [(frame, done.reader.read_event(frame)) for frame in body.close()]
    if not done.streamed:
        done.reader = Reader(context, LIMITS)
        done.reader.read_whole(body.value)
        if body.body().kind == "binary":
            done.reader.read_binary()
    done.reader.read_plain_text(body.plain_text)
    return done


# --- comparing ---

REASONS: Mapping[str, str] = {
    "usage": "It knows usage only as a top-level `usage` object with OpenAI's names.",
    "tool calls": "It knows no ids of Ollama's calls, no calls of DashScope's native API, and none that a server "
    "wrapped (Bedrock InvokeModel) or sent on a path of another API.",
    "server tools": "It lists tools that the provider ran itself among the client's.",
    "text": "It does not read this API's pieces (Bedrock InvokeModel of Titan and Nova, Writer's text completions, "
    "chat chunks on a path of the Responses API).",
    "reasoning": "It does not read Mistral's thinking parts or Cohere's tool plan.",
    "finish reason": "It does not read this API's end, or drops a last event that lacks its blank line.",
}
"""Why a reading may hold more than the second opinion, which lacks something that the bytes say."""


def differences(llm: Llm | None, opinion: Recording) -> tuple[set[str], set[str]]:
    """What the reading has beyond the second opinion (keys of `REASONS`), and where it contradicts it."""
    if llm is None:
        return set(), {"shape unknown"}
    text, reasoning = llm.text or "", llm.reasoning or ""
    finish = opinion["finish"]
    more, other = set(), set()
    for name, same, silent in (
        ("text", _hash(text) == opinion["text_sha256"], not opinion["text_chars"]),
        ("reasoning", _hash(reasoning) == opinion["reasoning_sha256"], not opinion["reasoning_chars"]),
        ("finish reason", llm.finish_reason == (finish and str(finish)), finish is None),
        ("usage", (llm.usage is not None) == opinion["usage_seen"], not opinion["usage_seen"]),
    ):
        if not same:
            (more if silent else other).add(name)
    return _compare_calls(llm, opinion["tool_calls"], more, other)


def _compare_calls(llm: Llm, opinion: list[Recording], more: set[str], other: set[str]) -> tuple[set[str], set[str]]:
    theirs = [(call["name"], _canonical(call["arguments"]), call["id"]) for call in opinion]
    ours = _calls(llm.tool_calls)
    if ours == theirs:
        return more, other
    if sorted(map(str, ours + _calls(llm.server_tool_calls))) == sorted(map(str, theirs)):
        more.add("server tools")
    elif not theirs or [(name, arguments, None) for name, arguments, _ in ours] == theirs:
        more.add("tool calls")
    else:
        other.add("tool calls")
    return more, other


def _calls(calls: Iterable[ToolCall]) -> list[tuple[str | None, str, str | None]]:
    return [(call.name, _canonical(call.arguments), call.id) for call in calls]


def _canonical(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), sort_keys=True)
    except ValueError:
        return arguments


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# --- reporting ---

COLUMNS = ("exchanges", "streams", "equal", "more", "different", "unknown shape", "errors", "malformed", "deviating")


@dataclass
class Tally:
    """Counts by provider, and the places worth a look."""

    rows: dict[str, collections.Counter[str]] = field(default_factory=dict)
    reasons: collections.Counter[str] = field(default_factory=collections.Counter)
    different: list[tuple[Place, set[str]]] = field(default_factory=list)
    apis: dict[str, set[str]] = field(default_factory=lambda: collections.defaultdict(set))

    def add(self, place: Place, done: Replay, opinion: Recording | None) -> None:
        llm = done.llm
        provider = llm.provider if llm else "(no LLM answer)"
        row = self.rows.setdefault(provider, collections.Counter())
        row["exchanges"] += 1
        row["streams"] += done.streamed
        row["unknown shape"] += done.streamed and llm is None and bool(done.events)
        row["errors"] += llm is not None and llm.error is not None
        row["malformed"] += sum(frame.malformed is not None for frame, _ in done.events) if done.streamed else 0
        row["deviating"] += done.streamed and bool(done.body.deviations)
        if llm:
            self.apis[provider].add(llm.api)
        if opinion is not None:
            self._compare(place, row, *differences(llm, opinion))

    def _compare(self, place: Place, row: collections.Counter[str], more: set[str], other: set[str]) -> None:
        row["different" if other else "more" if more else "equal"] += 1
        self.reasons.update(more)
        if other:
            self.different.append((place, other))

    def table(self) -> list[str]:
        """A Markdown table with a row per provider and one for all."""
        names = sorted(self.rows, key=lambda name: (name.startswith("("), name))
        total = sum(self.rows.values(), collections.Counter())
        lines = [f"| provider | APIs | {' | '.join(COLUMNS)} |", "|---|---|" + "--:|" * len(COLUMNS)]
        for name in names:
            lines.append(_row(name, ", ".join(f"`{api}`" for api in sorted(self.apis.get(name, ()))), self.rows[name]))
        return [*lines, _row("**all**", "", total)]


def _row(name: str, apis: str, counts: Mapping[str, int]) -> str:
    return f"| {name} | {apis} | {' | '.join(str(counts.get(column) or '') for column in COLUMNS)} |"


def apis() -> list[str]:
    """A Markdown table of every API that is read, from the table the code runs on."""
    lines = ["| format | API | `llm.api` | where it is looked for first |", "|---|---|---|---|"]
    for dialect, shape in dict.fromkeys(map(_whose, DIALECTS)):
        about = (dialect.__doc__ or "").split("http")[0].strip().removesuffix(".").replace("``", "`")
        found = [row.pattern for row in DIALECTS if _whose(row) == (dialect, shape)]
        places = "<br>".join(f"`{where}`" if where != NO_PATH else "anywhere" for where in found).replace("|", "\\|")
        lines.append(f"| {shape} | {about} | `{dialect.api}` | {places} |")
    return lines


def _whose(row: Row) -> tuple[type[Dialect], str]:
    return row.dialect, row.shape or row.dialect.shape


def document(tally: Tally) -> str:
    """The whole of docs/providers.md."""
    reasons = [f"- {name} ({tally.reasons[name]}): {why}" for name, why in REASONS.items() if tally.reasons[name]]
    return "\n".join(
        [
            "# Providers",
            "",
            "Made by `uv run scripts/corpus_report.py FOLDER --write` from recorded exchanges; do not edit by hand.",
            "",
            "## Recordings, replayed",
            "",
            "- *Equal*: a second, independent reading of the same bytes found the same text, reasoning, tool calls, "
            "finish reason and presence of usage.",
            "- *More*: the second reading says nothing about something that is in the bytes (reasons below).",
            "- *Different*: the two contradict each other.",
            "- *Unknown shape*: streams that no dialect claims; they are framed, timed and judged like any other.",
            "- *Deviating*: streams whose bytes break the rules of their framing.",
            "",
            *tally.table(),
            "",
            "Why the second reading says less:",
            "",
            *reasons,
            "",
            apis_section(),
        ]
    )


def apis_section() -> str:
    """The part of docs/providers.md that needs no recordings."""
    about = (
        "Host and path suggest an API, and its payloads confirm it. Payloads alone are enough: the API is also read "
        "behind any other host or path."
    )
    return "\n".join([APIS, "", about, "", *apis(), ""])


def with_apis(page: str) -> str:
    """The page with its last section, the list of APIs, replaced by the current one."""
    return page.partition(APIS)[0] + apis_section()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="recordings; without, only the list of APIs is made")
    parser.add_argument("--write", action="store_true", help=f"write {DOCS.name}")
    options = parser.parse_args(arguments)
    if options.folder is None:
        print("\n".join(apis()))
        if options.write:
            DOCS.write_text(with_apis(DOCS.read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    opinions = second_opinions(options.folder)
    tally = Tally()
    for place, recording in recordings(options.folder):
        tally.add(place, replay(recording), opinions.get(place))
    print("\n".join(tally.table()))
    for (file, line), names in tally.different:
        print(f"different: {file}:{line}: {', '.join(sorted(names))}")
    if options.write:
        DOCS.write_text(document(tally), encoding="utf-8")
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
