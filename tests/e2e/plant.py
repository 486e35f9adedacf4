"""A mitmproxy script for the tests: makes one function of streamwatch raise while a request is served.

The request names the function in a header: ``X-Plant: observer.Observer.feed``.  This script must come before
streamwatch's, so that its hook runs first.
"""

import importlib
import sys
from typing import Any

sys.frozen = True  # type: ignore[attr-defined]  # as in mitmproxy's binaries: the worker is a thread, and can be reached

_undo: list[tuple[Any, str, Any]] = []


def requestheaders(flow: Any) -> None:
    while _undo:
        setattr(*_undo.pop())
    if name := flow.request.headers.pop("x-plant", ""):
        _plant(name)


def _plant(name: str) -> None:
    module, *path, last = name.split(".")
    parts = [f"streamwatchlib.{module}"]
    while path and path[0][0].islower():
        parts.append(path.pop(0))
    target = importlib.import_module(".".join(parts))
    for part in path:
        target = getattr(target, part)
    original = getattr(target, last)

    def planted(*_: object, **__: object) -> None:
        print("raised in", name, flush=True)
        raise RuntimeError("planted")

    assert callable(original), name
    _undo.append((target, last, original))
    setattr(target, last, planted)
