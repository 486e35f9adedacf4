"""HTML and SVG elements from text: the one place where escaping happens.

In: names, attributes and children; a child that is plain `str` counts as foreign, so it is escaped and its invisible
characters are made visible.  Out: `Markup`, which is never escaped again.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..show import code_spans, escape_invisible

type Child = str | None
type Attribute = str | float | bool | None

_VOID = frozenset({"br", "col", "input", "meta"})
_SELF_CLOSING = frozenset({"line", "path", "rect", "use"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Foreign text as markup that shows it and does nothing."""
    return Markup(escape(escape_invisible(value)))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element.  ``class_`` is `class`, an underscore a hyphen; an attribute that is None or False is left out."""
    start = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{start}>")
    if name in _SELF_CLOSING and not children:
        return Markup(f"<{start}/>")
    return Markup(f"<{start}>{join(children)}</{name}>")


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Children one after the other; those that are None are left out."""
    return Markup(
        between.join(child if isinstance(child, Markup) else text(child) for child in children if child is not None)
    )


def table(heads: Iterable[str], rows: Iterable[Markup], class_: str | None = None) -> Markup:
    """Rows below their heads, in a box that scrolls."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in heads)))
    return tag("div", tag("table", head, tag("tbody", *rows), class_=class_), class_="scroll", tabindex=0)


def prose(sentence: str) -> Markup:
    """A sentence whose backticked pieces are set as code."""
    return join(tag("code", piece) if is_code else piece for piece, is_code in code_spans(sentence))


def clipped(value: str, max_chars: int) -> Markup:
    """At most `max_chars` characters, and how many more there are."""
    if len(value) <= max_chars:
        return text(value)
    more = tag("span", f"… {len(value) - max_chars:,} more characters, in the .jsonl", class_="more")
    return join((value[:max_chars], more))


def number(value: float) -> str:
    """A coordinate, as short as it goes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A coordinate along an axis of 0 to 1."""
    return number(value * 100) + "%"


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{text(value if isinstance(value, str) else number(value))}"'
