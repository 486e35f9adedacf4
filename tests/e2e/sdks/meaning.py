"""The meaning of a response in one common form: as an SDK put it together, and as the record has it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from streamwatchlib import redact

ASKED = "a-model"
"""The model that every client asks for: where no answer names one, the record names this."""


class Call(NamedTuple):
    """A tool call."""

    id: object
    """None where the server sends none; equal to anything (`unittest.mock.ANY`) where the SDK drops it."""
    name: str | None
    arguments: object
    """The JSON value, or the text that is none."""


class Usage(NamedTuple):
    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@dataclass
class Said:
    """What one choice says."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[Call] = field(default_factory=list)
    finish: str | None = None


@dataclass
class Meaning:
    """What an answer says."""

    choices: dict[int, Said] = field(default_factory=dict)
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    error: str | None = None
    """The message of the error in the record; all that the SDK's exception says."""

    def choice(self, index: int | None = 0) -> Said:
        return self.choices.setdefault(index or 0, Said())

    def named(self, model: str | None, id: str | None) -> None:
        """Model and id of the answer, as the first payload has them that says so."""
        self.model, self.id = self.model or model or None, self.id or id or None


def answer(
    text: str = "", *, reasoning: str = "", calls: tuple[Call, ...] = (), finish: str | None = None, **more: Any
) -> Meaning:
    """An answer of one choice."""
    return Meaning({0: Said(text, reasoning, calls=list(calls), finish=finish)}, **more)


def call(id: object, name: str | None, arguments: object) -> Call:
    """A call whose arguments came as JSON text or as a value; no arguments are an empty object."""
    if isinstance(arguments, str):
        with contextlib.suppress(ValueError):
            arguments = json.loads(arguments or "{}")
    return Call(id or None, name or None, arguments or {})


def first(*counts: int | None) -> int | None:
    """The first of several figures that is one."""
    return next((count for count in counts if count is not None), None)


def words(body: object) -> str:
    """All that an error's body says: its texts as they are, and as compact JSON where they are nested."""
    if isinstance(body, Mapping | list):
        inner = body.values() if isinstance(body, Mapping) else body
        dumped = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return " ".join([*map(words, inner), dumped])
    return str(body)


def recorded(llm: Mapping[str, Any]) -> Meaning:
    """What the record's ``llm`` says."""
    meaning = Meaning(model=llm["model"], id=llm["response_id"])
    for one in llm["choices"] or [{"index": 0, **llm}]:
        calls = [call(made["id"], made["name"], made["arguments"]) for made in one["tool_calls"]]
        meaning.choices[one["index"]] = Said(
            one["text"] or "", one["reasoning"] or "", one.get("refusal") or "", calls, one["finish_reason"]
        )
    if llm["usage"]:
        meaning.usage = Usage(**{name.removesuffix("_tokens"): count for name, count in llm["usage"].items()})
    if llm["error"]:
        meaning.error = str(llm["error"].get("message", llm["error"]))
    return meaning


def differences(theirs: Meaning, ours: Meaning) -> dict[str, tuple[object, object]]:
    """Where an SDK's reading and the record's part: what -> (theirs, ours).

    An SDK that raises reads no further and throws away the names of what it refused: these it does not contradict.
    """
    found: dict[str, tuple[object, object]] = {}
    raised = theirs.error is not None
    for index in theirs.choices | ours.choices:
        one, other = theirs.choices.get(index, Said()), ours.choices.get(index, Said())
        for name in (part.name for part in fields(Said)):
            meant, said = _masked(getattr(one, name)), getattr(other, name)
            if meant != said and not (raised and name == "finish"):
                found[f"{name} of {index}"] = meant, said
    for name, said in (
        ("model", theirs.model or (None if raised else ASKED)),
        ("id", theirs.id),
        ("usage", None if theirs.usage == Usage() else theirs.usage),
    ):
        if said != getattr(ours, name) and not (raised and said is None):
            found[name] = said, getattr(ours, name)
    if raised != (ours.error is not None) or (ours.error or "") not in (theirs.error or ""):
        found["error"] = theirs.error, ours.error
    return found


def _masked(value: object) -> object:
    """A text as a record has it: models write signed addresses, too."""
    return redact.text(value) if isinstance(value, str) else value
