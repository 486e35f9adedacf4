"""Bytes to text in the charset that was declared, or in the one that fits.

In: bytes and the name of a charset, which may be nonsense.  Out: text without lone surrogates, or None for bytes that
are no text.
"""

from __future__ import annotations

import codecs
import re

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""Control characters that are in no text: all but white space and the escape of terminals."""
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Codecs of Python that are no charsets of the web."""


def read(data: bytes, charset: str | None, *, cut: bool) -> str | None:
    """The bytes as text, every one of them understood; None if they are none.

    Args:
        charset: tried first; UTF-8 is tried after it.
        cut: the bytes may end within a character, which is left out then.
    """
    for name in (_codec(charset), "utf-8"):
        try:
            text = _decoded(data, name, cut=cut)
        except ValueError:
            continue
        if text is not None:
            return text
    return None


def _decoded(data: bytes, name: str, *, cut: bool) -> str | None:
    """The bytes as text of this codec; None if that has what is in no text.  Raises ValueError: they are none."""
    text = valid(codecs.getincrementaldecoder(name)("strict").decode(data, final=not cut))
    return None if _has_control(text) else text


def replaced(data: bytes, charset: str | None) -> str:
    """The bytes as text by all means: what does not fit the charset (UTF-8 by default) becomes U+FFFD."""
    return valid(data.decode(_codec(charset), "replace"))


def valid(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD."""
    if text.isascii():  # known without a look at each character
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _has_control(text: str) -> bool:
    # some ten times as fast as a search by a regular expression, which counts in a body of megabytes
    data = text.encode()
    return len(data.translate(None, _CONTROL)) < len(data)


def _codec(charset: str | None) -> str:
    """The codec of a charset; UTF-8 for none, and for what is no charset."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        " ".encode(name)  # which complains of codecs that are none between text and bytes
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("_", "-") in _NO_CHARSETS else name
