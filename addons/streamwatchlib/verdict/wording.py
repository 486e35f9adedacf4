"""A ruling and its figures -> a sentence that a person can act on, and one on what cannot be seen.

In: `Evidence` and the suspects.  Out: `Verdict.summary` and `Verdict.untold`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ..model import HELD_BACK, Channel, Label, Suspect
from ..pace.deliveries import NOTICED
from ..units import seconds
from .evidence import Evidence
from .pauses import Pause, longest
from .refusals import refusal
from .rules import HARMLESS_WAIT, MAJORITY, MIN_EVENTS, Reason, head_lump
from .timeouts import timeout_clause

_ASKED = {True: "asked for a stream and got ", False: "did not ask for a stream and got ", None: "got "}
_CONTENT: Mapping[Channel, str] = {"reasoning": "reasoning", "text": "text", "tool_calls": "tool calls"}
_BEHIND = (
    "From here the path from the model to this proxy is seen only as a whole: a tap or a probe one hop further "
    "upstream can prove which hop it was."
)
_AHEAD = (
    "The path from this proxy to the client is not visible from here: if the application got everything at once, look "
    "at how it reads, or at a hop in between."
)
_GIST = re.compile(r"(?:`[^`]*`|(?! \(|; |: |, as )[^`])*")


def summary(evidence: Evidence, accused: Sequence[Suspect]) -> str:
    """What was seen, with its figures and a caution; what may have ended the exchange; the likeliest suspect and the
    remedy."""
    told = _SENTENCES[evidence.ruling.reason]
    sentence = told if isinstance(told, str) else told(evidence)
    unsure = evidence.label in HELD_BACK and evidence.ruling.confidence == "low"
    caution = " (low confidence)" if unsure else ""
    return f"{sentence[0].upper()}{sentence[1:]}{caution}{timeout_clause(evidence.signals)}{suspicion(accused)}."


def _pieces(e: Evidence) -> str:
    """What is counted: pieces of the one channel judged, or of all if the answer was judged as a whole."""
    plural = "" if e.measures.content_events == 1 else "s"
    channel, moments = e.channel, e.signals.moments
    if channel is None or channel == "events":
        return f"event{plural}"
    alone = channel not in moments or len(moments[channel].t) == e.measures.content_events
    *others, last = [_CONTENT[channel]] if alone else [word for name, word in _CONTENT.items() if name in moments]
    return f"piece{plural} of {' and '.join(filter(None, (', '.join(others), last)))}"


def suspicion(accused: Sequence[Suspect]) -> str:
    """The clause on the likeliest suspect; empty without suspects."""
    if not accused:
        return ""
    first = accused[0]
    sure = first.confidence == "certain"
    who = f"proven: {_gist(first.cause)}" if sure else f"suspect: {_gist(first.cause)} ({first.confidence} confidence)"
    return f"; {who}; remedy: {_gist(first.remedy)}"


def _gist(text: str) -> str:
    """The text up to its first explanation."""
    found = _GIST.match(text)
    return found[0] if found else text


def untold(label: Label) -> str | None:
    """What cannot be seen from the proxy's position."""
    if label in HELD_BACK:
        return _BEHIND
    return _AHEAD if label == "streaming" else None


# --- the sentences, by what the ruling rests on -----------------------------------------------------------------


def _held(e: Evidence) -> str:
    return _one_piece(e) if e.label == "pseudo-streaming" else _lumps(e)


def _lumps(e: Evidence) -> str:
    m, share = e.measures, e.measures.burst_share or 0.0
    lumps = "lumps" if share > 0.995 else f"deliveries, {share:.0%} of them in lumps"
    gap = f" after silences of {seconds(m.burst_gap)}" if m.burst_gap else ""
    return f"{_got(e)}{m.content_events} {_pieces(e)} in {m.deliveries} {lumps}{gap}, {_hold(e, '')}"


def _one_piece(e: Evidence) -> str:
    total = e.measures.content_events
    if e.lump.n == total:
        sentence = f"all {total} {_pieces(e)} in one piece"
    else:  # of two lumps of 21 and 19, "21 of 40 in one piece" would be half of the story
        sentence = f"{total} {_pieces(e)} in {_deliveries(e)}, {e.lump.n} of them at once"
    return f"{_got(e)}{sentence} {seconds(e.lump_wait)} after the request, {_hold(e, 'up to ')}"


def _got(e: Evidence) -> str:
    return _ASKED[e.signals.requested]


def _hold(e: Evidence, bound: str) -> str:
    held = seconds(e.measures.mean_hold or 0.0)
    if e.ruling.reason == "measured" and e.server_times.hold is not None:
        most = seconds(e.server_times.longest or 0.0)
        return f"held back after the model by {held} on average and {most} at most, by the server's own timestamps"
    return f"held back {bound}{held} on average"


def _flowing(e: Evidence) -> str:
    m = e.measures
    pause = longest(e) if "stalled" in e.flags else None
    hold, rest = m.mean_hold or 0.0, "no other held back" if head_lump(e.first) else "none held back"
    held = f"held back {seconds(hold)} on average" if hold >= 0.001 else rest
    noticed = [lump for lump in e.bursts if lump.silence >= NOTICED and lump is not e.first]
    if pause and pause.lump and noticed == [pause.lump]:
        held = "the others flowed"  # the average would be true of none of them
    came = f"{m.content_events} {_pieces(e)} in {_deliveries(e)}{_head(e)}{_queue(e)}"
    return f"{came}{_pause(e, pause) if pause else ''}, {held}: it streamed up to this proxy"


def _head(e: Evidence) -> str:
    """What came at once when the stream began, a small part of a long one."""
    return f", the first {e.first.n} at once after {seconds(e.first.silence)}" if head_lump(e.first) else ""


def _queue(e: Evidence) -> str:
    """A long wait, if the server itself says that the request was in its queue meanwhile."""
    queued = (e.signals.server_timing or {}).get("queue", 0.0)
    return (
        f", {seconds(queued)} of the wait in the server's own queue" if HARMLESS_WAIT <= queued <= e.first_wait else ""
    )


def _deliveries(e: Evidence) -> str:
    n = e.measures.deliveries
    return "1 delivery" if n == 1 else f"{n} deliveries"


def _pause(e: Evidence, pause: Pause) -> str:
    """A network that stalls catches up; a model that pauses has made nothing meanwhile."""
    silence = f", one silence of {seconds(pause.length)}"
    lost = ", in which the network had lost a segment" if pause.lost else ""
    if pause.lump is None:
        return silence + (lost or " without a catch-up")
    catch_up = ", as a stalled network brings" if pause.lump is e.catching_up and not lost else ""
    return f"{silence}{lost} and then {pause.lump.n} of them at once{catch_up}"


def _short(e: Evidence) -> str:
    m = e.measures
    return f"too short to tell: {m.content_events} {_pieces(e)}, fewer than {MIN_EVENTS}, in {_deliveries(e)}"


def _replay(e: Evidence) -> str:
    return (
        f"all at once {seconds(e.lump_wait)} after the request, like a replay: nobody notices a wait under "
        f"{seconds(HARMLESS_WAIT)}, and {e.measures.content_events} {_pieces(e)} so soon may be held back or a stored "
        f"answer"
    )


def _fast(e: Evidence) -> str:
    if e.case and e.case.shape.sudden_share >= MAJORITY:
        sudden = [each for each in e.case.shape.deliveries if each.silence and not each.burst]
        silences = {each.silence for each in sudden}
        waits = ("a silence of " if len(silences) == 1 else "silences of up to ") + seconds(max(silences))
        came, total = sum(each.n for each in sudden), e.measures.content_events
        share = f"all {total}" if came == total else f"{came} of {total}"
        return (
            f"too fast to tell: after {waits}, {share} {_pieces(e)} came faster than engines usually generate them, as "
            f"from a very fast model, or from a hop that passes on one by one what it got at once"
        )
    return (
        f"too fast to tell: {e.measures.content_events} {_pieces(e)} within {seconds(e.span)}, as from a very fast "
        f"model or a copy of something already generated"
    )


def _head_lump(e: Evidence) -> str:
    first = e.first
    return (
        f"the first {first.n} of {e.measures.content_events} {_pieces(e)} came at once after {seconds(first.silence)}, "
        f"the others flowed: how much of that wait was the model's own cannot be seen from here"
    )


def _steps(e: Evidence) -> str:
    beat = e.case.cadence if e.case else None
    every = f"{beat.count:g} at a time every {seconds(beat.period)}" if beat else "a few at a time"
    return f"{_pieces(e)} came {every}: an engine that works in steps and a hop that gathers look the same here"


def _full(e: Evidence) -> str:
    return (
        f"{e.measures.content_events} {_pieces(e)} came within {seconds(e.span)}, {seconds(e.first_wait)} after the "
        f"request, in segments cut anywhere: as fast as the link carries, so it was held back, or the model outpaced "
        f"the link"
    )


def _lag(e: Evidence) -> str:
    lag = e.signals.lag
    worst = f" (up to {seconds(lag.max)})" if lag else ""
    longest = max((late for _, late in e.signals.lags), default=0.0)
    if lag is None or longest > lag.max:
        return (
            f"cannot tell: this proxy's client read so slowly, or a script or user of the proxy stopped the exchange "
            f"so long, that nothing was read from the server for up to {seconds(longest)} when the {_pieces(e)} were "
            f"due"
        )
    return f"cannot tell: this proxy's own event loop was late{worst} when the {_pieces(e)} were due"


def _error(e: Evidence) -> str:
    why = refusal(e.signals)
    sentence = f"the response is not a success (status {e.signals.status}{', an error' if e.signals.error else ''})"
    return f"{sentence}: {why}" if why else sentence


def _not_asked(e: Evidence) -> str:
    if e.signals.requested and e.signals.outcome != "complete":
        return "asked for a stream, and the answer broke off before any of its body was seen"
    if e.signals.requested:
        return "asked for a stream, got an answer without a body"
    return "no stream was asked for and none came" if e.signals.requested is False else "no stream came, none was due"


def _no_content(e: Evidence) -> str:
    if e.signals.format == "unknown":
        return "a stream in an unknown framing: its pieces cannot be told apart, so there is nothing to judge"
    return "a stream without any generated content: there is nothing to judge"


_SENTENCES: Mapping[Reason, str | Callable[[Evidence], str]] = {
    "no-answer": "no answer came",
    "made-here": "another mitmproxy addon made the answer: no server was asked, so there is nothing to judge",
    "error": _error,
    "file": "a stored file, and no stream was asked for: nobody waits for its parts one by one",
    "not-asked": _not_asked,
    "whole": "asked for a stream, got one whole document",
    "no-stream": "asked for a stream, got a body that is not a stream of events",
    "unrecorded": "no arrival times were recorded: captured without streamwatch, read from a file that lacks them, or "
    "another mitmproxy addon held back the answer, or changed it after it had passed",
    "no-content": _no_content,
    "lag": _lag,
    "resumed": "a replay of an earlier answer, as fast as it can be sent: its pace says nothing about the model",
    "measured": _held,
    "whole-body": _one_piece,
    "short": _short,
    "separate": _flowing,
    "replay": _replay,
    "one-lump": _one_piece,
    "lumps": _lumps,
    "fast": _fast,
    "head-lump": _head_lump,
    "steps": _steps,
    "full": _full,
    "flow": _flowing,
    "fed": "it came in lumps while the client was still sending its input: whose pace that was cannot be told",
}
"""In the order of `Reason`; a sentence without figures is here as it is."""
