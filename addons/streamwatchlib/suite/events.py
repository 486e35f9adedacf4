"""The plugin API: the event ``streamwatch_record(record)``.

Any script given to mitmproxy beside streamwatch's may define::

    def streamwatch_record(record):
        print(record.verdict.label, record.verdict.summary)

and gets every finished `Record`, its secrets masked.  It is called on the event loop after the client has been
served: a plain function (not ``async``) that returns quickly and hands slow work to a thread or a task.
"""

from __future__ import annotations

from mitmproxy import addonmanager, ctx

from ..model import Record


def publish(record: Record) -> None:
    """Hand a record to every addon that listens.

    Not by mitmproxy's own ``trigger``: that runs all scripts' handlers under one guard, so that an exception in
    one would keep the record from those after it.  Here each has its own, which logs what it raised.
    """
    for addon in addonmanager.traverse(ctx.master.addons.chain):
        handler = getattr(addon, "streamwatch_record", None)
        if callable(handler):
            with addonmanager.safecall():
                handler(record)
