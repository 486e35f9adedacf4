"""What is handed to commands without a name: a user with a password, cookies, a line of a netrc file.

In: a text.  Out: the credentials in it; the text with `***` in their place.
https://curl.se/docs/manpage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .names import is_placeholder
from .pairs import masked

HINTS = ("-u ", "-user ", "-user=", "-b ", "-cookie", "assword ", "assword\\")
"""Every text with such a credential contains one of these."""
_SHAPES = (
    re.compile(r"-(?<![\w-]-)(?:u|-(?:proxy-)?user)[ =]\\*[\"']?[^\s:\"'\\]{1,64}:([^\s\"'\\]{4,})"),
    re.compile(r"-(?<![\w-]-)(?:b|-cookie)[ =]\\*[\"']([^\"'\\=]{1,64}=[^\"'\\]+)"),
    re.compile(r"-(?<![\w-]-)(?:b|-cookie)[ =]([^\s\"'\\=]{1,64}=[^\s\"'\\]+)"),
    re.compile(
        r"l(?:(?<=\bl)|(?<=\\[nrt]l))ogin(?:\s|\\[nrt])+[^\s\\]{1,64}(?:\s|\\[nrt])+"
        r"password(?:\s|\\[nrt])+([^\s\"'\\]{4,})"
    ),
)
"""These begin with a character and look back from behind it: a search then jumps from one to the next."""
_LIKELY_SECRET = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])(?!.*[$<{%]).*", re.DOTALL)
"""A value that may be a credential; any other may be a word, a number or a variable."""


def mask(text: str) -> str:
    for shape in _SHAPES:
        text = shape.sub(lambda found: masked(found) if _is_secret(found[1]) else found[0], text)
    return text


def find_secrets(text: str) -> Iterator[str]:
    return (value for shape in _SHAPES for value in shape.findall(text) if _is_secret(value))


def _is_secret(value: str) -> bool:
    return _LIKELY_SECRET.fullmatch(value) is not None and not is_placeholder(value)
