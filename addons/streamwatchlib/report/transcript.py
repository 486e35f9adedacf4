"""One exchange to read through: the verdict, the message put together, then the events with their times.

In: a record, or bare events.  Out: plain text in which nothing a peer sent can steer a terminal.  Sentences are
wrapped, since not every screen does that; data is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..model import Event, Llm, Record, Suspect, ToolCall, Usage, Verdict
from ..units import seconds
from .show import confidence_text, count, escape_invisible, exchange_error, finding, one_line, plural

_MAX_DATA_CHARS = 2_000
"""Characters shown of one event: the whole of it is in the raw body."""
_WIDTH = 90
_PIECE = re.compile(rf".{{1,{_WIDTH - 1}}}(?:\s+|$)|.{{1,{_WIDTH}}}", re.DOTALL)
"""What goes on one line: `textwrap` takes quadratic time in a language without blanks."""
_CELL = 10
"""Width of a time in characters."""
_WIDEST_TYPE = 40


def transcript(record: Record, *, judged: bool = True) -> str:
    """The whole exchange as text; `judged`: with its verdict."""
    blocks = [
        "\n".join(_verdict(record.verdict)) if judged else "",
        _prose(f"{record.outcome}: {why}" if record.broke_off else why) if (why := exchange_error(record)) else "",
        *(_message(record.llm) if record.llm else ()),
        events(record.events or (), _arrivals(record)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def events(found: Sequence[Event], where: str = "") -> str:
    """One line per event, with a ditto mark for its time if one read brought it together with the one before."""
    if not found:
        return ""
    return "\n".join([f"── {count(len(found))} events{where} ──", *_rows(found)])


# --- verdict and message ----------------------------------------------------------------------------------


def _verdict(verdict: Verdict) -> Iterator[str]:
    extra = ", ".join(filter(None, [verdict.severity, confidence_text(verdict.confidence), *verdict.flags]))
    yield one_line(f"{verdict.label} ({extra})")
    yield _prose(finding(verdict))
    for suspect in verdict.suspects:
        yield from _suspect(suspect)
    if verdict.untold:
        yield _prose(verdict.untold)


def _suspect(suspect: Suspect) -> Iterator[str]:
    yield _prose(f"→ {suspect.cause} ({suspect.hop}, {confidence_text(suspect.confidence)})")
    yield "  " + _prose(f"evidence: {suspect.evidence}")
    yield "  " + _prose(f"change: {suspect.remedy}")


def _prose(sentence: str) -> str:
    return _broken(one_line(sentence)).replace("\n", "\n    ")


def _broken(text: str) -> str:
    """Wrap the text into lines of at most `_WIDTH` characters."""
    lines = text.split("\n")
    return "\n".join(piece for whole in lines for piece in (_PIECE.findall(whole) if len(whole) > _WIDTH else [whole]))


def _message(llm: Llm) -> Iterator[str]:
    yield f"── message ──\n{' · '.join(_small_print(llm))}"
    yield _words("error", llm.error)
    yield _said("reasoning", llm.reasoning)
    yield _said("text", llm.text)
    yield _said("refusal", llm.refusal)
    yield from _calls("tool call", llm.tool_calls)
    yield from _calls("tool run by the provider", llm.server_tool_calls)
    for choice in (choice for choice in llm.choices if choice.index != 0):
        yield _said(f"choice {choice.index}: reasoning", choice.reasoning)
        yield _said(f"choice {choice.index}", choice.text)
        yield _said(f"choice {choice.index}: refusal", choice.refusal)
        yield from _calls(f"choice {choice.index}: tool call", choice.tool_calls)
    yield from (f"note: {one_line(note)}" for note in llm.notes)


def _small_print(llm: Llm) -> Iterator[str]:
    named = [llm.provider, llm.api, llm.model, llm.finish_reason and f"finish reason {llm.finish_reason}"]
    yield from (one_line(name) for name in named if name)
    yield from _tokens(llm.usage)
    yield from (f"server's own {one_line(name)} {seconds(value)}" for name, value in (llm.server_timing or {}).items())


def _tokens(usage: Usage | None) -> Iterator[str]:
    if usage is None:
        return
    counts = (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens)
    for name, n in zip(("input", "output", "reasoning", "cached"), counts, strict=True):
        if n is not None:
            yield f"{count(n)} {name} tokens"


def _words(title: str, facts: Mapping[str, object] | None) -> str:
    return _section(title, "\n".join(f"{name}: {value}" for name, value in (facts or {}).items()))


def _calls(title: str, calls: Iterable[ToolCall]) -> Iterator[str]:
    for call in calls:
        named = " ".join(one_line(name) for name in (call.name, call.id) if name)
        yield _section(f"{title} {named}", call.arguments or "(no arguments)")


def _said(title: str, text: str | None) -> str:
    return _section(title, _broken(text or ""))


def _section(title: str, text: str | None) -> str:
    return f"[{title}]\n{escape_invisible(text)}" if text else ""


# --- events -----------------------------------------------------------------------------------------------


def _arrivals(record: Record) -> str:
    stream = record.stream
    if stream is None:
        return ""
    omitted = f" (and {count(stream.events_omitted)} that were counted, not kept)" if stream.events_omitted else ""
    if (came := stream.arrived) is None:
        return f"{omitted}, {one_line(stream.format)}; their arrival times were not recorded"
    return f"{omitted}, {one_line(stream.format)}, in {plural(came, 'arrival')}"


def _rows(found: Sequence[Event]) -> Iterator[str]:
    types = {event.type: one_line(event.type, _WIDEST_TYPE) for event in found}
    room = max(map(len, types.values())) if types.keys() != {"message"} else 0
    if any(event.t is not None for event in found):
        yield f"{'time':>{_CELL}}{'gap':>{_CELL}}"
    before: Event | None = None
    for event in found:
        type_ = f"{types[event.type]:<{room}}  " if room else ""
        yield f"{_when(event, before)}  {type_}{_data(event)}"
        before = event


def _when(event: Event, before: Event | None) -> str:
    if event.t is None:
        return ""
    if before and event.arrival is not None and event.arrival == before.arrival:
        return f"{'″':>{_CELL}}" * 2
    gap = seconds(event.t - before.t) if before and before.t is not None else ""
    return f"{event.t:>{_CELL - 2}.3f} s{gap:>{_CELL}}"


def _data(event: Event) -> str:
    data = escape_invisible((event.data or "")[:_MAX_DATA_CHARS]).replace("\n", f"\n{' ' * (_CELL * 2 + 2)}")
    more = len(event.data or "") - _MAX_DATA_CHARS
    cut = f" … ({count(more)} more characters)" if more > 0 else ""
    return f"{data}{cut}" + (f"  ⚠ {one_line(event.malformed)}" if event.malformed else "")
