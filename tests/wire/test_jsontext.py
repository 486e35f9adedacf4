"""JSON is parsed strictly, and whatever is wrong with it is a `JsonError`."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.jsontext import JsonError, loads, loads_all


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        (b'"\xc3\xa9"', "é"),
        (bytearray(b" 1 "), 1),
        ("\ufeff{}", {}),
        (b"\xef\xbb\xbf{}", {}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        ('"\\ud83d"', "\ud83d"),
    ],
)
def test_json_is_read(text: str | bytes, value: object) -> None:
    assert loads(text) == value


def test_what_python_writes_and_json_does_not_know_is_read_where_that_is_asked_for() -> None:
    assert loads("[Infinity, -Infinity]", constants=True) == [float("inf"), float("-inf")]
    assert str(loads("NaN", constants=True)) == "nan"
    with pytest.raises(JsonError):
        loads("[Infinity,", constants=True)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "Expecting value", 1, 1),
        ('{"a":\n 1,}', "Illegal trailing comma before end of object", 2, 3),
        ('{"a": NaN}', "NaN is not JSON", None, None),
        ("-Infinity", "-Infinity is not JSON", None, None),
        ("[" * 100_000, "nested too deeply", None, None),
        (b'"\xff"', "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte", None, None),
        ('"\x01"', "Invalid control character at", 1, 2),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_json_says_why_and_where(
    text: str | bytes, message: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(JsonError) as caught:
        loads(text)
    # Python 3.12 words the trailing comma in another way
    assert caught.value.message in (message, "Expecting property name enclosed in double quotes")
    assert (caught.value.line, caught.value.column) == (line, column) or "comma" in message


def test_a_message_names_the_place_where_it_is_known() -> None:
    assert str(JsonError("No", 2, 3)) == "No (line 2, column 3)"
    assert str(JsonError("No")) == "No"


def test_an_integer_too_long_for_python_is_an_error_like_any_other() -> None:
    with pytest.raises(JsonError, match="digits"):
        loads("9" * 5000)


@settings(deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_nothing_else_is_ever_raised(text: str | bytes) -> None:
    with contextlib.suppress(JsonError):
        loads(text)


SIGNS = (
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    '"a":',
    "1",
    "NaN",
    "\ufeff",
    "\xa0",
    " ",
    "\n",
    "\x01",
    "é",
    "9" * 5000,
)
TEXTS = st.one_of(
    st.sampled_from(["{}", "[1, 2]", '{"a": [{}]}', '"]"', "null", "-1.5e3", '"\\ud83d"', '{"a": "}],["}']),
    st.sampled_from(
        ["", " ", '{"a":[{}', "{}]}", "1],[2", "[1", "2]", '["', '"]', '"\\', "[", "]", "1]", "[2", "1,2", "1,"]
    ),
    st.lists(st.sampled_from(SIGNS), max_size=6).map("".join),
)
"""JSON, what is JSON beside the right neighbour only, and what is nearly JSON."""


def said(text: str) -> tuple[object, ...]:
    """What Python's own parser makes of a text, or says of it."""
    try:
        return (repr(json.JSONDecoder().decode(text.removeprefix("\ufeff"))),)
    except json.JSONDecodeError as error:
        return (error.msg, error.lineno, error.colno)
    except ValueError as error:
        return (str(error), None, None)


def found(text: str) -> tuple[object, ...]:
    """The same of ours."""
    try:
        return (repr(loads(text, constants=True)),)
    except JsonError as error:
        return (error.message, error.line, error.column)


@settings(deadline=None)
@given(TEXTS, st.text(" \t\n\r", max_size=2), st.text(" \t\n\r", max_size=2))
def test_values_and_complaints_are_those_of_python(text: str, before: str, after: str) -> None:
    assert found(before + text + after) == said(before + text + after)


def one_by_one(texts: list[str]) -> list[object] | None:
    """What `loads_all` must make of them."""
    try:
        return [loads(text) for text in texts] if not any(text.startswith("\ufeff") for text in texts) else None
    except JsonError:
        return None


@settings(deadline=None)
@given(st.lists(TEXTS))
def test_texts_that_are_read_together_are_what_each_is_alone(texts: list[str]) -> None:
    assert repr(loads_all(texts)) == repr(one_by_one(texts))


@pytest.mark.parametrize(
    "texts",
    [
        ['{"a":[{}', "{}]}"],
        ['["', '"]'],
        ["[1", "2]"],
        ["1]", "[2"],
        ["1],[2"],
        ["1,2"],
        ["{}", ""],
        [""],
        ['{"a":[{}', "{}]}", "1,2,3"],  # as many elements as there should be
        ['["', '"]', '[],"",[]'],
        ["[" * 100_000, "]" * 100_000],
        ["{}", "NaN"],
    ],
    ids=lambda texts: " and ".join(texts)[:30],
)
def test_texts_that_are_json_only_together_are_none(texts: list[str]) -> None:
    assert loads_all(texts) is None
