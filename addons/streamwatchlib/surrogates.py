"""Make text that can be written: JSON escapes and some charsets can spell halves of characters, which UTF-8 cannot.

In: any text.  Out: text without lone surrogates.  Imports nothing of ours, so that every room may use it.
"""

from __future__ import annotations


def well_formed(text: str) -> str:
    """The text without lone surrogates: two halves that meet are joined, one alone becomes U+FFFD."""
    if text.isascii():  # known without looking at each character
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
