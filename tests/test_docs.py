"""Docs and code say the same."""

from __future__ import annotations

import argparse
import ast
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import reference
import streamwatchlib
from mitmproxy import command
from mitmproxy.test import taddons
from ruamel.yaml import YAML
from streamwatchlib import cli, suite
from streamwatchlib.report import RENDERERS

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
    assert set(re.findall(r"`(\.\w+)`", row)) == set(RENDERERS)


def test_every_command_is_in_the_readme_and_the_reverse() -> None:
    with taddons.context(*suite.addons()) as context:
        manager = command.CommandManager(context.master)
        for addon in suite.addons():
            manager.collect_commands(addon)
        usages = {
            f"{name} {' '.join(p.name.upper() for p in each.parameters)}".strip()
            for name, each in manager.commands.items()
        }
    documented = set(re.findall(r"^\| `(streamwatch\.[^`]+)`", README, re.MULTILINE))
    assert documented == usages


def test_every_subcommand_is_in_the_readme_and_the_reverse() -> None:
    (commands,) = [action for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction)]
    documented = set(re.findall(r"^\| `streamwatch (\w+)[^`]*`", README, re.MULTILINE))
    assert documented == set(commands.choices)


def test_the_changelog_knows_this_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == streamwatchlib.__version__


@pytest.mark.parametrize("command", ["uv run scripts/demo.py", "uv run pytest"])
def test_the_front_door_stands_alone_on_its_line(command: str) -> None:
    assert f"```\n{command}\n```" in README


def test_the_reference_is_what_the_code_says_of_itself() -> None:
    """Every option, command, subcommand with its flags, and key of the record, and nothing else."""
    assert reference.document() == (ROOT / "docs" / "reference.md").read_text(encoding="utf-8"), (
        "uv run scripts/reference.py --write"
    )


CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """What is no language: fenced and indented blocks, code spans, links and pictures, in their order."""
    fenced = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return fenced + re.findall(r"^ {4,}\w.*$", prose, re.MULTILINE) + sorted(re.findall(r"`[^`\n]+`", prose))


def test_both_readmes_hold_the_same_code() -> None:
    assert code(CHINESE) == code(README)


def test_both_readmes_have_the_same_chapters_tables_and_links() -> None:
    for pattern in (r"^#+(?= )", r"^\|(?= )", r"\]\(((?!README)[^)]+)\)"):
        found = [re.findall(pattern, text, re.MULTILINE) for text in (README, CHINESE)]
        assert found[0] == found[1], pattern


def test_the_readmes_lead_to_each_other() -> None:
    assert "(README.zh-CN.md)" in README
    assert "(README.md)" in CHINESE


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert {name for name in linked if not (page.parent / name).exists()} == set()


PARSERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": YAML(typ="safe").load,
    "xml": ElementTree.fromstring,
}


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_every_example_parses(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        PARSERS.get(language, str)(block)
