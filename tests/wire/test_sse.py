"""Server-sent events: the rules, the earliest byte, and the servers that bend the rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.model import Frame, Limits
from streamwatchlib.wire.payload import REPLACED
from streamwatchlib.wire.sse import BARE_JSON, ERROR_FIELD, NO_BLANK_LINE, UNKNOWN_FIELD, UNTERMINATED, SseFramer
from streamwatchlib.wire.sse.deviations import TWICE

from ..helpers import feedings
from .framing import data, deviations, ends, frames, pending

RULES = [
    ("one byte order mark is dropped", b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    ("LF", b"data: a\n\n", ["a"]),
    ("CRLF", b"data: a\r\n\r\n", ["a"]),
    ("CR", b"data: a\r\r", ["a"]),
    ("mixed line ends", b"data: a\r\ndata: b\rdata: c\n\r\n", ["a\nb\nc"]),
    ("no space behind the colon", b"data:a\n\n", ["a"]),
    ("only one space is dropped", b"data:  a\n\n", [" a"]),
    ("lines are joined", b"data: a\ndata: b\n\n", ["a\nb"]),
    ("no colon", b"data\n\ndata\ndata\n\n", ["", "\n"]),
    ("empty data is an event", b"data:\n\n", [""]),
    ("no data is none", b"event: x\n\nid: 1\n\nretry: 5\n\n", []),
    ("comments are no events", b": ping\n\n:\n\n:HTTP_STATUS/200\n\n", []),
    ("names are case-sensitive", b"Data: a\n\n", []),
    ("only CR and LF end lines", "data: x\u2028y\u0085z\n\n".encode(), ["x\u2028y\u0085z"]),
    ("many blank lines", b"\n\r\n\r\rdata: a\n\n\n\n\n\n\ndata: b\n\n", ["a", "b"]),
    ("retry is no deviation", b"retry: 3000\ndata: a\n\n", ["a"]),
    ("JSON over several lines", b'data: {\ndata: "a":\ndata: 1}\n\n', ['{\n"a":\n1}']),
    ("numbers are joined", b"data: 1\ndata: 2\n\n", ["1\n2"]),
]


@pytest.mark.parametrize(("body", "payloads"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_the_rules_hold_however_the_bytes_are_cut(body: bytes, payloads: list[str]) -> None:
    for pieces in feedings(body):
        assert [frame.data for frame in frames("sse", pieces) if not frame.comment] == payloads
    assert set(deviations("sse", body)) <= {UNKNOWN_FIELD}


def test_fields_make_a_frame() -> None:
    body = b'id: 7\nevent: delta\n:HTTP_STATUS/200\ndata: {"a": 1}\nretry: 9\n\n'
    assert frames("sse", [body]) == [
        Frame("comment", "HTTP_STATUS/200", comment=True),
        Frame("delta", '{"a": 1}', {"a": 1}, "7"),
    ]


def test_the_event_name_holds_for_one_event_the_id_for_all_that_follow() -> None:
    body = b"event: x\nid: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 2\0\ndata: d\n\nevent:\ndata: e\n\n"
    assert [(f.type, f.id) for f in frames("sse", [body])] == [
        ("x", "1"),
        ("message", "1"),
        ("message", ""),
        ("message", ""),
        ("message", ""),
    ]


def test_without_any_id_there_is_none() -> None:
    assert frames("sse", [b"data: a\n\n"])[0].id is None


def test_a_name_behind_its_data_counts_too() -> None:
    assert frames("sse", [b"event: x\ndata: a\nevent: y\n\ndata: b\n\n"])[0].type == "y"
    assert frames("sse", [b"event: x\ndata: a\nevent:\n\n"])[0].type == "message"


def test_an_event_without_data_leaves_its_name_to_none() -> None:
    assert frames("sse", [b"event: x\n\ndata: a\n\n"]) == [Frame("message", "a")]


def test_comments_come_at_the_end_of_their_line_whole() -> None:
    framer = SseFramer(Limits())
    assert framer.feed(b": OPENROUTER PROCESSING\n") == [Frame("comment", " OPENROUTER PROCESSING", comment=True)]
    assert not framer.pending
    assert framer.feed(b"\n") == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", [9, 18]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [10, 21]),
        (b"data: a\r\rdata: b\r\r", [9, 18]),
        (b"data: a\n\ndata: b", [9, -1]),
        (b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n', [28, 28, 41]),
        (b'{"error":\n{}}\n\n', [14]),
    ],
)
def test_an_event_is_there_at_the_earliest_byte_that_proves_it(body: bytes, expected: list[int]) -> None:
    assert ends("sse", body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", False),
        (b"\n\n", False),
        (b"da", True),
        (b"data: a", True),
        (b"data: a\n", True),
        (b"data: a\n\n", False),
        (b"data: a\r\r", False),
        (b"data: a\r\n\r", False),
        (b": ping\n", False),
        (b": pi", True),
        (b"id: 1\n:x\n", True),
        (b"id: 1\n", True),
        (b"id: 1\n\n", False),
        (b"{", True),
        (b'{"a":1}\n', False),
        (b"unknown\n", True),
    ],
)
def test_pending_is_exact(body: bytes, expected: bool) -> None:
    assert pending("sse", body) is expected


@pytest.mark.parametrize(
    ("pieces", "splits"),
    [
        ([b"data: a\n\ndata: b\n\n"], [False, False]),
        ([b"data: a\n", b"\ndata: b\n\n"], [True, False]),
        ([b"data: a\n\n", b"data: b\n\n"], [False, False]),
        ([b"data: a\r\n\r", b"\ndata: b\n\n"], [False, False]),
        ([b"data", b": a\n\n"], [True]),
        ([b": pi", b"ng\ndata: a\n\n"], [False]),
        ([b"id: 1\n", b": ping\n", b"data: a\n\n"], [True]),
        ([b"id: 1\n: ping\ndata: a\n\n"], [False]),
        ([b"data: a", b""], [False]),
        ([b"data: ", b"a"], [True]),
        ([b'{"a":', b"1}\n"], [True]),
    ],
)
def test_split_tells_of_events_that_spanned_several_reads(pieces: list[bytes], splits: list[bool]) -> None:
    framer = SseFramer(Limits())
    found = [frame for piece in pieces for frame in framer.feed(piece)] + framer.close()
    assert [frame.split for frame in found if not frame.comment] == splits


def test_bytes_that_are_no_utf8_are_replaced_and_noted() -> None:
    assert data("sse", b"data: a\xff\xe4\xbd\n\n") == ["a\ufffd\ufffd"]
    assert deviations("sse", b"data: \xff\n\n") == (REPLACED,)
    assert deviations("sse", "data: \ufffd\n\n".encode()) == ()


# --- JSON ---


@pytest.mark.parametrize("payload", ['{"a": [1]}', "[1, 2]", "{}", '{"a": "\\ud83d"}', ' {"a": 1}', "\t [1]"])
def test_json_is_given_as_a_value(payload: str) -> None:
    (frame,) = frames("sse", [f"data: {payload}\n\n".encode()])
    assert frame.value is not None
    assert frame.malformed is None


@pytest.mark.parametrize("payload", ["[DONE]", "[ERROR] oops", "hello", "12", '"a"', "null", ""])
def test_data_need_not_be_json(payload: str) -> None:
    assert frames("sse", [f"data: {payload}\n\n".encode()]) == [Frame("message", payload)]


def test_data_that_sets_out_as_json_and_is_none_is_malformed() -> None:
    frame, after = frames("sse", [b'data: {"a": }\n\ndata: {"b": 1}\n\n'])
    assert frame == Frame("message", '{"a": }', malformed="Not JSON: Expecting value (line 1, column 7).")
    assert after.value == {"b": 1}


def test_a_brace_in_a_stream_of_words_is_a_word() -> None:
    assert [f.malformed for f in frames("sse", [b"data: if x\n\ndata: {\n\ndata: }\n\n"])] == [None, None, None]


def test_a_brace_behind_json_is_malformed_though_words_were_there() -> None:
    body = b'data: hello\n\ndata: {"a":1}\n\ndata: {\n\n'
    assert [bool(f.malformed) for f in frames("sse", [body])] == [False, False, True]


# --- servers that bend the rules ---


def test_the_last_event_is_given_without_a_blank_line_and_without_a_line_end() -> None:
    for body in (b"event: x\ndata: a\n", b"event: x\ndata: a"):
        assert frames("sse", [body]) == [Frame("x", "a")]
        assert deviations("sse", body) == (UNTERMINATED,)


def test_what_is_left_without_data_is_nothing() -> None:
    for body in (b"event: x", b"id: 1\n", b"data: a\n\n: bye\n"):
        assert deviations("sse", body) == ()


A, B, C = '{"a":1}', '{"b":2}', '{"c":3}'
BY_LINE = [
    ("documents", f"data: {A}\ndata: {B}\ndata: {C}\n\n", [("message", A), ("message", B), ("message", C)]),
    ("the end marker too", f"data: {A}\ndata: [DONE]\n\n", [("message", A), ("message", "[DONE]")]),
    ("names", f"event: x\ndata: {A}\nevent: y\ndata: {B}\nevent: z\ndata: {C}\n", [("x", A), ("y", B), ("z", C)]),
    ("blank lines too", f"data: {A}\ndata: {B}\n\ndata: {C}\n\n", [("message", A), ("message", B), ("message", C)]),
    (
        "a document over several lines later",
        f'data: {A}\ndata: {B}\ndata: {{\ndata: "c":3}}\n\n',
        [("message", A), ("message", B), ("message", '{\n"c":3}')],
    ),
]


@pytest.mark.parametrize(("body", "events"), [case[1:] for case in BY_LINE], ids=[case[0] for case in BY_LINE])
def test_json_documents_without_blank_lines_are_events(body: str, events: list[tuple[str, str]]) -> None:
    for pieces in feedings(body.encode()):
        assert [(frame.type, frame.data) for frame in frames("sse", pieces)] == events
    assert NO_BLANK_LINE in deviations("sse", body.encode())


def test_two_lines_that_make_one_document_are_one_event() -> None:
    assert data("sse", b'data: [{"a":1},\ndata: {"b":2}]\n\n') == ['[{"a":1},\n{"b":2}]']
    assert data("sse", b"data: {\ndata: {\ndata: {\n\n") == ["{\n{\n{"]


BARE = [
    ("a line", b'data: {"a":1}\n\n{"error":{"code":500}}\n\n', ['{"a":1}', '{"error":{"code":500}}']),
    ("pretty-printed", b'{\r\n  "error": {\r\n    "a": 5\r\n  }\r\n}\r\n\r\n', ['{\n  "error": {\n    "a": 5\n  }\n}']),
    ("amid events", b'data: {"a":1}\n\n{\n"error":1\n}\ndata: {"b":2}\n\n', ['{"a":1}', '{\n"error":1\n}', '{"b":2}']),
    ("line by line", b'{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']),
    ("without an end", b'{"error":\n{', ['{"error":\n{']),
    ("left by a field", b'{"error":\ndata: {"b":2}\n\n', ['{"error":', '{"b":2}']),
    ("left by a blank line", b'{"error":\n\ndata: {"b":2}\n\n', ['{"error":', '{"b":2}']),
]  # fmt: skip


@pytest.mark.parametrize(("body", "payloads"), [case[1:] for case in BARE], ids=[case[0] for case in BARE])
def test_json_without_data_is_an_event(body: bytes, payloads: list[str]) -> None:
    for pieces in feedings(body):
        assert [frame.data for frame in frames("sse", pieces)] == payloads
    assert BARE_JSON in deviations("sse", body)


SET_OUT = [
    ("indented", b'data: {\n  "a": [\n    1\n  ]\n}\n\ndata: [DONE]\n\n', ['{\n  "a": [\n    1\n  ]\n}', "[DONE]"]),
    ("below", b'data:\n {"a":1}\n\ndata:\n [DONE]\n\n', [' {"a":1}', " [DONE]"]),
    ("beside data of its own", b'data: {\n"a":1}\ndata: {"b":2}\n\n', ['{\n"a":1}', '{"b":2}']),
    ("without an end", b'data: {\n "a":', ['{\n "a":']),
]


@pytest.mark.parametrize(("body", "payloads"), [case[1:] for case in SET_OUT], ids=[case[0] for case in SET_OUT])
def test_data_may_stand_before_the_first_line_of_json_alone(body: bytes, payloads: list[str]) -> None:
    for pieces in feedings(body):
        assert [frame.data for frame in frames("sse", pieces)] == payloads
    assert BARE_JSON in deviations("sse", body)


def test_such_json_has_the_name_of_its_event() -> None:
    body = b'event: x\ndata: {\n"a":1}\n\n{"b":2}\n\n'
    for pieces in feedings(body):
        told = [(frame.type, frame.value) for frame in frames("sse", pieces)]
        assert told == [("x", {"a": 1}), ("message", {"b": 2})]


@pytest.mark.parametrize(
    "body", [b"data: {\nid: 1\n\n", b"data:\nwords\n\n", b'data: {"a":\n1}\n\n', b"data: {}\n{}\n\n"]
)
def test_what_else_stands_behind_data_belongs_to_no_event(body: bytes) -> None:
    assert data("sse", body) == [body.partition(b"\n")[0].removeprefix(b"data:").strip().decode()]


@pytest.mark.parametrize("last", [b"\xff", b'{"a":NaN}', b"[DONE]", b"{oops", b"x\ndata: y"])
def test_events_that_one_read_brought_together_are_those_of_many_reads(last: bytes) -> None:
    body = b'data: {"a":1}\n\n' * 5 + b"data: " + last + b"\n\n"
    whole = repr(frames("sse", [body]))
    for pieces in feedings(body):
        assert repr(frames("sse", pieces)) == whole


class LineByLine(SseFramer):
    """Without the short cuts for blocks of the usual forms."""

    def _read_blocks(self, blocks: bytes) -> list[Frame]:
        return self._read(blocks + b"\n\n")


PAYLOADS = st.sampled_from([
    '{"a":1}', ' {"a": [1]}', "[DONE]", "hello", "", "12", '"a"', "{", '{"a":[{}', "{}]}", "1],[2", "[1]2", '["', '"]',
    '{"a":NaN}', "[-Infinity]", "\ufeff{}", '{"a":"]}每\\ud83d"}', "\u2028", "\x01",
])  # fmt: skip
LINES = st.sampled_from(
    ["event: x\n", "event:\n", "event: \n", "id: 7\n", ": ping\n", '{"b":2}\n', "odd\n", "data: {}\n", "\n"]
)
BLOCKS = st.one_of(
    st.tuples(st.sampled_from(["", "event: delta\n"]), st.lists(PAYLOADS, max_size=6)).map(
        lambda alike: "".join(f"{alike[0]}data: {payload}\n\n" for payload in alike[1])
    ),
    st.tuples(LINES, PAYLOADS).map(lambda odd: f"{odd[0]}data: {odd[1]}\n\n"),
    LINES,
)


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=5).map("".join), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([40, 1 << 20]))
def test_blocks_that_are_read_at_once_are_what_their_lines_make(body: str, line_end: str, limit: int) -> None:
    read_at_once_as_by_line(body.replace("\n", line_end).encode(), limit)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("payload", [b"[" * 5000, b"[" + b"9" * 5000 + b"]"], ids=["deep", "long number"])
def test_so_are_blocks_with_payloads_that_python_refuses_to_parse(payload: bytes, line_end: bytes) -> None:
    body = b'data: {"a":1}\n\ndata: %s\n\ndata: [1]\n\ndata: %s\n\n' % (payload, payload)
    read_at_once_as_by_line(body.replace(b"\n", line_end), 1 << 20)


def read_at_once_as_by_line(body: bytes, limit: int) -> None:
    for pieces in feedings(body):
        fast, slow = SseFramer(Limits(event=limit)), LineByLine(Limits(event=limit))
        for piece in pieces:
            lot, read = fast.peek_batch([piece]), slow.feed(piece)
            assert repr(fast.feed(piece)) == repr(read)
            assert fast.pending is slow.pending
            if lot:
                assert [(frame.type, frame.id, frame.data, frame.split, frame.comment) for frame in read] == [
                    (lot.type, lot.id, payload, False, False) for payload in lot.payloads
                ]
                assert lot.counts == [len(read)]
                assert not slow.pending
        assert repr(fast.close()) == repr(slow.close())
        assert fast.deviations == slow.deviations


@pytest.mark.parametrize(
    "pieces", [[b"data: a\n\n", b"event: x\ndata: b\n\n"], [b"event: x\ndata: a\n\nevent: y\ndata: b\n\n"]]
)
def test_a_lot_is_of_one_type(pieces: list[bytes]) -> None:
    assert SseFramer(Limits()).peek_batch(pieces) is None


def test_a_lot_tells_what_each_arrival_brought() -> None:
    lot = SseFramer(Limits()).peek_batch([b"data: a\n\ndata: b\n\n", b"data: c\n\n"])
    assert lot == ("message", None, ["a", "b", "c"], [2, 1])


def test_a_name_that_bare_json_left_behind_is_for_the_data_of_its_block_though_other_blocks_follow_at_once() -> None:
    body = b'event: x\n{"a":1}\n' + b"data: b\n\n" * 3
    for pieces in feedings(body):
        assert [frame.type for frame in frames("sse", pieces)] == ["message", "x", "message", "message"]


def test_an_error_behind_its_own_name_is_an_event_of_that_name() -> None:
    body = b'data: {"a":1}\n\nerror: {"code":500}\n\n'
    for pieces in feedings(body):
        assert [(frame.type, frame.value) for frame in frames("sse", pieces)] == [
            ("message", {"a": 1}),
            ("error", {"code": 500}),
        ]
    assert deviations("sse", body) == (ERROR_FIELD,)


@pytest.mark.parametrize("body", [b"error: none\n\n", b'data: {"a":1}\nerror: {"code":500}\n\n'])
def test_error_is_an_unknown_field_where_it_is_no_json_or_beside_data(body: bytes) -> None:
    assert not [frame for frame in frames("sse", [body]) if frame.type == "error"]
    assert deviations("sse", body) == (UNKNOWN_FIELD,)


WRAPPED = [
    ("by hand", b'data: data: {"a":1}\n\ndata: data: [DONE]\n\n', ['{"a":1}', "[DONE]"]),
    ("alone", b'data:data:{"a":1}\n\n', ['{"a":1}']),
    ("with its blank line", b'data: data: {"a":1}\r\ndata: \r\ndata: \r\n\r\n', ['{"a":1}']),
    ("with its name", b'data: event: x\ndata: data: {"a":1}\ndata: \ndata: \n\n', ['{"a":1}']),
]


@pytest.mark.parametrize(("body", "payloads"), [case[1:] for case in WRAPPED], ids=[case[0] for case in WRAPPED])
def test_an_event_that_is_the_data_of_another_is_what_is_meant(body: bytes, payloads: list[str]) -> None:
    for pieces in feedings(body):
        assert [frame.data for frame in frames("sse", pieces)] == payloads
        assert frames("sse", pieces)[0].value == {"a": 1}
    assert TWICE in deviations("sse", body)


@pytest.mark.parametrize(
    "words", ["data: {oops", "data: [x]", "data: is", "data:", "event: x", "event: x\ndata: y", "database: {}"]
)
def test_words_that_begin_like_a_field_are_words(words: str) -> None:
    body = "".join(f"data: {line}\n" for line in words.split("\n")).encode() + b"\n"
    assert (data("sse", body), deviations("sse", body)) == ([words], ())


def test_bare_json_that_never_ends_is_malformed() -> None:
    (frame,) = frames("sse", [b'{"error":\n\n'])
    assert frame.malformed
    assert frame.malformed.startswith("Not JSON")


def test_json_behind_data_belongs_to_no_event() -> None:
    """A browser sees an unknown field there; so do we, and say so."""
    assert data("sse", b'data: {"a":1}\n{"b":2}\n\n') == ['{"a":1}']
    assert deviations("sse", b'data: {"a":1}\n{"b":2}\n\n') == (UNKNOWN_FIELD,)


# --- bounds ---


@pytest.mark.parametrize(
    "body",
    [
        b"data: " + b"x" * 50 + b"\n\n",
        b"data: xxxxxxxxxx\n" * 5 + b"\n",
        b"{" + b"x" * 50 + b"}\n",
        b'{"x":\n' + b"1,\n" * 50 + b"}\n",
    ],
    ids=["a line", "many lines", "bare", "bare over many lines"],
)
def test_an_event_over_the_limit_is_malformed_keeps_its_head_and_the_next_is_whole(body: bytes) -> None:
    limits = Limits(event=20)
    for pieces in feedings(b"id: 1\n\n" + body + b"data: next\n\n"):
        long, after = frames("sse", pieces, limits)
        assert long.malformed == "Longer than 20 bytes: only its beginning is kept."
        assert long.id == "1"
        assert len(long.data) <= 20
        assert after.data == "next"


def test_a_head_that_ends_within_a_character_ends_before_it() -> None:
    (frame,) = frames("sse", ["data: 每日每日每日每日\n\n".encode()], Limits(event=14))
    assert frame.data == "每日每日"
