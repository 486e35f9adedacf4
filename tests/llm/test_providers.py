"""Which provider answers, and which model was asked for."""

from __future__ import annotations

import pytest
from streamwatchlib.llm.providers import HOSTS, asked_model, provider_of
from streamwatchlib.model import Context

from .replies import CHAT, chunk, context, streamed


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.openai.com", "openai"),
        ("my-resource.openai.azure.com", "azure-openai"),
        ("dashscope-intl.aliyuncs.com", "dashscope"),
        ("maas.qianwenaiapi.com", "dashscope"),
        ("token-plan.maas.qianwenaiapi.com", "dashscope"),
        ("portal.qwen.ai", "dashscope"),
        ("ws-1.cn-beijing.maas.aliyuncs.com", "dashscope"),
        ("1234.cn-hangzhou.pai-eas.aliyuncs.com", "pai-eas"),  # whose model server is the customer's own
        ("hunyuan.ap-guangzhou.tencentcloudapi.com", "tencent"),
        ("tokenhub-intl.tencentmaas.com", "tencent"),
        ("api.kimi.com", "moonshot"),
        ("claude.ai", "anthropic"),
        ("agency.openai.azure.us", "azure-openai"),
        ("us-east5-aiplatform.googleapis.com", "vertex"),
        ("aiplatform.googleapis.com", "vertex"),
        ("generativelanguage.googleapis.com", "gemini"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"),
        ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "bedrock"),
        ("runtime.sagemaker.us-east-1.amazonaws.com", "sagemaker"),
        ("s3.amazonaws.com", None),
        ("adb-1.2.azuredatabricks.net", "databricks"),
        ("inference.api.nscale.com", "nscale"),
        ("gateway.pydantic.dev", "pydantic-gateway"),
        ("text.pollinations.ai", "pollinations"),
        ("notopenrouter.ai", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_host_names_tell_the_provider(host: str, name: str | None) -> None:
    assert provider_of(context(host=host)) == name


def test_no_host_is_listed_twice() -> None:
    assert len({host for host, _ in HOSTS}) == len(HOSTS)


def test_a_header_shows_through_a_gateway_but_the_host_comes_first() -> None:
    headers = (("X-Groq-Region", "eu"),)
    assert provider_of(Context("POST", "gateway.example", CHAT, response_headers=headers)) == "groq"
    assert provider_of(Context("POST", "openrouter.ai", CHAT, response_headers=headers)) == "openrouter"


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        ({"system_fingerprint": "fp_ollama"}, "ollama"),
        ({"x_groq": {"id": "r"}}, "groq"),
        ({"time_info": {}}, "cerebras"),
        ({"timings": {}}, "llama.cpp"),
        ({"prompt_filter_results": []}, "azure-openai"),
        ({"search_results": [{"title": "t", "last_updated": None}]}, "perplexity"),
        ({"search_results": [{"index": 1, "title": "t"}]}, "openai-compatible"),
        ({"choices": [{"delta": {}, "flag": 0}]}, "qianfan"),
        ({"base_resp": {"status_code": 0}}, "minimax"),
        ({"usage": {"avg_tok_per_sec": 1.0}}, "mistral.rs"),
        ({"choices": [{"delta": {}, "stop_reason": None}]}, "vllm"),
        ({}, "openai-compatible"),
    ],
)
def test_payloads_name_the_provider_where_no_host_does(sign: dict[str, object], name: str) -> None:
    assert streamed(CHAT, chunk({"content": "a"}) | sign).provider == name
    assert streamed(context(host="api.x.ai"), chunk({"content": "a"}) | sign).provider == "xai"


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        (CHAT, {"model": "gpt"}, "gpt"),
        ("/ml/v1/text/chat_stream", {"model_id": "ibm/granite"}, "ibm/granite"),
        (CHAT, {"model": 3}, None),
        (CHAT, None, None),
        ("/v1beta/models/gemini-2.5:streamGenerateContent", {}, "gemini-2.5"),
        ("/v1/projects/p/locations/l/publishers/google/models/g-1:generateContent", None, "g-1"),
        ("/openai/deployments/my-gpt/chat/completions", {}, "my-gpt"),
        ("/model/anthropic.claude-v2%3A1/invoke", {}, "anthropic.claude-v2:1"),
        ("/model/m/converse-stream", {}, "m"),
        ("/model/m/invoke-with-bidirectional-stream", None, "m"),
        ("/serving-endpoints/dbrx/invocations", {}, "dbrx"),
        ("/api/v1/apps/0123/completion", {}, "0123"),
        ("/models/meta-llama/Llama-3.2", {"inputs": "x"}, "meta-llama/Llama-3.2"),
        ("/hf-inference/models/meta-llama/Llama-3.2/v1/chat/completions", {}, "meta-llama/Llama-3.2"),
        ("/openai/deployments/my-gpt/extensions/chat/completions", {}, "my-gpt"),
        ("/openai/deployments/my-whisper/audio/transcriptions", {"stream": "true"}, "my-whisper"),
        ("/openai/deployments/my-gpt-image/images/edits", None, "my-gpt-image"),
        ("/v1beta/tunedModels/mine:generateContent", {}, "mine"),
        ("/client/v4/accounts/a/ai/run/@cf/meta/llama-3.1-8b-instruct", {}, "@cf/meta/llama-3.1-8b-instruct"),
        ("/client/v4/accounts/a/ai/run/vendor/m", {}, "vendor/m"),
        ("/v1/a/gateway/workers-ai/@cf/meta/llama-3.1-8b-instruct", {}, "@cf/meta/llama-3.1-8b-instruct"),
        ("/v1/a/gateway/workers-ai/v1/chat/completions", {}, None),
        ("/endpoints/tgi/invocations-response-stream", {}, "tgi"),
        ("/v2/models/m/versions/1/generate_stream", {}, "m"),
    ],
)
def test_the_model_asked_for_is_in_the_body_or_the_path(path: str, body: object, model: str | None) -> None:
    assert asked_model(context(path, body=body)) == model
