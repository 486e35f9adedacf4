"""The digests of two records' texts show whether the texts are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamwatchlib import compare
from streamwatchlib.compare.digests import READABLE, BodyDigests, digests

from .taps import START, Tap, paced

ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}


def asked(body: object, **more: Any) -> BodyDigests:
    return digests(Tap("a", START, paced(2), asked=body, **more).record()).request_digests


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
    assert asked(ASKED).agree(asked(other)) is same


SPEAKS = {
    "chat": {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]},
    "chat, parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]},
    "responses": {"instructions": "Be brief.", "input": "hello"},
    "responses, items": {"input": [{"role": "user", "content": [{"type": "input_text", "text": "hello"}]}]},
    "anthropic": {
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Be brief."}, {"text": "hello"}]}]},
    "converse": {"messages": [{"role": "user", "content": [{"text": "hello"}]}]},
    "dashscope": {"input": {"messages": [{"role": "user", "content": "hello"}]}},
    "ollama": {"prompt": "hello"},
}


@pytest.mark.parametrize("way", SPEAKS)
def test_a_request_is_known_in_the_words_of_another_api(way: str) -> None:
    other = {"messages": [{"role": "user", "content": "good-bye"}]}

    assert asked(SPEAKS["chat"]).agree(asked(SPEAKS[way]))
    assert not asked(other).agree(asked(SPEAKS[way]))


def test_what_the_model_and_its_tools_said_before_is_told_by_each_api_in_its_own_way() -> None:
    openai = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "hi", "tool_calls": [{"id": "c", "function": {"name": "look"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ]
    anthropic = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "hi"}, {"type": "tool_use", "id": "c"}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "found"}]},
    ]

    assert asked({"messages": openai}).agree(asked({"messages": anthropic}))


def test_prompts_as_deep_as_they_like_are_no_recursion() -> None:
    deep: object = "hello"
    for _ in range(400):
        deep = [deep]

    assert asked({"input": deep}).agree(asked({"input": deep}))


def test_without_texts_the_size_is_all_there_is_to_go_by() -> None:
    known = asked(ASKED)
    same, longer = asked(ASKED, keep_text=False), asked({**ASKED, "top_p": 1}, keep_text=False)

    assert same.agree(known)
    assert known.agree(same)
    assert not longer.agree(known)


def test_a_request_without_a_body_is_known_by_the_end_of_its_address() -> None:
    known = asked(b"", url="http://model/v1/stream?q=1")
    for url, same in {
        "http://hop/api/v1/stream?q=1": True,
        "http://hop/v1/stream?q=2": False,
        "http://hop/v1/other?q=1": False,
    }.items():
        assert asked(b"", url=url).agree(known) is same


def test_forms_are_known_by_their_fields() -> None:
    form = (("content-type", "application/x-www-form-urlencoded"),)

    assert asked(b"a=1&b=2", headers=form).agree(asked(b"a=1&b=%32", headers=form))
    assert not asked(b"a=1&b=2", headers=form).agree(asked(b"a=1&b=3", headers=form))


def test_multipart_forms_are_known_by_their_parts_wherever_they_are_cut() -> None:
    def form(boundary: str, name: str) -> BodyDigests:
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nx\r\n--{boundary}--\r\n'
        return asked(body.encode(), headers=(("content-type", f"multipart/form-data; boundary={boundary}"),))

    assert form("one", "prompt").agree(form("other", "prompt"))
    assert not form("one", "prompt").agree(form("other", "model"))


def test_answers_agree_by_what_the_model_said_though_the_bytes_differ() -> None:
    one = digests(Tap("a", START, paced(5, id="chatcmpl-1")).record())
    other = digests(Tap("b", START, paced(5, id="another-id")).record())

    assert one.response_digests
    assert other.response_digests
    assert one.response_digests.agree(other.response_digests)


def test_answers_agree_though_a_hop_leaves_the_thoughts_out_or_spells_calls_anew() -> None:
    def answered(**delta: object) -> BodyDigests:
        chunk = {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
        found = digests(Tap("a", START, [(0.1, f"data: {json.dumps(chunk)}\n\n".encode())]).record()).response_digests
        assert found
        return found

    def calls(arguments: str) -> list[object]:
        return [{"index": 0, "id": "1", "function": {"name": "look", "arguments": arguments}}]

    thinks, says = answered(reasoning_content="Hm.", content="Hello."), answered(content="Hello.")
    one, spaced, other = (answered(tool_calls=calls(words)) for words in ('{"a":1}', '{ "a": 1 }', '{"a":2}'))
    assert thinks.agree(says)
    assert one.agree(spaced)
    assert not one.agree(other)
    assert not says.agree(one)


def test_a_body_too_long_to_be_read_as_json_is_compared_as_it_is() -> None:
    long = {"stream": True, "messages": ["x" * READABLE]}

    assert asked(long).agree(asked(long))
    assert not asked(long).agree(asked({**long, "top_p": 1}))


def test_long_texts_that_differ_at_their_ends_are_told_apart() -> None:
    long = "x" * 2 * READABLE
    told = [asked(text.encode()) for text in (long, long + "x", "y" + long[1:], long[1:] + "y")]
    assert len({claims.whole for claims in told}) == 4


_ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv[1])
from streamwatchlib.compare import digests
print(digests._digest("a text", "and another"), digests.crc32(digests._bytes("wörd")))
"""


def test_they_are_the_same_in_every_process() -> None:
    """Python's own hashes are not."""
    library = Path(compare.__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, library],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
