"""Docs and code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamwatchlib
from mitmproxy.test import taddons
from streamwatchlib import suite
from streamwatchlib.report import WRITERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def options() -> set[str]:
    with taddons.context(*suite.addons()) as context:
        return {name for name, _ in context.options.items() if name.startswith("streamwatch_")}


def test_every_option_is_in_the_readme_and_the_reverse() -> None:
    documented = set(re.findall(r"^\| `(streamwatch_\w+)`", README, re.MULTILINE))
    assert documented == options()


def test_every_export_format_is_in_the_readme() -> None:
    (row,) = [line for line in README.splitlines() if line.startswith("| `streamwatch_export`")]
    assert set(re.findall(r"`(\.\w+)`", row)) == set(WRITERS)


def test_the_changelog_knows_this_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == streamwatchlib.__version__


@pytest.mark.parametrize("command", ["uv run scripts/demo.py", "uv run pytest"])
def test_the_front_door_stands_alone_on_its_line(command: str) -> None:
    assert f"```\n{command}\n```" in README
