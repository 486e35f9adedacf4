"""See whether streams really stream: ``mitmdump -s addons/streamwatch.py``."""

import sys
from pathlib import Path

if (here := str(Path(__file__).resolve().parent)) not in sys.path:
    sys.path.insert(0, here)  # resolve(): the script may be a symlink

from streamwatchlib import suite

addons = suite.addons()
