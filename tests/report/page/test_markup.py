"""Markup: foreign text is always escaped, whatever calls it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.report.page.markup import Markup, clipped, join, number, percent, prose, tag, text

from ..records import HOSTILE
from .tree import parse


def test_children_are_escaped_unless_they_are_markup() -> None:
    assert tag("p", "<b>", Markup("<b></b>"), None) == "<p>&lt;b&gt;<b></b></p>"


def test_attributes_are_escaped_too() -> None:
    assert tag("p", title='"><b>') == '<p title="&quot;&gt;&lt;b&gt;"></p>'


@pytest.mark.parametrize(
    ("attributes", "markup"),
    [
        ({"class_": "a", "aria_label": "b"}, '<p class="a" aria-label="b"></p>'),
        ({"title": None, "hidden": False}, "<p></p>"),
        ({"hidden": True}, "<p hidden></p>"),
        ({"x": 1.50, "y": 2}, '<p x="1.5" y="2"></p>'),
        ({"name": "n"}, '<p name="n"></p>'),
    ],
)
def test_attributes_have_names_of_html(attributes: dict[str, object], markup: str) -> None:
    assert tag("p", **attributes) == markup  # type: ignore[arg-type]


def test_empty_elements_are_closed_as_html_and_svg_want_it() -> None:
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert tag("path", d="M0 0") == '<path d="M0 0"/>'
    assert tag("rect", tag("title", "x")) == "<rect><title>x</title></rect>"


@given(st.text(st.characters()))
def test_any_text_is_only_text(value: str) -> None:
    root = parse(tag("p", tag("b", value), title=value))

    assert [node.name for node in root.all()] == ["p", "b"]


def test_invisible_characters_are_seen() -> None:
    shown = parse(tag("p", HOSTILE)).text

    assert "⟨U+202E⟩gnp.exe␛[31m␇" in shown
    assert shown.startswith("<script>alert(1)</script>")


def test_what_is_cut_says_how_much_is_missing() -> None:
    assert clipped("abc", 3) == "abc"
    assert parse(clipped("<" * 2000, 3)).text == "<<<… 1,997 more characters, in the .jsonl"


def test_backticks_in_a_sentence_are_code() -> None:
    assert prose("set `a<b`, please") == "set <code>a&lt;b</code>, please"


def test_pieces_are_joined() -> None:
    assert join(["<", Markup("<br>"), None], ", ") == "&lt;, <br>"


def test_text_is_marked_as_safe_once() -> None:
    assert join([text("<")]) == "&lt;"


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (0.129, "0.13"), (100.0, "100"), (0.0, "0")])
def test_coordinates_are_short(value: float, written: str) -> None:
    assert number(value) == written


def test_a_share_is_a_percentage() -> None:
    assert percent(0.12345) == "12.35%"
