"""Names of credentials: of headers, fields and parameters.

In: a name, and the value where the name alone does not decide.  Out: whether it is a credential's.
"""

from __future__ import annotations

import re

_SECRET_HEADER = re.compile(
    r"(?:^|[-_])(?:authorization|authentication|cookie2?|(?<!cache-)(?<!idempotency-)(?<!surrogate-)(?<!websocket-)key"
    r"|api-?key|auth|(?<!first-)(?<!per-)token|secret|password|passwd|pass"
    r"|credentials?|signature|jwt|session|bearer|assertion|ticket|dpop)$",
    re.ASCII,
)
_PUBLIC_HEADERS = frozenset({"access-control-allow-credentials", "azureml-model-session"})
"""Headers that are named like credentials but hold none."""

_SECRET_FIELD = re.compile(
    r"(?:(?:api|app|auth|secret|access|private|master|signing|encryption|subscription|account|virtual)key|accesskeyid|secret"
    r"|password|passwd|passphrase|(?:access|refresh|auth|authorization|session|security|api|bearer)token"
    r"|(?:^|proxy|forwarded)authorization|^idtoken|^jwt|devicecode|codeverifier|clientassertion)$",
    re.ASCII,
)
"""Searched in a name in lower case without punctuation: names that end so, or are just that."""
_SECRET_PARAMETER = re.compile(r"^(?:key|token|auth|sig|pwd|pass)$|(?:signature|credential)$", re.ASCII)
"""Names that hold a credential in a URL or a form, besides those of fields."""
_OPAQUE_PARAMETERS = frozenset({"code", "upload_id"})
"""Names that hold a credential in a URL or a form if the value is opaque.  Whoever has the address of a resumable
Google upload may send more to it."""
_NO_PUNCTUATION = str.maketrans("", "", "-_.[] ")

_ANY = re.compile(".*", re.DOTALL)
_MIXED = r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])"
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_OPAQUE = re.compile(_MIXED + r"[\w.~+/=-]{20,}", re.ASCII)
_MIXED_VALUE = re.compile(_MIXED + r".{8,}", re.DOTALL)
"""The value of a header quoted in a text, if it may be a credential."""
_OPAQUE_FIELDS = (
    (re.compile(r"^(?:token|auth|credentials?|pwd)$"), _OPAQUE),
    (re.compile(r"(?<!page)(?<!next)(?<!continuation)token$"), re.compile(rf"(?!{_UUID}$){_OPAQUE.pattern}")),
    (re.compile(r"^key$"), re.compile(_MIXED + r"[A-Za-z0-9]{32,}")),
    (re.compile(r"^(?:set)?cookie$"), re.compile(r"[^\s=]+=.+", re.DOTALL)),
)
"""Names that hold a credential or an ordinary word, and values opaque enough to be a credential.  A ``key`` may also be
a path or a name; Azure OpenAI is sent a search service's key under that name, beside the messages."""
_VARIABLE = re.compile(r"(?:[A-Z][A-Z0-9]*_)+(?<!CACHE_)(?<!PUBLIC_)(?<!PUBLISHABLE_)KEY", re.ASCII)
_LONG = re.compile(_MIXED + r"[\w:~+=-]{20,}", re.ASCII)
"""The value of an environment variable such as MISTRAL_KEY or FAL_KEY, unless it is a path."""
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\$\{[^{}]*\}|\$[A-Z_]+|\{+[^{}]*\}+|%[A-Z_]+%|(?i:your)[-_ ]\D*|[xX.]{3,}|sk-\.{3}", re.ASCII
)
"""Stands for a credential in instructions, templates and scripts."""


def is_secret_header(name: str) -> bool:
    return name not in _PUBLIC_HEADERS and (_SECRET_HEADER.search(name) is not None or is_secret_field(name))


def is_secret_field(name: str) -> bool:
    return _SECRET_FIELD.search(name.lower().translate(_NO_PUNCTUATION)) is not None


def is_secret_parameter(name: str, value: str) -> bool:
    """The name is a credential's in a URL or a form, or is so with a value like this."""
    plain = name.lower().translate(_NO_PUNCTUATION)
    is_code = name.lower() in _OPAQUE_PARAMETERS and _OPAQUE.fullmatch(value) is not None
    return is_code or _SECRET_PARAMETER.search(plain) is not None or is_secret_pair(name, value)


def is_secret_pair(name: str, value: str) -> bool:
    """The name is a credential's, or is so with a value like this; with a hyphen it is judged as a header's, too."""
    return any(like.fullmatch(value) for like in secret_values(name))


def secret_values(name: str) -> tuple[re.Pattern[str], ...]:
    """Patterns of values under this name that are credentials: all of such a value matches one of them."""
    if is_secret_field(name):
        return (_ANY,)
    plain = name.lower().translate(_NO_PUNCTUATION)
    found = [opaque for called, opaque in _OPAQUE_FIELDS if called.search(plain)]
    if "-" in name and is_secret_header(name.lower()):
        found.append(_MIXED_VALUE)
    if _VARIABLE.fullmatch(name):
        found.append(_LONG)
    return tuple(found)


def is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.fullmatch(value) is not None
