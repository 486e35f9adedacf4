"""Bytes to text in the charset that was declared, or in the one that fits.

In: bytes and the name of a charset, which may be nonsense.  Out: text without lone surrogates, or None for bytes that
are no text.
"""

from __future__ import annotations

import codecs
import re

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read(data: bytes, charset: str | None, *, cut: bool) -> str | None:
    """The bytes as text, every one of them understood; None if they are none.

    Args:
        charset: tried first; UTF-8 is tried after it.
        cut: the bytes may end within a character, which is left out then.
    """
    for name in filter(None, (charset, "utf-8")):
        try:
            text = codecs.getincrementaldecoder(name)("strict").decode(data, final=not cut)
        except (LookupError, ValueError, TypeError):
            continue
        if isinstance(text, str) and not _CONTROL.search(text):
            return valid(text)
    return None


def replaced(data: bytes, charset: str | None) -> str:
    """The bytes as text by all means: what does not fit the charset (UTF-8 by default) becomes U+FFFD."""
    try:
        return valid(data.decode(charset or "utf-8", "replace"))
    except (LookupError, ValueError):
        return data.decode(errors="replace")


def valid(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text
