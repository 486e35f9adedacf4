"""Made-up credentials in the shapes that providers issue, for the tests that none of them leaks.

They are assembled when the tests run, so that no scanner of repositories takes this file for a leak.
"""

from __future__ import annotations

import base64
import json
import random
import string

_RANDOM = random.Random(11)
_WORDLY = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + "234567"


def _made(size: int, alphabet: str = _WORDLY) -> str:
    return "".join(_RANDOM.choices(alphabet, k=size - 4)) + "7aB9"[-4:].translate(_fitting(alphabet))


def _fitting(alphabet: str) -> dict[int, str]:
    """Each has a digit and ends in the same way, in whatever case its alphabet has."""
    if "B" not in alphabet:
        return str.maketrans("B", "b")
    return str.maketrans({}) if "a" in alphabet else str.maketrans("a9", "A5")


def _jwt() -> str:
    head, claims = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "iat": 1516239022})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, claims)]
    return ".".join([*parts, _made(43)])


SHAPED = {
    "OpenAI": "sk" + "-" + _made(48),
    "OpenAI, project": "sk" + "-proj-" + _made(120, _WORDLY + "-_"),
    "OpenAI, service account": "sk" + "-svcacct-" + _made(60),
    "OpenAI, ephemeral": "ek" + "_" + _made(32, _HEX),
    "Anthropic": "sk" + "-ant-api03-" + _made(93, _WORDLY + "-_") + "AA",
    "Anthropic, admin": "sk" + "-ant-admin01-" + _made(93),
    "Anthropic, OAuth": "sk" + "-ant-oat01-" + _made(90),
    "Google": "AI" + "za" + _made(35, _WORDLY + "-_"),
    "Google, OAuth": "ya" + "29." + _made(100, _WORDLY + "-_"),
    "Google, service account": "ya" + "29.c." + _made(40, _WORDLY + "-_") + "......" + _made(60, _WORDLY + "-_"),
    "AWS": "AK" + "IA" + _made(16, _UPPER),
    "AWS, temporary": "AS" + "IA" + _made(16, _UPPER),
    "Alibaba Cloud": "LT" + "AI5t" + _made(18),
    "Tencent Cloud": "AK" + "ID" + _made(32),
    "Hugging Face": "hf" + "_" + _made(34),
    "Hugging Face, organization": "api" + "_org_" + _made(34),
    "Groq": "gsk" + "_" + _made(52),
    "xAI": "xai" + "-" + _made(80),
    "Perplexity": "pplx" + "-" + _made(48),
    "Replicate": "r8" + "_" + _made(37),
    "NVIDIA": "nvapi" + "-" + _made(64, _WORDLY + "-_"),
    "Cerebras": "csk" + "-" + _made(48),
    "Fireworks": "fw" + "_" + _made(24),
    "ElevenLabs": "sk" + "_" + _made(48, _HEX),
    "Together": "tgp" + "_v1_" + _made(43),
    "Qianfan": "bce" + "-v3/ALTAK-" + _made(21) + "/" + _made(40, _HEX),
    "SiliconFlow": "sk" + "-" + "".join(_RANDOM.choices(string.ascii_lowercase, k=48)),
    "W&B": "wandb" + "_v1_" + _made(77),
    "a webhook": "whsec" + "_" + _made(32),
    "DashScope": "sk" + "-" + _made(32, _HEX),
    "OpenRouter": "sk" + "-or-v1-" + _made(64, _HEX),
    "LiteLLM": "sk" + "-" + _made(22),
    "Langfuse": "sk" + "-lf-" + _made(36, _HEX + "-"),
    "LangSmith": "lsv2" + "_pt_" + _made(32, _HEX) + "_" + _made(10, _HEX),
    "Databricks": "dapi" + _made(32, _HEX),
    "Pinecone": "pcsk" + "_" + _made(60),
    "Jina": "jina" + "_" + _made(55),
    "Tavily": "tvly" + "-dev-" + _made(32),
    "GitHub": "ghp" + "_" + _made(36),
    "GitHub, fine-grained": "github" + "_pat_" + _made(22) + "_" + _made(59),
    "GitHub, server": "ghs" + "_" + _made(36),
    "GitLab": "glpat" + "-" + _made(20),
    "GitLab, routable": "glpat" + "-" + _made(27) + ".01." + _made(9, string.digits + "abcd"),
    "Slack": "xoxb" + "-" + _made(12, string.digits + "a") + "-" + _made(24),
    "Slack, app": "xapp" + "-1-" + _made(11) + "-" + _made(64, _HEX),
    "Stripe": "sk" + "_live_" + _made(24),
    "npm": "npm" + "_" + _made(36),
    "xAI, management": "xai" + "-token-" + _made(80),
    "Hugging Face, OAuth": "hf" + "_oauth_" + _jwt(),
    "Google, ephemeral": "auth" + "_tokens/" + _made(64, _HEX),
    "Azure AI": "aZ0" + _made(49) + "JQ" + "QJ99" + _made(10) + "ACOG" + _made(12),
    "Azure, application": "aB3" + "8Q" + "~" + _made(34, _WORDLY + "-_."),
    "Alibaba Cloud, temporary": "ST" + "S." + _made(40),
    "DashScope, temporary": "st" + "-" + _made(32, _HEX),
    "Volcengine": "AK" + "LT" + _made(40),
    "Yandex": "AQ" + "VN" + _made(35, _WORDLY + "-_"),
    "Voyage": "pa" + "-A0" + _made(41, _WORDLY + "-_"),
    "Novita": "sk" + "_A0-b_" + _made(38, _WORDLY + "-_"),
    "Cloudflare": "cfut" + "_" + _made(48),
    "Vercel": "vcp" + "_" + _made(56),
    "LlamaCloud": "llx" + "-" + _made(48),
    "RunPod": "rpa" + "_" + _made(44),
    "Cursor": "crsr" + "_" + _made(64, _HEX),
    "Sourcegraph": "sgp" + "_" + _made(16, _HEX) + "_" + _made(40, _HEX),
    "Logfire": "pylf" + "_v1_us_" + _made(43),
    "GitLab, runner": "glrt" + "-" + _made(20),
    "Docker, organization": "dckr" + "_oat_" + _made(32),
    "Supabase": "sb" + "_secret_" + _made(31, _WORDLY + "-_"),
    "Lambda": "secret" + "_" + _made(32) + "." + _made(32),
    "Atlassian": "ATA" + "TT3xFfGF0" + _made(160, _WORDLY + "-_") + "=7A0B9C1D",
    "DigitalOcean": "dop" + "_v1_" + _made(64, _HEX),
    "Grafana": "glsa" + "_" + _made(32) + "_" + _made(8, _HEX),
    "Tailscale": "tskey" + "-auth-" + _made(16) + "-" + _made(32),
    "Stripe, restricted": "rk" + "_live_" + _made(24),
    "GitHub, OAuth": "gho" + "_" + _made(36),
    "GitHub, user of an app": "ghu" + "_" + _made(36),
    "GitHub, refresh": "ghr" + "_" + _made(76),
    "GitLab, deploy": "gldt" + "-" + _made(20),
    "GitLab, trigger": "glptt" + "-" + _made(40, _HEX),
    "Vercel, app": "vca" + "_" + _made(56),
    "Vercel, integration": "vci" + "_" + _made(56),
    "Vercel, AI gateway": "vck" + "_" + _made(56),
    "Vercel, refresh": "vcr" + "_" + _made(56),
    "Cloudflare, account": "cfat" + "_" + _made(48),
    "Cloudflare, global": "cfk" + "_" + _made(48),
    "PyPI": "pypi" + "-" + _made(150, _WORDLY + "-_"),
    "Google, client": "GOC" + "SPX-" + _made(28, _WORDLY + "-_"),
    "Google, new": "AQ" + ".Ab8" + _made(47, _WORDLY + "-_"),
    "Bedrock": "AB" + "SK" + _made(128) + "==",
    "Bedrock, short-lived": "bedrock" + "-api-key-" + _made(400) + "=",
    "Vault": "hvs" + "." + _made(90, _WORDLY + "-_"),
    "SendGrid": "SG" + "." + _made(22, _WORDLY + "-_") + "." + _made(43, _WORDLY + "-_"),
    "Notion": "ntn" + "_" + _made(46),
    "Linear": "lin" + "_api_" + _made(40),
    "Supabase, access": "sbp" + "_" + _made(40, _HEX),
    "Context7": "ctx7" + "sk-" + _made(36, _HEX + "-"),
    "age": "AGE-SECRET" + "-KEY-1" + _made(58, _UPPER),
    "Friendli": "flp" + "_" + _made(48),
    "E2B": "e2b" + "_" + _made(40, _HEX),
    "Figma": "figd" + "_" + _made(40, _WORDLY + "-_"),
    "Shopify": "shpat" + "_" + _made(32, _HEX),
    "Grafana Cloud": "glc" + "_eyJ" + _made(120) + "==",
    "Sentry, organization": "sntrys" + "_eyJ" + _made(120) + "=_" + _made(43),
    "Sentry, user": "sntryu" + "_" + _made(64, _HEX),
    "New Relic": "NR" + "AK-" + _made(27, _UPPER),
    "Postman": "PM" + "AK-" + _made(24, _HEX) + "-" + _made(34, _HEX),
    "RubyGems": "rubygems" + "_" + _made(48, _HEX),
    "1Password": "ops" + "_eyJ" + _made(400),
    "JWT": _jwt(),
}
"""Keys that are told by their shape wherever they stand."""

SHAPELESS = {
    "Cohere": _made(40),
    "Mistral": _made(32),
    "Azure": _made(32, _HEX),
    "Azure, new": _made(84),
    "AWS, secret": _made(20) + "/" + _made(10) + "+" + _made(8),
    "AWS, session": "IQoJ" + _made(60) + "/" + _made(40) + "+" + _made(60) + "==",
    "Zhipu": _made(32, _HEX) + "." + _made(16),
    "a password": "correct-h0rse-" + _made(8),
}
"""Credentials that nothing but the place they stand in tells."""
