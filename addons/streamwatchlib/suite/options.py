"""The options, their defaults and their checks.

mitmproxy silently drops a script whose numeric or choice option gets a bad ``--set`` value, and goes on without it;
so every option is declared as text (or a list of texts, or a bool) and checked here.  It also drops the script if a
bool is neither ``true`` nor ``false``, if a text is set twice or without a value, or if a configuration file has a
value of another type: so `declare` applies what was set before mitmproxy does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import expanduser

from mitmproxy import ctx, exceptions, flowfilter
from mitmproxy.addonmanager import Loader
from mitmproxy.optmanager import OptManager

from ..files import check_writable
from ..model import Limits
from ..report import RENDERERS, check_name
from .export import is_jsonl

logger = logging.getLogger(__name__)

_PREFIX = "streamwatch_"
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class BadOption(Exception):
    """An option's value can't be used; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, parsed."""

    export: tuple[str, ...] = ()
    filter: flowfilter.TFilter | None = None
    keep_text: bool = True
    stream_requests: bool = False
    limits: Limits = Limits()


def declare(loader: Loader) -> None:
    """Register the options with mitmproxy."""
    loader.add_option(
        "streamwatch_export",
        Sequence[str],
        [],
        f"Write the exchanges to these files; the suffix chooses the format ({', '.join(RENDERERS)}).",
    )
    loader.add_option(
        "streamwatch_filter",
        str,
        "",
        "Watch only flows that match this filter expression once the request's or the response's head has arrived.",
    )
    loader.add_option(
        "streamwatch_content",
        str,
        "full",
        "Keep the texts of bodies and events: full, or none (only names, times, sizes, counts and verdicts).",
    )
    loader.add_option(
        "streamwatch_history",
        Sequence[str],
        [],
        "Record files (.jsonl) of earlier runs, to learn what is normal for an endpoint and report changes.",
    )
    loader.add_option(
        "streamwatch_stream_requests",
        bool,
        False,
        "Pass request bodies of unknown length through as they arrive, and timestamp their arrivals.",
    )
    loader.add_option(
        "streamwatch_body_limit", str, "8m", "How much of each body to keep at most (bytes, or with suffix k, m or g)."
    )
    _apply_deferred(loader.master.options)


def _apply_deferred(options: OptManager) -> None:
    """Apply each of our options that was set before it was declared; a bad value is logged as an error, which ends
    mitmproxy."""
    waiting = options.deferred
    ours = {name: waiting.pop(name) for name in list(waiting) if name in options and name.startswith(_PREFIX)}
    for name, value in ours.items():
        waiting[name] = value
        try:
            options.process_deferred()
        except (exceptions.OptionsError, TypeError) as error:
            logger.error("%s", error)
            del waiting[name]


def unknown() -> list[str]:
    """Names with our prefix that were set and are no option of any script: typing errors."""
    return [name for name in ctx.options.deferred if name.startswith(_PREFIX)]


def settings() -> Settings:
    """Parse the options as they are set now.

    Raises:
        BadOption: a value can't be used.
    """
    options = ctx.options
    for path in options.streamwatch_export:
        _check_export(path)
    body = parse_size(options.streamwatch_body_limit)
    return Settings(
        export=tuple(options.streamwatch_export),
        filter=_parse_filter(options.streamwatch_filter),
        keep_text=_parse_content(options.streamwatch_content),
        stream_requests=options.streamwatch_stream_requests,
        limits=Limits(body=body),
    )


def parse_size(text: str) -> int:
    """Bytes from ``"65536"``, ``"64k"``, ``"8m"``, ``"1g"``.

    Raises:
        BadOption: it is none of these.
    """
    match = re.fullmatch(r"\s*(\d{1,15})\s*([kmg]?)b?\s*", text, re.IGNORECASE | re.ASCII)
    if not match:
        raise BadOption(f"streamwatch_body_limit: {text!r} is not a size such as 65536, 64k, 8m or 1g")
    return int(match[1]) * _UNITS[match[2].lower()]


def _parse_content(text: str) -> bool:
    if text not in ("full", "none"):
        raise BadOption(f"streamwatch_content: {text!r} is neither 'full' nor 'none'")
    return text == "full"


def _parse_filter(text: str) -> flowfilter.TFilter | None:
    if not text.strip():
        return None
    try:
        return flowfilter.parse(text)
    except (ValueError, RecursionError) as error:
        raise BadOption(f"streamwatch_filter: {text!r} is not a mitmproxy filter expression ({error})") from error


def _check_export(path: str) -> None:
    try:
        check_name(path)
        check_writable(expanduser(path), appended=is_jsonl(path))
    except ValueError as error:
        raise BadOption(f"streamwatch_export: {error}") from error
    except OSError as error:
        raise BadOption(f"streamwatch_export: can't write {path!r} ({error.strerror or error})") from error
