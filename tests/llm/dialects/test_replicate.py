"""Replicate: bare text behind the names of events, and whole predictions."""

from __future__ import annotations

import pytest
from streamwatchlib.llm import intent
from streamwatchlib.model import Context, Usage

from ..replies import context, frame, listened, streamed, whole

STREAM = context("/v1/files/abc", host="stream.replicate.com")
OLDER = context("/v1/streams/abc", host="streaming-api.svc.us.c.replicate.net")
API = context("/v1/models/meta/llama/predictions", host="api.replicate.com")
METRICS = {"predict_time": 1.5, "time_to_first_token": 0.2, "input_token_count": 7, "output_token_count": 3}
PREDICTION = {
    "id": "p",
    "model": "meta/llama",
    "status": "succeeded",
    "output": ["Once", " upon"],
    "urls": {"get": "https://api.replicate.com/v1/predictions/p"},
    "metrics": METRICS,
    "error": None,
}


def test_the_data_of_output_are_the_text() -> None:
    listener = listened(STREAM)
    events: list[tuple[str, object]] = [
        ("output", "Once"),
        ("logs", "loading"),
        ("output", " upon"),
        ("output", ""),
        ("done", {}),
    ]
    heard = [listener.read_event(frame(payload, name)) for name, payload in events]
    assert [reading.channels for reading in heard] == [("text",), (), ("text",), (), ()]
    assert [reading.end for reading in heard] == [None, None, None, None, "done"]
    llm = listener.result()
    assert llm
    assert streamed(OLDER, *events).text == llm.text
    assert (llm.provider, llm.api, llm.text, llm.finish_reason) == (
        "replicate",
        "predictions",
        "Once upon",
        "succeeded",
    )


@pytest.mark.parametrize(
    ("payload", "message"), [({"detail": "out of memory"}, "out of memory"), ("it broke", "it broke")]
)
def test_an_error_amid_a_stream(payload: object, message: str) -> None:
    llm = streamed(STREAM, ("output", "a"), ("error", payload), ("done", {"reason": "error"}))
    assert (llm.text, llm.error, llm.finish_reason) == ("a", {"message": message}, "error")


@pytest.mark.parametrize("output", [["Once", " upon"], "Once upon"])
@pytest.mark.parametrize("where", [API, context("/elsewhere")])
def test_a_whole_prediction(where: Context, output: object) -> None:
    llm = whole(where, {**PREDICTION, "output": output})
    assert (llm.api, llm.text, llm.model, llm.response_id) == ("predictions", "Once upon", "meta/llama", "p")
    assert (llm.usage, llm.server_timing) == (Usage(7, 3), {"ttft": 0.2, "generation": 1.5})


def test_a_prediction_that_failed_or_has_yet_to_begin_has_no_text() -> None:
    failed = whole(API, {**PREDICTION, "status": "failed", "output": None, "error": "no GPU"})
    assert (failed.text, failed.error, failed.finish_reason) == (None, {"message": "no GPU"}, "failed")


def test_a_stream_is_asked_for_at_its_own_address() -> None:
    asked = Context("GET", "stream.replicate.com", "/v1/files/abc", request_headers=(("Accept", "text/event-stream"),))
    assert intent(asked) == (True, "header.accept")
    assert intent(context(API.path, host=API.host, body={"stream": True})) == (None, None)
