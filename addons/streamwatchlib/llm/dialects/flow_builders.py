"""Flows that people draw: those of Dify, Coze, Flowise, Langflow, n8n, and the apps of Baidu and MaxKB.

In: events that name themselves, or answers in an envelope; or a whole answer.  Out: readings and the answer.  Events of
a flow's other nodes have other names and are no content.
https://docs.flowiseai.com/using-flowise/streaming and https://docs.langflow.org/api-flows-run
https://docs.n8n.io/workflows/streaming/
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Context
from ..dialect import MEDIA, TOOLS
from ..figures import lenient_error_of
from ..intent import UNSPECIFIED, StreamIntent, by_anything, by_field
from ..named import Named
from ..plain import Plain
from ..texts import Text
from ..values import Object, Path, dig, dump, obj, text


def _is_event(value: Object) -> bool:
    return isinstance(value.get("event"), str) and "data" in value


_by_mode = by_field("response_mode", "streaming")


def asks_dify(context: Context) -> StreamIntent:
    """Dify's requests name the mode.  Other APIs use its paths, too."""
    asked = _by_mode(context)
    return by_anything(context) if asked == UNSPECIFIED else asked


class Dify(Named):
    """Dify's chats, completions and workflows.  https://docs.dify.ai/"""

    api = "chat"
    shape = "dify"
    event_name_key = "event"
    text_events: Mapping[str, Path] = {
        "message": ("answer",),
        "agent_message": ("answer",),
        "text_chunk": ("data", "text"),
    }
    reasoning_events: Mapping[str, Path] = {"reasoning_chunk": ("data", "reasoning")}
    finals = frozenset({"message_end", "workflow_finished", "workflow_paused"})
    usage_paths: tuple[Path, ...] = (("metadata", "usage"),)
    finish_path: Path = ("data", "status")
    id_path: Path = ("message_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # its names of events are common
        return "task_id" in value and "event" in value and ("message_id" in value or "workflow_run_id" in value)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return not {"event", "answer", "workflow_run_id"}.isdisjoint(value)

    def read_extra(self, event_name: str, value: Object) -> int:
        if event_name == "error":
            self.answer.set_error(lenient_error_of(value) or {})
        elif event_name == "workflow_finished":
            return self._conclude(obj(value.get("data")))
        elif event_name == "agent_thought":
            return self._use(value)
        elif event_name == "message_replace":
            return self._replace(value)
        return MEDIA * (event_name == "tts_message" and bool(value.get("audio")))

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "message" if "answer" in value else "workflow_finished")

    def _replace(self, value: Object) -> int:
        """A moderator replaces all that was said."""
        self.answer.note("the text was withdrawn: its replacement is shown")
        message = self.answer.message()
        message.text = Text(self.answer.budget)
        return message.add_text(value.get("answer"))

    def _conclude(self, data: Object) -> int:
        """A workflow is over: read its output if it said nothing before."""
        self.take_error(data)
        message, outputs = self.answer.message(), obj(data.get("outputs"))
        if not message.empty or not outputs:
            return 0
        (only, *others) = outputs.values()
        return message.add_text(only if isinstance(only, str) and not others else dump(outputs))

    def _use(self, thought: Object) -> int:
        """The agent uses a tool; the call is sent again with its result."""
        if not text(thought.get("tool")):
            return 0
        call = self.answer.message().server_calls.at(text(thought.get("id")))
        begins = call.name is None
        call.set_identity(thought.get("id"), thought.get("tool"))
        news = not call.arguments and call.arguments.add(dump(thought.get("tool_input")))
        return TOOLS * (begins or news)


class CozeWorkflow(Named):
    """Coze's workflows.  https://www.coze.cn/open/docs/developer_guides/workflow_stream_run"""

    api = "workflow"
    shape = "coze"
    text_events: Mapping[str, Path] = dict.fromkeys(("Message", "message"), ("content",))
    finals = frozenset({"Done", "done", "Error", "error", "Interrupt", "interrupt"})
    """In lower case from Coze Studio, which people host themselves."""
    usage_paths: tuple[Path, ...] = (("usage",),)
    id_path: Path = ("execute_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return name in cls.text_events and {"node_seq_id", "content"} <= value.keys()

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or name in cls.finals or {"code", "msg"} <= value.keys()

    def read_document(self, value: Object) -> None:
        self.answer.message().add_text(value.get("data"))
        self.read_payload(value, "message")

    def take_error(self, value: Object) -> bool:
        code, message = value.get("error_code") or value.get("code"), value.get("error_message") or value.get("msg")
        if code:
            self.answer.set_error({"code": code, "message": text(message)})
        return bool(code)


class Flowise(Named):
    """Flowise's predictions"""

    api = "prediction"
    shape = "flowise"
    event_name_key = "event"
    text_events: Mapping[str, Path] = {"token": ("data",)}
    finals = frozenset({"end", "abort"})
    usage_paths: tuple[Path, ...] = ()
    id_path: Path = ("data", "chatMessageId")
    error_message_paths: tuple[Path, ...] = (("data",),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False  # its names of events are common

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return _is_event(value) or "chatMessageId" in value

    def read_document(self, value: Object) -> None:
        message = self.answer.message()
        message.add_text(value.get("text"))
        self.answer.set_identity(None, value.get("chatMessageId"))
        self.take_error(value)


class Langflow(Named):
    """Langflow's runs"""

    api = "run"
    shape = "langflow"
    event_name_key = "event"
    text_events: Mapping[str, Path] = {"token": ("data", "chunk")}
    finals = frozenset({"end"})
    usage_paths: tuple[Path, ...] = ()
    id_path: Path = ("data", "id")
    error_message_paths: tuple[Path, ...] = (("data", "text"), ("data", "error"))

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return _is_event(value) or ("outputs" in value and "session_id" in value)

    def read_extra(self, event_name: str, value: Object) -> int:
        """Read the end if no model of the flow streamed: it alone has the result."""
        whole = event_name == "end" and self.answer.message().empty
        return self._result(dig(value, ("data", "result"))) if whole else 0

    def read_document(self, value: Object) -> None:
        self.answer.set_identity(None, value.get("session_id"))
        self._result(value)
        self.take_error(value)

    def _result(self, result: object) -> int:
        return self.answer.message().add_text(dig(result, ("outputs", 0, "outputs", 0, "results", "message", "text")))


class N8n(Named):
    """n8n's workflows, at any address"""

    api = "workflow"
    shape = "n8n"
    text_events: Mapping[str, Path] = {"item": ("content",)}
    finals = frozenset({"end"})
    usage_paths: tuple[Path, ...] = ()
    error_message_paths: tuple[Path, ...] = (("content",),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # its names of events are common
        return cls.event_name(value, name) in ("begin", "item", "end", "error") and "nodeId" in obj(
            value.get("metadata")
        )


class AppBuilder(Plain):
    """Apps built with Baidu's AppBuilder.  https://cloud.baidu.com/doc/AppBuilder/"""

    api = "app"
    shape = "qianfan"
    text_paths = (("answer",),)
    usage_paths = (("content", 0, "usage"),)
    id_path = ("message_id",)
    end_marker = final_flag = "is_completion"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return {"answer", "conversation_id", "is_completion"} <= value.keys()

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return {"answer", "conversation_id"} <= value.keys() or {"code", "request_id"} <= value.keys()

    def take_error(self, value: Object) -> bool:
        if value.get("code"):
            self.answer.set_error(lenient_error_of(value) or {})
        return bool(value.get("code"))


class MaxKb(Plain):
    """Chats with MaxKB's applications.  https://maxkb.cn/docs/"""

    api = "chat"
    shape = "maxkb"
    text_paths = (("content",),)
    whole_text_paths = (("data", "content"),)
    reasoning_path = ("reasoning_content",)
    usage_paths = (("usage",), ("data",))
    id_path = ("chat_id",)
    end_marker = final_flag = "is_end"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return {"chat_id", "content", "is_end", "operate"} <= value.keys()

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or {"code", "data"} <= value.keys()
