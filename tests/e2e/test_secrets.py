"""No credential is in any output of ours, however it came in: one mitmdump, many exchanges, every output.

Outputs are the records, the reports, the log, what is put on flows, and what is made of a flow file.  The flows
themselves are mitmproxy's own and hold the traffic as it was; so do mitmdump's lines on each, which are off here.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from loopback import FIN, Origin, ReceivedRequest, Step, chunk, head, sse
from mitmproxy.io import FlowReader
from streamwatchlib import cli
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from ..keys import SHAPED, SHAPELESS
from .conftest import Watched

REPORTS = ("html", "har", "csv", "md")


# --- how a credential comes in --------------------------------------------------------------------------------------

type Ask = dict[str, Any]
"""What is given to `requests.request`, and `query`."""

SCOPE = "20260101/us-east-1/bedrock/aws4_request"
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def header(name: str, form: str = "{}") -> Callable[[str], Ask]:
    return lambda secret: {"headers": {name: form.format(secret)}}


def signed(secret: str) -> Ask:
    credential = f"AWS4-HMAC-SHA256 Credential={secret}/{SCOPE}, SignedHeaders=host, Signature={SIGNATURE}"
    return {"headers": {"Authorization": credential, "X-Amz-Security-Token": secret}}


def presigned(secret: str) -> Ask:
    credential = quote(f"{secret}/{SCOPE}", safe="")
    token = quote(secret, safe="")
    return {"query": f"X-Amz-Credential={credential}&X-Amz-Security-Token={token}&X-Amz-Signature={SIGNATURE}"}


CARRIED: dict[str, Callable[[str], Ask]] = {
    "bearer": header("Authorization", "Bearer {}"),
    "no scheme": header("Authorization"),
    "api-key": header("api-key"),
    "x-api-key": header("X-Api-Key"),
    "x-goog-api-key": header("x-goog-api-key"),
    "proxy": header("Proxy-Authorization", "Bearer {}"),
    "cookie": header("Cookie", "theme=dark; session={}; x=y"),
    "basic": lambda secret: {"auth": ("user", secret)},
    "signed": signed,
    "presigned": presigned,
    "query": lambda secret: {"query": f"alt=sse&key={quote(secret, safe='')}"},
    "referer": lambda secret: {"headers": {"Referer": f"https://user:{quote(secret, safe='')}@host/"}},
    "JSON": lambda secret: {"json": {"stream": True, "api_key": secret}},
    "form": lambda secret: {"data": {"client_secret": secret, "a": "b"}},
    "text": lambda secret: {"data": f"api_key={quote(secret, safe='')}&a=b", "headers": {"Content-Type": "text/plain"}},
}
"""Places in a request that name what they hold."""

FREE: dict[str, Callable[[str], Ask]] = {
    "prompt": lambda secret: {"json": {"messages": [{"role": "user", "content": f"my key is {secret}"}]}},
    "path": lambda secret: {"path": f"/bot/{secret}/send"},
    "plain query": lambda secret: {"query": f"q={secret}&{secret}"},
    "multipart": lambda secret: {"files": {f"a {secret}": (f"{secret}.txt", secret), "api_key": (None, secret)}},
    "any header": header("X-Note", "mine is {}!"),
    "nested": lambda secret: {"json": {"tools": [{"arguments": json.dumps({"note": secret})}]}},
}
"""Places that do not: there a key is known by its shape."""


# --- how it comes back ----------------------------------------------------------------------------------------------


def delta(text: str) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]})


def halved(data: bytes, secret: str) -> Iterator[Step]:
    """In two chunks and two writes, cut within the secret where it is there; neither is empty, which ends a body."""
    at = data.find(secret[: len(secret) // 2].encode())
    middle = len(data) // 2 if at < 0 else at + len(secret) // 2
    yield from (chunk(data[:middle]), 0.002, chunk(data[middle:]))


def streamed(secret: str) -> Iterator[Step]:
    yield head(content_type="text/event-stream", transfer_encoding="chunked")
    for text in ("Your key ", f"is {secret}, ", "isn't it?"):
        yield from halved(sse(delta(text))[0], secret)
    yield from halved(f'id: {secret}\nevent: error\ndata: {{"error": {{"message": "{secret}"}}}}\n\n'.encode(), secret)
    yield chunk(b"")


def lines(secret: str) -> Iterator[Step]:
    yield head(content_type="application/x-ndjson", transfer_encoding="chunked")
    for text in ("a ", secret, f" {secret} b"):
        yield from halved(json.dumps({"model": "m", "response": text, "done": False}).encode() + b"\n", secret)
    yield chunk(b"")


def whole(status: int, body: str, **headers: str) -> Iterator[Step]:
    yield head(status, content_length=str(len(body.encode())), **headers) + body.encode()


def php(secret: str) -> str:
    return json.dumps(secret).replace("/", r"\/")


def dotnet(secret: str) -> str:
    return json.dumps(secret).replace("+", r"\u002B")


def refused(secret: str) -> Iterator[Step]:
    error = {"message": f"Incorrect API key provided: {secret}.", "type": "invalid_request_error", "code": secret}
    return whole(401, json.dumps({"error": error}), content_type="application/json")


def in_headers(secret: str) -> Iterator[Step]:
    return whole(
        302,
        "",
        location=f"https://user:{quote(secret, safe='')}@host/#access_token={quote(secret, safe='')}",
        set_cookie=f"session={secret}; Path=/",
        x_debug=f"you sent {secret}",
    )


def page(secret: str) -> Iterator[Step]:
    text = f"<p>{secret}</p><a href='https://host/?key={quote(secret, safe='')}'>{php(secret)}</a>"
    return whole(403, text, content_type="text/html")


def broken(secret: str) -> Iterator[Step]:
    return whole(200, f'{{"echo": {dotnet(secret)}, "and": ', content_type="application/json")


ECHOES: tuple[Callable[[str], Iterable[Step]], ...] = (streamed, lines, refused, in_headers, page, broken)


# --- all of it ------------------------------------------------------------------------------------------------------


@dataclass
class Exchange:
    secret: str
    ask: Ask
    answer: Callable[[str], Iterable[Step]]


def exchanges() -> Iterator[Exchange]:
    echoes = cycle(ECHOES)
    for ask in CARRIED.values():
        for secret, echo in zip(chain(SHAPELESS.values(), list(SHAPED.values())[:4]), echoes, strict=False):
            yield Exchange(secret, ask(secret), echo)
    free = cycle(FREE.values())
    for secret in SHAPED.values():
        for _ in range(3):
            yield Exchange(secret, next(free)(secret), next(echoes))
        next(echoes)


def send(url: str, number: int, ask: Ask) -> None:
    ask = {"method": "POST", "headers": {}, "allow_redirects": False, "timeout": 20} | ask
    address = f"{url}{ask.pop('path', '/v1/chat/completions')}?{ask.pop('query', 'a=b')}"
    ask["headers"] = {**ask["headers"], "X-Case": str(number)}
    with contextlib.suppress(requests.exceptions.ChunkedEncodingError):  # some of the answers break off
        requests.request(url=address, **ask)


def echoing(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


@dataclass
class Seen:
    """All that came out, by the name of the door."""

    doors: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)


def run(folder: Path, confdir: Path, known: Sequence[Exchange], messages: Sequence[str], *options: str) -> Seen:
    """Have all of these exchanges, then gather what came out."""

    def plan(asked: ReceivedRequest) -> Iterable[Step]:
        exchange = known[int(asked.headers["x-case"])]
        return exchange.answer(exchange.secret)

    files = [folder / f"report.{suffix}" for suffix in REPORTS]
    flows = folder / "flows.mitm"
    with Origin(plan) as origin, serve(echoing, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = Watched(
            f"reverse:{origin.url}",
            f"reverse:http://127.0.0.1:{server.socket.getsockname()[1]}",
            export=folder / "records.jsonl",
            options=("flow_detail=0", *(f"streamwatch_export={file}" for file in files), *options),
            arguments=("-w", str(flows)),
            confdir=confdir,
        )
        with proxy:
            http, socket = proxy.urls
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda number: send(http, number, known[number].ask), range(len(known))))
            converse(socket.replace("http", "ws", 1), messages)
            proxy.records(len(known) + 1)
        server.shutdown()
    seen = Seen({file.name: file.read_text() for file in (proxy.export, *files)})
    seen.doors["log"] = proxy.output
    seen.doors["flows"] = "\n".join(on_flows(flows))
    for again in ("again.jsonl", "again.html"):
        assert cli.main(["report", str(flows), str(folder / again)]) == 0
        seen.doors[again] = (folder / again).read_text()
    seen.modes = {file.name: file.stat().st_mode & 0o777 for file in (proxy.export, *files, folder / "again.html")}
    return seen


def converse(url: str, messages: Sequence[str]) -> None:
    credential = {"Authorization": f"Bearer {SHAPELESS['Mistral']}"}
    protocols: Any = ["realtime", f"openai-insecure-api-key.{SHAPED['OpenAI, ephemeral']}"]
    with connect(f"{url}/v1/realtime?api_key=x", additional_headers=credential, subprotocols=protocols) as connection:
        for message in messages:
            connection.send(message)
            connection.recv()


def on_flows(path: Path) -> Iterator[str]:
    """What of ours lies on the flows of a file."""
    with path.open("rb") as file:
        for flow in FlowReader(file).stream():
            yield f"{flow.metadata!r} {flow.comment!r} {flow.marked!r}"


EXCHANGES = list(exchanges())
MESSAGES = [json.dumps({"type": "session.update", "api_key": s, "text": f"{s}!"}) for s in SHAPELESS.values()] + [
    json.dumps({"type": "session.update", "note": f"it is {secret}"}) for secret in SHAPED.values()
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Seen:
    return run(tmp_path_factory.mktemp("secrets"), confdir, EXCHANGES, MESSAGES)


DOORS = ["records.jsonl", *(f"report.{suffix}" for suffix in REPORTS), "log", "flows", "again.jsonl", "again.html"]


@pytest.mark.parametrize("door", DOORS)
def test_no_credential_leaves(seen: Seen, door: str) -> None:
    text = seen.doors[door]
    assert text
    for name, secret in (SHAPED | SHAPELESS).items():
        for spelt in {
            secret,
            quote(secret, safe=""),
            php(secret)[1:-1],
            dotnet(secret)[1:-1],
            base64.b64encode(f"user:{secret}".encode()).decode(),
        }:
            at = text.find(spelt)
            assert at < 0, f"{name} leaves: {text[max(0, at - 200) : at + len(spelt) + 50]}"
        middle = secret[len(secret) // 2 - 8 : len(secret) // 2 + 8]
        at = text.find(middle)
        assert at < 0, f"a part of {name} leaves: {text[max(0, at - 200) : at + 100]}"
    assert SIGNATURE not in text


def test_what_was_masked_was_there(seen: Seen) -> None:
    """The exchanges are recorded whole: they would show what is masked."""
    records = [json.loads(line) for line in seen.doors["records.jsonl"].splitlines()]
    assert len(records) == len(EXCHANGES) + 1
    assert {record["outcome"] for record in records} == {"complete"}
    texts = [record["llm"]["text"] for record in records if record["llm"] and record["llm"]["text"]]
    assert set(texts) >= {"Your key is ***, isn't it?"}


def test_files_are_for_their_owner_only(seen: Seen) -> None:
    assert set(seen.modes.values()) == {0o600}


# --- no text at all -------------------------------------------------------------------------------------------------

WORD = "Zanzibar"
FORM = "application/x-www-form-urlencoded"


def spoken(word: str) -> Iterator[Step]:
    """A word in every channel of an answer, in names of events and what else is named, in what is malformed, and in an
    error of the API and of the protocol."""
    call = {"index": 0, "id": "1", "function": {"name": "f", "arguments": json.dumps({"where": word})}}
    deltas = [{"content": word}, {"reasoning_content": word}, {"refusal": word}, {"tool_calls": [call]}]
    yield head(content_type="text/event-stream", transfer_encoding="chunked")
    for each in deltas:
        yield chunk(sse(json.dumps({"model": "m", "choices": [{"index": 0, "delta": each}]}))[0])
    yield chunk(f"id: {word}\nevent: {word}\ndata: {{{word}\n\n: {word}\n\nnonsense {word}\n\n".encode())
    named = {"index": 0, "delta": {}, "finish_reason": f"it was {word}"}
    yield chunk(sse(json.dumps({"id": f"of {word}", "model": "m", "choices": [named]}))[0])
    yield chunk(sse(json.dumps({"error": {"message": f"in {word}", "type": "t", "code": f"{word} is no code"}}))[0])
    yield f"{word}, not the length of a chunk\r\n".encode()
    yield FIN


def test_without_content_no_word_of_what_was_said_is_anywhere(tmp_path: Path, confdir: Path) -> None:
    asks = [ask for name, ask in (FREE | CARRIED).items() if name in ("prompt", "nested", "form", "text")]
    asks.append(lambda word: {"files": {"a": (f"{word}.txt", word), "b": (None, word)}})
    asks.append(lambda word: {"data": f"tell me of {word}", "headers": {"Content-Type": FORM}})  # as `curl -d` does
    asks.append(lambda word: {"json": {f"tell me of {word}": ""}})
    answers = (spoken, streamed, lines, page, broken)
    known = [Exchange(WORD, ask(WORD), answer) for ask in asks for answer in answers]
    said = run(tmp_path, confdir, known, [WORD, json.dumps({"type": "x", "text": WORD})], "streamwatch_content=none")
    for door in DOORS[:-2]:
        at = said.doors[door].find(WORD)
        assert at < 0, f"{door}: {said.doors[door][max(0, at - 300) : at + 50]}"


# --- texts that act -------------------------------------------------------------------------------------------------

ACTING = (
    "=1+1\x1b]0;owned\x07\x1b[31m\x9b2J<script>alert(1)</script>\u202egnp.exe\u2066\u061c "
    "[x](http://evil) ![](http://evil) @all|\u2028"
)
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Terminal escapes, and characters that turn the order of a text."""


def acting(text: str) -> Iterator[Step]:
    """A text that acts, wherever a report may show a text."""
    yield head(content_type="text/event-stream", transfer_encoding="chunked", server="=cmd()<script>")
    value = {"model": text, "id": text, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": text}]}
    yield chunk(b"event: " + text.replace("\n", "").encode() + b"\ndata: " + json.dumps(value).encode() + b"\n\n")
    yield chunk(sse(json.dumps(value, ensure_ascii=False))[0])
    yield chunk(sse(json.dumps({"error": {"message": text, "type": text, "code": text}}))[0])
    yield chunk(b"")


def test_what_acts_in_a_terminal_a_browser_or_a_spreadsheet_is_only_text(tmp_path: Path, confdir: Path) -> None:
    path = {"path": "/=cmd()/" + quote(ACTING, safe="")}
    ask = {"json": {"model": ACTING, "messages": [{"role": "user", "content": ACTING}]}, **path}
    known = [Exchange(ACTING, ask, acting), Exchange(ACTING, ask, lambda text: whole(500, text))]
    doors = run(tmp_path, confdir, known, [ACTING, json.dumps({"type": ACTING})]).doors
    for name, text in doors.items():
        acts = ACTS.search(text if name != "flows" else "")
        assert not acts, f"{name}: {text[max(0, acts.start() - 100) : acts.end() + 20]!r}"
    for name in ("report.html", "again.html"):
        assert "Content-Security-Policy" in doors[name]
        assert doors[name].count("<script>") == 1
    prose = re.sub("`[^`]*`", "", doors["report.md"])
    assert "<script" not in prose
    assert not re.search(r"(?<!\\)\]\(http", prose)
    cells = [cell for row in csv.reader(io.StringIO(doors["report.csv"])) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
