"""Whose byte buffer it was, by the size of the blocks, and by how much of each is a particular server's framing.

In: `Evidence`.  Out: a confidence, or None where the blocks do not fit.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from ..model import Confidence
from .evidence import Evidence

RECORD = 16384
"""Bytes of a full TLS record, and nginx's ssl_buffer_size."""
PAGES = (4096, 8192)
"""Bytes of nginx's proxy buffers: one memory page each by default."""


class Framed(NamedTuple):
    """A buffer that also holds the framing of what it sends."""

    size: int
    """Bytes."""
    usual: int
    """Bytes of the buffer that are framing."""
    least: int
    """Bytes of the buffer that are framing if that was cut."""


GO = Framed(4096, 14, 7)
"""Go's net/http frames 2048 bytes at a time."""
EIGHT = Framed(8192, 8, 8)
"""The framing of a full buffer takes 8 bytes with Tomcat (chunked) and with PHP (the head of a FastCGI record)."""


def go(e: Evidence) -> Confidence | None:
    return _framed(e, GO)


def tomcat(e: Evidence) -> Confidence | None:
    """Tomcat as Spring Boot starts it sends no Server header; where there is one, PHP may stand behind that server."""
    found = None if _says_php(e) else _framed(e, EIGHT)
    return "medium" if found and e.header("server") else found


def php(e: Evidence) -> Confidence | None:
    """PHP speaks FastCGI, which no client does: the server in front of it is named, unless its name is hidden."""
    found = _framed(e, EIGHT)
    if found and not _says_php(e):
        return "medium" if e.header("server") else None
    return found


def pages(e: Evidence) -> Confidence | None:
    """4096 is a memory page; 8192 is as often a program's own stdio buffer."""
    found = None if programs(e) or _apaches(e) else _block(e, PAGES)
    return "medium" if found and e.buffer_size != PAGES[0] and not e.behind_nginx else found


def tls_record(e: Evidence) -> Confidence | None:
    return None if _apaches(e) else _block(e, (RECORD,))


def programs(e: Evidence) -> Confidence | None:
    """A buffer that is recognised by a program's framing."""
    return go(e) or tomcat(e) or php(e)


def _apaches(e: Evidence) -> bool:
    """Apache is named, so no nginx is next to it: nginx puts its own name in the place of any, Apache keeps nginx's."""
    return (e.header("server") or "").lower().partition("/")[0].strip() == "apache"


def _says_php(e: Evidence) -> bool:
    return (e.header("x-powered-by") or "").lower().startswith("php")


def _framed(e: Evidence, buffer: Framed) -> Confidence | None:
    """A server fills its buffer with its own framing.  A proxy adds its framing outside of its buffer, and what that
    holds of another server's framing varies (FastCGI pads its records)."""
    sizes = e.blocks.sizes[1:-1] if e.blocks else ()
    framing = [(n := round(size / buffer.size), buffer.size * n - size) for size in sizes]
    if not framing or not all(n and buffer.least * n <= rest <= buffer.usual * n for n, rest in framing):
        return None
    return _block(e, (buffer.size,)) if median(rest / n for n, rest in framing) == buffer.usual else None


def _block(e: Evidence, sizes: tuple[int, ...]) -> Confidence | None:
    if e.buffer_size not in sizes or e.body_only_blocks or e.encoding:
        return None
    return "high" if e.measures.block_size else "medium"
