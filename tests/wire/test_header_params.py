"""Header values and their parameters, as they are really sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.header_params import media_type, parameters, unescape_form_name


@pytest.mark.parametrize(
    ("value", "declared"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream;", "text/event-stream"),
        ("Text/Event-Stream;charset=UTF-8", "text/event-stream"),
        (" application/json ; charset=utf-8", "application/json"),
        ("text/event-stream; charset=utf-8, text/event-stream", "text/event-stream"),
        ("text/event-stream, text/event-stream", "text/event-stream"),
        ("x bogus", "x bogus"),
        ("", None),
        (";charset=utf-8", None),
    ],
)
def test_a_media_type_is_told_without_its_parameters(value: str, declared: str | None) -> None:
    assert media_type((("Host", "h"), ("CONTENT-TYPE", value))) == declared


def test_without_a_content_type_nothing_is_declared() -> None:
    assert media_type((("Host", "h"),)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("multipart/form-data; boundary=abc", {"boundary": "abc"}),
        ('multipart/form-data; boundary="a b;c"; charset=utf-8', {"boundary": "a b;c", "charset": "utf-8"}),
        ("multipart/form-data;Boundary= ----=test ;x=1", {"boundary": "----=test", "x": "1"}),
        (r"multipart/form-data; boundary=\/\/", {"boundary": r"\/\/"}),
        ('form-data; name="a"; filename="foo \\"bar\\""', {"name": "a", "filename": 'foo "bar"'}),
        (r'form-data; filename="C:\dir\1k_b.dat"', {"filename": r"C:\dir\1k_b.dat"}),
        ('form-data; filename=" ? * " < > ; .txt"; name="b"', {"filename": ' ? * " < > ; .txt', "name": "b"}),
        ('form-data; name=""; filename=', {"name": "", "filename": ""}),
        ("form-data; name=a; name=b", {"name": "a"}),
        ("form-data; filename*=UTF-8''n%C3%A4me.txt; filename=x", {"filename": "näme.txt"}),
        ("form-data; filename*=iso-8859-1'en'%A3%20rates", {"filename": "£ rates"}),
        ("form-data; filename*=nonsense''%C3%A4", {"filename": "ä"}),
        ("form-data; filename*=a\0b''%C3%A4", {"filename": "ä"}),
        ("form-data; filename*=undefined''%C3%A4", {"filename": "ä"}),
        ("form-data; filename*=utf-16''%00%D8", {"filename": "\ufffd"}),
        ("form-data; filename*=plain", {"filename": "plain"}),
        ("form-data; filename*=UTF-8'plain", {"filename": "UTF-8'plain"}),
        ("form-data; filename*=UTF-8''\udcb9%C3%A4", {"filename": "?ä"}),
        (f"form-data; filename*{'9' * 5000}=x", {f"filename*{'9' * 5000}": "x"}),
        ('form-data; filename*0="one "; filename*1*=%E6%AF%8F; filename*2=%32', {"filename": "one 每%32"}),
        ("form-data; filename*0*=UTF-8''%E6; filename*1*=%AF%8F", {"filename": "每"}),
        ('form-data; filename*0="it\'s o\'"; filename*1=clock', {"filename": "it's o'clock"}),
        ("form-data", {}),
        ("form-data; ; x", {}),
    ],
)  # fmt: skip
def test_parameters_are_read_as_leniently_as_they_are_sent(value: str, expected: dict[str, str]) -> None:
    assert parameters(value) == expected


def test_browsers_escapes_are_undone() -> None:
    assert unescape_form_name("a%22b%0D%0Ac%20d") == 'a"b\r\nc%20d'


@settings(deadline=None)
@given(st.text("; =\"\\*'%a0\u00e4"))
def test_no_value_raises(value: str) -> None:
    for name, text in parameters(value).items():
        (name + text).encode()
