"""The walls between the rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[1] / "addons" / "streamwatchlib"
MODULES = sorted(path.relative_to(LIBRARY) for path in LIBRARY.rglob("*.py"))
PLAYING = {Path("replay/server.py"), Path("replay/command.py")}
SERVING = {Path("worker/serve.py")}
PURE = [
    path
    for path in MODULES
    if path.parts[0] not in ("suite", "probe", "cli", "cli.py", "__init__.py") and path not in PLAYING | SERVING
]
OUTSIDE = {
    "mitmproxy",
    "rich",
    "time",
    "os",
    "socket",
    "asyncio",
    "threading",
    "subprocess",
    "logging",
    "pathlib",
}
MAY: dict[str, set[str]] = {
    "model.py": set(),
    "urls.py": set(),
    "wire": {"model"},
    "llm": {"model"},
    "report": {"model", "urls"},
    "credentials": set(),
    "redact.py": {"model", "credentials"},
    "timing.py": {"model"},
    "pace": {"model", "timing"},
    "verdict": {"model", "timing", "pace"},
    "causes.py": {"model", "verdict"},
    "judge.py": {"model", "pace", "verdict", "causes"},
    "worker": {"model", "compare", "observer", "redact", "report", "stored", "websocket"},
    "replay": {"model", "urls", "wire", "report"},
}
"""Which of our rooms a room may import."""


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports; ours as ``streamwatchlib.room``."""
    package = ("streamwatchlib", *path.parent.parts)
    for node in ast.walk(ast.parse((LIBRARY / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            if node.module:
                yield ".".join((*base, node.module))
            else:
                yield from (".".join((*base, alias.name)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", PURE, ids=str)
def test_pure_rooms_touch_nothing_outside(path: Path) -> None:
    touched = {name.partition(".")[0] for name in imported(path)} & OUTSIDE
    assert not touched


@pytest.mark.parametrize("path", [path for path in PURE if path.parts[0] in MAY], ids=str)
def test_rooms_import_only_what_they_may(path: Path) -> None:
    room = path.parts[0]
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("streamwatchlib.")} - {"__version__"}
    assert ours - {room.removesuffix(".py")} <= MAY[room]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_module_is_long(path: Path) -> None:
    if path.name == "model.py":
        return  # the language is in one place, and most of it is docstrings
    assert len((LIBRARY / path).read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_function_is_long(path: Path) -> None:
    for node in ast.walk(ast.parse((LIBRARY / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_only_the_screen_and_the_command_draw() -> None:
    drawing = {path.name for path in MODULES if any(name.partition(".")[0] == "rich" for name in imported(path))}
    assert drawing <= {"cli.py", "view.py", "screen.py", "summary.py", "grid.py", "figures.py"}


def test_the_addons_load_without_rich() -> None:
    """mitmproxy's standalone binaries have none: it is imported where it is first drawn with."""
    loaded = f"import sys; sys.path.insert(0, {str(LIBRARY.parent)!r}); from streamwatchlib.suite import console"
    check = "assert not any(name.partition('.')[0] == 'rich' for name in sys.modules)"
    subprocess.run([sys.executable, "-c", f"{loaded}; {check}"], check=True)
