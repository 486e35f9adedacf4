"""APIs that send a text and little else: each is a few paths into its payload.

In: payloads; the whole answer has the same shape, or its own path to the text.  Out: readings and the answer.
"""

from __future__ import annotations

from ...model import Reading
from ..cumulative import MaybeCumulativeText
from ..dialect import NOTHING, READINGS, TOOLS
from ..plain import Plain
from ..values import Object, Path, dig, dump, first, first_text, obj, objects, text

_OF_RESULTS: tuple[Path, ...] = (("results", 0, "generated_text"),)
"""Where watsonx and DeepInfra have the text of a whole answer."""


class Tgi(Plain):
    """Hugging Face text-generation-inference: ``/generate_stream``, ``/generate``, and inference endpoints.

    https://huggingface.github.io/text-generation-inference/
    Models that sum up, translate or transcribe are served at the same addresses, whole:
    https://huggingface.co/docs/inference-providers/tasks/index
    """

    api = "generate"
    shape = "tgi"
    text_paths = (("token", "text"),)
    whole_text_paths = (("generated_text",), ("summary_text",), ("translation_text",), ("text",), *_OF_RESULTS)
    finish_paths = (("details", "finish_reason"),)
    usage_paths = ((),)
    end_marker = "generated_text"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "generated_text" in value or {"id", "text"} <= obj(value.get("token")).keys()  # DJL's, except its last

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return cls.claims(value, name) or first_text(value, cls.whole_text_paths) is not None

    def read_payload(self, value: Object, name: str) -> Reading:
        special = dig(value, ("token", "special"))
        words = self.text_paths if "token" in value else self.whole_text_paths
        reading = self._read(value, None if special else first_text(value, words))
        return reading if value.get("generated_text") is None else reading._replace(end=self.end_marker)


class Watsonx(Plain):
    """IBM watsonx ``/ml/v1/text/generation`` and its stream.  https://cloud.ibm.com/apidocs/watsonx-ai"""

    api = "text.generation"
    shape = "watsonx"
    text_paths = _OF_RESULTS
    usage_paths = (("results", 0),)
    model_path = ("model_id",)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return any("generated_text" in result for result in objects(value.get("results")))

    def read_payload(self, value: Object, name: str) -> Reading:
        counted = obj(self.answer.usage)
        reading = super().read_payload(value, name)
        # the first payload counts the prompt's tokens, those that follow say 0
        self.answer.usage = {key: n or counted.get(key, n) for key, n in obj(self.answer.usage).items()}
        reason = text(dig(value, ("results", 0, "stop_reason")))
        if reason.lower() in ("", "not_finished"):
            return reading
        self.answer.message(self._choice).set_finish_reason(reason)
        return reading._replace(end=self.end_marker)

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "message")


_STOPPED = ("eos", "word", "limit")


class LlamaCpp(Plain):
    """llama.cpp server's own ``/completion``.  https://github.com/ggml-org/llama.cpp/tree/master/tools/server"""

    api = "completion"
    shape = "llama.cpp"
    text_paths = (("content",),)
    finish_paths = (("stop_type",),)
    usage_paths = ((),)
    end_marker = final_flag = "stop"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("content"), str) and isinstance(value.get("stop"), bool)

    def _read(self, value: Object, words: str | None) -> Reading:
        # before ``stop_type`` there was a switch for each
        self.answer.message(self._choice).set_finish_reason(
            next((why for why in _STOPPED if value.get(f"stopped_{why}")), None)
        )
        return super()._read(value, words)


class SgLang(Plain):
    """SGLang's own ``/generate``: the text so far, or pieces if started to send those.  https://docs.sglang.ai/"""

    api = "generate"
    shape = "sglang"
    text_paths = (("text",),)
    finish_paths = (("meta_info", "finish_reason", "type"),)
    usage_paths = (("meta_info",),)
    id_path = ("meta_info", "id")
    text_type = MaybeCumulativeText

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("meta_info"), dict) and not {"text", "output_ids"}.isdisjoint(value)


class Completion(Plain):
    """Anthropic's old ``/v1/complete``."""

    api = "complete"
    shape = "anthropic"
    text_paths = (("completion",),)
    finish_paths = (("stop_reason",),)

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        # other apps have these two members, but no other of Anthropic's
        ends = "stop_reason" in value and ("model" in value or "stop" in value)
        return isinstance(value.get("completion"), str) and (ends or value.get("type") == "completion")

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "completion" in value


class Jurassic(Plain):
    """AI21's Jurassic and Aleph Alpha's completions: a list of texts, each with its finish reason"""

    api = "complete"
    shape = "ai21"
    text_paths = (("data", "text"), ("completion",))
    finish_paths = (("finishReason", "reason"), ("finish_reason",))

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        choices = objects(value.get("completions"))
        return any(first_text(each, cls.text_paths) is not None and first(each, cls.finish_paths) for each in choices)

    def read_payload(self, value: Object, name: str) -> Reading:
        choices = enumerate(objects(value.get("completions")))
        readings = [self._read(each, first_text(each, self.text_paths)) for self._choice, each in choices]
        self.answer.set_identity(None, value.get("id"))
        self.answer.set_usage(value)
        self.take_error(value)
        return readings[0] if readings else NOTHING

    def read_document(self, value: Object) -> None:
        self.read_payload(value, "message")


class Writer(Plain):
    """Writer's ``/v1/completions``: bare pieces, or a whole answer in OpenAI's shape."""

    api = "completions"
    shape = "writer"
    text_paths = (("value",),)
    whole_text_paths = (("choices", 0, "text"),)
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "value" in value or "choices" in value


class Triton(Plain):
    """NVIDIA Triton's generate extension.

    https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_generate.html
    """

    api = "generate"
    shape = "triton"
    text_paths = (("text_output",),)
    model_path = ("model_name",)
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "text_output" in value and "model_name" in value


class Kobold(Plain):
    """KoboldCpp's own stream and whole answer.  https://lite.koboldai.net/koboldcpp_api"""

    api = "generate"
    shape = "koboldcpp"
    text_paths = (("token",),)
    whole_text_paths = (("results", 0, "text"),)
    finish_paths = (("finish_reason",), ("results", 0, "finish_reason"))

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return False

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return "token" in value or "results" in value


class SenseNova(Plain):
    """SenseNova's own chat.  https://console.sensecore.cn/help/docs/model-as-a-service/nova/chat/ChatCompletions"""

    api = "chat"
    shape = "sensenova"
    text_paths = (("data", "choices", 0, "delta"),)
    whole_text_paths = (("data", "choices", 0, "message"),)
    reasoning_path = ("data", "choices", 0, "reasoning_content")
    finish_paths = (("data", "choices", 0, "finish_reason"),)
    usage_paths = (("data", "usage"),)
    id_path = ("data", "id")

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        choices = dig(value, ("data", "choices", 0))
        return any(isinstance(obj(choices).get(key), str) for key in ("delta", "message"))


class Qianfan(Plain):
    """Baidu Qianfan's own chat.  https://cloud.baidu.com/doc/WENXINWORKSHOP/"""

    api = "chat"
    shape = "qianfan"
    text_paths = (("result",),)
    finish_paths = (("finish_reason",),)
    end_marker = final_flag = "is_end"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("result"), str) and ("is_end" in value or "need_clear_history" in value)

    def _read(self, value: Object, words: str | None) -> Reading:
        called, bits = obj(value.get("function_call")), 0
        if called:
            message = self.answer.message(self._choice)
            bits = message.add_reasoning(called.get("thoughts"))
            message.calls.add(None, called.get("name"), dump(called.get("arguments")))
            bits |= TOOLS
        reading = super()._read(value, words)
        return reading._replace(channels=reading.channels + READINGS[bits].channels)


class Elastic(Plain):
    """Elasticsearch's `_inference` for text.  https://www.elastic.co/docs/api/doc/elasticsearch/"""

    api = "completion"
    shape = "elastic"
    text_paths = (("completion", 0, "delta"),)
    whole_text_paths = (("completion", 0, "result"),)
    end_marker = "[DONE]"

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return isinstance(dig(value, cls.text_paths[0]), str)

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return bool(objects(value.get("completion")))


class LightRag(Plain):
    """LightRAG's answers, in any app: a list of sources, then pieces of text.  https://github.com/HKUDS/LightRAG"""

    api = "query"
    shape = "lightrag"
    text_paths = (("response",),)
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return any({"reference_id", "file_path"} <= source.keys() for source in objects(value.get("references")))
