"""Which APIs there are: a table, one row an API.

In: an exchange's `Context`.  Out: the row that its request proposes: the dialect that reads the answer, and how a
client asks for a stream.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..model import Context
from .dialect import Dialect
from .dialects import (
    adk,
    agentscope,
    agno,
    ai_gateway,
    amazon_q,
    anthropic,
    anthropic_agents,
    anthropic_sessions,
    assistant_ui,
    bedrock,
    bedrock_agents,
    chatgpt,
    chatkit,
    clova,
    codex,
    cohere,
    dashscope,
    dashscope_sessions,
    dashscope_tasks,
    data_stream,
    deepseek_chat,
    discovery,
    embeddings,
    event_apis,
    flow_builders,
    gemini,
    gemini_interactions,
    genkit,
    gradio,
    grok_web,
    hunyuan,
    jetbrains,
    langchain,
    langgraph_events,
    letta,
    librechat,
    llama_api,
    lobechat,
    maritaca,
    mastra,
    mcp,
    media,
    mistral_conversations,
    mistral_ocr,
    oci,
    ollama,
    openai_agents,
    openai_assistants,
    openai_chat,
    openai_completions,
    openai_realtime,
    openai_responses,
    qwen_chat,
    ragflow,
    reka,
    replicate,
    sap,
    searched,
    snowflake_agents,
    sourcegraph,
    spark,
    spring_ai,
    tencent,
    tensorzero,
    text_apis,
    vllm,
    workers_ai,
    yandex,
    zai_chat,
)
from .intent import IntentRule, by_accept, by_anything, by_body, by_field, by_header, by_query, by_url, left_to_server


class Row(NamedTuple):
    """One API: its dialect, where it is served, and how a client asks for a stream."""

    dialect: type[Dialect]
    pattern: str
    """Regular expression, searched in the request's host and path."""
    asks: IntentRule
    shape: str | None = None
    """Who invented it, if the dialect reads APIs of several inventors."""


NO_PATH = r"(?!)"
"""The place of APIs that any app may serve: their payloads alone show them."""
_BY_BODY = by_body(default=False)

_DEEPSEEK = r"^chat\.deepseek\.com/api/v\d+/chat/(?:completion|continue|edit_message|regenerate|resume_stream)$"

_UI = Row(event_apis.UiMessages, NO_PATH, by_anything)
_DATA = Row(data_stream.DataStream, NO_PATH, by_anything)
_MCP = Row(mcp.JsonRpc, r"/mcp/?$", mcp.asks)
_FLOW = Row(genkit.Flow, NO_PATH, by_anything)
_DETECTORS = (
    (mcp.is_json_rpc, _MCP),
    (event_apis.is_ui_message_stream, _UI),
    (data_stream.is_data_stream, _DATA),
    (genkit.is_callable_flow, _FLOW),
)
"""APIs that headers and bodies show, whatever the place."""

DIALECTS: tuple[Row, ...] = (
    Row(text_apis.Qianfan, r"baidubce\.com/.*/wenxinworkshop/", _BY_BODY),  # one of its paths ends as OpenAI's does
    Row(chatgpt.Conversation, r"^chatgpt\.com/backend-(?:api|anon)/(?:f/)?conversation(?:/resume)?$", by_anything),
    Row(llama_api.Chat, r"^api\.llama\.com/v1/chat/completions$", _BY_BODY),
    Row(qwen_chat.QwenChat, r"^chat\.qwen\.ai/api/(?:v\d+/)?chat/completions$", _BY_BODY),
    Row(qwen_chat.Qianwen, r"^chat2\.qianwen\.com/api/v\d+/chat$", by_anything),
    Row(deepseek_chat.DeepSeekChat, _DEEPSEEK, by_anything),
    Row(zai_chat.ZaiChat, r"^chat\.z\.ai/api/(?:v\d+/)?chat/completions$", _BY_BODY),
    Row(jetbrains.JetBrains, r"/user/v\d+/llm/chat/stream/v\d+$", by_url(stream=True)),
    Row(grok_web.Grok, r"^grok\.com/rest/app-chat/conversations/", by_anything),
    Row(vllm.Transcripts, NO_PATH, _BY_BODY),  # its chunks are shaped as a chat's
    Row(openai_chat.Chat, r"/chat/completions/?$|/serving-endpoints/[^/]+/invocations$", _BY_BODY),
    Row(openai_chat.Chat, r"/text/chatcompletion_v2$|^api\.writer\.com/v1/chat$|pollinations\.ai/openai$", _BY_BODY),
    Row(openai_chat.Chat, r"/cortex/inference:complete$", by_anything),
    Row(openai_chat.Chat, r"/text/chat_stream$", by_url(stream=True)),
    Row(openai_chat.Chat, r"/text/chat$", by_url(stream=False)),
    Row(mistral_conversations.Conversations, r"mistral\.ai/v1/conversations(?:/[^/]+(?:/restart)?)?$", _BY_BODY),
    Row(mistral_ocr.Ocr, r"/ocr$", _BY_BODY),
    Row(media.Transcription, r"/audio/transcriptions/realtime$", left_to_server),  # Mistral's has a shape of its own
    Row(openai_realtime.Realtime, r"/realtime(?:/translations)?/?$|/live/sessions(?:/[^/]+/fork)?$", left_to_server),
    Row(embeddings.CountTokens, r"/v1/messages/count_tokens$|/models/count-tokens:rawPredict$", _BY_BODY, "anthropic"),
    Row(embeddings.CountTokens, r"/responses/input_tokens$", _BY_BODY),
    Row(embeddings.CountTokens, r":countTokens$", _BY_BODY, "gemini"),
    Row(embeddings.CountTokens, r"/model/[^/]+/count-tokens$", _BY_BODY, "bedrock"),
    Row(agentscope.AgentScope, NO_PATH, by_anything),  # its responses are called as OpenAI's
    Row(openai_responses.Responses, r"/responses/?$|perplexity\.ai/v1/agent$", _BY_BODY),
    Row(openai_responses.Responses, r"/responses/[^/]+$", by_query),
    Row(ragflow.RagFlow, r"/(?:chats|agents)/[^/]+/completions$|/(?:sessions|searchbots)/ask$", by_anything),
    Row(text_apis.Writer, r"^api\.writer\.com/v1/completions", _BY_BODY),
    Row(openai_completions.Completions, r"/completions/?$|/v1/edits$", _BY_BODY),
    Row(codex.Codex, NO_PATH, by_anything),
    Row(openai_assistants.Runs, r"/threads/(?:[^/]+/)?runs(?:/[^/]+/submit_tool_outputs)?$", _BY_BODY),
    Row(openai_agents.AgentSessions, r"/agents/sessions(?:/[^/]+/events)?/?$", _BY_BODY),
    Row(media.Speech, r"/audio/speech$", by_field("stream_format", "sse", "audio")),
    Row(media.Speech, r"/text-to-speech/[^/]+/stream(?:/with-timestamps)?$", by_url(stream=True)),
    Row(media.Speech, r"/text-to-speech/[^/]+(?:/with-timestamps)?$", by_url(stream=False)),
    Row(media.Speech, r"cartesia\.ai/tts/bytes$|deepgram\.com/v1/speak$", left_to_server),
    Row(media.Speech, r"/tts/(?:sse|unidirectional(?:/sse)?)$", by_url(stream=True)),
    Row(media.Speech, r"/t2a_v2$|/music_generation$", _BY_BODY),
    Row(media.Transcription, r"/audio/(?:transcriptions|translations)$|/speech-to-text$", _BY_BODY),
    Row(media.Transcription, r"deepgram\.com/v1/listen$|assemblyai\.com/v2/transcript(?:/[^/]+)?$", left_to_server),
    Row(media.Pictures, r"/images/(?:generations|edits|variations)$", _BY_BODY),
    Row(media.Pictures, r"/imagen[\w@.-]*:predict$|:templatePredict$", by_url(stream=False), "gemini"),
    Row(embeddings.Embeddings, r"/api/embed(?:dings)?$", _BY_BODY, "ollama"),
    Row(
        embeddings.Embeddings,
        r"embeddings?/?$|/inference:embed$|nomic\.ai/v1/embedding/(?:text|image)$",
        _BY_BODY,
    ),
    Row(embeddings.Embeddings, r"/v[12]/embed$", _BY_BODY, "cohere"),
    Row(embeddings.Embeddings, r"/api/v1/services/embeddings/", _BY_BODY, "dashscope"),
    Row(embeddings.Embeddings, r":(?:embedContent|batchEmbedContents)$|embedding[\w@.-]*:predict$", _BY_BODY, "gemini"),
    Row(embeddings.Rerank, r"/v2/rerank$", _BY_BODY, "cohere"),
    Row(embeddings.Rerank, r"/rerank(?:s|ing)?/?$", _BY_BODY),
    Row(embeddings.Rerank, r"/api/v1/services/rerank/", _BY_BODY, "dashscope"),
    Row(embeddings.Moderations, r"/moderations/?$", _BY_BODY),
    Row(embeddings.Decisions, r"/decisions/?$|/systemone/?$", _BY_BODY),
    Row(anthropic.Messages, r"/v1/messages$|:rawPredict$", _BY_BODY),
    Row(anthropic.Messages, r":streamRawPredict$", by_url(stream=True)),
    Row(anthropic.Messages, r"^claude\.ai/.*/(?:retry_)?completion$", by_anything),
    Row(anthropic_agents.AgentSdk, NO_PATH, by_anything),
    Row(anthropic_sessions.Sessions, r"/v1/sessions/[^/]+(?:/threads/[^/]+)?/(?:events/)?stream$", by_url(stream=True)),
    Row(adk.Events, r"/run_sse$|:streamQuery$", by_url(stream=True)),
    Row(gemini.GenerateContent, r":(?:s|templateS)treamGenerateContent$", by_url(stream=True)),
    Row(gemini.GenerateContent, r":(?:g|templateG)enerateContent$", by_url(stream=False)),
    Row(discovery.Answers, r":streamAssist$|/widgetStreamAssist$|:streamAnswer$", by_url(stream=True)),
    Row(discovery.Answers, r"discoveryengine\.googleapis\.com/.*:(?:assist|answer)$", by_url(stream=False)),
    Row(gemini.Live, r"BidiGenerateContent(?:Constrained)?$", left_to_server),
    Row(gemini_interactions.Interactions, r"/interactions$", _BY_BODY),
    Row(gemini_interactions.Interactions, r"/interactions/[^/]+$", by_query),
    Row(ollama.Chat, r"/api/chat/?$", ollama.asks),
    Row(ollama.Generate, r"/api/generate/?$", ollama.asks),
    Row(event_apis.LmStudio, r"/api/v1/chat/?$", _BY_BODY),
    Row(flow_builders.Dify, r"/(?:chat|completion)-messages$|/workflows/(?:[^/]+/)?run$", flow_builders.asks_dify),
    Row(event_apis.Coze, r"/v3/chat$", _BY_BODY),
    Row(event_apis.Coze, r"/v1/workflows/chat$", by_url(stream=True)),
    Row(flow_builders.CozeWorkflow, r"/v1/workflow/stream_(?:run|resume)$", by_url(stream=True)),
    Row(flow_builders.CozeWorkflow, r"/v1/workflow/run$", by_url(stream=False)),
    Row(flow_builders.AppBuilder, r"/app/conversation/runs$", _BY_BODY),
    Row(flow_builders.MaxKb, r"/chat_message/[^/]+$", by_body(default=True)),
    Row(gradio.Gradio, r"/queue/data$|/call/[^/]+/[0-9a-f]{32}$", by_url(stream=True)),
    Row(librechat.LibreChat, r"/api/agents/chat/stream/[^/]+$", by_url(stream=True)),
    Row(letta.Letta, r"/v1/agents/[^/]+/messages/stream$", by_url(stream=True)),
    Row(letta.Letta, r"/v1/agents/[^/]+/messages$", by_body(False, "streaming")),
    Row(event_apis.HuggingChat, r"/conversation/[0-9a-f]{24}$", by_anything),
    Row(lobechat.LobeChat, r"/webapi/chat/[^/]+$", by_body(default=True)),
    Row(text_apis.SenseNova, r"/v1/llm/chat-completions$", _BY_BODY),
    Row(clova.ClovaStudio, r"ntruss\.com/.*chat-completions", by_header("accept", "text/event-stream", _BY_BODY)),
    Row(spark.Spark, r"^(?:spark|maas)-api\.(?:[\w-]+\.)?xf-yun\.com/", left_to_server),
    Row(event_apis.AnythingLlm, r"/stream-chat$", by_url(stream=True)),
    Row(flow_builders.Flowise, r"/api/v1/(?:internal-)?prediction/[^/]+$", by_body(False, "streaming")),
    Row(flow_builders.Langflow, r"/api/v1/run/(?:advanced/)?[^/]+$", by_anything),
    Row(flow_builders.N8n, NO_PATH, by_anything),
    Row(ai_gateway.LanguageModel, r"/ai/language-model$", ai_gateway.asks),
    Row(mastra.Agent, NO_PATH, by_anything),
    Row(chatkit.Threads, r"/chatkit/?$", chatkit.asks),
    Row(spring_ai.SpringAi, NO_PATH, by_anything),
    _FLOW,
    Row(agno.Runs, r"/(?:agents|teams|workflows)/[^/]+/runs(?:/[^/]+/(?:continue|resume))?$", by_body(default=True)),
    _UI,
    _DATA,
    Row(event_apis.Pinecone, r"/assistant/chat/[^/]+$", _BY_BODY),
    Row(event_apis.AgUi, NO_PATH, by_anything),
    Row(assistant_ui.Transport, NO_PATH, by_anything),
    Row(bedrock.Converse, r"/converse-stream$", by_url(stream=True)),
    Row(bedrock.Converse, r"/converse$", by_url(stream=False)),  # its answers have the members of DashScope's
    Row(dashscope.Generation, r"/api/v1/services/(?:aigc|audio/tts)/|/api/v1/apps/[^/]+/completion$", dashscope.asks),
    Row(dashscope_tasks.Tasks, r"/api-ws/v1/inference/?$", left_to_server),
    Row(dashscope_sessions.AgentStudio, r"/agentstudio/sessions/[^/]+/events/stream$", by_url(stream=True)),
    Row(tencent.Adp, r"/adp/v2/chat$", tencent.asks),
    Row(tencent.Lke, r"/v1/qbot/chat/sse$", tencent.asks),
    Row(hunyuan.ChatCompletions, r"^hunyuan\.(?:[\w-]+\.)*tencentcloudapi\.com/?$", by_body(False, "Stream")),
    Row(bedrock_agents.Agents, r"^bedrock-agent-runtime\..*/retrieveAndGenerate$", by_url(stream=False)),
    Row(bedrock_agents.Agents, r"^bedrock-agent-runtime\.", left_to_server),
    Row(bedrock_agents.Runtime, r"^bedrock-agentcore\..*/invocations$", left_to_server),
    Row(amazon_q.Assistant, r"/generateAssistantResponse$", by_url(stream=True)),
    Row(bedrock.Invoke, r"/invoke-with-response-stream$", by_url(stream=True)),
    Row(bedrock.Invoke, r"/model/[^/]+/invoke$", by_url(stream=False)),
    Row(reka.Chat, r"reka\.ai/v1/chat$", _BY_BODY),
    Row(cohere.ChatV2, r"/v2/chat$", _BY_BODY),
    Row(cohere.ChatV1, r"cohere\.(?:com|ai)/v1/(?:chat|generate)$", _BY_BODY),
    Row(text_apis.Triton, r"/v2/models/[^/]+(?:/versions/[^/]+)?/generate_stream$", by_url(stream=True)),
    Row(text_apis.Triton, r"/v2/models/[^/]+(?:/versions/[^/]+)?/generate$", by_url(stream=False)),
    Row(text_apis.Kobold, r"/api/extra/generate/stream$", by_url(stream=True)),
    Row(text_apis.Kobold, r"/api/v1/generate$", by_url(stream=False)),
    Row(text_apis.Tgi, r"/generate_stream$", by_url(stream=True)),
    Row(text_apis.Tgi, r"/endpoints/[^/]+/invocations-response-stream$", by_url(stream=True)),
    Row(text_apis.Tgi, r"huggingface\.(?:co/(?:.*inference/)?models/(?:[^/]+/)?[^/]+|cloud/)$", _BY_BODY),
    Row(text_apis.Tgi, r"deepinfra\.com/v1/inference/", _BY_BODY),
    Row(text_apis.Watsonx, r"/ml/v[\w-]+/(?:.*/)?generation(?:_stream|/text_stream)$", by_url(stream=True)),
    Row(text_apis.Watsonx, r"/ml/v[\w-]+/(?:.*/)?generation(?:/text)?$", by_url(stream=False)),
    Row(replicate.Predictions, r"^stream[\w.-]*replicate\.(?:com|net|delivery)/", by_accept),
    Row(replicate.Predictions, r"replicate\.com/.*predictions(?:/\w+)?$", left_to_server),
    Row(workers_ai.WorkersAi, r"/(?:ai/run|workers-ai)/@|^api\.cloudflare\.com/.*/ai/run/", _BY_BODY),
    Row(yandex.Completion, r"/foundationModels/v1/completion(?:Async)?$", yandex.asks),
    Row(snowflake_agents.Agents, r"/api/v2/.*\bagents?(?:/[^/]+)?:run$", by_body(default=True)),
    Row(sap.Orchestration, r"/deployments/[^/]+(?:/v2)?/completion$", sap.asks),
    Row(oci.Chat, r"/\d{8}/actions/chat$", oci.asks),
    Row(sourcegraph.Completions, r"/\.api/completions/stream$", by_body(default=True)),
    Row(sourcegraph.Completions, r"/\.api/completions/code$", _BY_BODY),
    Row(text_apis.LlamaCpp, r"/completion$", _BY_BODY),
    Row(text_apis.Elastic, r"/_inference/(?:completion/)?[^/]+/_stream$", by_url(stream=True)),
    Row(text_apis.Elastic, r"/_inference/completion/[^/]+$", by_url(stream=False)),
    Row(text_apis.Completion, r"/v1/complete$", _BY_BODY),
    Row(text_apis.LightRag, NO_PATH, by_anything),
    Row(text_apis.Jurassic, r"/studio/v1/[^/]+/complete$|aleph-alpha\.com/complete$", _BY_BODY),
    Row(text_apis.SgLang, r"/generate$", _BY_BODY),
    Row(vllm.Demo, NO_PATH, _BY_BODY),  # served at SGLang's path
    Row(searched.Exa, r"exa\.ai/answer$", _BY_BODY),
    Row(
        searched.Vectara,
        r"vectara\.io/v2/(?:(?:corpora/[^/]+/)?query|chats(?:/[^/]+/turns)?)$",
        by_body(False, "stream_response"),
    ),
    Row(maritaca.Maritaca, r"/api/chat/inference$", _BY_BODY),
    Row(tensorzero.Inference, r"/inference$", _BY_BODY),
    Row(langgraph_events.Events, r"/threads/[^/]+/stream/events$", by_url(stream=True)),
    Row(langchain.Runs, r"/runs/(?:[^/]+/)?stream$", by_url(stream=True)),
    Row(langchain.Runs, r"/runs/wait$", by_url(stream=False)),
    Row(mcp.Agent, r"/message:stream$|/tasks/[^/]+:subscribe$", by_url(stream=True)),
    Row(mcp.Agent, r"/message:send$", by_url(stream=False)),
    _MCP,
)
"""In order of precedence: the first place that matches wins, and so does the first dialect that claims a payload."""

_MAX_PLACE = 200
"""Most characters of a host and path that are cached."""


def row_of(context: Context) -> Row | None:
    """The row that the request proposes; None if there is none."""
    if detected := next((row for spoken, row in _DETECTORS if spoken(context)), None):
        return detected
    place = context.host + context.path
    return _row_at(place) if len(place) <= _MAX_PLACE else _row_at.__wrapped__(place)


@lru_cache(1024)
def _row_at(place: str) -> Row | None:
    """Cached, since searching the table takes a while, and few places are called again and again."""
    return next((row for row in DIALECTS if re.search(row.pattern, place)), None)
