"""Distributions over a logarithmic axis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.report.page.histogram import histogram

from .tree import parse


def titles(*values: float) -> list[str]:
    return [node.text for node in parse(histogram({"v": values}, "gap")).all("title")]


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (0.0, "under 1.00 ms"),
        (0.00099, "under 1.00 ms"),
        (0.001, "1.00 ms to 1.47 ms"),
        (0.05, "46.4 ms to 68.1 ms"),
        (1.0, "1.00 s to 1.47 s"),
        (70.0, "over 68.1 s"),
        (1e9, "over 68.1 s"),
    ],
)
def test_a_value_falls_into_its_bar(value: float, bar: str) -> None:
    assert titles(value) == [f"1 gap: {bar}"]


def test_groups_are_stacked_in_their_own_colours() -> None:
    lower, upper = parse(histogram({"a": [0.05, 0.05], "b": [0.05]}, "gap")).all("rect")

    assert (lower["class"], upper["class"]) == ("a", "b")
    assert (lower["y"], lower["height"]) == ("36", "60")
    assert (upper["y"], upper["height"]) == ("6", "30")


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_every_value_is_in_one_bar(values: list[float]) -> None:
    assert sum(int(title.split()[0].replace("\u202f", "")) for title in titles(*values)) == len(values)


def test_the_axis_is_labelled_and_the_picture_says_what_it_is() -> None:
    root = parse(histogram({"v": []}, "gap"))

    assert [node.text for node in root.all("text")] == ["<1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"]
    assert root.one("svg")["aria-label"] == "Distribution of 0 gaps"
