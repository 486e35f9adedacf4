"""The assembled message as a page shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.model import Llm
from streamwatchlib.report.page.answer import answer

from ..records import CHOICES, MALFORMED, REASONING, REFUSED, STREAMING, TOOLS
from .tree import Node, parse


def shown(llm: Llm | None, most: int = 1000) -> Node:
    assert llm is not None
    return parse(answer(llm, most))


def test_the_text_stands_whole_and_the_reasoning_is_folded() -> None:
    root = shown(REASONING.llm)

    assert root.one("div", "answer").text == REASONING.llm.text  # type: ignore[union-attr]
    assert root.one("details").one("div", "reasoning").text == REASONING.llm.reasoning  # type: ignore[union-attr]
    assert root.one("summary").text == "Reasoning, 193 characters"


def test_long_text_is_cut_and_says_so() -> None:
    assert shown(STREAMING.llm, 10).one("div", "answer").text.endswith("more characters, in the .jsonl")


@pytest.mark.parametrize(("length", "reached"), [(4_000, None), (4_001, "0")])
def test_a_long_text_scrolls_in_a_window_of_its_own(length: int, reached: str | None) -> None:
    assert STREAMING.llm
    assert shown(replace(STREAMING.llm, text="x" * length), 10_000).one("div", "answer")["tabindex"] == reached


def test_tool_calls_show_name_and_arguments_as_sent() -> None:
    calls = shown(TOOLS.llm).all("div", "call")

    assert [call.one("p").text for call in calls] == [
        "Tool call get_weather call_1",
        "Tool call broken ",
        "Tool run by the provider web_search ws_1",
    ]
    assert calls[0].one("pre").text == '{"city": "北京", "unit": "°C"}'
    assert calls[1].one("pre").text == '{"city": '


def test_a_call_without_a_name_is_shown_all_the_same() -> None:
    from streamwatchlib.model import ToolCall

    assert shown(Llm("p", "a", tool_calls=(ToolCall(None, None, ""),))).one("div", "call").one("code").text == "–"


def test_further_choices_follow_the_first() -> None:
    root = shown(CHOICES.llm)

    assert [node.text for node in root.all("h4")] == ["Choice 1"]
    assert [node.text for node in root.all("div", "answer")] == ["one", "two"]
    assert "finish reason: length" in root.text


def test_a_refusal_is_set_apart() -> None:
    assert shown(REFUSED.llm).one("div", "refusal").text == "I can't help with that."
    assert shown(CHOICES.llm).one("div", "refusal").text == "not that"


def test_errors_and_oddities_are_said() -> None:
    assert shown(MALFORMED.llm).one("p", "warning").text == (
        "The provider reported an error. type: server_error; message: out of memory"
    )
    assert shown(TOOLS.llm).one("p", "warning").text == "sequence numbers jump from 4 to 6"


def test_the_small_print_has_only_what_is_known() -> None:
    assert shown(TOOLS.llm).all("p", "note")[-1].text == (
        "provider openai · API chat.completions · model gpt-4o · finish reason tool_calls · input tokens 80 · "
        "output tokens 20 · server’s own generation 1.25 s"
    )
    assert shown(REFUSED.llm).all("p", "note")[-1].text.endswith("tokens not stated")
