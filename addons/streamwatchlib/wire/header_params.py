"""Parse header values: media types and parameters, as leniently as they are sent.

In: the value of a Content-Type or Content-Disposition header.  Out: its media type, its parameters.
https://www.rfc-editor.org/rfc/rfc9110#section-5.6.6 and, for ``name*=``, RFC 8187 and RFC 2231.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from ..headers import header
from ..model import Headers
from . import charsets

# A quoted value ends at a quote followed by a semicolon or the end: old browsers left inner quotes unescaped.
_PARAMETER = re.compile(
    r"""
    ; \s* ([^\s;="]+) \s* = \s*
    (?: " ( (?: \\" | [^"] | "(?!\s*(?:;|$)) )* ) " | ([^;]*) )
    """,
    re.VERBOSE,
)
_SECTION = re.compile(r"(.+?)\*(\d{1,3})?(\*)?", re.ASCII)
_BROWSER_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def media_type(headers: Headers) -> str | None:
    """The declared media type, lower case, without parameters; None if there is no Content-Type.

    If a hop joined two Content-Types into one, the first counts.
    """
    return (header(headers, "content-type") or "").partition(";")[0].partition(",")[0].strip().lower() or None


def parameters(value: str) -> dict[str, str]:
    """Parameters by lower-case name: the first of each name, ``name*=`` (decoded) before ``name=``."""
    plain: dict[str, str] = {}
    extended: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, quoted, token in _PARAMETER.findall(value):
        text = quoted.replace('\\"', '"') if quoted else token.strip()
        section = _SECTION.fullmatch(name.lower())
        if section:
            parts = extended.setdefault(section[1], {})
            encoded = bool(section[3]) or section[2] is None
            parts.setdefault(int(section[2] or 0), (encoded, text))
        else:
            plain.setdefault(name.lower(), text)
    return plain | {name: _joined(parts) for name, parts in extended.items()}


def unescape_form_name(name: str) -> str:
    """Undo the three escapes that browsers put into the name of a form field or file.

    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
    """
    for escape, character in _BROWSER_ESCAPES.items():
        name = name.replace(escape, character)
    return name


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """Join the sections of an extended parameter: the first names the charset, each may be percent-encoded."""
    charset, data = "utf-8", b""
    for number, (encoded, text) in sorted(parts.items()):
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets = text.encode(errors="replace")
        data += unquote_to_bytes(octets) if encoded else octets
    return charsets.decode_replacing(data, charset)
