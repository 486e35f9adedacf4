"""The room that touches mitmproxy: a handful of small addons that meet only in the event ``streamwatch_record``.

Their names begin with ``streamwatch.``: mitmproxy has addons of its own called by plain words.
"""

from __future__ import annotations


def addons() -> list[object]:
    """The suite, in the order mitmproxy runs it."""
    from ..terminal.totals import Totals
    from .commands import Commands
    from .console import Console
    from .contentview import Views
    from .export import Export
    from .hangup import Hangup
    from .history import History
    from .reload import Reload
    from .watch import Watch

    watch, history, totals = Watch(), History(), Totals()
    export = Export(watch.line, watch.unpublished)
    console = Console(watch.request_snapshots, totals, lambda: (*history.remarks(), *watch.interference.remarks()))
    talking = (Views(watch.unfinished), totals, Commands(totals, export, watch.unpublished), console)
    return [watch, watch.pairs, watch.interference, history, export, *talking, Hangup(), Reload()]
