"""Make docs/reference.md from the code: options, commands, flags, and every key of the record.

    uv run scripts/reference.py [--write]

The keys of the record are taken from its JSON Schema.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from mitmproxy import command
from mitmproxy.test import taddons
from streamwatchlib import cli, suite

DOCS = Path(__file__).resolve().parents[1] / "docs" / "reference.md"

SCHEMA: dict[str, Any] = json.loads(files("streamwatchlib.report").joinpath("schema.json").read_text("utf-8"))

HEAD = """# Reference

Made by `uv run scripts/reference.py --write`; do not edit by hand. What things are for stands in the
[README](../README.md).
"""


def document() -> str:
    chapters = [HEAD, _options(), _commands(), _programs(), _record()]
    return "\n".join(chapter.strip() + "\n" for chapter in chapters)


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    names = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


# --- options and commands -----------------------------------------------------------------------------------------


def _options() -> str:
    with taddons.context(*suite.addons()) as context:
        ours = [option for name, option in context.options.items() if name.startswith("streamwatch_")]
    rows = [(f"`{each.name}`", f"`{json.dumps(each.default)}`", one_line(each.help)) for each in ours]
    return "## Options\n\n" + table("option | default | meaning", rows)


def _commands() -> str:
    addons = suite.addons()
    with taddons.context(*addons) as context:
        manager = command.CommandManager(context.master)
        for addon in addons:
            manager.collect_commands(addon)
    rows = [
        (f"`{' '.join([name, *(each.name.upper() for each in found.parameters)])}`", one_line(found.help))
        for name, found in manager.commands.items()
    ]
    return "## Commands in mitmproxy\n\n" + table("command | does", rows)


def _programs() -> str:
    (found,) = [each for each in cli._parser()._actions if isinstance(each, argparse._SubParsersAction)]
    parts = ["## The command `streamwatch`\n"]
    for name, parser in found.choices.items():
        rows = [(f"`{_usage(each)}`", one_line(each.help)) for each in parser._actions if each.dest != "help"]
        parts.append(f"### streamwatch {name}\n\n{one_line(parser.description)}\n")
        parts += [table("argument | meaning", rows)] if rows else []
    return "\n".join(parts)


def _usage(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    names = ", ".join(action.option_strings)
    if not names:
        return f"{value}..." if action.nargs == "+" else str(value)
    return names if action.nargs == 0 else f"{names} [{value}]" if action.nargs == "?" else f"{names} {value}"


# --- the record -----------------------------------------------------------------------------------------------------


def _record() -> str:
    parts = [f"## The record\n\n{SCHEMA['description']}\n", _object(SCHEMA)]
    for name, schema in SCHEMA["$defs"].items():
        if "properties" in schema:
            parts.append(f"### {name}\n\n{schema.get('description', '')}\n\n{_object(schema)}")
    return "\n".join(parts)


def _object(schema: Mapping[str, Any]) -> str:
    return table("key | is | meaning", _rows(schema, ""))


def _rows(schema: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    """A row per key; the keys of an object without a name of its own follow it."""
    for key, value in schema["properties"].items():
        absent = "" if key in schema.get("required", ()) else ", may be absent"
        yield f"`{prefix}{key}`", _kind(value) + absent, value["description"]
        inner = next((each for each in (value, *value.get("anyOf", ())) if "properties" in each), None)
        if inner:
            yield from _rows(inner, f"{prefix}{key}.")


def _kind(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join("null" if each is None else f"`{each}`" for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(_kind, sorted(schema["anyOf"], key=lambda each: each.get("type") == "null")))
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_many(schema) if kind == "array" else kind for kind in kinds)


def _named(name: str) -> str:
    found = SCHEMA["$defs"][name]
    if "properties" in found:
        return f"[{name}](#{name})"
    return "seconds or null" if name == "seconds" else _kind(found)


def _many(schema: Mapping[str, Any]) -> str:
    items = schema.get("items") or {}
    if items.get("prefixItems"):
        return f"list of [{', '.join(map(_kind, items['prefixItems']))}]"
    return f"list of {_kind(items)}" if items else "list"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {DOCS.name}")
    text = document()
    if parser.parse_args().write:
        DOCS.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
