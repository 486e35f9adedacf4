"""Make the API's pages from the docstrings: uv run --group docs scripts/apidocs.py [FOLDER]"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pdoc

MODULES = (
    "streamwatchlib.model",
    "streamwatchlib.observer",
    "streamwatchlib.report",
    "streamwatchlib.suite.events",
    r"!streamwatchlib\.report\.(?!jsonl)",
)
"""The public API (and, after an exclamation mark, what is not part of it); all else may change with any version."""


def main(folder: Path) -> None:
    # of NamedTuples, whose annotations are shown as they stand
    warnings.filterwarnings("ignore", "Error parsing type annotation", UserWarning)
    pdoc.render.configure(docformat="google", footer_text="streamwatch")
    pdoc.pdoc(*MODULES, output_directory=folder)
    print(folder / "index.html")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "api"))
