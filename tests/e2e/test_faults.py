"""Whatever goes wrong on HTTP/1.1: the client gets what a mitmdump that merely streams would give it, to the byte and
to the way the connection ends; the upstream server is asked the same; the record says what happened.

Every case runs through two mitmdumps at the same time, one with the addon and one that merely streams.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from loopback import FIN, RST, Mitmdump, Origin, ReceivedRequest, Step, chunk, head, sse, wait_for
from streamwatchlib.report import jsonl

from .conftest import Watched
from .raw import HALF, Act, Got, Read, talk

BARE = Path(__file__).with_name("streaming.py")
KEEP = "keep-alive"
ENDINGS = frozenset({"truncated", "unterminated"})
"""Flags of a verdict that tell how a stream ended."""
PAUSE = 0.05
"""Seconds between writes that must not be read as one."""
EVENTS = sse(*(f'{{"choices":[{{"index":0,"delta":{{"content":"word {i} "}}}}]}}' for i in range(4)))
DONE = sse("[DONE]")[0]
WHOLE = [*EVENTS, DONE]
STREAM = {"content_type": "text/event-stream"}
CHUNKED = head(**STREAM, transfer_encoding="chunked")
SIZED = head(**STREAM, content_length=str(sum(map(len, WHOLE))))
UNTIL_CLOSE = head(**STREAM, connection="close")


def request(
    path: str, *headers: str, method: str = "POST", body: bytes = b'{"stream": true}', connection: str = "close"
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: faults", f"connection: {connection}", *headers]
    if body and not any(header.startswith("transfer-encoding") for header in headers):
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def spaced(steps: Iterable[Step]) -> Iterator[Step]:
    """With a pause after each write."""
    for step in steps:
        yield step
        if isinstance(step, bytes):
            yield PAUSE


@dataclass(frozen=True)
class Case:
    """What the origin sends and what the client does; what the record must say of it."""

    name: str
    plan: Callable[[], Iterable[Step]]
    acts: Callable[[str], Iterable[Act]] = lambda path: [request(path)]
    outcome: str = "complete"
    flags: frozenset[str] = frozenset()
    """The flags of the verdict that tell how the stream ended."""
    events: int | None = None
    records: int = 1
    open: bool = False
    """The connection stays open after the answer, as one that is kept alive does."""
    more: dict[str, Any] = field(default_factory=dict)
    """Other values in the record, by their dotted path."""
    unread: dict[str, Any] = field(default_factory=dict)
    """What is said instead where, on a machine that has more to do, it came faster than it can be read."""


def plain(*steps: Step) -> Callable[[], Iterable[Step]]:
    return lambda: spaced(steps)


TRUNCATED = frozenset({"truncated"})
LEFT: dict[str, Any] = {"outcome": "client-disconnected", "flags": TRUNCATED}
"""The client left during the answer."""
GONE: dict[str, Any] = {"outcome": "client-disconnected"}
"""The client left before there was an answer."""
NO_ANSWER: dict[str, Any] = {"outcome": "error", "more": {"response": None}}


# --- the server breaks off --------------------------------------------------------------------------------------

FRAMINGS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "chunked": (CHUNKED, chunk),
    "sized": (SIZED, bytes),
    "until close": (UNTIL_CLOSE, bytes),
}


def broken_off() -> Iterator[Case]:
    """At every stage, in every framing, in order and by reset."""
    for how in (FIN, RST):
        yield Case(f"before the head, {how}", plain(how), **NO_ANSWER)
        yield Case(f"within the head, {how}", plain(CHUNKED[:25], how), **NO_ANSWER)
        yield Case(f"within a chunk's size, {how}", plain(CHUNKED, chunk(EVENTS[0]), b"4", how), **cut(1))
        yield Case(f"within a chunk, {how}", plain(CHUNKED, chunk(EVENTS[0]), chunk(EVENTS[1])[:30], how), **cut(2))
        for framing, (start, wrapped) in FRAMINGS.items():
            # without a length or an end mark a broken connection is an end like any other (RFC 9112, 6.3)
            ended = {"outcome": "complete"} if framing == "until close" else cut()
            missing = frozenset({"unterminated" if framing == "until close" else "truncated"})
            for place, steps, events in (
                ("behind the head", [], None),
                ("between events", [wrapped(event) for event in EVENTS[:2]], 2),
                ("within an event", [wrapped(EVENTS[0]), wrapped(EVENTS[1])[:30]], 2),
            ):
                flags = missing if events or framing != "until close" else frozenset()
                yield Case(
                    f"{framing}, {place}, {how}",
                    plain(start, *steps, how),
                    **ended | {"flags": flags, "events": events},
                )


def cut(events: int | None = None) -> dict[str, Any]:
    return {"outcome": "server-disconnected", "flags": TRUNCATED, "events": events}


# --- the server errs --------------------------------------------------------------------------------------------

PACKED = gzip.compress(b"".join(WHOLE) * 3, mtime=0)
ZIPPED = head(**STREAM, content_encoding="gzip", transfer_encoding="chunked")
MIDDLE = len(PACKED) // 2


def ill() -> list[Case]:
    end = chunk(b"")
    return [
        Case("no end mark", plain(CHUNKED, *map(chunk, EVENTS), end), flags=frozenset({"unterminated"}), events=4),
        Case("a chunk of no size", plain(CHUNKED, chunk(EVENTS[0]), b"zz\r\n" + EVENTS[1], FIN), **cut(1)),
        Case("chunks in pieces", plain(CHUNKED, *pieces(b"".join(map(chunk, WHOLE)), 40), end), events=5),
        Case("a byte at a time", slow(CHUNKED + b"".join(map(chunk, WHOLE)) + end), events=5),
        Case("all in one write", plain(CHUNKED + b"".join(map(chunk, WHOLE)) + end), events=5),
        Case("longer than it said", plain(head(**STREAM, content_length="50") + b"".join(WHOLE), FIN)),
        Case("shorter than it said", plain(head(**STREAM, content_length="5000") + b"".join(WHOLE), FIN), **cut(5)),
        Case("two lengths", plain(head(**STREAM, content_length="5\r\ncontent-length: 6"), b"hello", FIN), **NO_ANSWER),
        # mitmproxy knows no HTTP/1.1 trailers: the answer never ends, until the client gives up
        Case("trailers", plain(CHUNKED, *map(chunk, WHOLE), b"0\r\nx-sum: 1\r\n\r\n"), open=True, **GONE, events=5),
        Case("a stall", plain(CHUNKED, chunk(EVENTS[0]), 0.6, *map(chunk, WHOLE[1:]), end), events=5),
        Case("gzip", plain(ZIPPED, chunk(PACKED), end), events=15, more={"response.body.encoding": ["gzip"]}),
        Case("gzip cut off", plain(ZIPPED, chunk(PACKED[:MIDDLE]), FIN), **cut()),
        Case("gzip ends early", plain(ZIPPED, chunk(PACKED[:MIDDLE]), end)),
        Case("gzip spoiled", plain(ZIPPED, chunk(PACKED[:MIDDLE] + bytes(99)), end)),
        Case("no gzip at all", plain(ZIPPED, *map(chunk, WHOLE), end), events=5),
        Case("not UTF-8", plain(CHUNKED, chunk(b"data: \xff\xfe\x00\n\n"), end), events=1),
        Case("no content", plain(head(204)), more={"response.body.kind": "empty"}),
        Case("not modified", plain(head(304, etag='"1"')), more={"response.body.kind": "empty"}),
        Case("a redirect", plain(head(302, location="/elsewhere", content_length="0")), more={"response.status": 302}),
        Case("a 100 nobody waits for", plain(b"HTTP/1.1 100 Continue\r\n\r\n", CHUNKED, chunk(DONE), end)),
        Case("an early hint", plain(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", CHUNKED, chunk(DONE), end)),
        Case(
            "an error status", plain(head(500, **STREAM, content_length="5") + b"oops\n"), more={"response.status": 500}
        ),
        Case("a head of 60 kB", plain(head(**STREAM, x_long="x" * 60_000, content_length="0"))),
    ]


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def slow(data: bytes) -> Callable[[], Iterable[Step]]:
    return lambda: (step for byte in pieces(data, 1) for step in (byte, 0.001))


# --- the client leaves, or is odd -------------------------------------------------------------------------------

ANSWER = plain(CHUNKED, *map(chunk, WHOLE), chunk(b""))


def without_end() -> Iterator[Step]:
    yield CHUNKED
    for i in count():
        yield 0.02
        yield chunk(b"data: %d\n\n" % i)


def uploading(*steps: Act) -> Callable[[str], Sequence[Act]]:
    """A client that sends its body in chunks."""
    spread = [act for step in steps for act in (step, PAUSE)]
    return lambda path: [request(path, "transfer-encoding: chunked", body=b""), *spread]


def leaving() -> Iterator[Case]:
    """At every stage; a client that closes only its sending side is gone to mitmproxy too."""
    late = plain(0.5, CHUNKED, *map(chunk, WHOLE), chunk(b""))
    headed = plain(CHUNKED, 0.5, *map(chunk, WHOLE), chunk(b""))
    for how in (FIN, RST, HALF):
        yield Case(f"client gone in its head, {how}", ANSWER, lambda p, h=how: [request(p)[:20], 0.1, h], records=0)
        yield Case(f"client gone in its body, {how}", ANSWER, lambda p, h=how: [request(p)[:-4], 0.1, h], **GONE)
        yield Case(f"client gone while it waits, {how}", late, lambda p, h=how: [request(p), 0.2, h], **GONE)
        yield Case(f"client gone behind the head, {how}", headed, lambda p, h=how: [request(p), Read(10), h], **LEFT)
        yield Case(f"client gone midway, {how}", without_end, lambda p, h=how: [request(p), Read(300), h], **LEFT)
        yield Case(f"client gone in a chunked upload, {how}", ANSWER, uploading(b"5\r\nhello\r\n", how), **GONE)


def odd() -> list[Case]:
    expecting = ("expect: 100-continue",)
    wide = plain(CHUNKED, *[chunk(b"data: " + b"x" * 4096 + b"\n\n")] * 5, chunk(b""))
    again = {"events": 5, "records": 2}
    return [
        Case("a chunked upload", ANSWER, uploading(chunk(b"hello"), chunk(b" world"), chunk(b"")), events=5),
        Case(
            "a client that waits for 100 Continue",
            ANSWER,
            lambda p: [request(p, *expecting)[:-16], Read(25), b'{"stream": true}'],
            events=5,
        ),
        Case("two requests at once", ANSWER, lambda p: [request(p, connection=KEEP) + request(p)], **again),
        Case("a connection used again", ANSWER, lambda p: [request(p, connection=KEEP), 0.5, request(p)], **again),
        Case("a slow reader", wide, lambda p: [request(p), Read(15_000, rate=60_000.0)], events=5),
        Case(
            "HEAD",
            plain(head(**STREAM, content_length="1000")),
            lambda p: [request(p, method="HEAD", body=b"")],
            more={"response.body.kind": "empty"},
        ),
        Case(
            "an upgrade refused", plain(head(**STREAM, content_length=str(len(DONE))) + DONE), upgrade_to("websocket")
        ),
        Case("an upgrade to something odd", plain(SWITCHING, b"hello", FIN), upgrade_to("odd")),
    ]


SWITCHING = b"HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: odd\r\n\r\n"


def upgrade_to(protocol: str) -> Callable[[str], Sequence[Act]]:
    return lambda p: [request(p, f"upgrade: {protocol}", method="GET", body=b"", connection="close, upgrade")]


# --- more than is kept ------------------------------------------------------------------------------------------

BIG = 50 << 20


def vast() -> list[Case]:
    big = {"stream.malformed": 1, "response.body.size": BIG + 8, "response.body.truncated": True}
    tiny = {"stream.events_omitted": 1_000_000 - 20_000, "response.body.size": 8_000_000}
    return [
        Case(
            "an event of 50 MiB",
            lumps([b"data: ", *[b"x" * (1 << 16)] * (BIG >> 16), b"\n\n"]),
            events=1,
            more=big,
            unread={"events": 0, "stream.malformed": 0},
        ),
        Case("a million tiny events", lumps([b"data:1\n\n" * 8000] * 125), events=1_000_000, more=tiny),
    ]


def lumps(data: Iterable[bytes]) -> Callable[[], Iterable[Step]]:
    """As fast as it goes."""
    return lambda: [CHUNKED, *map(chunk, data), chunk(b"")]


CASES = [*broken_off(), *ill(), *leaving(), *odd(), *vast()]


# --- both at once -----------------------------------------------------------------------------------------------


@dataclass
class Pair:
    """The same origin twice: behind streamwatch, and behind a mitmdump that merely streams."""

    watched: Watched
    bare: Mitmdump
    origins: tuple[Origin, Origin]
    plans: dict[str, Case]

    def run(self, case: Case) -> tuple[Got, Got]:
        path = f"/case-{len(self.plans)}/"
        self.plans[path] = case
        patience = 1.0 if case.open else 8.0

        def client(proxy: Mitmdump) -> Got:
            return talk(proxy.url, case.acts(path), patience)

        with ThreadPoolExecutor(2) as pool:
            got, expected = pool.map(client, (self.watched, self.bare))
        return got, expected

    def asked(self, case: Case) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
        """What each origin was asked: methods and bodies."""
        path = self._path(case)
        ours, theirs = ([(a.method, a.body) for a in origin.requests if a.target == path] for origin in self.origins)
        return ours, theirs

    def records(self, case: Case) -> list[dict[str, Any]]:
        return self.watched.about(self._path(case), case.records)

    def _path(self, case: Case) -> str:
        return [path for path, known in self.plans.items() if known is case][-1]


@contextlib.contextmanager
def paired(folder: Path, confdir: Path) -> Iterator[Pair]:
    plans: dict[str, Case] = {}

    def plan(asked: ReceivedRequest) -> Iterable[Step]:
        return plans[asked.target].plan()

    with contextlib.ExitStack() as stack:
        origins = stack.enter_context(Origin(plan)), stack.enter_context(Origin(plan))
        upstreams = [f"reverse:{origin.url}" for origin in origins]
        shared: dict[str, Any] = {"options": ("streamwatch_stream_requests=true",), "confdir": confdir}
        watched = stack.enter_context(Watched(upstreams[0], export=folder / "records.jsonl", **shared))
        bare = stack.enter_context(Mitmdump(upstreams[1], script=BARE, confdir=confdir))
        yield Pair(watched, bare, origins, plans)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Pair]:
    with paired(tmp_path_factory.mktemp("faults"), confdir) as both:
        yield both


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_client_gets_what_it_would_without_us_and_the_record_says_what_happened(pair: Pair, case: Case) -> None:
    got, expected = pair.run(case)
    assert got.ending == expected.ending
    if got.ending == "left":  # how much has come by then is its chance
        fewer, more = sorted((b"".join(got.parts), b"".join(expected.parts)), key=len)
        assert more.startswith(fewer)
    else:
        assert got.parts == expected.parts
    asked, expected_asked = pair.asked(case)
    assert asked == expected_asked
    for record in pair.records(case):
        missed = bool(case.unread) and "was not read" in str(record["response"]["body"].get("notes"))
        assert said(record, case) == expectation(case) | (case.unread if missed else {})


def said(record: dict[str, Any], case: Case) -> dict[str, Any]:
    """What the record says of the points that the case makes."""
    assert jsonl.to_dict(jsonl.from_dict(record)) == record
    found = {"outcome": record["outcome"], "flags": ENDINGS.intersection(record["verdict"]["flags"])}
    if case.events is not None:
        found["events"] = record["stream"]["events"]
    return found | {
        path: functools.reduce(lambda value, key: value[key], path.split("."), record) for path in case.more
    }


def expectation(case: Case) -> dict[str, Any]:
    events = {} if case.events is None else {"events": case.events}
    return {"outcome": case.outcome, "flags": case.flags, **events, **case.more}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_proxy_that_is_ended_midway_leaves_its_client_as_one_without_us_does(
    tmp_path: Path, confdir: Path, how: signal.Signals
) -> None:
    begun, reached = [CHUNKED, *map(chunk, EVENTS[:2])], list[str]()

    def acts(path: str) -> Iterator[Act]:
        yield request(path)
        yield Read(len(b"".join(begun)))
        reached.append(path)

    case = Case("stopped", plain(*begun, 9.0), acts)
    with paired(tmp_path, confdir) as pair, ThreadPoolExecutor(1) as pool:
        both = pool.submit(pair.run, case)
        wait_for(lambda: len(reached) == 2, "two events at both clients")
        for proxy in (pair.watched, pair.bare):
            proxy.stop(how)
        got, expected = both.result()
        assert (got.ending, got.parts) == (expected.ending, expected.parts)
        assert got.parts[1] == b"".join(EVENTS[:2])
        if how == signal.SIGTERM:
            (record,) = pair.records(case)
            assert (record["error"], record["stream"]["events"]) == ("proxy stopped", 2)
