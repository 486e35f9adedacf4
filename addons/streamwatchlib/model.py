"""The vocabulary of the rooms: what passes between wire, llm, timing, judge, report and suite.

Everything here is frozen and imports nothing of ours.  What is made once per event is a NamedTuple (cheaper to make),
what is made once per exchange is a dataclass.  `Record` and its parts mirror the record contract ``streamwatch/1`` key
by key and in its order; `report.jsonl` writes and reads them.

Units: times are seconds as `float`, on the exchange's own time axis whose zero is the moment the request's head had
been read (``started_at``); sizes are bytes.  `None` means "was not observed", never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

type Headers = tuple[tuple[str, str], ...]
"""Header fields in wire order, names as sent."""

Outcome = Literal["complete", "client-disconnected", "server-disconnected", "error"]
BodyKind = Literal["empty", "form", "json", "multipart", "streaming", "text", "binary"]
Channel = Literal["text", "reasoning", "tool_calls", "events"]
"""Kinds of generated content; ``events`` is that of an API whose shape is unknown."""
Label = Literal["streaming", "bursty", "pseudo-streaming", "not-streamed", "inconclusive", "not-applicable"]
Severity = Literal["mild", "moderate", "severe"]
Confidence = Literal["certain", "high", "medium", "low"]
Hop = Literal["model-server", "intermediary", "proxy", "client"]

HELD_BACK: frozenset[Label] = frozenset({"bursty", "pseudo-streaming"})
"""Labels of answers that came in lumps: their rates, and the gaps inside a lump, say nothing of the model's speed."""
SEVERITY_RANK: Mapping[Severity | None, int] = {None: 0, "mild": 1, "moderate": 2, "severe": 3}
"""Order of the severities."""
SWITCHING_PROTOCOLS = 101
"""Status of a response that turns the exchange into a WebSocket (101 Switching Protocols)."""


# --- bounds -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is kept of one exchange.  The rest is counted, not kept, and delays nothing."""

    body: int = 8 << 20
    """Bytes kept of each body, and of the texts made from it."""
    event: int = 8 << 20
    """Bytes of one event; a longer one becomes a malformed event that keeps its head."""
    events: int = 20_000
    """Events kept with their texts."""
    arrivals: int = 100_000
    """Arrivals kept with their times."""
    moments: int = 200_000
    """Times of content events kept for statistics."""


# --- wire: bytes -> frames --------------------------------------------------------------------------------


class Frame(NamedTuple):
    """One event as its framing delivers it: an SSE event, an NDJSON line, an element of a JSON array ..."""

    type: str = "message"
    """The SSE event name, or what the framing has in its place (``:event-type`` of an AWS event stream)."""
    data: str = ""
    """The payload as text; bytes that could not be decoded are U+FFFD."""
    value: object = None
    """The payload parsed as JSON; None if it is not JSON."""
    id: str | None = None
    malformed: str | None = None
    """Why this is not a valid event (a sentence with the parser's message), or None."""
    split: bool = False
    """Its bytes spanned more than one feed."""
    comment: bool = False
    """An SSE comment (keep-alive): dated and counted, but not an event."""


class ErrorFrame(Frame):
    """An event of which the framing itself says that it is an error, whose name is its type."""

    __slots__ = ()


class Batch(NamedTuple):
    """Events of several arrivals, all of one type, none of them split or malformed, read in one go."""

    type: str
    id: str | None
    """`type` and `id` as in `Frame`."""
    payloads: Sequence[str]
    counts: Sequence[int]
    """How many whole events each arrival brought."""


# --- llm: frames -> meaning -------------------------------------------------------------------------------


class Reading(NamedTuple):
    """What one frame means to its dialect."""

    channels: tuple[Channel, ...] = ()
    """Channels for which it carried newly generated content; empty for role, ping, usage, created, end events ..."""
    type: str | None = None
    """The provider's own event type, if it says more than the framing's."""
    end: str | None = None
    """The end marker that this is (``[DONE]``, ``message_stop``, ``done`` ...), or None."""
    clock: float | None = None
    """The server's own date of this event, seconds since the epoch, if it carries one."""
    kept: bool = True
    """Its payload is worth keeping; that of audio is not."""
    first: bool = False
    """It is the first content: what was taken for content before, while the API was unknown, was none."""
    malformed: str | None = None
    """Why a client of this API cannot read it, although the framing is valid."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str | None
    name: str | None
    arguments: str
    """JSON text, as sent (an object is dumped compactly)."""


@dataclass(frozen=True, slots=True)
class Usage:
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    index: int
    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Llm:
    """The message that the model sent.  Streamed or whole, the same answer gives the same object."""

    provider: str
    api: str
    model: str | None = None
    response_id: str | None = None
    text: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    server_tool_calls: tuple[ToolCall, ...] = ()
    choices: tuple[Choice, ...] = ()
    """Filled only for more than one choice; the fields above are choice 0's."""
    finish_reason: str | None = None
    usage: Usage | None = None
    error: Mapping[str, object] | None = None
    """The provider's in-stream or body error: ``type``, ``code``, ``message`` where sent."""
    server_timing: Mapping[str, float] | None = None
    """Durations that the server reported, seconds (``generation``, ``ttft``, ``queue``, ``total`` ...)."""
    notes: tuple[str, ...] = ()
    """Oddities, a sentence each: a gap in sequence numbers, a snapshot that differs from the joined deltas."""


# --- the exchange as recorded -----------------------------------------------------------------------------


class Arrival(NamedTuple):
    """One read of the socket: everything that one iteration of the event loop delivered."""

    t: float
    size: int
    """Bytes of the body (after transfer-decoding, before content-decoding)."""
    events: int
    """Events that these bytes completed."""


class Event(NamedTuple):
    """One event as it is recorded."""

    t: float | None
    """Arrival of the byte that completed it; None where arrival times were not recorded."""
    arrival: int | None
    """Index into ``stream.arrivals``; None if arrivals were not recorded, or this one was not kept."""
    type: str
    id: str | None
    data: str | None
    """The payload's text; None where texts are not kept."""
    content: bool
    malformed: str | None
    channel: Channel | None = None
    """The first channel it carried content for, unless that is ``text``; colours a timeline."""


class Message(NamedTuple):
    """One message of a WebSocket."""

    t: float
    data: bytes
    from_client: bool
    is_text: bool


class Sent(NamedTuple):
    """One message from the client, as it is recorded."""

    t: float
    size: int
    type: str
    """The payload's own ``type`` if it is JSON that has one, else ``message`` or ``binary``."""
    data: str | None
    """The payload's text; None for audio, and where texts are not kept."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body, without its content."""

    name: str | None
    filename: str | None
    content_type: str | None
    headers: Headers
    size: int


@dataclass(frozen=True, slots=True)
class Body:
    kind: BodyKind
    format: str | None = None
    declared: str | None = None
    size: int = 0
    decoded_size: int | None = None
    encoding: tuple[str, ...] | None = None
    mismatch: str | None = None
    # form
    fields: tuple[tuple[str, str | None], ...] | None = None
    # multipart
    parts: tuple[Part, ...] | None = None
    complete: bool | None = None
    # json
    top: str | None = None
    keys: tuple[str, ...] | None = None
    valid: bool | None = None
    error: Mapping[str, object] | None = None
    # any text
    content: str | None = None
    truncated: bool | None = None
    notes: tuple[str, ...] = ()
    """Oddities, a sentence each: an unknown or corrupt content-coding, a GET with a body."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    http_version: str
    headers: Headers
    body: Body
    stream_requested: bool | None = None
    stream_requested_by: str | None = None
    arrivals: tuple[Arrival, ...] | None = None
    query: tuple[tuple[str, str | None], ...] = ()
    model: str | None = None
    """The model that it names; None if it names none, or is not sent to a place of a known API."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    http_version: str
    headers: Headers
    body: Body


@dataclass(frozen=True, slots=True)
class Itl:
    """Inter-token latency: gaps between successive content events, seconds."""

    n: int
    mean: float
    p50: float
    p90: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class ClockLag:
    """How late the proxy's own event loop ran, seconds: the error bar of all times."""

    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Network:
    """What the kernel counted on the TCP connection to the server during the response (TCP_INFO in tcp(7))."""

    rtt: float | None = None
    """The shortest round trip on this connection, seconds."""
    mss: int | None = None
    """Bytes of a full segment, as the kernel estimates them from those received."""
    received: int | None = None
    """Bytes received, including those of TLS and HTTP.  None, as the next two, if the connection was gone before."""
    segments: int | None = None
    """Segments in which they were received."""
    out_of_order: int | None = None
    """Of these, how many arrived before one that had been sent earlier, which was lost or took longer."""
    stalls: tuple[tuple[float, int], ...] = ()
    """(time of the arrival that ended it, segments that came out of order) of each silence in which any did: received
    data waited for data that was missing."""


@dataclass(frozen=True, slots=True)
class Timing:
    request_end: float | None = None
    response_start: float | None = None
    first_byte: float | None = None
    first_event: float | None = None
    first_token: float | None = None
    first_output_token: float | None = None
    last_token: float | None = None
    end: float | None = None
    ttft: float | None = None
    e2e: float | None = None
    itl: Itl | None = None
    output_tokens_per_second: float | None = None
    tokens_per_second_e2e: float | None = None
    clock_lag: ClockLag | None = None
    network: Network | None = None
    """None where the kernel reports nothing: except on Linux, and for anything but TCP."""


@dataclass(frozen=True, slots=True)
class Stream:
    format: str
    arrivals: Sequence[Arrival] | None = None
    """None where no arrival times were recorded."""
    callbacks: int | None = None
    events: int = 0
    content_events: int = 0
    malformed: int = 0
    split_events: int | None = None
    terminator: str | None = None
    events_omitted: int = 0
    arrivals_omitted: int = 0
    comments: int = 0
    """SSE comments (keep-alives)."""
    deviations: tuple[str, ...] = ()
    """How the bytes broke the framing's rules, a sentence each."""
    sent: int = 0
    """Messages from the client of a WebSocket, kept or not."""
    responses: int = 0
    """Responses on a WebSocket, judged or not."""

    @property
    def arrived(self) -> int | None:
        """Arrivals, kept or not; None where they were not recorded."""
        return None if self.arrivals is None else len(self.arrivals) + self.arrivals_omitted


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures that a label follows from; None where not measurable."""

    content_events: int | None = None
    deliveries: int | None = None
    effective_deliveries: float | None = None
    burst_share: float | None = None
    burst_gap: float | None = None
    mean_hold: float | None = None
    spread: float | None = None
    events_per_arrival: float | None = None
    aligned: float | None = None
    block_size: int | None = None
    header_lead: float | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    hop: Hop
    cause: str
    evidence: str
    remedy: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Verdict:
    label: Label
    severity: Severity | None
    confidence: Confidence
    channel: Channel | None
    flags: tuple[str, ...]
    summary: str
    measures: Measures
    suspects: tuple[Suspect, ...] = ()
    untold: str | None = None
    """What cannot be seen from the proxy's position."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How much later events left a hop than they had reached it, seconds."""

    n: int
    mean: float
    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Reads:
    """Arrivals on both sides of a hop: fewer downstream were merged, more were split."""

    upstream: int | None = None
    downstream: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What one hop did to an exchange that was observed on both sides of it.

    Durations are seconds between the same thing upstream and downstream of the hop; None if it was not observed on both
    sides.
    """

    paired_with: str
    """`Record.id` of the same exchange as observed upstream of the hop."""
    paired_by: tuple[str, ...]
    """In what the two agree: ``id``, ``request``, ``response``."""
    held: bool | None = None
    """The hop kept back events that it had received; None if no times show it."""
    hold: float | None = None
    """Mean delay of an event beyond the shortest one: what the hop holds, without the way through it."""
    request_added: float | None = None
    """From the request's end downstream to its head upstream."""
    head_added: float | None = None
    first_byte_added: float | None = None
    first_token_added: float | None = None
    last_byte_added: float | None = None
    event_delay: Delays | None = None
    arrivals: Reads = Reads()
    changed: tuple[str, ...] = ()
    """What the hop changed that matters to a stream, a clause each."""
    clock_offset: float | None = None
    """Seconds by which the clock downstream is ahead of the one upstream; None if one clock dated both."""
    clock_error: float | None = None
    """The offset, and with it every duration here except `hold`, is known to plus or minus this."""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One of the responses on a WebSocket, dated and judged by itself."""

    response_id: str | None
    t: float | None
    """When the client's ``response.create`` had arrived; None if the server began by itself."""
    first_token: float | None
    end: float | None
    """When its last event arrived; None if none ended it."""
    ttft: float | None
    """Seconds from `t` to `first_token`."""
    e2e: float | None
    """Seconds from `t` to `end`."""
    output_tokens_per_second: float | None
    events: int
    content_events: int
    terminator: str | None
    label: Label
    severity: Severity | None
    confidence: Confidence
    flags: tuple[str, ...]
    summary: str
    llm: Llm | None


@dataclass(frozen=True, slots=True)
class Record:
    """One exchange, observed and judged: one line of the archive."""

    id: str
    started_at: str
    outcome: Outcome
    error: str | None
    request: Request
    response: Response | None
    timing: Timing
    stream: Stream | None
    events: Sequence[Event] | None
    llm: Llm | None
    verdict: Verdict
    hop: Passage | None = None
    """What the hop did, if the exchange was observed on both sides of one and this is the side downstream."""
    sent: tuple[Sent, ...] = ()
    """Messages from the client of a WebSocket."""
    responses: tuple[Reply, ...] = ()
    """The responses on a WebSocket in their order.  `verdict`, `llm` and the durations of `timing` are those of the
    worst one; the offsets of `timing` are the connection's."""

    @property
    def broke_off(self) -> bool:
        """The end is missing; a client that left once it had all that it waited for has lost nothing."""
        lost = self.response is None or "truncated" in self.verdict.flags
        return self.outcome != "complete" and (lost or self.outcome != "client-disconnected")


# --- input of an observer -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestHead:
    """An exchange, as the head of its request shows it."""

    id: str
    started_at: float
    """Seconds since the epoch at which the request's head had been read: zero of the exchange's time axis."""
    method: str
    url: str
    http_version: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A response's head."""

    status: int
    http_version: str
    headers: Headers
    made_here: bool = False
    """An addon of the proxy made the answer: no server was asked."""


@dataclass(frozen=True, slots=True)
class ProxyConditions:
    """How punctual the proxy itself was during the exchange, and what was measured of its connection to the server."""

    lag: ClockLag | None = None
    """That of its event loop."""
    lags: Sequence[tuple[float, float]] = ()
    """(t, seconds) of each time it was not reading: its event loop was late, its client or its worker too full to take
    more, or the exchange stopped."""
    network: Network | None = None


# --- input of a verdict -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moments:
    """When the content events of one channel were complete.  Two columns of equal length."""

    t: Sequence[float] = ()
    arrival: Sequence[int] = ()
    """Index of the arrival that completed each."""


@dataclass(frozen=True, slots=True)
class Signals:
    """All the facts that `timing`, `judge` and `causes` may use, gathered by the observer.

    Pure data: the same signals give the same verdict, live and offline.
    """

    outcome: Outcome
    recorded: bool
    """Arrival times were recorded (False for a flow that was captured without streamwatch)."""
    requested: bool | None
    """The client asked for a stream: True, False, or None (left to the server, or unknown)."""
    requested_by: str | None
    status: int | None
    """None if no answer came."""
    headers: Headers = ()
    """Response headers (secrets masked)."""
    format: str | None = None
    """The response's framing; None if it was not a stream of events (or parts)."""
    whole: bool = False
    """The response body is one whole document (JSON), not a stream."""
    entire: bool = False
    """Everything that ends the answer for its client has passed: as many bytes as its head declared, in HTTP/1."""
    file: bool = False
    """The answer had been stored; it was not made while it came."""
    error: bool = False
    """The answer is an error: HTTP status, or an error as its first and only payload."""
    fault: Mapping[str, object] | None = None
    """What the error says of itself; also if it came amid a stream."""
    mislabelled: bool = False
    """The declared media type is not what the bytes are."""
    request_end: float | None = None
    response_start: float | None = None
    end: float | None = None
    arrivals: Sequence[Arrival] = ()
    boundary: Sequence[bool] = ()
    """For each arrival: its last byte ended an event (False: it ended inside one)."""
    first_event: float | None = None
    moments: Mapping[Channel, Moments] = field(default_factory=dict)
    """Per channel.  Only ``events`` if the shape of the API is unknown."""
    content: Moments = Moments()
    """All content events of all channels, each once, in order (the first of very many: see `Limits.moments`)."""
    last_content: float | None = None
    """Time of the last content event, kept or not."""
    clocks: Sequence[tuple[float, float]] = ()
    """(t, server's own date in epoch seconds) of the events that carry one."""
    lag: ClockLag | None = None
    lags: Sequence[tuple[float, float]] = ()
    """(t, seconds) of each time until t that the proxy was not reading (`ProxyConditions.lags`)."""
    network: Network | None = None
    terminator: str | None = None
    terminator_due: bool = False
    """The dialect has an end marker and this stream should have had it."""
    usage: Usage | None = None
    server_timing: Mapping[str, float] | None = None
    traits: frozenset[str] = frozenset()
    """What was observed that explains pacing: ``content-filter``, ``speculative-decoding``, ``replayed`` ..., ``fed``:
    the client was sending what the answer is made of meanwhile."""
    made_here: bool = False
    """No server gave the answer (`ResponseHead.made_here`)."""
    unread: bool = False
    """The end of the body came too fast to be read: its content is unknown."""


# --- input of a dialect -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Context:
    """Both heads and the parsed body of the request: what the dialect and the client's intent follow from."""

    method: str
    host: str
    """Host name without port, lower case."""
    path: str
    """Without the query."""
    query: tuple[tuple[str, str], ...] = ()
    request_headers: Headers = ()
    request_value: object = None
    """The request body parsed as JSON; None if it is not JSON."""
    status: int | None = None
    response_headers: Headers = ()


# --- input of a live view ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An exchange in flight, as it is now."""

    id: str
    method: str
    url: str
    """Secrets masked."""
    age: float
    """Seconds since the request's head had been read."""
    status: int | None = None
    format: str | None = None
    """The framing, once it is known; None while the answer is awaited."""
    model: str | None = None
    bytes: int = 0
    arrivals: int = 0
    events: int = 0
    content_events: int = 0
    """Content events so far (chunks that carried generated content: a lower bound of tokens)."""
    first_token: float | None = None
    """Seconds from the request's end to the first content event."""
    since_last: float | None = None
    """Seconds since the last arrival."""
    longest_silence: float | None = None
    """Longest gap between arrivals so far, seconds, the running one included."""
    recent: tuple[int, ...] = ()
    """Arrivals in each of the last seconds, oldest first: for a sparkline."""
