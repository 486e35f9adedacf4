"""The net of shapes: keys that are known by how they begin, or by the words before them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .pairs import MASK

_KEYS: Mapping[str, str] = {
    "sk-": r"(?:(?=[A-Za-z_-]*\d)[\w-]{16,}|[A-Za-z]{40,})",
    "gsk_": r"[A-Za-z0-9]{20,}",
    "sk_": r"(?=[A-Za-z_]*\d)(?:[a-z]+_)?[A-Za-z0-9]{16,}",
    "rk_": r"(?=[A-Za-z_]*\d)(?:[a-z]+_)?[A-Za-z0-9]{16,}",
    "ek_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "csk-": r"[A-Za-z0-9]{20,}",
    "AIza": r"[\w-]{30,}",
    "ya29.": r"[\w.-]{19,}[\w-]",
    "hf_": r"[A-Za-z0-9]{30,}",
    "xai-": r"[A-Za-z0-9]{20,}",
    "pplx-": r"[A-Za-z0-9]{20,}",
    "nvapi-": r"[\w-]{20,}",
    "r8_": r"[A-Za-z0-9]{20,}",
    "ghp_": r"[A-Za-z0-9]{20,}",
    "gho_": r"[A-Za-z0-9]{20,}",
    "ghs_": r"[A-Za-z0-9]{20,}",
    "ghu_": r"[A-Za-z0-9]{20,}",
    "ghr_": r"[A-Za-z0-9]{20,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w.-]{19,}[\w-]",
    "xox": r"[abcdeprs]-[\w%-]{10,}",
    "xapp-": r"[\w-]{20,}",
    "fw_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "tgp_v1_": r"[\w-]{20,}",
    "bce-v3": r"(?:\\?/|%2[Ff])[\w-]+(?:\\?/|%2[Ff])[0-9a-f]{32,}",
    "api_org_": r"[A-Za-z0-9]{30,}",
    "wandb_v1_": r"\w{30,}",
    "whsec_": r"[A-Za-z0-9+/]{24,}=*",
    "lsv2_": r"(?:pt|sk)_\w{20,}",
    "dapi": r"[0-9a-f]{32}",
    "pcsk_": r"\w{20,}",
    "jina_": r"[A-Za-z0-9]{30,}",
    "tvly-": r"[\w-]{16,}",
    "vck_": r"[A-Za-z0-9]{20,}",
    "npm_": r"[A-Za-z0-9]{30,}",
    "pypi-": r"[\w-]{50,}",
    "GOCSPX-": r"[\w-]{20,}",
    "AQ.": r"(?=[A-Za-z_-]*\d)[\w-]{30,}",
    "ABSK": r"[A-Za-z0-9+/]{60,}=*",
    "bedrock-api-key-": r"[A-Za-z0-9+/]{40,}=*",
    "hvs.": r"[\w-]{20,}",
    "SG.": r"[\w-]{16,}\.[\w-]{16,}",
    "ntn_": r"[A-Za-z0-9]{40,}",
    "lin_api_": r"[A-Za-z0-9]{30,}",
    "sbp_": r"[0-9a-f]{40}",
    "ctx7sk-": r"[\w-]{20,}",
    "dckr_pat_": r"[\w-]{20,}",
    "AGE-SECRET-KEY-1": r"[A-Z0-9]{50,}",
    "AKIA": r"[A-Z0-9]{16}\b",
    "ASIA": r"[A-Z0-9]{16}\b",
    "LTAI": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{16,20}\b",
    "AKID": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{32}\b",
    "eyJ": r"[\w-]{8,}\.[\w-]*\.[\w-]{8,}(?:\.[\w-]{8,})*",
}
"""Keys by how they begin, and how they go on."""
_PEM = r"(?=[^*]{0,400}?[A-Za-z0-9+/]{32})(?:[^*-]|-(?!-))+"
"""What is within a block of PEM; where it begins in a program there is no line of base64."""
_BEHIND: Mapping[str, str] = {
    "earer ": r"[ ]*[\w.~+/-]{20,}=*",
    "on: Basic ": r"[A-Za-z0-9+/]{4,}=*",
    "E KEY-----": _PEM,
    "E KEY BLOCK-----": _PEM,
    "ookie: ": r"[\w!#$%&+.^|~-]+=[^\r\n\"'\\]+",
    "slack.com/services/": r"[\w/]{20,}",
    "-api-key.": r"[\w.~+/=-]{8,}",  # browsers hand OpenAI's WebSockets an openai-insecure-api-key.sk-...
    "Signature=": r"[0-9a-f]{64}",
}
"""The same of what is told by the words before it, which stay."""


def _key(start: str, rest: str) -> re.Pattern[str]:
    # It begins where no word goes on, or behind an escape of JSON: the n of a `\n` is no part of a word.  To look back
    # from behind the start, and not before it, lets a search jump from one start to the next.
    edge = rf"(?:(?<![\w-]{start})|(?<=\\[nrt]{start})|(?<=\\u[0-9a-fA-F]{{4}}{start}))"
    return re.compile(start + edge + rest, re.ASCII)


SHAPES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    *((start, _key(re.escape(start), rest), MASK) for start, rest in _KEYS.items()),
    *((words, re.compile(words + rest, re.ASCII), words + MASK) for words, rest in _BEHIND.items()),
)
"""A literal that is cheap to look for, what to look for where it is, and what to put in its place."""
