"""Assemble an answer: the part of reassembly that all dialects share.

In: pieces.  Out: the `Llm` object, at any time.  Never here: a wire format.  Everything is bounded: texts by one budget
of characters for the whole answer (`texts`), choices and tool calls by number; what is over is dropped and a note says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from ..model import Choice, Limits, Llm, ToolCall, Usage
from ..surrogates import well_formed
from .bounded_dict import BoundedDict
from .figures import TIMED, added, scalar, times_of, usage_of
from .texts import MAX_NAME, Budget, Text
from .values import Object, dump, non_empty, text

TEXT, REASONING, TOOLS, MEDIA, AUDIO_CONTENT = 1, 2, 4, 8, 16
"""Channels as bits, so that the pieces of one frame add up with ``|``.  `MEDIA` is audio or a picture, which is not
kept; `AUDIO_CONTENT` is audio where speech is all that was requested, so that it is the content."""

_MAX_KEPT = 1000
"""Most choices of an answer, and tool calls of a choice, that are kept; real answers have a few."""
_CALL = 100
"""Characters of the budget that a tool call takes besides its texts, which may be empty."""


class Call:
    """A tool call in the making."""

    __slots__ = ("_budget", "arguments", "arguments_whole", "id", "initial_arguments", "name", "position")

    def __init__(self, arguments: Text, position: int, budget: Budget) -> None:
        self._budget = budget
        self.id: str | None = None
        self.name: str | None = None
        self.position = position
        self.arguments = arguments
        self.arguments_whole = False
        """Its arguments came as a whole, and may come again."""
        self.initial_arguments = Text(budget)
        """The arguments with which it began."""

    def set_identity(self, id: object, name: object) -> None:
        """Take ID and name; servers send them once, again with every fragment, or the name in pieces."""
        if not self.id:
            self.id = self._budget.kept(non_empty(id))
        known = self.name or ""
        if isinstance(name, str) and name and name != known and len(known) < MAX_NAME:
            self.name = self._budget.kept(name if name.startswith(known) else known + name) or self.name

    def replace_arguments(self, arguments: object) -> bool:
        """Replace the arguments by these; return whether that changed them."""
        words, self.arguments_whole = dump(arguments), True
        if self.arguments.joined() == well_formed(words):
            return False
        self._budget.left += len(self.arguments)
        self.arguments = Text(self._budget)
        return self.arguments.add(words)

    def set_initial_arguments(self, arguments: object) -> None:
        """Take the arguments with which it begins; pieces that follow replace them."""
        if not self.initial_arguments:
            self.initial_arguments.add(dump(arguments))

    def finish(self) -> None:
        """The call is complete: if no piece of its arguments came, they are those with which it began."""
        self.arguments = self.arguments or self.initial_arguments

    def tool_call(self) -> ToolCall:
        return ToolCall(self.id and well_formed(self.id), self.name and well_formed(self.name), self.arguments.joined())


class Calls:
    """The tool calls of one message, each found by the keys of its fragments."""

    __slots__ = ("_budget", "_calls", "_keys", "_text")

    def __init__(self, budget: Budget, text: type[Text]) -> None:
        self._budget = budget
        self._text = text
        self._calls: list[Call] = []
        self._keys = BoundedDict[int | str, Call](3 * _MAX_KEPT)  # for each an index, an item's ID and a call's ID

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, key: int | str) -> Call | None:
        return self._keys.get(key)

    def at(self, key: int | str) -> Call:
        """The call under this key, begun if it is new."""
        return self._keys.get(key) or self.begin(key)

    def begin(self, *keys: int | str) -> Call:
        """Begin a call, which these keys refer to from now on.  Beyond the bound it is read but not kept."""
        position = next((key for key in keys if isinstance(key, int)), len(self._calls))
        budget = self._budget
        call = Call(self._text(budget), position, budget)
        if len(self._calls) < _MAX_KEPT and budget.left > 0:
            budget.left = max(0, budget.left - _CALL)
            self._calls.append(call)
            self._keys.update(dict.fromkeys(keys, call))
        else:
            budget.overdrawn = True
        return call

    def last(self) -> Call | None:
        return self._calls[-1] if self._calls else None

    def add(self, id: object, name: object, arguments: str) -> None:
        """Add a call that came whole."""
        call = self.begin()
        call.set_identity(id, name)
        call.arguments.add(arguments)

    def finish(self) -> None:
        """All calls are complete."""
        for call in self._calls:
            call.finish()

    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(call.tool_call() for call in sorted(self._calls, key=lambda call: call.position))


class Message:
    """One choice of an answer."""

    __slots__ = ("calls", "finish_reason", "has_text_channel", "reasoning", "refusal", "server_calls", "text")

    def __init__(self, budget: Budget, text: type[Text]) -> None:
        self.text = text(budget)
        self.reasoning = text(budget)
        self.refusal = text(budget)
        self.calls = Calls(budget, text)
        self.server_calls = Calls(budget, text)
        self.finish_reason: str | None = None
        self.has_text_channel = False
        """The answer has a text channel, though perhaps an empty one."""

    @property
    def empty(self) -> bool:
        return not (self.text or self.reasoning or self.refusal or self.calls or self.server_calls)

    def add_text(self, words: object) -> int:
        """Add to the text and return the channel bits; anything but a string adds nothing."""
        self.has_text_channel |= isinstance(words, str)
        return TEXT * self.text.add(text(words))

    def add_reasoning(self, words: object) -> int:
        """Add to the reasoning, as `add_text` to the text."""
        return REASONING * self.reasoning.add(text(words))

    def call(self, key: int | str) -> Call | None:
        """The call under this key, whether the client or the server runs it."""
        return self.calls.get(key) or self.server_calls.get(key)

    def finish_call(self, key: int | str) -> None:
        """The call under this key, if there is one, is complete."""
        if call := self.call(key):
            call.finish()

    def set_finish_reason(self, reason: object) -> None:
        self.finish_reason = (non_empty(reason) or "")[:MAX_NAME] or self.finish_reason

    def shown_text(self) -> str | None:
        """The text; "" only if nothing else was said: beside tool calls some servers send "", others null."""
        return self.text.joined() if self.text or (self.has_text_channel and self.empty) else None

    def choice(self, index: int) -> Choice:
        finish = self.finish_reason and well_formed(self.finish_reason)
        refusal = self.refusal.joined()
        return Choice(
            index, self.text.joined(), self.reasoning.joined(), self.calls.tool_calls(), finish or None, refusal
        )


class Answer:
    """All that an answer has said so far."""

    def __init__(self, limits: Limits, text: type[Text] = Text) -> None:
        self._text = text
        self.budget = Budget(limits.body)
        self._messages: dict[int, Message] = {}
        self.model: str | None = None
        self.id: str | None = None
        self.provider: str | None = None
        """The provider, if the payload names it."""
        self.usage: object = None
        """The provider's last usage object."""
        self._used = Usage()
        """The sum of what `add_usage` took."""
        self.error: Mapping[str, object] | None = None
        self._times: dict[str, float] = {}
        self._notes: dict[str, None] = {}

    def message(self, index: int = 0) -> Message:
        """The choice of this index, begun if it is new."""
        message = self._messages.get(index)
        if message is None:
            message = Message(self.budget, self._text)
            if len(self._messages) < _MAX_KEPT:
                self._messages[index] = message
            else:
                self.budget.overdrawn = True
        return message

    def set_identity(self, model: object, id: object) -> None:
        """Take model and ID of the answer; the first ones stay."""
        self.model = self.model or non_empty(model)
        self.id = self.id or non_empty(id)

    def set_usage(self, usage: object) -> None:
        """Take the provider's usage object; the last one that is not empty stays."""
        self.usage = usage or self.usage

    def add_usage(self, usage: object) -> None:
        """Take the usage object of one of several requests to a model; the sum of all stays."""
        if counts := usage_of(usage):
            self._used = added(self._used, counts)
            self.usage = asdict(self._used)

    def add_server_timing(self, value: Object) -> None:
        """Take the server's own times from a payload."""
        if not TIMED.isdisjoint(value):
            self._times |= times_of(value)

    def set_error(self, error: Mapping[str, object]) -> None:
        """Take an error of the provider's; the first one stays, being the cause of all others."""
        self.error = self.error or {key: scalar(entry) for key, entry in error.items()}

    def note(self, sentence: str) -> None:
        if len(self._notes) < _MAX_KEPT:
            self._notes[sentence[:MAX_NAME]] = None

    def llm(self, provider: str, api: str, model: str | None) -> Llm:
        """What has been said so far.  May be called at any time and again."""
        self.budget.latest = None  # a reference cycle, which would wait for the garbage collector
        first = self._messages[min(self._messages)] if self._messages else Message(self.budget, Text)
        if first.text.rewritten or first.reasoning.rewritten:
            self.note("the cumulative text was revised: the last version is shown")
        notes = tuple(well_formed(note) for note in self._notes)
        finish, model, id_ = first.finish_reason, self.model or model, self.id
        return Llm(
            provider=provider,
            api=api,
            model=model and well_formed(model),
            response_id=id_ and well_formed(id_),
            text=first.shown_text(),
            reasoning=first.reasoning.joined() or None,
            refusal=first.refusal.joined() or None,
            tool_calls=first.calls.tool_calls(),
            server_tool_calls=first.server_calls.tool_calls(),
            choices=tuple(self._messages[i].choice(i) for i in sorted(self._messages))
            if len(self._messages) > 1
            else (),
            finish_reason=finish and well_formed(finish),
            usage=usage_of(self.usage),
            error=self.error,
            server_timing=dict(self._times) or None,
            notes=notes + ("more was generated than is kept",) * self.budget.overdrawn,
        )
