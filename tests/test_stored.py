"""What is stored with a flow gives the same record again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.model import ClockLag, Limits, ProxyConditions, Record
from streamwatchlib.observer import Observer
from streamwatchlib.report import jsonl
from streamwatchlib.stored import Observation, StoredExchange, observation, pack, rebuilt_record, unpack

from .observer.test_observer import ASK, SSE, chunks, every, observer

PARTS = chunks(*["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"] * 3)
CLOCKS = ProxyConditions(ClockLag(0.001, 0.02), ((0.5, 0.02),))


def live(made: Observer) -> Record:
    made.response_head(SSE, 0.15)
    for at, part in every(0.1, PARTS):
        made.feed(part, at, 2)
    return made.close(4.0, "complete", None, CLOCKS)


def test_live_and_offline_agree() -> None:
    made = observer()
    record = live(made)
    packed = pack(observation(made, record))
    again = rebuilt_record(StoredExchange(made.opening, ASK, SSE, b"".join(PARTS), unpack(packed)), Limits())
    assert again == record


@pytest.mark.parametrize("made", [observer(limits=Limits(body=500)), observer(keep_text=False)])
def test_what_was_not_kept_is_stored_as_result(made: Observer) -> None:
    record = live(made)
    packed = pack(observation(made, record))
    again = rebuilt_record(StoredExchange(made.opening, ASK, SSE, b"".join(PARTS)[:500], unpack(packed)), Limits())
    assert again == record


@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        ("application/json", b'{"stream": true, "prompt": "dog"}'),
        ("application/x-www-form-urlencoded", b"stream=true&prompt=dog"),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="a"; filename="dog"\r\n\r\n--B--',
        ),
    ],
)
def test_texts_of_a_capture_are_left_out_where_they_are_not_wanted(declared: str, asked: bytes) -> None:
    made = observer(asked, headers=(("Content-Type", declared),), limits=Limits(body=1000))
    record = live(made)
    assert made.response.truncated
    assert "dog" in jsonl.to_line(record)
    stored = unpack(pack(observation(made, record)))
    again = rebuilt_record(StoredExchange(made.opening, asked, SSE, b"".join(PARTS), stored), Limits(), keep_text=False)
    assert "dog" not in jsonl.to_line(again)
    assert (again.stream, again.verdict) == (record.stream, record.verdict)


def test_no_header_that_echoes_a_credential_is_stored() -> None:
    secret = "Zq8kP0aVb3LmN7xTf2YcJ5hRw9DgE4uS"
    made = observer(headers=(("Authorization", f"Bearer {secret}"),), keep_text=False)
    made.response_head(replace(SSE, headers=(*SSE.headers, ("Via", f"1.1 {secret}"))), 0.15)
    for at, part in every(0.1, PARTS):
        made.feed(part, at)
    packed = pack(observation(made, made.close(4.0, "complete", None, CLOCKS)))
    assert secret not in packed
    assert '["Via","1.1 ***"]' in packed


def test_no_answer_that_echoes_a_credential_is_stored() -> None:
    secret = "sk" + "-proj-4f9aB7c2D8e1F6a3"
    refused = f'{{"error": {{"code": "invalid_api_key", "message": "Incorrect API key: {secret}"}}}}'.encode()
    made = observer(limits=Limits(body=len(refused) + 1))
    made.response_head(replace(SSE, status=401, headers=(("content-type", "application/json"),)), 0.15)
    made.feed(refused + b"  ", 0.2)
    record = made.close(4.0, "complete", None, CLOCKS)
    assert record.llm
    assert record.llm.error
    stored = observation(made, record)
    assert stored.leftover
    assert stored.leftover.signals.fault == record.llm.error
    assert secret not in pack(stored)


def test_no_error_that_quotes_a_credential_is_stored() -> None:
    secret = "sk" + "-proj-4f9aB7c2D8e1F6a3"
    made = observer()
    record = made.close(1.0, "error", f"Bad HTTP response line: b'{secret}'", CLOCKS)
    assert record.error == "Bad HTTP response line: b'***'"
    stored = observation(made, record)
    assert secret not in pack(stored)
    assert rebuilt_record(StoredExchange(made.opening, ASK, None, b"", unpack(pack(stored))), Limits()) == record


def test_what_passed_unread_is_as_unknown_again() -> None:
    made = observer()
    made.response_head(SSE, 0.15)
    for at, part in every(0.1, PARTS[:-1]):
        made.feed(part, at)
    made.skip_unread(10_000)
    record = made.close(4.0, "complete", None, CLOCKS)
    again = rebuilt_record(
        StoredExchange(made.opening, ASK, SSE, b"".join(PARTS), unpack(pack(observation(made, record)))), Limits()
    )
    assert again == record


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signals: signals["boundary"].pop(),
        lambda signals: signals["content"]["arrival"].append(99),
        lambda signals: signals["moments"]["text"]["t"].append(9.0),
    ],
)
def test_columns_that_do_not_fit_each_other_are_no_observation(spoil: Callable[[Any], object]) -> None:
    made = observer(keep_text=False)
    data = json.loads(pack(observation(made, live(made))))
    unpack(json.dumps(data))
    spoil(data["leftover"]["signals"])
    with pytest.raises(ValueError, match="columns"):
        unpack(json.dumps(data))


def test_each_number_is_stored_once() -> None:
    made = observer(keep_text=False)
    packed = pack(observation(made, live(made)))
    left = json.loads(packed)["leftover"]
    assert left["record"]["stream"]["arrivals"] is None
    assert left["signals"]["content"]["t"] == left["signals"]["moments"]["text"]["t"] == []
    assert len(left["signals"]["arrivals"]) == len(made.response.tally.arrivals)


def test_pieces_of_a_request_are_dated_again() -> None:
    def asked() -> Observer:
        made = Observer(observer().opening, Limits())
        made.request_data(ASK[:5], 0.1)
        made.request_data(ASK[5:], 0.2)
        made.end_request(None, 0.3)
        return made

    record = asked().close(1.0, "error", "refused")
    stored = Observation("error", "refused", 0.3, None, 1.0, ((0.1, 5), (0.2, len(ASK) - 5)))
    assert rebuilt_record(StoredExchange(observer().opening, ASK, None, None, unpack(pack(stored))), Limits()) == record


@pytest.mark.parametrize("change", [lambda body: body.replace(b"dog", b"cats"), lambda body: body[:-100]])
def test_a_body_that_was_changed_when_it_had_passed_has_no_times(change: Callable[[bytes], bytes]) -> None:
    made = observer()
    stored = unpack(pack(observation(made, live(made))))
    again = rebuilt_record(StoredExchange(made.opening, ASK, SSE, change(b"".join(PARTS)), stored), Limits())
    assert (again.verdict.label, again.timing.ttft) == ("inconclusive", None)
    assert "changed it" in again.verdict.summary
    assert {event.t for event in again.events or ()} == {None}


def test_a_flow_recorded_without_times_says_so() -> None:
    plain = Observation("complete", None, 0.1, 0.2, 5.0)
    record = rebuilt_record(StoredExchange(observer().opening, ASK, SSE, b"".join(PARTS), plain), Limits())
    assert record.verdict.label == "inconclusive"
    assert record.stream is not None
    assert record.stream.arrivals is None
    assert record.timing.end == 5.0


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", '"v"', '{"v":2,"outcome":"complete"}', '{"v":1,"outcome":"x"}'),
        '{"v":1,"outcome":"complete","end":"soon"}',
        '{"v":1,"outcome":"complete","arrivals":[[0.1,-5]]}',
        '{"v":1,"outcome":"complete","request_arrivals":[[0.1,1.5]]}',
        '{"v":1,"outcome":"complete","end":1e999}',
    ],
)
def test_what_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a stored observation"):
        unpack(text)


def test_a_leftover_of_unknown_channels_is_refused() -> None:
    made = observer(keep_text=False)
    packed = json.loads(pack(observation(made, live(made))))
    packed["leftover"]["signals"]["moments"]["smell"] = {"t": [], "arrival": []}
    with pytest.raises(ValueError, match="not a stored observation"):
        unpack(json.dumps(packed))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_damaged_metadata_raises_nothing_else(value: object) -> None:
    good = json.loads(pack(Observation("complete")))
    for key in good:
        try:
            unpack(json.dumps(good | {key: value}))
        except ValueError:
            continue
