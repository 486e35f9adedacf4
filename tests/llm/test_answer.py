"""What all dialects share: texts, calls and bounds."""

from __future__ import annotations

from streamwatchlib.llm.answer import Answer
from streamwatchlib.llm.texts import Budget, Text
from streamwatchlib.model import Limits, ToolCall


def test_a_text_of_many_pieces_is_joined_and_can_be_looked_at_meanwhile() -> None:
    text = Text(Budget(1_000_000))
    for number in range(5000):
        assert text.add(f"{number} ")
        if number == 2000:
            assert text.joined().endswith("1999 2000 ")
    assert not text.add("")
    assert text.joined() == "".join(f"{number} " for number in range(5000))
    assert len(text) == len(text.joined())


def test_a_text_over_its_budget_is_cut_and_a_note_says_so() -> None:
    answer = Answer(Limits(body=5))
    answer.message().text.add("abc")
    answer.message().reasoning.add("defg")
    llm = answer.llm("p", "a", None)
    assert (llm.text, llm.reasoning) == ("abc", "de")
    assert llm.notes == ("more was generated than is kept",)
    assert answer.message().text.add("more"), "it was said, and is no more than not kept"


def test_calls_stand_in_the_order_of_their_indexes_or_else_as_they_began() -> None:
    calls = Answer(Limits()).message().calls
    for key, name in ((2, "c"), (0, "a"), (1, "b")):
        calls.at(key).set_identity(None, name)
    assert [call.name for call in calls.tool_calls()] == ["a", "b", "c"]


def test_a_choice_other_than_the_first_alone_is_still_the_answer() -> None:
    answer = Answer(Limits())
    answer.message(3).text.add("a")
    assert answer.llm("p", "a", None).text == "a"


def test_everything_said_is_fit_to_be_written() -> None:
    answer = Answer(Limits())
    answer.set_identity("m\ud800", "i\ud800")
    answer.note("n\ud800")
    answer.message().set_finish_reason("f\ud800")
    answer.message().calls.add("c\ud800", "f\ud800", "\ud83d\ude00")
    llm = answer.llm("p", "a", None)
    assert (llm.model, llm.response_id, llm.finish_reason, llm.notes) == ("m\ufffd", "i\ufffd", "f\ufffd", ("n\ufffd",))
    assert llm.tool_calls == (ToolCall("c\ufffd", "f\ufffd", "😀"),)


def test_notes_are_bounded_and_said_once() -> None:
    answer = Answer(Limits())
    for number in range(5000):
        answer.note(f"n{number % 2000}")
    assert len(answer.llm("p", "a", None).notes) == 1000


def test_arguments_told_again_and_again_take_room_once() -> None:
    answer = Answer(Limits(body=1000))
    call = answer.message().calls.begin()
    for number in range(100):
        assert call.replace_arguments({"text": f"{number:050}"})
        assert not call.replace_arguments({"text": f"{number:050}"})
    llm = answer.llm("p", "a", None)
    assert llm.tool_calls[0].arguments == f'{{"text":"{99:050}"}}'
    assert llm.notes == ()
