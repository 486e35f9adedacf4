"""A name and its value in a text: as JSON, programs, forms and prose write them.

In: a text.  Out: the values of those pairs whose name is a credential's; the text with `***` in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from .names import is_placeholder, is_secret_field, is_secret_pair, is_secret_parameter

MASK = "***"

HINTS = (
    *("key", "Key", "KEY", "ecret", "ECRET", "assw", "ASSW", "phrase", "uthoriz", "jwt", "OKEN"),
    *(
        'oken"',
        "oken\\",
        "oken'",
        "oken>",
        "oken=",
        "oken:",
        "oken =",
        "-token ",
        'auth"',
        "auth'",
        "auth\\",
        "auth=",
        "auth%",
        "oken%",
        "sig%",
        "ignature%",
        "pwd",
        "pass=",
        "code=",
        "upload_id=",
        "sig=",
        "ignature=",
        "-Signature",
        "-signature",
        'okens": [',
        'okens":[',
        'okens\\": [',
        'okens\\":[',
        "redential",
        "ookie",
        "device_code",
        "code_verifier",
        "client_assertion",
    ),
)
"""One of these is in every text that has a secret field or parameter; quotes keep the many ``..._tokens`` out."""


def _assigned(quote: str, end: str) -> str:
    return rf"{quote}([\w.-]{{2,64}}){quote}\s*:\s*{quote}([^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+){end}"


_FIELDS = (
    re.compile(_assigned('"', r'(?:"|\\?\Z)'), re.DOTALL),
    re.compile(_assigned("'", "'"), re.DOTALL),
    # up to a quote of any depth: what is no secret may be JSON itself, and is to be looked through
    re.compile(r'(?=(\\{1,7}"))\1([\w.-]{2,64})\1\s*:\s*\1((?:[^"\\]++|\\++[^"\\])++)'),
    re.compile(r"<([\w.:-]{2,64})>([^<]++)</"),
    # in quotes to their end; a program may get its own by a call
    re.compile(
        r"(?:\A|\n|\\n|\bexport )([A-Z][A-Z0-9_]{1,63})="
        r"(?:\\*[\"'])?((?<=[\"'])[^\"'\\\n]++|[^\s\"'\\(\[]++(?![(\[]))",
        re.ASCII,
    ),
)
"""A name and its value, the last two groups: in JSON, in what Python prints of a dictionary, in JSON within a JSON
string, as the arguments of tool calls are sent, in XML, and in a file of a program's environment, as agents read them.
JSON may break off: at a limit, or with the model."""
_LIST = re.compile(
    r'(?=(\\{0,7}"))\1([\w.-]{0,60}(?i:key|token|secret|password|authorization|cookie|credential)s?)\1\s*:\s*'
    r'\[((?:\s*\1(?:[^"\\]++|\\++[^"\\])*+\1\s*,?)++)',
    re.ASCII,
)
_STRINGS = re.compile(r'"((?:[^"\\]++|\\++[^"\\])*+)\\*"')
"""A name with a list of values, as in headers that programs print, and each of these."""
_QUOTE = r"(?:b?\\*[\"'`])?"
_IS = r"[ \t]*(?::=|=>|[:=])[ \t*]*(?:(?i:bearer|basic|dpop|token|key|api-?key|aws4-hmac-sha256) )?+"
_FLAG = r"(?:(?<![\w-])|(?<=\\[nrt]))--[\w-]++[ ]"
_ASSIGNED = re.compile(
    rf"(?:{_IS.removeprefix(r'[ \t]*')}|,\s*(?=b?\\*[\"'`])|{_FLAG}){_QUOTE}"
    r"([\w.~+/%!@#$^*?-]{8,}+=*+)(?![\"'`]?[\w([{:=$])",
    re.ASCII,
)
"""What may be the value of a name before it, where both stand in prose and programs: in lines of headers, YAML, TOML
and INI, in assignments, arguments, pairs."""
_TELLING = re.compile(
    r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])(?![$%@.~])"
    r"(?:(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9/]{32,}"
    r"|(?!(?:[A-Za-z_]\w{0,23}[./])+[A-Za-z_]\w{0,23}$|[a-z]+\d?(?:_[a-z]+\d?)+$).*)",
    re.ASCII,
)
"""There a value is none that may be a word, an expression, a name of a file or a placeholder; base64 may have slashes,
as AWS's secrets do, and no path is as long without a dot, a hyphen or an underscore."""
_ASSIGNEE = re.compile(
    rf"(?:(?<![\w.\\-])|(?<=\\[nrt]))((?:(?i:api|access|secret|auth|account|subscription|master|private) )?"
    rf"[\w.-]{{2,64}}+)[\"'`]?\]?\**(?:{_IS}|[ ]){_QUOTE}\Z"
    rf"|[\[(]\s*b?\\*[\"'`]([\w.-]{{2,64}}+)\\*[\"'`]\s*,\s*{_QUOTE}\Z",
    re.ASCII,
)
_LISTED = re.compile(
    rf"\b(?i:name|key){_QUOTE}\s*[:=]\s*{_QUOTE}([\w.-]{{2,64}}+){_QUOTE}(?:[\s,]|\\[nrt])*"
    rf"{_QUOTE}(?i:value){_QUOTE}\s*[:=]\s*{_QUOTE}\Z",
    re.ASCII,
)
"""The name before a value, and that of a pair whose value is called so; looked for in so many characters:"""
_BEFORE = 128
_ENDS = (
    *("key", "keyid", "token", "secret", "password", "passwd", "passphrase", "pwd", "auth", "authorization", "jwt"),
    *("cookie", "credential", "credentials", "value", "bearer", "basic", "dpop", "sha256"),
)
"""How names end, and what may stand behind them: by that most of what stands before a value is told from names, and
quickly."""
_PARAMETER = re.compile(
    r"(?:\A|&amp;|[?&#;]|\\u0026)([\w.-]{2,64})=((?:[^?&#;\s\"'<>\\]++|[?;](?![\w.-]{1,64}=))++)", re.ASCII
)
"""A name and its value: in a URL or a form, in a URL in HTML (``&amp;``), in what connects to a database."""
_QUOTED_PARAMETER = re.compile(
    r"%((?:25){0,3}+)(?:3[Ff]|2[36])([\w.-]{2,64}+)%\1(?:3[Dd])((?:[^&#;\s\"'<>\\%]++|%(?!\1(?:2[36])))++)", re.ASCII
)
"""The same in a URL that another one has in it, however deep."""


def mask(text: str) -> str:
    """The text with `***` in place of credentials that a name before them tells."""
    for pattern in _FIELDS:
        text = _masked_where(_is_secret, pattern, text)
    text = _LIST.sub(_listed, text)
    text = _masked_where(_is_set, _PARAMETER, _masked_where(_is_assigned, _ASSIGNED, text))
    return _masked_where(_is_set, _QUOTED_PARAMETER, text) if "%" in text else text


def values(text: str) -> Iterator[str]:
    """Those credentials."""
    for pattern in _FIELDS:
        yield from (match[match.re.groups] for match in pattern.finditer(text) if _is_secret(match))
    for match in _LIST.finditer(text):
        yield from (one[1] for one in _STRINGS.finditer(match[3]) if _is_of_list(match, one))
    yield from (match[1] for match in _ASSIGNED.finditer(text) if _is_assigned(match))
    for pattern in (_PARAMETER, _QUOTED_PARAMETER):
        yield from (_unquoted(match) for match in pattern.finditer(text) if _is_set(match))


def _masked_where(holds: Callable[[re.Match[str]], bool], pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: masked(match) if holds(match) else match[0], text)


def _is_secret(match: re.Match[str]) -> bool:
    name, value = match.groups()[-2:]
    return is_secret_pair(name, value) and not is_placeholder(value)


def _listed(match: re.Match[str]) -> str:
    start = match.start(3) - match.start()
    listed = _STRINGS.sub(lambda one: masked(one) if _is_of_list(match, one) else one[0], match[3])
    return match[0][:start] + listed


def _is_of_list(match: re.Match[str], one: re.Match[str]) -> bool:
    """What fields hold wrong is said in such lists as well, in sentences."""
    scheme, _, value = one[1].rpartition(" ")
    telling = " " not in scheme and _TELLING.fullmatch(value) is not None
    return telling and is_secret_pair(match[2].removesuffix("s"), one[1])


def _is_assigned(match: re.Match[str]) -> bool:
    """The value is a credential's, and so is the name before it."""
    value, start = match[1], match.start(1)
    if _TELLING.fullmatch(value) is None:
        return False
    before = match.string[max(0, start - _BEFORE) : start]
    if not before.rstrip("\"'`\\").removesuffix("b").rstrip(" \t\n*:=>,\"'`\\]").lower().endswith(_ENDS):
        return False
    name = _ASSIGNEE.search(before)
    if name is not None and name[1] and name[1].lower() == "value":
        name = _LISTED.search(before)
    return name is not None and is_secret_pair(name[name.lastindex or 1], value)


def _is_set(match: re.Match[str]) -> bool:
    """It names a credential; behind a semicolon programs set what they call a key or a token."""
    name, value = match.groups()[-2], _unquoted(match)
    is_secret = is_secret_field(name) if match[0][0] == ";" else is_secret_parameter(name, value)
    return is_secret and not is_placeholder(value)


def _unquoted(match: re.Match[str]) -> str:
    """The value of a parameter, as often unquoted as it was quoted."""
    value: str = match[match.re.groups]
    for _ in range(1 if match.re is _PARAMETER else 2 + len(match[1]) // 2):
        value = unquote_plus(value)
    return value


def masked(match: re.Match[str]) -> str:
    """The match with its last group masked; an empty value stays."""
    start, end = (at - match.start() for at in match.span(match.re.groups))
    return match[0][:start] + MASK + match[0][end:] if end > start else match[0]
