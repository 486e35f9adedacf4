"""Names and values in a text, as JSON, programs, forms and prose write them.

In: a text.  Out: the values of names that hold credentials; the text with `***` in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

from .names import is_placeholder, is_secret_field, is_secret_pair, is_secret_parameter, secret_values

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
"""Every text with a secret field or parameter contains one of these; quotes keep out the many ``..._tokens``."""


def _assigned(quote: str, end: str) -> str:
    return rf"{quote}([\w.-]{{2,64}}){quote}\s*:\s*{quote}([^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+){end}"


_FIELDS = (
    re.compile(_assigned('"', r'(?:"|\\?\Z)'), re.DOTALL),
    re.compile(_assigned("'", "'"), re.DOTALL),
    # up to a quote of any depth: a value that is no secret may be JSON, which is searched in turn
    re.compile(r'(\\\\{0,6}")([\w.-]{2,64})\1\s*:\s*\1((?:[^"\\]++|\\++[^"\\])++)'),
    re.compile(r"<([\w.:-]{2,64})>([^<]++)</"),
    # in quotes up to their end; unquoted not a call, by which a program gets the value
    re.compile(
        r"([A-Z](?:(?<=\A.)|(?<=\n.)|(?<=\\n.)|(?<=\bexport .))[A-Z0-9_]{1,63})="
        r"(?:\\*[\"'])?((?<=[\"'])[^\"'\\\n]++|[^\s\"'\\(\[]++(?![(\[]))",
        re.ASCII,
    ),
)
"""A name and its value, the last two groups: in JSON, in a dictionary as Python prints it, in JSON within a JSON string
(the arguments of tool calls), in XML, and in a file of environment variables.  JSON may break off, at a limit or with
the model.  These patterns and those below begin, where they can, with a character, and look back from behind it: a
search then jumps to the next one."""
_LIST = re.compile(
    r'("|\\\\{0,6}")(?=[\w.-]++\1\s*:\s*\[)'
    r"([\w.-]{0,60}(?i:key|token|secret|password|authorization|cookie|credential)s?)\1\s*:\s*"
    r'\[((?:\s*\1(?:[^"\\]++|\\++[^"\\])*+\1\s*,?)++)',
    re.ASCII,
)
_STRINGS = re.compile(r'"((?:[^"\\]++|\\++[^"\\])*+)\\*"')
"""Each value of a `_LIST`, which is a name with a list of values, as in headers that programs print."""
_QUOTE = r"(?:b?\\*[\"'`])?"
_SECOND = r"(?:(?<=:)=|(?<==)>)?"
_SCHEME = r"[ \t*]*(?:(?i:bearer|basic|dpop|token|key|api-?key|aws4-hmac-sha256) )?+"
_IS = rf"[ \t]*[:=]{_SECOND}{_SCHEME}"
_FLAG = r"(?:(?<![\w-].)|(?<=\\[nrt].))-[\w-]++[ ]"
_ASSIGNED = re.compile(
    rf"[:=,-](?:(?<=[:=]){_SECOND}{_SCHEME}|(?<=,)\s*(?=b?\\*[\"'`])|(?<=-){_FLAG}){_QUOTE}"
    r"([\w.~+/%!@#$^*?-]{8,}+=*+)(?![\"'`]?[\w([{:=$])",
    re.ASCII,
)
"""What may be the value of a name before it, in prose and programs: in lines of headers, YAML, TOML and INI, in
assignments, arguments, pairs."""
_LIKELY_SECRET = re.compile(
    r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])(?![$%@.~])"
    r"(?:(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9/]{32,}"
    r"|(?!(?:[A-Za-z_]\w{0,23}[./])+[A-Za-z_]\w{0,23}$|[a-z]+\d?(?:_[a-z]+\d?)+$).*)",
    re.ASCII,
)
"""A value that may then be a credential: not a word, an expression, a file name or a placeholder.  Base64 may have
slashes, as AWS's secrets do; no path is as long without a dot, a hyphen or an underscore."""
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
"""The name that belongs to a value whose own name is ``value``, as in a list of pairs."""
_BEFORE = 128
_ENDS = (
    *("key", "keyid", "token", "secret", "password", "passwd", "passphrase", "pwd", "auth", "authorization", "jwt"),
    *("cookie", "credential", "credentials", "value", "bearer", "basic", "dpop", "sha256"),
)
"""How the names before a value end, or the scheme behind them: a quick test that rules out most other text."""
_PARAMETER = re.compile(
    r"[?&#;\\](?:(?<=&)(?:amp;)?|(?<=[?#;])|(?<=\\)u0026)"
    r"([\w.-]{2,64})=((?:[^?&#;\s\"'<>\\]++|[?;](?![\w.-]{1,64}=))++)",
    re.ASCII,
)
"""A name and its value: in a URL or a form, in a URL in HTML (``&amp;``), in a database's connection string."""
_QUOTED_PARAMETER = re.compile(
    r"%((?:25){0,3}+)(?:3[Ff]|2[36])([\w.-]{2,64}+)%\1(?:3[Dd])((?:[^&#;\s\"'<>\\%]++|%(?!\1(?:2[36])))++)", re.ASCII
)
"""A name and its value in a URL that is percent-encoded within another one, however deep."""


_secret_values = lru_cache(1000)(secret_values)
"""The names of fields are short, and repeat from event to event."""


def mask(text: str) -> str:
    """Mask the credentials that stand behind their names."""
    for pattern in _FIELDS:
        text = _masked_where(_field_is_secret, pattern, text)
    text = _LIST.sub(_listed, text)
    text = _masked_where(_assignment_is_secret, _ASSIGNED, text)
    text = _masked_where(_parameter_is_secret, _PARAMETER, _as_query(text))[1:] if "=" in text else text
    return _masked_where(_parameter_is_secret, _QUOTED_PARAMETER, text) if "%" in text else text


def find_secrets(text: str) -> Iterator[str]:
    """Yield the credentials that stand behind their names."""
    for pattern in _FIELDS:
        yield from (match[match.re.groups] for match in pattern.finditer(text) if _field_is_secret(match))
    for match in _LIST.finditer(text):
        yield from (one[1] for one in _STRINGS.finditer(match[3]) if _item_is_secret(match, one))
    yield from (match[1] for match in _ASSIGNED.finditer(text) if _assignment_is_secret(match))
    for pattern in (_PARAMETER, _QUOTED_PARAMETER):
        yield from (_unquoted(match) for match in pattern.finditer(_as_query(text)) if _parameter_is_secret(match))


def _as_query(text: str) -> str:
    """The text may be a form: its first parameter then stands behind a question mark like that of a URL."""
    return f"?{text}"


def _masked_where(holds: Callable[[re.Match[str]], bool], pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: masked(match) if holds(match) else match[0], text)


def _field_is_secret(match: re.Match[str]) -> bool:
    name, value = match.groups()[-2:]
    return any(like.fullmatch(value) for like in _secret_values(name)) and not is_placeholder(value)


def _listed(match: re.Match[str]) -> str:
    start = match.start(3) - match.start()
    listed = _STRINGS.sub(lambda one: masked(one) if _item_is_secret(match, one) else one[0], match[3])
    return match[0][:start] + listed


def _item_is_secret(match: re.Match[str], one: re.Match[str]) -> bool:
    """The string is a credential; error messages list sentences under such names, too."""
    scheme, _, value = one[1].rpartition(" ")
    telling = " " not in scheme and _LIKELY_SECRET.fullmatch(value) is not None
    return telling and is_secret_pair(match[2].removesuffix("s"), one[1])


def _assignment_is_secret(match: re.Match[str]) -> bool:
    """The value may be a credential, and the name before it is that of one."""
    value, start = match[1], match.start(1)
    if _LIKELY_SECRET.fullmatch(value) is None:
        return False
    before = match.string[max(0, start - _BEFORE) : start]
    if not before.rstrip("\"'`\\").removesuffix("b").rstrip(" \t\n*:=>,\"'`\\]").lower().endswith(_ENDS):
        return False
    name = _ASSIGNEE.search(before)
    if name is not None and name[1] and name[1].lower() == "value":
        name = _LISTED.search(before)
    return name is not None and is_secret_pair(name[1] or name[2], value)


def _parameter_is_secret(match: re.Match[str]) -> bool:
    """The name is a credential's; behind a semicolon only a field's, since programs assign to a ``key`` or
    ``token``."""
    name, value = match.groups()[-2], _unquoted(match)
    is_secret = is_secret_field(name) if match[0][0] == ";" else is_secret_parameter(name, value)
    return is_secret and not is_placeholder(value)


def _unquoted(match: re.Match[str]) -> str:
    """The value of a parameter, unquoted as often as it was quoted."""
    value: str = match[match.re.groups]
    for _ in range(1 if match.re is _PARAMETER else 2 + len(match[1]) // 2):
        value = unquote_plus(value)
    return value


def masked(match: re.Match[str]) -> str:
    """The match with its last group masked; an empty value stays."""
    start, end = (at - match.start() for at in match.span(match.re.groups))
    return match[0][:start] + MASK + match[0][end:] if end > start else match[0]
