"""Agents, teams and workflows of Agno, as its AgentOS serves them.

In: events that name themselves, those of a team like an agent's behind ``Team``; or a whole run.  Out: readings and the
answer.  A run may call models several times, and have others run: what they say is one answer.
https://docs.agno.com/agent-os/
"""

from __future__ import annotations

from collections.abc import Mapping

from ..dialect import TOOLS
from ..named import Named
from ..values import Object, Path, dump, obj, objects, text

_RUNNERS = ("agent_id", "team_id", "workflow_id")


def _either(name: str) -> tuple[str, str]:
    """The names of an event, from an agent and from a team."""
    return name, f"Team{name}"


class Runs(Named):
    """Agents, teams and workflows of Agno's AgentOS"""

    api = "run"
    shape = "agno"
    event_name_key = "event"
    text_events: Mapping[str, Path] = dict.fromkeys(_either("RunContent"), ("content",))
    reasoning_events: Mapping[str, Path] = dict.fromkeys(
        (*_either("RunContent"), *_either("ReasoningContentDelta")), ("reasoning_content",)
    )
    finals = frozenset(
        (
            *_either("RunCompleted"),
            *_either("RunError"),
            *_either("RunCancelled"),
            *_either("RunPaused"),
            "WorkflowCompleted",
            "WorkflowError",
            "WorkflowCancelled",
            "WorkflowPaused",
        )
    )
    usage_paths: tuple[Path, ...] = (("metrics",),)
    finish_path: Path = ("status",)
    id_path: Path = ("run_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        is_typed = isinstance(value.get("event"), str) or "content_type" in value
        return is_typed and "run_id" in value and any(runner in value for runner in _RUNNERS)

    def read_extra(self, event_name: str, value: Object) -> int:
        self.answer.set_identity(value.get("model"), None)
        if event_name.endswith("ToolCallStarted"):
            return self._call(obj(value.get("tool")))
        if event_name not in self.finals:
            return 0
        if event_name.endswith("Error"):
            error = {"type": value.get("error_type"), "message": value.get("content") or value.get("error")}
            self.answer.set_error({key: text(word) for key, word in error.items() if word})
            return 0
        return self._whole(value)

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "RunError" if value.get("status") == "ERROR" else "RunCompleted")

    def _whole(self, value: Object) -> int:
        """Read the end: it repeats what was streamed, or is all there is."""
        message, bits = self.answer.message(), 0
        if message.empty:
            bits = message.add_text(dump(value.get("content")))
            message.reasoning.add(text(value.get("reasoning_content")))
        for tool in objects(value.get("tools")):
            bits |= self._call(tool)
        return bits

    def _call(self, tool: Object) -> int:
        """A tool is called; the call is sent again with its result."""
        call = self.answer.message().calls.at(text(tool.get("tool_call_id")))
        begins = call.name is None
        call.set_identity(tool.get("tool_call_id"), tool.get("tool_name"))
        return TOOLS * (begins and call.arguments.add(dump(tool.get("tool_args"))))
