"""Closing the terminal ends the proxy as Ctrl-C does, instead of killing it before its reports are written.

mitmproxy leaves SIGHUP to the system, which kills at once.  A SIGHUP that ``nohup`` has set to be ignored stays so.
"""

from __future__ import annotations

import asyncio
import os
import signal

from mitmproxy import ctx

from .persistent import persistent


class Hangup:
    name = "streamwatch.hangup"

    def running(self) -> None:
        persistent("hangup", _heed)


def _heed() -> bool:
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is None or signal.getsignal(hangup) is not signal.SIG_DFL:
        return False
    terminals = [fd for fd in (0, 1, 2) if os.isatty(fd)]  # now, since a closed terminal is not recognized
    shutdown = ctx.master.shutdown

    def end() -> None:
        # writing to a closed terminal fails, and mitmproxy, failing to log, exits at once
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in terminals:
            os.dup2(nowhere, fd)
        os.close(nowhere)
        shutdown()

    asyncio.get_running_loop().add_signal_handler(hangup, end)
    return True
