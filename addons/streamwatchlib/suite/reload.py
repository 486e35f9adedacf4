"""The last addon of the suite: lets a reload of the script see edits to the package.

mitmproxy watches the script file and loads it anew when it changes, but Python would hand it the package's old
modules.  They are forgotten when the old suite has ended, not before: its last report is made of them.
"""

from __future__ import annotations

import sys


class Reload:
    name = "streamwatch.reload"

    def done(self) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "streamwatchlib"]:
            del sys.modules[name]
