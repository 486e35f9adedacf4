"""The rooms that touch mitmproxy: a handful of small addons that meet only in the event ``streamwatch_record``.

Their names begin with ``streamwatch.``: mitmproxy has addons of its own called by plain words.
"""

from __future__ import annotations


def addons() -> list[object]:
    """The suite, in the order mitmproxy runs it."""
    from .commands import Commands
    from .console import Console
    from .contentview import Views
    from .export import Export
    from .memory import Memory
    from .reload import Reload
    from .watch import Watch

    watch = Watch()
    memory = Memory()
    console = Console(watch.look, lambda: (*memory.remarks(), *watch.innocence.remarks()))
    views = Views(watch.unfinished)
    return [watch, watch.pairs, watch.innocence, memory, Export(watch.line), views, Commands(), console, Reload()]
