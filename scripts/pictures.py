"""Make the pictures of the README from a real run of the demo: docs/terminal.svg, docs/report.png, docs/exchange.png.

    uv run --group reports scripts/pictures.py

The terminal is a pseudo-terminal read by an emulator, drawn when most streams were in flight; the report is opened in
headless Chromium (Debian's package ``chromium``; without it the report's pictures are left as they are).
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import sys
import tempfile
import termios
from io import StringIO
from pathlib import Path

import pyte
from loopback import ROOT
from rich.console import Console
from rich.text import Text

COLUMNS, LINES = 112, 34
MARGIN = 28
"""Pixels below the last thing on a picture."""
DOCS = ROOT / "docs"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = demo(Path(folder))
        (DOCS / "terminal.svg").write_text(svg(lines), encoding="utf-8")
        if browser := shutil.which("chromium"):
            shoot(browser, Path(folder, "report.html"), Path(folder, "report.jsonl"))
        else:
            print("no chromium: the report's pictures are left as they are", file=sys.stderr)


# --- the terminal -----------------------------------------------------------------------------------------------


def demo(folder: Path) -> list[Text]:
    """Run the demo on a terminal of its own; return the screen that showed most (`worth`)."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}
        os.execv(sys.executable, [sys.executable, str(ROOT / "scripts" / "demo.py"), str(folder)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    best: tuple[int, list[Text]] = (-1, [])
    try:
        while data := os.read(terminal, 65536):
            stream.feed(data)
            best = max(best, (worth(screen.display), drawn(screen)), key=lambda shown: shown[0])
    except OSError:
        pass  # Linux's way to say that the other side has closed the terminal
    os.waitpid(process, 0)
    return best[1]


def worth(display: list[str]) -> int:
    """How much a screen shows: different verdicts count most, then rows in flight; without rows it is worth nothing."""
    start = next((i for i, row in enumerate(display) if row.startswith("in flight")), None)
    if start is None:
        return 0
    rows = sum(1 for row in display[start + 1 :] if row.strip())
    verdicts = {row.split()[1] for row in display[:start] if re.match(r"\d\d:\d\d:\d\d \S", row)}
    return 100 * len(verdicts) + 10 * rows + sum(1 for row in display[:start] if row.strip())


def drawn(screen: pyte.Screen) -> list[Text]:
    """The emulator's cells as styled text."""
    out = []
    for y in range(screen.lines):
        line = Text()
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            if cell.data:
                line.append(cell.data, style_of(cell))
        line.rstrip()
        out.append(line)
    while out and not out[-1].plain.strip():
        out.pop()
    return out


def style_of(cell: pyte.screens.Char) -> str:
    words = [word for word, on in (("bold", cell.bold), ("italic", cell.italics), ("reverse", cell.reverse)) if on]
    words += [colour(cell.fg, "default"), "on " + colour(cell.bg, "default")]
    return " ".join(words)


def colour(name: str, plain: str) -> str:
    names = {"brown": "yellow", "default": plain} | {
        f"bright{c}": f"bright_{c}" for c in ("black", "red", "green", "blue", "magenta", "cyan", "white")
    }
    names |= {"brightbrown": "bright_yellow"}
    return names.get(name, f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name)


def svg(lines: list[Text]) -> str:
    """The lines as an SVG that loads nothing from the network."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, no_wrap=True, crop=True)
    picture = console.export_svg(title="mitmdump -s addons/streamwatch.py")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL).replace("Fira Code", "monospace")


# --- the report -------------------------------------------------------------------------------------------------


def shoot(program: str, report: Path, records: Path) -> None:
    """Take pictures: the page down to its table of endpoints, and the first bursty exchange down to its figures."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 2600})  # what is out of sight is not drawn
        page.goto(report.as_uri())
        below = page.locator(".endpoints").bounding_box()
        assert below
        page.screenshot(path=DOCS / "report.png", clip={"x": 0, "y": 0, "width": 1280, "height": below["y"]})
        number = place(records, "bursty")
        page.evaluate(f"location.hash = 'x{number}'")
        exchange = page.locator(f".exchange:has(#x{number})")
        box, figures = exchange.bounding_box(), exchange.locator(".inside > .columns").first.bounding_box()
        assert box
        assert figures
        height = figures["y"] + figures["height"] + MARGIN - box["y"]
        page.screenshot(path=DOCS / "exchange.png", clip={**box, "height": height})
        browser.close()


def place(records: Path, label: str) -> int:
    """Number of the first exchange with this verdict, as the report counts them."""
    lines = records.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if json.loads(line)["verdict"]["label"] == label)


if __name__ == "__main__":
    main()
