"""What a dialect remembers is bounded, and known names are still updated at the bound."""

from __future__ import annotations

from streamwatchlib.llm.bounded_dict import BoundedDict


def test_of_the_first_so_many_names_what_was_last_said_is_known() -> None:
    known = BoundedDict[str, int](2)
    known.update({"a": 1, "b": 2, "c": 3})
    known["a"] = 4
    assert known.setdefault("d", 5) == 5
    assert dict(known) == {"a": 4, "b": 2}


def test_what_is_forgotten_makes_room() -> None:
    known = BoundedDict[str, int](1)
    known["a"] = 1
    assert known.pop("a") == 1
    known["b"] = 2
    assert dict(known) == {"b": 2}


def test_no_name_is_remembered_that_is_as_long_as_a_text() -> None:
    known = BoundedDict[str | int, int](9)
    known.update({"n" * 1000: 1, "n" * 1001: 2, 10**4000: 3})
    assert sorted(known.values()) == [1, 3]
