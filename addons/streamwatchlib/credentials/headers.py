"""Header fields, and the URLs in them: which hold a credential, and which part of it may be shown.

In: a field's name, in lower case, and its value.  Out: the value with `***` in place of the credential, whose scheme
stays (``Bearer ***``); the credentials that it holds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from . import find_secrets as find_secrets_in_text
from . import mask as mask_text
from .names import is_secret_header
from .pairs import MASK
from .spellings import token_like_words
from .urls import mask as mask_url

_SCHEMES = frozenset(
    {"api-key", "apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "key", "negotiate", "ntlm", "token"}
)

_PROTOCOLS = "sec-websocket-protocol"
_SPOKEN = re.compile(
    r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?!(?:[a-z]+\d?-)*[a-z]+\d*(?![\w-]))[\w-]{20,}", re.ASCII
)
"""A token in Sec-WebSocket-Protocol: browsers can set no other header of a WebSocket, so services take a token as the
name of a protocol, or as its end."""


def mask(name: str, value: str) -> str:
    """Mask the credentials in a value."""
    if name == _PROTOCOLS:
        return _SPOKEN.sub(MASK, mask_text(value))
    if not is_secret_header(name):
        return mask_url(value) if "://" in value else mask_text(value)
    scheme, credential = _credential(value)
    return f"{scheme} {MASK}" if scheme else credential and MASK


def find_secrets(name: str, value: str) -> Iterator[str]:
    """Yield the credentials in a value, as they may be echoed."""
    if name == "cookie":
        yield from token_like_words(unquote(value))  # cookies hold other things, too
    elif name == "set-cookie":
        yield from token_like_words(unquote(value.partition(";")[0]))
    elif is_secret_header(name):
        scheme, credential = _credential(value)
        yield credential
        if scheme.lower() == "basic":
            yield from _of_basic(credential)
    elif name == _PROTOCOLS:
        yield from _SPOKEN.findall(value)
    else:
        yield from find_secrets_in_text(value)


def _credential(value: str) -> tuple[str, str]:
    """The scheme of an Authorization header, empty if there is none, and the credential behind it."""
    scheme, _, credential = value.strip().partition(" ")
    return (scheme, credential.strip()) if credential and scheme.lower() in _SCHEMES else ("", value.strip())


def _of_basic(credential: str) -> Iterator[str]:
    """The password; and the user, if that may be a key."""
    with suppress(binascii.Error, ValueError):
        user, _, password = base64.b64decode(credential + "==").decode().partition(":")
        yield password
        yield from token_like_words(user) if password else [user]
