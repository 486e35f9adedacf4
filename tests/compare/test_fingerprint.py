"""A fingerprint holds no texts, and identifies its request across hops."""

from __future__ import annotations

from streamwatchlib.compare.fingerprint import SHORTEST_ID, fingerprint

from .taps import START, Tap, paced


def test_ids_are_those_of_the_whole_way() -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = (("TraceParent", f"00-{trace_id}-00f067aa0ba902b7-01"), ("x-request-id", "1" * (SHORTEST_ID - 1)))
    answered = (
        ("content-type", "text/event-stream"),
        ("X-Request-ID", "req-12345678"),
        ("traceparent", "not-the-format"),
    )

    made = fingerprint(Tap("a", START, paced(2), headers=headers, response_headers=answered).record(), "here")

    assert made.ids == {trace_id, "req-12345678", "not-the-format"}


def test_no_text_is_kept() -> None:
    tap = Tap("a", START, paced(5, word="secretword"), asked={"stream": True, "messages": ["secretprompt"]})

    assert "secret" not in repr(fingerprint(tap.record(), "here"))


def test_the_weight_counts_what_is_kept() -> None:
    assert fingerprint(Tap("a", START, paced(100)).record(), "here").weight == 2 * 101 + 100 + 3 * 101
    assert fingerprint(Tap("a", START, []).record(), "here").weight == 0
