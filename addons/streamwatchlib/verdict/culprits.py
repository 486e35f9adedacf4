"""Who may have held a stream back, by which evidence, and the line to change: one row a culprit.

In: `Evidence`.  Out: tables of `Culprit`s, which `causes` reads.  Never here: the client's side of the proxy, which
cannot be seen from here.  To add a culprit, add a row, its detector (`detectors`) if none of these will do, and its
section in docs/troubleshooting.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model import Confidence, Hop
from . import buffers, detectors, phrases
from .evidence import Evidence

REMEDY_BUFFERING_OFF = (
    "send `X-Accel-Buffering: no` with the response from the model's server, or set `proxy_buffering off;` "
    'in the nginx location (with `proxy_http_version 1.1;` and `proxy_set_header Connection "";`; where it has '
    "`fastcgi_pass` or `uwsgi_pass`, `fastcgi_buffering off;` or `uwsgi_buffering off;`)"
)
REMEDY_FLUSH = (
    "flush after each event (`res.flush()`, `flush=True`, `ob_flush(); flush();`, `response.flushBuffer()`, "
    "`FlushInterval: -1`, `flushpackets=on`)"
)
REMEDY_UNCOMPRESSED = (
    "exclude its media type from compression, or send `Cache-Control: no-transform` (nginx, Varnish, Fastify and "
    "Traffic Server ignore it); where the application compresses, flush after each event (`res.flush()`, "
    "`Z_SYNC_FLUSH`)"
)
REMEDY_WHOLE_ANSWER = "look in the gateway for an option that strips `stream` or turns answers into one document"
REMEDY_BISECT = "watch the same request one hop further upstream: if it streams there, the hop in between holds it back"


@dataclass(frozen=True, slots=True)
class Culprit:
    hop: Hop
    cause: str
    detect: Callable[[Evidence], Confidence | None]
    """How sure the evidence makes us of it; None: not suspected."""
    describe: Callable[[Evidence], str]
    """What was seen, with its figures."""
    remedy: str
    engine: bool = False
    """Only the model's own server can be this one, no application or gateway in front of it."""


HOLDERS: tuple[Culprit, ...] = (
    Culprit(
        "model-server",
        "engine step: the model's server emits several tokens at a time",
        detectors.engine_step,
        phrases.steps,
        "lower the step (`--stream-interval 1`, a shorter speculative draft); no proxy setting helps",
        engine=True,
    ),
    Culprit(
        "model-server",
        "the model's server sent it in lumps: generated first, written afterwards",
        detectors.sent_bunched,
        phrases.server_dates,
        "yield each token as it is generated and " + REMEDY_FLUSH,
        engine=True,
    ),
    Culprit(
        "intermediary",
        "a cache replayed an older answer",
        detectors.cache,
        phrases.cache,
        "nothing to fix if a stored answer is wanted; otherwise bypass the cache (`Cache-Control: no-cache`)",
    ),
    Culprit(
        "intermediary",
        "byte buffer of Go's net/http: a program that writes without flushing",
        buffers.go,
        phrases.block,
        "`http.NewResponseController(w).Flush()` after each event; in a `httputil.ReverseProxy` `FlushInterval: -1`",
    ),
    Culprit(
        "intermediary",
        "byte buffer of Tomcat, as under Spring Boot: a servlet or controller that writes without flushing",
        buffers.tomcat,
        phrases.block,
        "`response.flushBuffer()` after each event; in Spring MVC an `SseEmitter`, which does that",
    ),
    Culprit(
        "intermediary",
        "byte buffer of PHP behind FastCGI: a script that writes without flushing",
        buffers.php,
        phrases.block,
        "`flush();` after each event, and `ob_flush();` before it where `output_buffering` is on",
    ),
    Culprit(
        "intermediary",
        "byte buffer of memory pages, as nginx's proxy_buffers towards an HTTP/1.0 upstream",
        buffers.pages,
        phrases.block,
        REMEDY_BUFFERING_OFF,
    ),
    Culprit(
        "intermediary",
        "byte buffer of TLS records, as a TLS-terminating nginx fills its ssl_buffer_size (16 KiB)",
        buffers.tls_record,
        phrases.block,
        REMEDY_BUFFERING_OFF + "; `ssl_buffer_size 4k;` only makes the lumps smaller",
    ),
    Culprit(
        "intermediary",
        "byte buffer: a hop or program gathers bytes, not events, before it passes them on",
        detectors.other_block,
        phrases.block,
        "pass on what has arrived, not full blocks (`read1()` instead of `read(n)`, no `chunk_size`), and "
        + REMEDY_FLUSH
        + "; "
        "behind nginx send `X-Accel-Buffering: no` with the response",
    ),
    Culprit(
        "intermediary",
        "compression that is not flushed: the encoder keeps events until its buffer is full",
        detectors.unflushed,
        phrases.compressed,
        REMEDY_UNCOMPRESSED,
    ),
    Culprit(
        "intermediary",
        "compression in a hop that buffers, as nginx with gzip and proxy_buffering on",
        detectors.compressed_whole,
        phrases.compressed,
        "`gzip off;` and `proxy_buffering off;` for this location, or send `X-Accel-Buffering: no` with the stream; "
        "elsewhere exclude its media type from compression",
    ),
    Culprit(
        "model-server",
        "moderation window: the content filter releases the text in blocks, as Azure OpenAI's default filter",
        detectors.moderation,
        phrases.cadence,
        "choose the asynchronous filter for the deployment; no proxy setting helps",
        engine=True,
    ),
    Culprit(
        "intermediary",
        "a corked socket, which waits 200 ms for more to send, as HAProxy's (MSG_MORE) and Ruby's Puma's (TCP_CORK)",
        detectors.on_cork,
        phrases.cadence,
        "`option http-no-delay` in HAProxy's defaults or backend; under Puma 6 a body that is called "
        "(`->(stream)`), not iterated as ActionController::Live's is",
    ),
    Culprit(
        "intermediary",
        "flush timer: a hop passes on what it has gathered at a fixed interval",
        detectors.on_timer,
        phrases.cadence,
        REMEDY_FLUSH + "; HAProxy: `option http-no-delay`",
    ),
    Culprit(
        "model-server",
        "window of a fixed number of pieces, as guardrails and output rails check",
        detectors.window,
        phrases.steps,
        "make the guardrail's chunk smaller, or let it stream first and check alongside",
    ),
    Culprit(
        "intermediary",
        "the network lost segments: the data behind each waited until it had been retransmitted",
        detectors.lost,
        phrases.lost,
        "no setting on a server or a hop helps: measure closer to the server, or over another network",
    ),
    Culprit(
        "intermediary",
        "the network stalled and then caught up",
        detectors.caught_up,
        phrases.stall,
        "compare with other streams at the same time and with a second run; no server setting helps",
    ),
    Culprit(
        "model-server",
        "held above the keep-alives: the application or gateway that sends them gathers the content",
        detectors.holding_above,
        phrases.passing,
        "yield each token as it is generated and " + REMEDY_FLUSH,
    ),
    Culprit(
        "model-server",
        "the arguments of a tool call are gathered: by the model's server, or a gateway that parses them",
        detectors.arguments,
        phrases.arguments,
        "ask for them as they are generated (Anthropic: `eager_input_streaming: true` in the tool's definition), or "
        "choose another tool-call parser (`--tool-call-parser`), and none in the gateway",
    ),
    Culprit(
        "model-server",
        "the reasoning flows, the answer is gathered: by the application or a gateway that parses or checks it",
        detectors.selective,
        phrases.selective,
        "switch off whatever needs the whole answer (tool-call or JSON parser, output guardrail), or its buffering",
    ),
    Culprit(
        "intermediary",
        "a buffer larger than the answer, as nginx's proxy_buffers or TLS buffer with a short one",
        detectors.larger_than_answer,
        phrases.one_piece,
        REMEDY_BUFFERING_OFF,
    ),
    Culprit(
        "model-server",
        "answer generated first, written afterwards: the application gathers it before it sends",
        detectors.generated_first,
        phrases.one_piece,
        "yield each token as it is generated (in Django under ASGI from an `async` generator) and " + REMEDY_FLUSH,
    ),
    Culprit(
        "intermediary",
        "whole-body reader: a hop, middleware or the application read the whole answer before it sent the first byte",
        detectors.whole_body_reader,
        phrases.whole_body,
        "remove from this route the middleware, scanner or integration that drains the body, or switch it to "
        "streaming (`response_body_mode: STREAMED`, `responseTransferMode: STREAM`, `InvokeMode: RESPONSE_STREAM`, "
        "`server.stream-response-body = 1`, `set beresp.do_stream = true;` with `set beresp.do_esi = false;`); in an "
        "application yield each token as it is generated",
    ),
    Culprit(
        "proxy",
        "this proxy itself was busy",
        detectors.proxy,
        phrases.not_reading,
        "watch fewer flows (`streamwatch_filter`) or give the proxy a machine of its own, then measure again",
    ),
)

UNKNOWN: tuple[Culprit, ...] = (
    Culprit("intermediary", "a hop after the model", lambda e: "low", phrases.unknown, REMEDY_BISECT),
)

UNSTREAMED: tuple[Culprit, ...] = (
    Culprit(
        "model-server",
        "the server does not stream here: it ignored the request for a stream, or refuses it for this model or option",
        lambda e: "medium",
        phrases.answered_whole,
        "look for the server's streaming option for this model, tool or format; to be sure, bypass the gateway",
        engine=True,
    ),
    Culprit(
        "intermediary",
        "a gateway that asked for, or assembled, a whole answer",
        lambda e: "low",
        phrases.answered_whole,
        REMEDY_WHOLE_ANSWER,
    ),
)
