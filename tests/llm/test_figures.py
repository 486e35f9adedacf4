"""Counts, times and complaints in one form."""

from __future__ import annotations

import pytest
from streamwatchlib.llm.figures import TIMED, error_of, lenient_error_of, times_of, usage_of
from streamwatchlib.model import Usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 2}, Usage(1, 2)),
        ({"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3}, Usage(1, 2, None, 3)),
        ({"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 3}, Usage(1, 2, None, 3)),
        ({"promptTokenCount": 1, "candidatesTokenCount": 2, "thoughtsTokenCount": 3}, Usage(1, 2, 3)),
        ({"prompt_eval_count": 1, "eval_count": 2}, Usage(1, 2)),
        ({"tokens": {"input_tokens": 1, "output_tokens": 2}, "billed_units": {"input_tokens": 9}}, Usage(1, 2)),
        ({"billed_units": {"input_tokens": 1, "output_tokens": 2}}, Usage(1, 2)),
        ({"tokens": {"output_tokens": 2, "reasoning_tokens": 3}, "cached_tokens": 4}, Usage(None, 2, 3, 4)),
        ({"prompt_tokens": 9, "num_cached_tokens": 4}, Usage(9, None, None, 4)),
        ({"prompt_tokens": 1, "prompt_cache_hit_tokens": 4, "completion_tokens": 0}, Usage(1, 0, None, 4)),
        ({"completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 0}}, Usage(None, 2, 0)),
        ({"inputLength": 1, "outputLength": 2}, Usage(1, 2)),
        ({"nb_input_tokens": 1, "nb_generated_tokens": 2}, Usage(1, 2)),
        ({"num_input_tokens": 1, "num_output_tokens": 2}, Usage(1, 2)),
        ({"inference_status": {"tokens_input": 1, "tokens_generated": 2}}, Usage(1, 2)),
        ({"prompt_tokens": None, "completion_tokens": "many"}, None),
        ({"prompt_tokens": -1, "completion_tokens": float("nan")}, None),
        ({}, None),
        (None, None),
        ([1], None),
    ],
)
def test_usage(usage: object, expected: Usage | None) -> None:
    assert usage_of(usage) == expected


def test_times_are_seconds_and_sane() -> None:
    told = {"eval_duration": 2e9, "load_duration": -1, "timings": {"prompt_ms": 5}, "metrics": {"latencyMs": 10**400}}
    assert times_of(told) == pytest.approx({"generation": 2.0, "prompt": 0.005})
    assert set(told) <= TIMED


@pytest.mark.parametrize(
    ("value", "strict", "loose"),
    [
        ({"error": {"message": "m", "code": True}}, {"message": "m", "code": True}, None),
        ({"error": False, "message": "m"}, None, {"message": "m"}),
        ({"message": "m", "type": "t"}, None, {"type": "t", "message": "m"}),
        ({"detail": "d"}, None, {"message": "d"}),
        ({"type": "error", "message": "m"}, {"type": "error", "message": "m"}, None),
        ({"Message": "m"}, None, {"message": "m"}),
        ({"errorMessage": "m"}, None, {"message": "m"}),
        ({"error": "m", "code": "c"}, {"message": "m", "code": "c"}, None),
        ({"error": [{"message": "m", "code": 1}]}, {"message": "m", "code": 1}, None),
        ({"error": ["m"]}, {"message": '["m"]'}, None),
        ({"errors": {"message": "m"}}, {"message": "m"}, None),
        ({"errors": [{"description": "m", "key": "k"}]}, {"message": "m"}, None),
        ({"error": {"code": 4, "detail": "m"}, "msg": "n"}, {"code": 4, "message": "m"}, None),
        ({"status": {"code": "4", "message": "m"}, "result": None}, None, {"code": "4", "message": "m"}),
        ({"status": {"phase": "over"}, "detail": "m"}, None, {"status": '{"phase":"over"}', "message": "m"}),
        ({"__type": "t", "Message": "m"}, None, {"type": "t", "message": "m"}),
        ({"status": 404, "detail": "m"}, None, {"status": 404, "message": "m"}),
        ({"errors": [], "error": None}, None, None),
        ({"error_code": 17, "error_msg": "m"}, {"message": "m", "code": 17}, None),
        ({"error_code": 0, "error_msg": ""}, None, None),
        ({"error_code": "c", "message": "m"}, None, {"message": "m", "code": "c"}),
        ({"text": "fine"}, None, None),
        ("words", None, None),
    ],
)
def test_errors_and_complaints(value: object, strict: object, loose: object) -> None:
    assert error_of(value) == strict
    assert lenient_error_of(value) == (strict or loose)
