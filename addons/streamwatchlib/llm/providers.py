"""Who is answering, by the host or else by response headers; and the model that was asked for.

In: the exchange's `Context`.  Out: names.  Payloads that name their provider are the dialects' business.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..headers import header
from ..model import Context
from .values import Path, dig, non_empty

HOSTS: tuple[tuple[str, str], ...] = (
    ("api.openai.com", "openai"),
    ("chatgpt.com", "openai"),
    ("openai.azure.com", "azure-openai"),
    ("openai.azure.us", "azure-openai"),
    ("cognitiveservices.azure.com", "azure-openai"),
    ("services.ai.azure.com", "azure-ai"),
    ("models.ai.azure.com", "azure-ai"),
    ("inference.ml.azure.com", "azure-ai"),
    ("models.inference.ai.azure.com", "github-models"),
    ("models.github.ai", "github-models"),
    ("githubcopilot.com", "github-copilot"),
    ("api.anthropic.com", "anthropic"),
    ("claude.ai", "anthropic"),
    ("generativelanguage.googleapis.com", "gemini"),
    ("cloudcode-pa.googleapis.com", "gemini"),
    ("googleapis.com", "vertex"),
    ("aliyuncs.com", "dashscope"),
    ("pai-eas.aliyuncs.com", "pai-eas"),
    ("qianwenaiapi.com", "dashscope"),
    ("portal.qwen.ai", "dashscope"),
    ("chat.qwen.ai", "dashscope"),
    ("qianwen.com", "dashscope"),
    ("ollama.com", "ollama"),
    ("deepseek.com", "deepseek"),
    ("api.mistral.ai", "mistral"),
    ("codestral.mistral.ai", "mistral"),
    ("api.groq.com", "groq"),
    ("api.x.ai", "xai"),
    ("grok.com", "xai"),
    ("elevenlabs.io", "elevenlabs"),
    ("cartesia.ai", "cartesia"),
    ("deepgram.com", "deepgram"),
    ("assemblyai.com", "assemblyai"),
    ("nomic.ai", "nomic"),
    ("nlpcloud.io", "nlpcloud"),
    ("api.parallel.ai", "parallel"),
    ("openrouter.ai", "openrouter"),
    ("api.perplexity.ai", "perplexity"),
    ("maritaca.ai", "maritaca"),
    ("exa.ai", "exa"),
    ("vectara.io", "vectara"),
    ("cohere.com", "cohere"),
    ("cohere.ai", "cohere"),
    ("together.xyz", "together"),
    ("together.ai", "together"),
    ("fireworks.ai", "fireworks"),
    ("huggingface.co", "huggingface"),
    ("huggingface.cloud", "huggingface"),
    ("hf.space", "huggingface"),
    ("api.cerebras.ai", "cerebras"),
    ("sambanova.ai", "sambanova"),
    ("nebius.ai", "nebius"),
    ("nebius.com", "nebius"),
    ("novita.ai", "novita"),
    ("hyperbolic.xyz", "hyperbolic"),
    ("api.z.ai", "zai"),
    ("chat.z.ai", "zai"),
    ("api.jetbrains.ai", "jetbrains"),
    ("bigmodel.cn", "zhipu"),
    ("moonshot.cn", "moonshot"),
    ("moonshot.ai", "moonshot"),
    ("kimi.com", "moonshot"),
    ("minimax.chat", "minimax"),
    ("minimaxi.com", "minimax"),
    ("minimaxi.chat", "minimax"),
    ("minimax.io", "minimax"),
    ("volces.com", "volcengine"),
    ("openspeech.bytedance.com", "volcengine"),
    ("bytepluses.com", "byteplus"),
    ("baidubce.com", "qianfan"),
    ("hunyuan.cloud.tencent.com", "hunyuan"),
    ("hunyuan.tencentcloudapi.com", "hunyuan"),
    ("lkeap.cloud.tencent.com", "tencent"),
    ("lke.cloud.tencent.com", "tencent"),
    ("lke.tencentcloud.com", "tencent"),
    ("adp.tencent.com", "tencent"),
    ("tencentcloudapi.com", "tencent"),
    ("tencentmaas.com", "tencent"),
    ("tencentmaas.cn", "tencent"),
    ("siliconflow.cn", "siliconflow"),
    ("siliconflow.com", "siliconflow"),
    ("modelscope.cn", "modelscope"),
    ("modelscope.ai", "modelscope"),
    ("stepfun.com", "stepfun"),
    ("stepfun.ai", "stepfun"),
    ("longcat.chat", "longcat"),
    ("xiaomimimo.com", "mimo"),
    ("lingyiwanwu.com", "01ai"),
    ("baichuan-ai.com", "baichuan"),
    ("xf-yun.com", "spark"),
    ("sensenova.cn", "sensenova"),
    ("ntruss.com", "naver"),
    ("modelarts-maas.com", "huawei"),
    ("intern-ai.org.cn", "internlm"),
    ("api.360.cn", "360"),
    ("iflow.cn", "iflow"),
    ("infini-ai.com", "infini-ai"),
    ("ppinfra.com", "ppio"),
    ("ppio.com", "ppio"),
    ("qnaigc.com", "qiniu"),
    ("ai.gitee.com", "gitee"),
    ("moark.com", "gitee"),
    ("ctyun.cn", "ctyun"),
    ("tokenpony.cn", "tokenpony"),
    ("aihubmix.com", "aihubmix"),
    ("api.302.ai", "302ai"),
    ("zenmux.ai", "zenmux"),
    ("opencode.ai", "opencode"),
    ("azuredatabricks.net", "databricks"),
    ("cloud.databricks.com", "databricks"),
    ("gcp.databricks.com", "databricks"),
    ("ml.cloud.ibm.com", "watsonx"),
    ("replicate.com", "replicate"),
    ("replicate.net", "replicate"),
    ("dify.ai", "dify"),
    ("coze.cn", "coze"),
    ("coze.com", "coze"),
    ("api.writer.com", "writer"),
    ("venice.ai", "venice"),
    ("doubleword.ai", "doubleword"),
    ("ai-gateway.vercel.sh", "vercel-gateway"),
    ("gateway.ai.cloudflare.com", "cloudflare"),
    ("api.cloudflare.com", "cloudflare"),
    ("api.nvidia.com", "nvidia"),
    ("deepinfra.com", "deepinfra"),
    ("api.ai21.com", "ai21"),
    ("aleph-alpha.com", "aleph-alpha"),
    ("upstage.ai", "upstage"),
    ("friendli.ai", "friendli"),
    ("baseten.co", "baseten"),
    ("lambda.ai", "lambda"),
    ("lambdalabs.com", "lambda"),
    ("inference.net", "inference.net"),
    ("chutes.ai", "chutes"),
    ("parasail.io", "parasail"),
    ("featherless.ai", "featherless"),
    ("avian.io", "avian"),
    ("scaleway.ai", "scaleway"),
    ("ovh.net", "ovh"),
    ("inceptionlabs.ai", "inception"),
    ("morphllm.com", "morph"),
    ("reka.ai", "reka"),
    ("helicone.ai", "helicone"),
    ("portkey.ai", "portkey"),
    ("api.llama.com", "llama"),
    ("llm.api.cloud.yandex.net", "yandex"),
    ("oci.oraclecloud.com", "oci"),
    ("ml.hana.ondemand.com", "sap"),
    ("gigachat.devices.sberbank.ru", "gigachat"),
    ("snowflakecomputing.com", "snowflake"),
    ("sourcegraph.com", "sourcegraph"),
    ("voyageai.com", "voyage"),
    ("jina.ai", "jina"),
    ("inference.heroku.com", "heroku"),
    ("requesty.ai", "requesty"),
    ("poe.com", "poe"),
    ("inference.wandb.ai", "wandb"),
    ("do-ai.run", "digitalocean"),
    ("nscale.com", "nscale"),
    ("clarifai.com", "clarifai"),
    ("pinecone.io", "pinecone"),
    ("publicai.co", "publicai"),
    ("aimlapi.com", "aimlapi"),
    ("pollinations.ai", "pollinations"),
    ("api.nova.amazon.com", "amazon-nova"),
    ("api.v0.dev", "v0"),
    ("synthetic.new", "synthetic"),
    ("nano-gpt.com", "nano-gpt"),
    ("sarvam.ai", "sarvam"),
    ("intelligence.io.solutions", "io.net"),
    ("cometapi.com", "cometapi"),
    ("compactif.ai", "compactifai"),
    ("arcee.ai", "arcee"),
    ("liquid.ai", "liquid"),
    ("predibase.com", "predibase"),
    ("runpod.ai", "runpod"),
    ("fal.run", "fal"),
    ("ionos.com", "ionos"),
    ("infomaniak.com", "infomaniak"),
    ("vultrinference.com", "vultr"),
    ("llmgateway.io", "llmgateway"),
    ("edenai.run", "edenai"),
    ("mixedbread.ai", "mixedbread"),
    ("mixedbread.com", "mixedbread"),
    ("gateway.pydantic.dev", "pydantic-gateway"),
)
"""Host name, or the end of one after a dot -> provider."""

_BY_HOST = dict(HOSTS)

_REGIONAL = re.compile(r"(?:^|\.)(?P<service>bedrock|sagemaker)\b.*\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$")
"""AWS names the service first and the region before the domain."""

_HEADERS: tuple[tuple[str, str], ...] = (
    ("openai-organization", "openai"),
    ("x-groq-region", "groq"),
    ("x-dashscope-call-gateway", "dashscope"),
    ("x-dashscope-request-id", "dashscope"),
    ("anthropic-organization-id", "anthropic"),
    ("azureml-model-session", "azure-openai"),
    ("x-amzn-bedrock-input-token-count", "bedrock"),
    ("mistral-correlation-id", "mistral"),
    ("x-ds-trace-id", "deepseek"),
)
"""Response header that only this provider sends -> provider: seen through a gateway on another host."""

_MODEL_IN_PATH = re.compile(
    r"/(?:openai/deployments|(?:tunedM|m)odels?|endpoints|serving-endpoints|apps|chat-completions|(?:ai/run|workers-ai)(?=/@)|accounts/[^/]+/ai/run)/(?P<model>[^?]+?)"
    r"(?::\w+|/(?:converse(?:-stream)?|count-tokens|invoke(?:-with-(?:response|bidirectional)-stream)?|invocations(?:-response-stream)?|predictions|completion"
    r"|(?:v1/|extensions/)?(?:chat/)?completions|embeddings|(?:audio|images)/\w+|(?:versions/\w+/)?generate(?:_stream)?)|$)$"
)


_MODEL_IN_BODY: tuple[Path, ...] = (
    ("model",),
    ("Model",),
    ("ModelName",),
    ("model_name",),
    ("model_id",),
    ("modelUri",),
    ("servingMode", "modelId"),
    ("agent", "model"),
)
_MODEL_HEADER = "ai-language-model-id"
"""Names the model for Vercel's AI Gateway."""


def provider_of(context: Context) -> str | None:
    """The provider's name by the host or, behind another's host, by a header; None if neither tells it."""
    labels = context.host.split(".")
    for start in range(len(labels) - 1):
        name = _BY_HOST.get(".".join(labels[start:]))
        if name:
            return name
    regional = _REGIONAL.search(context.host)
    if regional:
        return regional["service"]
    sent = {name.lower() for name, _ in context.response_headers}
    return next((name for field, name in _HEADERS if field in sent), None)


def asked_model(context: Context) -> str | None:
    """The model that the request names in its body, its path, a header or its query (Realtime, Azure's deployments)."""
    named = next(filter(None, (non_empty(dig(context.request_value, path)) for path in _MODEL_IN_BODY)), None)
    if named:
        return named
    found = _MODEL_IN_PATH.search(context.path)
    if found:
        return unquote(found["model"])
    if named := header(context.request_headers, _MODEL_HEADER):
        return non_empty(named)
    named_in_query = dict(context.query)
    return non_empty(named_in_query.get("model")) or non_empty(named_in_query.get("deployment"))
