"""The archive: what the contract promises of a line, and that nothing is lost on the way out and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace
from importlib.resources import files
from types import UnionType
from typing import Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from streamwatchlib.model import Event, Label, Llm, Record, Verdict
from streamwatchlib.report import jsonl

from .records import EVERY, HOSTILE, STREAMING, UNTYPED, UPLOAD

SCHEMA = json.loads(files("streamwatchlib.report").joinpath("schema.json").read_text("utf-8"))


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may hold in a record: times to the microsecond, no infinity."""
    if isinstance(hint, TypeAliasType):
        return values(hint.__value__)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of(st.none() if arg is type(None) else values(arg) for arg in args)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is Sequence:
        return values(tuple[args[0], ...])
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple) if args[-1] is ... else st.tuples(*map(values, args))
    if origin is Mapping:
        inner = values(float) if args[1] is float else st.one_of(st.text(max_size=5), st.integers(), st.none())
        return st.dictionaries(st.text(max_size=5), inner, max_size=2)
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        return st.builds(hint, **{name: values(each) for name, each in get_type_hints(hint).items()})
    return {
        str: st.text(max_size=8),
        int: st.integers(0, 1 << 60),
        float: st.floats(-1e6, 1e6).map(lambda number: round(number, 6)),
        bool: st.booleans(),
    }[hint]


@settings(max_examples=100)
@given(values(Record))
def test_what_is_written_is_read_back_the_same(record: Record) -> None:
    assert jsonl.from_line(jsonl.to_line(record)) == record


@given(st.text(st.characters(), max_size=20))
def test_a_line_is_one_line_of_utf8_whatever_is_in_it(text: str) -> None:
    line = jsonl.to_line(replace(STREAMING, error=text + "\ud800\u2028\x85\r\n"))

    assert line.encode()
    assert line.splitlines(keepends=True) == [line]
    assert line.endswith("\n")


def test_nothing_in_a_line_acts_in_a_terminal() -> None:
    controls = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
    text = "".join(map(chr, controls))
    line = jsonl.to_line(replace(STREAMING, error=text))
    assert line[:-1].isprintable()
    assert jsonl.from_line(line).error == text


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record.id[:20])
def test_every_kind_of_record_obeys_the_schema(record: Record) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(jsonl.to_line(record)))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_knows_every_key_that_is_written_and_no_other_order() -> None:
    """Keys stand in the order of the contract, `schema` first."""

    def check(cls: type, stated: Mapping[str, Any]) -> None:
        hints = get_type_hints(cls)
        assert [name for name in stated["properties"] if name != "schema"] == list(hints)

    assert next(iter(SCHEMA["properties"])) == "schema"
    check(Record, SCHEMA)
    for name, hint in {"event": Event, "llm": Llm, "verdict": Verdict}.items():
        check(hint, SCHEMA["$defs"][name])
    for record in EVERY:
        assert list(json.loads(jsonl.to_line(record))) == [
            key for key in SCHEMA["properties"] if key in jsonl.to_dict(record)
        ]


def test_the_schema_has_the_labels_of_the_model() -> None:
    assert SCHEMA["$defs"]["verdict"]["properties"]["label"]["enum"] == list(get_args(Label))


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": {"label": "fine"}},
        {"timing": {"ttft": "soon"}},
        {"request": {"headers": [["a"]]}},
        {"stream": {"arrivals": [[0.1, 5]]}},
        {"started_at": "yesterday"},
        {"request": {"body": {}}},
    ],
    ids=str,
)
def test_the_schema_refuses_what_the_contract_does_not_allow(change: dict[str, Any]) -> None:
    data: Any = jsonl.to_dict(STREAMING)
    for key, value in change.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) else value

    assert not Draft202012Validator(SCHEMA).is_valid(json.loads(json.dumps(data)))


@pytest.mark.parametrize("size", [-1, 1 << 64, 1.0, True])
def test_a_size_that_is_none_is_refused(size: object) -> None:
    data: Any = jsonl.to_dict(STREAMING)
    data["stream"]["arrivals"][0][1] = size

    with pytest.raises(ValueError, match=r"stream\.arrivals\[0\]: expected a whole number"):
        jsonl.from_dict(data)


def test_optional_keys_are_absent_when_empty() -> None:
    data: Any = jsonl.to_dict(replace(UNTYPED, events=None))

    assert "events" not in data
    assert data["stream"] is None
    assert "arrivals" not in data["request"]
    assert "query" not in data["request"]
    assert set(data["request"]["body"]) >= {"top", "keys", "valid", "content"}
    assert not {"fields", "parts", "complete", "truncated", "notes", "error"} & set(data["request"]["body"])
    assert data["verdict"]["suspects"] == []


def test_arrivals_are_arrays_and_events_are_objects() -> None:
    data: Any = jsonl.to_dict(STREAMING)

    assert data["stream"]["arrivals"][1] == [0.352687, 123, 1]
    assert list(data["events"][0]) == ["t", "arrival", "type", "id", "data", "content", "malformed"]
    assert jsonl.to_dict(UPLOAD)["request"]["arrivals"] == [[0.1, 10, 0], [0.4, 20, 0]]  # type: ignore[index]


def test_times_are_rounded_to_microseconds() -> None:
    record = replace(STREAMING, timing=replace(STREAMING.timing, ttft=0.12345678))

    assert jsonl.to_dict(record)["timing"]["ttft"] == 0.123457  # type: ignore[index]


def test_numbers_that_json_lacks_become_null() -> None:
    """A peer can make a float infinite: ``1e999`` is JSON."""
    endless: Any = []
    for _ in range(100):
        endless = [endless]
    llm = Llm(
        "p",
        "a",
        error={"n": [float("inf"), {"x": float("nan")}, 1.5, True], "deep": endless},
        server_timing={"a": float("inf"), "b": 1.0},
    )
    record = replace(STREAMING, llm=llm, timing=replace(STREAMING.timing, ttft=float("nan")))

    data = json.loads(jsonl.to_line(record))

    assert data["llm"]["error"]["n"] == [None, {"x": None}, 1.5, True]
    assert json.dumps(data["llm"]["error"]["deep"]).count("[") == 31
    assert data["llm"]["server_timing"] == {"b": 1.0}
    assert data["timing"]["ttft"] is None


def test_keys_of_a_later_version_are_skipped_and_optional_ones_may_be_missing() -> None:
    data: Any = json.loads(jsonl.to_line(STREAMING))
    data["new"] = data["request"]["new"] = 1
    del data["error"], data["stream"]["arrivals_omitted"], data["llm"]["choices"], data["timing"]["end"]
    for event in data["events"]:
        del event["malformed"]

    same = jsonl.from_line(jsonl.to_line(STREAMING))
    assert jsonl.from_line(json.dumps(data)) == replace(same, timing=replace(same.timing, end=None))


WRONG = [
    ("", "not a line of JSON"),
    ("[1]", "its schema is None"),
    ('{"schema": "streamwatch/2"}', "'streamwatch/2'"),
    ('{"schema": "streamwatch/1"}', "id: expected a value, got nothing"),
    ("[" * 100_000, "not a line of JSON"),
]


@pytest.mark.parametrize(("line", "complaint"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_record_is_refused_in_one_sentence(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^not a ") as caught:
        jsonl.from_line(line)

    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


PLACES = [
    (("request", "body", "size"), "1", "request.body.size: expected a whole number, got '1'"),
    (("request", "body", "size"), True, "request.body.size: expected a whole number, got True"),
    (("request", "method"), 1, "request.method: expected text, got 1"),
    (("request", "stream_requested"), "yes", "request.stream_requested: expected true or false, got 'yes'"),
    (("request", "headers"), 1, "request.headers: expected an array, got 1"),
    (("request", "headers"), [["a", "b"], ["a"]], "request.headers[1]: expected an array of 2, got ['a']"),
    (("stream", "arrivals"), [[0, 1, 2], [0.1, 1, "x"]], "stream.arrivals[1]: expected a whole number, got 'x'"),
    (("verdict", "label"), "fine", "verdict.label: expected one of streaming, bursty"),
    (("verdict", "label"), [], "verdict.label: expected one of streaming, bursty"),
    (("timing",), [], "timing: expected an object, got []"),
    (("llm", "error"), "x" * 100, "llm.error: expected an object, got 'xxxxx"),
    (("llm", "server_timing"), {"a": "b"}, "llm.server_timing: expected a number, got 'b'"),
    (("timing", "ttft"), "1", "timing.ttft: expected a number, got '1'"),
    (("timing", "ttft"), float("inf"), "timing.ttft: expected a number, got inf"),
    (("timing", "ttft"), float("nan"), "timing.ttft: expected a number, got nan"),
    (("timing", "ttft"), 10**400, "timing.ttft: expected a number, got 1000"),
    (("stream", "events"), 10**400, "stream.events: expected a whole number, got 1000"),
    (("timing", "ttft"), True, "timing.ttft: expected a number, got True"),
    (("events",), [{"type": "x"}], "events[0].content: expected a value, got nothing"),
]


@pytest.mark.parametrize(("path", "value", "complaint"), PLACES, ids=[case[2][:30] for case in PLACES])
def test_a_wrong_value_is_named_by_its_path(path: tuple[str, ...], value: object, complaint: str) -> None:
    data: Any = json.loads(jsonl.to_line(STREAMING))
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value

    with pytest.raises(ValueError, match="record: ") as caught:
        jsonl.from_line(json.dumps(data))

    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_whole_number_is_a_time_too() -> None:
    data: Any = json.loads(jsonl.to_line(STREAMING))
    data["timing"]["ttft"] = 2

    ttft = jsonl.from_line(json.dumps(data)).timing.ttft

    assert (ttft, type(ttft)) == (2.0, float)


class TestReadingAFile:
    def test_the_last_line_of_an_id_wins_in_the_order_of_first_sight(self) -> None:
        kept = jsonl.from_line(jsonl.to_line(STREAMING))  # its times are rounded
        first, second = replace(kept, id="a"), replace(kept, id="b")
        later = replace(first, error="later")

        assert jsonl.read(map(jsonl.to_line, [first, second, later])) == [later, second]

    def test_a_rendered_archive_is_read_back(self) -> None:
        assert jsonl.read(jsonl.render(EVERY).splitlines(keepends=True)) == [
            jsonl.from_line(jsonl.to_line(record)) for record in EVERY
        ]

    def test_empty_lines_and_a_byte_order_mark_are_no_matter(self) -> None:
        assert jsonl.read(["\ufeff" + jsonl.to_line(STREAMING), "\n", "  \n"]) == [
            jsonl.from_line(jsonl.to_line(STREAMING))
        ]

    def test_a_line_that_breaks_off_is_left_out_wherever_it_stands_and_noted(self) -> None:
        whole = jsonl.to_line(STREAMING)
        notes: list[str] = []

        records = jsonl.read([whole[:100], whole, whole[:1]], notes.append)

        assert [record.id for record in records] == ["streaming"]
        assert [note[:23] for note in notes] == ["line 1 is cut off and w", "line 3 is cut off and w"]

    def test_without_a_note_taker_a_broken_line_is_left_out_all_the_same(self) -> None:
        assert jsonl.read(['{"schema']) == []

    @pytest.mark.parametrize("line", ["hello", '"log": {', '{"log": {}}'])
    def test_a_file_of_something_else_is_refused_with_the_line(self, line: str) -> None:
        with pytest.raises(ValueError, match=r"^line 2: not a "):
            jsonl.read([jsonl.to_line(STREAMING), line])


def test_hostile_text_passes_through_the_archive_unchanged() -> None:
    record = replace(STREAMING, error=HOSTILE)

    assert jsonl.from_line(jsonl.to_line(record)).error == HOSTILE
