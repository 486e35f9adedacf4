"""URLs: user and password, and the parameters that hold a credential.

In: a URL.  Out: the same with `***` in place of credentials.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from . import mask as mask_text
from .names import is_secret_parameter
from .pairs import MASK

_MAX_DEPTH = 3
"""Levels of URLs within one another that are searched."""


def mask(url: str) -> str:
    """Mask user, password and credentials in the query; the rest stays as it is."""
    address, *rest = re.split("([?&#])", url)
    address = re.sub(r"^([A-Za-z][\w+.-]*://)[^/]*@", rf"\1{MASK}@", address)
    return mask_text(address + "".join(map(_pair, rest)))


def _pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    is_secret = value and (is_secret_parameter(unquote_plus(name), unquote_plus(value)) or reveals_credential(value))
    return f"{name}={MASK}" if is_secret else pair


def reveals_credential(value: str) -> bool:
    """Unquoting the value reveals a credential: the value is a URL itself (to return to), or contains one."""
    for _ in range(_MAX_DEPTH):
        if "%" not in value:
            break
        value = unquote_plus(value)
        if mask_text(value) != value:
            return True
    return False
