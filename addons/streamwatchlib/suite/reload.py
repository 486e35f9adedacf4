"""The last addon of the suite: lets a reload of the script see edits to the package.

mitmproxy reloads the script file when it changes, but Python would give it the package's old modules.  They are
removed when the old suite has ended, not before, since its last report needs them.
"""

from __future__ import annotations

import sys


class Reload:
    name = "streamwatch.reload"

    def done(self) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "streamwatchlib"]:
            del sys.modules[name]
