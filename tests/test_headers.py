"""Header fields are found by their names, however these are written."""

from __future__ import annotations

from streamwatchlib.headers import header, header_values, joined_header

HEADERS = (("Content-Encoding", "gzip"), ("Age", ""), ("content-encoding", "br"))


def test_fields_of_one_name_are_listed_told_by_the_first_or_joined() -> None:
    assert header_values(HEADERS, "content-encoding") == ["gzip", "br"]
    assert header(HEADERS, "content-encoding") == "gzip"
    assert joined_header(HEADERS, "content-encoding") == "gzip, br"


def test_an_empty_field_is_there() -> None:
    assert header(HEADERS, "age") == joined_header(HEADERS, "age") == ""
    assert header(HEADERS, "via") is joined_header(HEADERS, "via") is None
