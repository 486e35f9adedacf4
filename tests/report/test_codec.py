"""Classes to JSON and back is tested through the archive (test_jsonl); here: the list of optional keys."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from streamwatchlib.model import Measures
from streamwatchlib.report.codec import ABSENT_WHEN_EMPTY, keys_of


@pytest.mark.parametrize(("cls", "names"), ABSENT_WHEN_EMPTY.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_every_optional_key_is_a_field_of_its_class(cls: type, names: frozenset[str]) -> None:
    assert names <= get_type_hints(cls).keys()


def test_a_class_without_optional_keys_writes_all_of_them() -> None:
    assert not any(key.optional for key in keys_of(Measures))
