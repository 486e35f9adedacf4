"""Keys by their shape: recognised by how they begin, by the words before them, or by a part within.

In: a text, and the hints found in it.  Out: the text with `***` in place of the keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

from .pairs import MASK

_KEYS: Mapping[str, str] = {
    "sk-": r"(?:(?=[A-Za-z_-]*\d)[\w-]{16,}|[A-Za-z]{40,})",
    "gsk_": r"[A-Za-z0-9]{20,}",
    "sk_": r"(?=[A-Za-z_-]*\d)(?:(?:[a-z]+_)?[A-Za-z0-9]{16,}[\w-]*|(?=[a-z\d_-]*[A-Z])[\w-]{40,})",
    "rk_": r"(?=[A-Za-z_]*\d)(?:[a-z]+_)?[A-Za-z0-9]{16,}",
    "ek_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "csk-": r"[A-Za-z0-9]{20,}",
    "AIza": r"[\w-]{30,}",
    "ya29.": r"[\w.-]{19,}[\w-]",
    "hf_": r"(?:[A-Za-z0-9]{30,}|(?:oauth|jwt)_[\w.-]{30,}[\w-])",
    "xai-": r"(?:token-)?[A-Za-z0-9]{20,}",
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
    "glrt-": r"[\w.-]{19,}[\w-]",
    "gldt-": r"[\w.-]{19,}[\w-]",
    "glptt-": r"[0-9a-f]{40}",
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
    "jina_": r"(?=[a-z_-]*[A-Z\d])(?:[A-Za-z0-9]{30,}[\w-]*|(?=[a-z\d_-]*[A-Z])[\w-]{40,})",
    "tvly-": r"[\w-]{16,}",
    **dict.fromkeys(("vca_", "vci_", "vck_", "vcp_", "vcr_"), r"[A-Za-z0-9]{20,}"),
    **dict.fromkeys(("cfat_", "cfk_", "cfut_"), r"[A-Za-z0-9]{40,}"),
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
    "dckr_": r"[op]at_[\w-]{20,}",
    "AGE-SECRET-KEY-1": r"[A-Z0-9]{50,}",
    "AKIA": r"[A-Z0-9]{16}\b",
    "ASIA": r"[A-Z0-9]{16}\b",
    "LTAI": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{16,20}\b",
    "STS.": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "st-": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}",
    "AKID": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{32}\b",
    "AKLT": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{30,}=*",
    "AQVN": r"(?=[A-Za-z_-]*\d)[\w-]{30,}",
    "ATATT3": r"[\w-]{60,}(?:=[0-9A-F]{8})?",
    "tid=": r"[0-9A-Za-z-]{16,};(?:[\w-]++=[\w:./+-]*\w;?)+",
    "auth_tokens": r"(?:\\?/|%2[Ff])[\w-]{20,}",
    "secret_": r"(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}(?:\.[A-Za-z0-9]{16,})?",
    "sb_secret_": r"[\w-]{20,}",
    "pa-": r"(?=[a-z\d_-]*[A-Z])(?=[A-Za-z_-]*\d)[\w-]{43}(?![\w-])",
    "llx-": r"[A-Za-z0-9]{40,}",
    "rpa_": r"[A-Za-z0-9]{40,}",
    "flp_": r"[A-Za-z0-9]{40,}",
    "e2b_": r"[0-9a-f]{40}",
    "crsr_": r"[0-9a-f]{40,}",
    "sgp_": r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}",
    "pylf_v1_": r"\w{30,}",
    "dop_v1_": r"[0-9a-f]{64}",
    "figd_": r"[\w-]{40,}",
    "shpat_": r"[0-9a-f]{32}",
    "glsa_": r"[A-Za-z0-9]{32}_[0-9a-f]{8}",
    "glc_eyJ": r"[\w+/-]{40,}=*",
    "sntrys_eyJ": r"[\w+/=-]{40,}",
    "sntryu_": r"[0-9a-f]{64}",
    "NRAK-": r"[A-Z0-9]{27}",
    "PMAK-": r"[0-9a-f]{24}-[0-9a-f]{34}",
    "rubygems_": r"[0-9a-f]{48}",
    "tskey-": r"[a-z]+-[\w-]{20,}",
    "ops_eyJ": r"[\w-]{60,}=*",
    "eyJ": r"[\w-]{8,}\.[\w-]*\.[\w-]{8,}(?:\.[\w-]{8,})*",
}
"""How keys begin, and the pattern of their rest."""
_PEM = r"(?=[^*]{0,400}?[A-Za-z0-9+/]{32})(?:[^*-]|-(?!-))+"
"""What is within a PEM block; where a program only writes the beginning of one, no line of base64 follows."""
_BEHIND: Mapping[str, str] = {
    "earer ": r"[ ]*[\w.~+/-]{20,}=*",
    "on: Basic ": r"[A-Za-z0-9+/]{4,}=*",
    "E KEY-----": _PEM,
    "E KEY BLOCK-----": _PEM,
    "ookie: ": r"[\w!#$%&+.^|~-]+=[^\r\n\"'\\]+",
    "slack.com/services/": r"[\w/]{20,}",
    "api/webhooks/": r"\d+/[\w-]{40,}",
    "telegram.org/bot": r"\d+(?::|%3[Aa])[\w-]{30,}",
    "-api-key.": r"[\w.~+/=-]{8,}",  # browsers hand OpenAI's WebSockets an openai-insecure-api-key.sk-...
    "Signature=": r"[0-9a-f]{64}",
}
"""Words before a credential, which stay, and the pattern of the credential."""


_WITHIN: Mapping[str, str] = {
    "JQQJ9": r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{25,27}(?:==)?",
    "8Q~": r"[\w.~-]{3}8Q~[\w.~-]{31,34}",
}
"""Azure's keys and client secrets, recognised by a part within them."""

_EDGES = (
    r"(?<![\w-]{})",
    r"(?<=\\[nrt]{})",
    r"(?<=\\u[0-9a-fA-F]{{4}}{})",
    r"(?<=%[0-9a-fA-F]{{2}}{})",
    r"(?<=%25[0-9a-fA-F]{{2}}{})",
    *(rf"(?<=[\[;]{digits}[mK]{{}})" for digits in ("", r"\d", r"\d\d", r"\d\d\d")),
)
"""Where a key may begin: not within a word, unless behind an escape: of JSON (the n of `\\n`), of a URL (the D of
``%3D``, also if quoted twice), of a terminal (the m of a colour)."""


def _key(start: str, rest: str) -> str:
    # Looking back from behind the start, not from before it, lets a search jump from one start to the next.
    edge = "|".join(edge.format(start) for edge in _EDGES)
    return f"{start}(?:{edge}){rest}"


_SHAPES: tuple[tuple[str, str, str], ...] = (
    *((start, _key(re.escape(start), rest), MASK) for start, rest in _KEYS.items()),
    *((words, words + rest, words + MASK) for words, rest in _BEHIND.items()),
    *((part, whole, MASK) for part, whole in _WITHIN.items()),
)
"""A literal that is cheap to search for, the pattern to search where it occurs, and the replacement."""
HINTS = tuple(hint for hint, _, _ in _SHAPES)
"""Every text with a key contains one of these."""


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    """Compile on first use: a process meets few shapes, and compiling all would take 50 ms of its start."""
    return re.compile(shape, re.ASCII)


def mask(text: str, found: Collection[str]) -> str:
    """Mask the keys whose hints were `found` in the text."""
    for hint, shape, put in _SHAPES:
        if hint in found:
            text = _compiled(shape).sub(put, text)
    return text
