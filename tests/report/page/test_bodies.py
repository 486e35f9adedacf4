"""Request and response as a page shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import Body, Record
from streamwatchlib.report.page.bodies import body, request, response

from ..records import BINARY, FORM, INVALID, MULTIPART, QUERY, STREAMING, UNTYPED, UPLOAD
from .tree import Node, parse


def shown(value: Body, most: int = 1000) -> Node:
    return parse(body(value, most))


def cells(root: Node) -> list[list[str]]:
    return [[cell.text for cell in (*row.all("th"), *row.all("td"))] for row in root.all("tr")]


DESCRIPTIONS = [
    (FORM, "form (urlencoded), 17 B; declared as application/x-www-form-urlencoded."),
    (UNTYPED, "json, 12 B; declared as nothing."),
    (BINARY, "binary (jpeg), 87.9 KiB, 87.9 KiB after decoding gzip; declared as image/jpeg."),
    (QUERY, "No body."),
    (
        replace(UNTYPED, request=replace(UNTYPED.request, body=Body("streaming", "websocket", size=9))),
        "streaming (websocket), 9 B.",
    ),
]


@pytest.mark.parametrize(("record", "words"), DESCRIPTIONS, ids=lambda value: getattr(value, "id", ""))
def test_a_line_says_what_it_is(record: Record, words: str) -> None:
    assert shown(record.request.body).all("p", "note")[0].text == words


def test_what_is_odd_is_said() -> None:
    assert shown(UNTYPED.request.body).one("p", "warning").text == "JSON was sent without a Content-Type."
    assert [node.text for node in shown(INVALID.request.body).all("p", "warning")] == [
        "a GET with a body",
        "Not valid JSON: Expecting value (line 1, column 7)",
    ]
    assert shown(Body("json", valid=False)).one("p", "warning").text == "Not valid JSON: unknown ()"


def test_a_form_is_a_table_of_its_fields_in_order() -> None:
    assert cells(shown(FORM.request.body)) == [["a", "abc"], ["a", "def"], ["a", "bec"], ["empty", ""], ["bare", ""]]


def test_a_multipart_body_is_a_table_of_its_parts() -> None:
    root = shown(MULTIPART.request.body)

    assert cells(root) == [
        ["name", "file", "type", "size", "headers"],
        ["a", "–", "–", "3 B", 'Content-Disposition: form-data; name="a"'],
        ["file", "a.txt", "text/plain", "3.9 KiB", "a: b"],
        ["–", "–", "–", "0 B", ""],
    ]
    assert root.one("p", "warning").text == "The closing boundary is missing: the body is cut off."
    assert not shown(replace(MULTIPART.request.body, complete=True)).all("p", "warning")


def test_json_is_laid_out_for_reading() -> None:
    assert shown(UNTYPED.request.body).one("pre").text == '{\n  "a": "abc"\n}'


def test_json_is_laid_out_as_it_was_sent() -> None:
    """Values that parsers make something else of, a key that they drop, and escapes, which nobody can read."""
    content = r'{"a":1,"a":[],"f":1.50,"n":[1e5,{}],"s":"[\"\u6f22,\\"}'
    laid_out = '{\n  "a": 1,\n  "a": [],\n  "f": 1.50,\n  "n": [\n    1e5,\n    {}\n  ],\n  "s": "[\\"漢,\\\\"\n}'

    assert shown(Body("json", valid=True, content=content)).one("pre").text == laid_out


def test_json_whose_blanks_would_be_more_than_the_page_can_show_is_shown_as_it_is() -> None:
    content = "[" * 900 + "1," * 9_000 + "1" + "]" * 900

    assert shown(Body("json", valid=True, content=content), 20_000).one("pre").text == content


@pytest.mark.parametrize("content", ["{oh", "[" * 100_000])
def test_json_that_is_not_what_it_was_said_to_be_is_shown_as_it_is(content: str) -> None:
    assert shown(Body("json", valid=True, content=content), 200_000).one("pre").text == content


def test_long_json_is_cut_and_not_laid_out() -> None:
    text = shown(replace(UNTYPED.request.body, content='{"a": ' + "1" * 100 + "}"), 20).one("pre").text

    assert text == '{"a": 11111111111111… 87 more characters, in the .jsonl'


def test_text_that_was_cut_while_recording_says_so() -> None:
    assert "cut at streamwatch_body_limit" in shown(INVALID.request.body).text


def test_the_bytes_of_a_stream_are_folded() -> None:
    assert STREAMING.response is not None

    assert shown(STREAMING.response.body).one("details").one("pre")


def test_a_request_says_what_was_asked_for() -> None:
    root = parse(request(STREAMING.request, 1000))

    assert root.one("p", "start").text.startswith("POST https://dashscope")
    assert "asked for a stream (body.stream)" in root.text
    assert "did not ask for a stream" in parse(request(FORM.request, 10)).text
    assert "did not say whether to stream" in parse(request(replace(FORM.request, stream_requested=None), 10)).text


def test_the_query_is_a_table() -> None:
    assert cells(parse(request(QUERY.request, 10)).all("table")[0]) == [["q", "1"], ["r", ""]]


def test_headers_are_folded_and_whole() -> None:
    fold = parse(request(STREAMING.request, 10)).one("details")

    assert fold.one("summary").text == "4 headers"
    assert cells(fold)[1] == ["Authorization", "Bearer ***"]


def test_an_upload_that_was_passed_through_says_so() -> None:
    assert "Passed through as it arrived, in 2 reads." in parse(request(UPLOAD.request, 10)).text


def test_a_response_begins_with_its_status() -> None:
    assert FORM.response is not None

    assert parse(response(FORM.response, 10)).one("p", "start").text == "200 HTTP/1.1"
