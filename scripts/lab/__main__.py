"""``uv run scripts/lab``: see the package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.run import main

if __name__ == "__main__":
    sys.exit(main())
