"""What is kept of a record tells the request again, and holds no texts."""

from __future__ import annotations

import json

import pytest
from streamwatchlib.compare.digests import READABLE
from streamwatchlib.compare.trace import SHORTEST_ID, trace

from .taps import START, Tap, paced

ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}


def asked(body: object, **more: object) -> object:
    return trace(Tap("a", START, paced(2), asked=body, **more).record(), "here").asked  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (ASKED, True),
        ({"messages": ASKED["messages"], "stream": True, "model": "m"}, True),
        ({**ASKED, "model": "azure/m", "stream_options": {"include_usage": True}}, True),
        ({**ASKED, "messages": [{"role": "user", "content": "good-bye"}]}, False),
        ({**ASKED, "messages": []}, False),
        (b"not JSON at all", False),
        (json.dumps(ASKED, indent=2).encode(), True),
        (b'{"messages": ' + b"[" * 5000, False),
        (b"[1, 2]", False),
    ],
    ids=["the same", "another order", "rewritten by a gateway", "another", "none", "text", "indented", "deep", "array"],
)
def test_a_request_is_known_by_what_it_asks(other: object, same: bool) -> None:
    assert asked(ASKED).agree(asked(other)) is same  # type: ignore[attr-defined]


def test_without_texts_the_size_is_all_there_is_to_go_by() -> None:
    known = asked(ASKED)
    same, longer = asked(ASKED, keep_text=False), asked({**ASKED, "top_p": 1}, keep_text=False)

    assert same.agree(known)  # type: ignore[attr-defined]
    assert not longer.agree(known)  # type: ignore[attr-defined]


def test_a_request_without_a_body_is_known_by_the_end_of_its_address() -> None:
    known = asked(b"", url="http://model/v1/stream?q=1")
    for url, same in {
        "http://hop/api/v1/stream?q=1": True,
        "http://hop/v1/stream?q=2": False,
        "http://hop/v1/other?q=1": False,
    }.items():
        assert asked(b"", url=url).agree(known) is same  # type: ignore[attr-defined]


def test_forms_are_known_by_their_fields() -> None:
    form = (("content-type", "application/x-www-form-urlencoded"),)

    assert asked(b"a=1&b=2", headers=form).agree(asked(b"a=1&b=%32", headers=form))  # type: ignore[attr-defined]
    assert not asked(b"a=1&b=2", headers=form).agree(asked(b"a=1&b=3", headers=form))  # type: ignore[attr-defined]


def test_answers_agree_by_what_the_model_said_though_the_bytes_differ() -> None:
    one = trace(Tap("a", START, paced(5, id="chatcmpl-1")).record(), "here")
    other = trace(Tap("b", START, paced(5, id="another-id")).record(), "there")

    assert one.answered
    assert other.answered
    assert one.answered.agree(other.answered)


def test_ids_are_those_of_the_whole_way() -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = (("TraceParent", f"00-{trace_id}-00f067aa0ba902b7-01"), ("x-request-id", "1" * (SHORTEST_ID - 1)))
    answered = (
        ("content-type", "text/event-stream"),
        ("X-Request-ID", "req-12345678"),
        ("traceparent", "not-the-format"),
    )

    made = trace(Tap("a", START, paced(2), headers=headers, response_headers=answered).record(), "here")

    assert made.ids == {trace_id, "req-12345678", "not-the-format"}


def test_no_text_is_kept() -> None:
    tap = Tap("a", START, paced(5, word="secretword"), asked={"stream": True, "messages": ["secretprompt"]})

    assert "secret" not in repr(trace(tap.record(), "here"))


def test_the_weight_counts_what_is_kept() -> None:
    assert trace(Tap("a", START, paced(100)).record(), "here").weight == 2 * 101 + 3 * 101
    assert trace(Tap("a", START, []).record(), "here").weight == 0


def test_a_body_too_long_to_be_read_as_json_is_compared_as_it_is() -> None:
    long = {"stream": True, "messages": ["x" * READABLE]}

    assert asked(long).agree(asked(long))  # type: ignore[attr-defined]
    assert not asked(long).agree(asked({**long, "top_p": 1}))  # type: ignore[attr-defined]
