"""The walls between the rooms."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).parents[1] / "addons" / "streamwatchlib"
MODULES = sorted(path.relative_to(LIBRARY) for path in LIBRARY.rglob("*.py"))
PLAYING = {Path("replay/server.py"), Path("replay/command.py")}
SERVING = {Path("worker/serve.py")}
PURE = [
    path
    for path in MODULES
    if path.parts[0] not in ("suite", "terminal", "probe", "files.py", "cli.py", "__init__.py")
    and path not in PLAYING | SERVING
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
MAY: dict[str, str] = {
    "model.py": "",
    "urls.py": "",
    "units.py": "",
    "surrogates.py": "",
    "files.py": "",
    "headers.py": "model",
    "wire": "model headers surrogates",
    "llm": "model headers surrogates",
    "report": "model headers surrogates units urls",
    "credentials": "",
    "redact.py": "model credentials",
    "bare.py": "model llm wire",
    "timing.py": "model",
    "pace": "model timing",
    "verdict": "model headers timing units pace",
    "causes.py": "model verdict",
    "judge.py": "model pace verdict causes",
    "baseline.py": "model pace timing units urls verdict",
    "compare": "model causes headers pace report timing units urls verdict",
    "observer": "model bare credentials headers judge llm redact timing urls wire",
    "stored.py": "model bare judge observer report timing",
    "worker": "model compare observer report stored timing",
    "terminal": "model report units verdict",
    "suite": "model baseline compare files observer redact report stored terminal timing units wire worker",
    "replay": "model headers redact report units urls wire",
    "probe": "model compare files headers observer pace redact report units verdict",
    "cli.py": "model baseline compare files probe replay report suite terminal",
}
"""Which of our rooms a room may import: none that stands below it."""


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((LIBRARY / path).read_text())


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports; ours as ``streamwatchlib.room``."""
    package = ("streamwatchlib", *path.parent.parts)
    for node in ast.walk(parsed(path)):
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


def test_pure_rooms_touch_nothing_outside() -> None:
    touched = {path: {name.partition(".")[0] for name in imported(path)} & OUTSIDE for path in PURE}
    assert {path: names for path, names in touched.items() if names} == {}


def test_rooms_import_only_what_they_may() -> None:
    strange = {}
    for path in MODULES:
        if (room := path.parts[0]) != "__init__.py":
            ours = {name.split(".")[1] for name in imported(path) if name.startswith("streamwatchlib.")}
            strange[path] = ours - {"__version__", room.removesuffix(".py")} - {*MAY[room].split()}
    assert {path: names for path, names in strange.items() if names} == {}


def test_no_room_reaches_up() -> None:
    above: set[str] = set()
    for room, may in MAY.items():
        assert above.issuperset(may.split()), room
        above.add(room.removesuffix(".py"))


def test_no_module_is_long() -> None:
    lines = {path: len((LIBRARY / path).read_text().splitlines()) for path in MODULES}
    del lines[Path("model.py")]  # the language is in one place, and most of it is docstrings
    assert {path: count for path, count in lines.items() if count > 300} == {}


def test_no_function_is_long() -> None:
    functions = {
        (path, node.name): (node.end_lineno or 0) - node.lineno
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {place: lines for place, lines in functions.items() if lines >= 60} == {}


def rooms_that_import(package: str) -> set[str]:
    return {path.parts[0] for path in MODULES if any(name.partition(".")[0] == package for name in imported(path))}


def test_one_room_touches_mitmproxy_and_one_draws() -> None:
    assert rooms_that_import("mitmproxy") == {"suite"}
    assert rooms_that_import("rich") == {"terminal"}


def test_the_addons_load_without_rich() -> None:
    """mitmproxy's standalone binaries have none: it is imported where it is first drawn with."""
    loaded = f"import sys; sys.path.insert(0, {str(LIBRARY.parent)!r}); from streamwatchlib.suite import console"
    check = "assert not any(name.partition('.')[0] == 'rich' for name in sys.modules)"
    subprocess.run([sys.executable, "-c", f"{loaded}; {check}"], check=True)
