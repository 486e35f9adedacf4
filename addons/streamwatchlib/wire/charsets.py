"""Bytes to text, in the declared charset or in UTF-8.

In: bytes and the name of a charset, which may be nonsense.  Out: text without lone surrogates, or None for bytes that
are not text.
"""

from __future__ import annotations

import codecs

from ..surrogates import well_formed

_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
"""Control characters that occur in no text: all but white space and the escape of terminals."""
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Python codecs that are not charsets of the Web."""


def decode(data: bytes, charset: str | None, *, cut: bool) -> str | None:
    """Decode strictly; None if the bytes are not text.

    Args:
        charset: tried first; UTF-8 is tried after it.
        cut: the bytes may end within a character, which is then left out.
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
    """Decode by this codec; None if the result has control characters.  Raises ValueError if the bytes do not fit."""
    text = well_formed(codecs.getincrementaldecoder(name)("strict").decode(data, final=not cut))
    return None if _has_control(text) else text


def decode_replacing(data: bytes, charset: str | None) -> str:
    """Decode in any case: what does not fit the charset (UTF-8 by default) becomes U+FFFD."""
    return well_formed(data.decode(_codec(charset), "replace"))


def _has_control(text: str) -> bool:
    # some ten times as fast as a regular expression, which matters in a body of megabytes
    data = text.encode()
    return len(data.translate(None, _CONTROL)) < len(data)


def _codec(charset: str | None) -> str:
    """The codec of a charset; UTF-8 if there is none, or if the name is not that of a charset."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        " ".encode(name)  # raises for codecs that do not convert text to bytes
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("_", "-") in _NO_CHARSETS else name
