"""Header values to their parts: media types and parameters, as leniently as they are sent.

In: the value of a Content-Type or Content-Disposition header.  Out: its first word and its parameters.
https://www.rfc-editor.org/rfc/rfc9110#section-5.6.6 and, for ``name*=``, RFC 8187 and RFC 2231.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from ..headers import header
from ..model import Headers
from . import texts

# A quoted value ends at the quote that a semicolon or the end follows: browsers of old left quotes within unescaped.
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

    It may stand there twice, joined by a hop: the first counts.
    """
    return (header(headers, "content-type") or "").partition(";")[0].partition(",")[0].strip().lower() or None


def parameters(value: str) -> dict[str, str]:
    """Parameters by lower-case name, the first of a name; ``name*=`` (decoded) goes before ``name=``."""
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


def unescaped(name: str) -> str:
    """A form field's or file's name without the three escapes that browsers put in it.

    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
    """
    for escape, character in _BROWSER_ESCAPES.items():
        name = name.replace(escape, character)
    return name


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """The sections of an extended parameter: the first names the charset, each is percent-encoded or not."""
    charset, data = "utf-8", b""
    for number, (encoded, text) in sorted(parts.items()):
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets = text.encode(errors="replace")
        data += unquote_to_bytes(octets) if encoded else octets
    return texts.replaced(data, charset)
