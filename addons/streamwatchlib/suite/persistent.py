"""Objects that outlive a reload of the script: mitmproxy makes the addons anew, but streams and captures go on."""

from __future__ import annotations

from collections.abc import Callable

from mitmproxy import ctx


def persistent[T](name: str, make: Callable[[], T]) -> T:
    """Return the object of this name that an earlier load of the script left with mitmproxy's master, or a new one."""
    kept: dict[str, T] = vars(ctx.master).setdefault("_streamwatch", {})
    if name not in kept:
        kept[name] = make()
    return kept[name]


def renew_persistent[T](name: str, make: Callable[[], T]) -> T:
    """Replace the object of this name by a new one."""
    vars(ctx.master).get("_streamwatch", {}).pop(name, None)
    return persistent(name, make)
