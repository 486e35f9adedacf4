"""The demo, the probe, the replay, the benchmarks and the lab listen on 127.0.0.1 only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [path for folder in ("addons", "scripts", "examples") for path in sorted((ROOT / folder).rglob("*.py"))]
LISTENERS = {"bind", "start_server", "create_server", "serve", "ThreadingTCPServer", "TCPServer", "HTTPServer"}
LOOPBACK = "127.0.0.1"


def listening(path: Path) -> Iterator[str]:
    """Source of what names an address to listen on."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in LISTENERS and any(isinstance(arg, ast.Tuple | ast.Constant) for arg in node.args[:2]):
                yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and node.value in ("0.0.0.0", "::"):
            yield f"names {node.value}"


def test_this_finds_listeners() -> None:
    found = {path.name for path in SOURCES if any(LOOPBACK in source for source in listening(path))}
    assert found >= {"loopback.py", "server.py", "watcher.py", "peers.py"}


def test_every_listener_is_on_loopback() -> None:
    told = {"console.py"}  # it tells where mitmproxy listens
    elsewhere = [
        (path, source)
        for path in SOURCES
        if path.name not in told
        for source in listening(path)
        if LOOPBACK not in source
    ]
    assert elsewhere == []
