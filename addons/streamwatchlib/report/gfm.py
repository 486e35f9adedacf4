"""Text to GitHub-flavoured Markdown in which nothing that a peer sent is markup.

In: text.  Out: sentences, code spans and tables (https://github.github.com/gfm/).  Never here: what the text says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .show import code_spans, one_line

# Entities for what GitHub reads before Markdown does: tags, formulas, bare links.  Text in this module never begins a
# line, so what only has a meaning there (lists, headings, rules) needs no escaping.
_ENTITY = re.compile(r"[&<>$\u200b]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_PING = re.compile(r"[@#](?=\w)")
"""Mentions and issue numbers: GitHub looks for them in the rendered text, where an entity is the character again.  So a
zero-width space follows the sign, as Renovate and Dependabot do it."""
_BACKSLASH = re.compile(r"[\\`*\[\]~]|\b_|_\b")


def prose(text: str) -> str:
    """A sentence in which only backticked code is markup."""
    return "".join(code(piece) if is_code else _escape(piece) for piece, is_code in code_spans(one_line(text)))


def code(text: str) -> str:
    """A code span (GFM 6.3) that holds the text whatever is in it."""
    text = one_line(text, 200)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escape(text: str) -> str:
    text = _PING.sub("\\g<0>\u200b", _BACKSLASH.sub(r"\\\g<0>", text))
    return _ENTITY.sub(lambda match: f"&#{ord(match[0])};", text)


def _cell(text: str) -> str:
    """Escape pipes, which end a cell even in a code span; a backslash before one would undo that."""
    return text.replace("\\|", "⧵|").replace("|", "\\|")


def table(head: Sequence[str], alignment: str, rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells that are Markdown already; `alignment` has an ``l`` or ``r`` for each column."""
    rule = ["---" if side == "l" else "--:" for side in alignment]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in (head, rule, *rows))
