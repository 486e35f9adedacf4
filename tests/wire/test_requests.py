"""Every way in which the `requests` library sends a body, as the library itself prepares it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from streamwatchlib.model import Body, Limits
from streamwatchlib.wire.bodies import BodyReader
from streamwatchlib.wire.urlencoded import query_fields

from ..helpers import feedings


def prepared(method: str = "POST", **arguments: Any) -> tuple[requests.PreparedRequest, bytes]:
    """A request as the library prepares it, and the bytes of its body."""
    request = requests.Request(method, "http://host/path", **arguments).prepare()
    body = request.body
    if isinstance(body, str):
        return request, body.encode()
    if body is None or isinstance(body, bytes):
        return request, body or b""
    return request, b"".join(body)


def sent(**arguments: Any) -> Body:
    """What is said of the body of such a request, the same however its bytes are cut."""
    request, data = prepared(**arguments)
    bodies = []
    for pieces in feedings(data):
        reader = BodyReader(tuple(request.headers.items()), limits=Limits())
        for piece in pieces:
            reader.feed(piece)
        reader.close()
        bodies.append(reader.body())
    assert bodies == [bodies[0]] * len(bodies)
    assert bodies[0].size == len(data)
    return bodies[0]


def test_params_are_in_the_query_and_the_body_is_empty() -> None:
    request, data = prepared("GET", params={"q": 1, "r": 23})
    assert query_fields(request.url or "") == (("q", "1"), ("r", "23"))
    assert data == b""
    assert sent(method="GET", params={"q": 1, "r": 23}).kind == "empty"


def test_params_keep_their_order_and_repeats() -> None:
    request, _ = prepared(params=[("b", "1"), ("a", "x y&z"), ("b", "每")])
    assert query_fields(request.url or "") == (("b", "1"), ("a", "x y&z"), ("b", "每"))


def test_a_get_may_have_a_form() -> None:
    body = sent(
        method="GET",
        params={"q": 1},
        data={"body-param": "value"},
        auth=("api_key", "xxx"),
        cookies={"c": "d"},
        headers={"X-Own": "1"},
    )
    assert (body.kind, body.format, body.mismatch) == ("form", "urlencoded", None)
    assert body.declared == "application/x-www-form-urlencoded"
    assert body.fields == (("body-param", "value"),)


def test_json_dumped_by_hand_is_json_that_nobody_declared() -> None:
    body = sent(data=json.dumps({"a": "abc"}))
    assert (body.kind, body.declared, body.keys) == ("json", None, ("a",))
    assert body.mismatch == "A JSON document was sent without a Content-Type."


@pytest.mark.parametrize("type_", ["application/x-amz-json-1.0", "application/x-amz-json-1.1"])
def test_aws_has_names_of_its_own_for_json(type_: str) -> None:
    body = sent(data='{"a": 1}', headers={"Content-Type": type_})
    assert (body.kind, body.declared, body.mismatch) == ("json", type_, None)


@pytest.mark.parametrize(("value", "top"), [({"a": "abc"}, "object"), ([1], "array"), ("x", "string"), (7, "number")])
def test_json_is_json(value: object, top: str) -> None:
    body = sent(json=value)
    assert (body.kind, body.declared, body.mismatch, body.top) == ("json", "application/json", None, top)


def test_nested_values_are_flattened_and_the_repeats_are_shown() -> None:
    body = sent(data={"a": ["abc", "def", {"bec": 1}]})
    assert body.fields == (("a", "abc"), ("a", "def"), ("a", "bec"))


def test_a_list_of_pairs_is_a_form_in_its_order() -> None:
    assert sent(data=[("b", "1"), ("a", "每 &="), ("b", "")]).fields == (("b", "1"), ("a", "每 &="), ("b", ""))


def test_of_data_and_json_only_the_form_is_sent() -> None:
    body = sent(data={"a": "1"}, json={"b": 2})
    assert (body.kind, body.fields) == ("form", (("a", "1"),))


@pytest.mark.parametrize("data", ["a=1&b=2", b"a=1&b=2"])
def test_a_form_written_by_hand_is_a_form_that_nobody_declared(data: str | bytes) -> None:
    body = sent(data=data)
    assert (body.kind, body.fields) == ("form", (("a", "1"), ("b", "2")))
    assert body.mismatch == "A URL-encoded form was sent without a Content-Type."


def test_json_declared_as_a_form_is_json() -> None:
    body = sent(data='{"a": 1}', headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert body.kind == "json"
    assert body.mismatch == "Declared as application/x-www-form-urlencoded, but the body is a JSON document."


def test_a_form_declared_as_json_is_a_form() -> None:
    body = sent(data={"a": "1", "b": "2"}, headers={"Content-Type": "application/json"})
    assert (body.kind, body.fields) == ("form", (("a", "1"), ("b", "2")))
    assert body.mismatch == "Declared as application/json, but the body is a URL-encoded form."


def test_a_dict_printed_as_python_is_no_json() -> None:
    body = sent(data=str({"a": 1}), headers={"Content-Type": "application/json"})
    assert (body.kind, body.valid) == ("json", False)
    assert body.error is not None
    assert (body.error["line"], body.error["column"]) == (1, 2)


@pytest.mark.parametrize(("data", "kind"), [("some text", "text"), (b"\x89PNG\r\n\x1a\n", "binary")])
def test_a_string_is_what_it_is(data: str | bytes, kind: str) -> None:
    assert (sent(data=data).kind, sent(data=data).mismatch) == (kind, None)


def test_a_file_as_data_is_what_it_holds() -> None:
    assert sent(data=io.BytesIO(b'{"a": 1}')).kind == "json"


def test_a_generator_is_a_streaming_upload() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    body = sent(data=pieces())
    assert (body.kind, body.format, body.size, body.content) == ("streaming", "unknown", 6, "onetwo")


def test_a_generator_of_one_json_document_is_json() -> None:
    assert sent(data=(piece for piece in (b'{"a":', b"1}"))).kind == "json"


def test_a_generator_of_json_lines_is_a_stream_of_them() -> None:
    body = sent(data=(piece for piece in (b'{"a":1}\n', b'{"b":2}\n')))
    assert (body.kind, body.format) == ("streaming", "ndjson")


def test_files_and_data_are_parts() -> None:
    body = sent(files=[("any-name", io.BytesIO(b"SECRET"))], data={"a": "123"})
    assert (body.kind, body.format, body.complete, body.mismatch) == ("multipart", "form-data", True, None)
    assert [(part.name, part.filename, part.size) for part in body.parts or ()] == [
        ("a", None, 3),
        ("any-name", "any-name", 6),
    ]
    assert "SECRET" not in repr(body)


@pytest.mark.parametrize(
    ("file", "filename", "content_type", "more"),
    [
        (b"xyz", "f", None, ()),
        (("a.txt", b"xyz"), "a.txt", None, ()),
        (("a.png", b"xyz", "image/png"), "a.png", "image/png", (("Content-Type", "image/png"),)),
        (("a.txt", b"xyz", "text", {"a": "b"}), "a.txt", "text", (("Content-Type", "text"), ("a", "b"))),
        (('每 "1".txt', b"xyz"), '每 "1".txt', None, ()),
        ((None, b"xyz"), None, None, ()),
    ],
    ids=["bare", "2-tuple", "3-tuple", "4-tuple", "odd name", "no name"],
)
def test_files_come_in_all_forms_of_tuples(
    file: object, filename: str | None, content_type: str | None, more: tuple[tuple[str, str], ...]
) -> None:
    (part,) = sent(files={"f": file}).parts or ()
    assert (part.name, part.filename, part.content_type, part.size) == ("f", filename, content_type, 3)
    assert set(more) <= set(part.headers)


def test_a_multipart_type_set_by_hand_lacks_its_boundary() -> None:
    body = sent(files={"f": b"xyz"}, headers={"Content-Type": "multipart/form-data"})
    assert (body.kind, body.parts, body.complete) == ("multipart", (), False)
    assert body.mismatch is not None
    assert "without a usable boundary" in body.mismatch
