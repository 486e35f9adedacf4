"""Cumulative text is distinguished from incremental pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.llm.cumulative import MaybeCumulativeText, PartedText, Sentences
from streamwatchlib.llm.texts import Budget


def grown(*pieces: str, limit: int = 1000) -> tuple[str, list[bool]]:
    text = MaybeCumulativeText(Budget(limit))
    new = [text.add(piece) for piece in pieces]
    return text.joined(), new


@pytest.mark.parametrize(
    ("pieces", "whole", "new"),
    [
        ([], "", []),
        ([""], "", [False]),
        (["He", "Hello", "Hello you"], "Hello you", [True, True, True]),
        (["He", "Hello", "Hello"], "Hello", [True, True, False]),
        (["He", "llo", " you"], "Hello you", [True, True, True]),
        (["He", "", "llo"], "Hello", [True, False, True]),
        # a repetition could be either; the empty last piece of an incremental stream tells
        (["ha", "haha", ""], "hahaha", [True, True, False]),
        (["ha", "haha"], "haha", [True, True]),
        # told to be cumulative, an empty piece takes nothing back
        (["1", "12", "123", "1234", ""], "1234", [True, True, True, True, False]),
        # half a character is put right by the next piece
        (["a\ud83d", "a😀b"], "a😀b", [True, True]),
        (["a\ufffd", "aéb", "aébc", "aébcd"], "aébcd", [True, True, True, True]),
        (["a\ufffd\ufffd", "aé"], "aé", [True, True]),
        # unless it was none, or half a character itself was new
        (["\ufffd", "1", "x"], "\ufffd1x", [True, True, True]),
        (["a\ufffd", "a\ufffd", "a!", "x"], "a\ufffda\ufffda!x", [True, False, True, True]),
    ],
)
def test_pieces(pieces: list[str], whole: str, new: list[bool]) -> None:
    assert grown(*pieces) == (whole, new)


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [(["1", "1"], "11"), (["He", "llo"], "Hello"), (["He", "Hello"], "Hello"), (["He"], "He"), ([], "")],
)
def test_an_end_that_says_nothing_tells_that_equal_pieces_were_new(pieces: list[str], whole: str) -> None:
    text = MaybeCumulativeText(Budget(100))
    for piece in pieces:
        text.add(piece)
    text.finish()
    assert text.joined() == whole


def test_a_text_that_takes_back_what_it_said_is_noted() -> None:
    text = MaybeCumulativeText(Budget(100))
    for piece in ("1", "12", "123", "1234", "12x"):
        text.add(piece)
    assert text.joined() == "12x"
    assert text.rewritten


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), min_size=1), min_size=2))
def test_cumulative_pieces_give_the_last(pieces: list[str]) -> None:
    assert grown(*("".join(pieces[: n + 1]) for n in range(len(pieces))))[0] == "".join(pieces)


@given(st.lists(st.sampled_from("abcdefgh\ufffd"), max_size=30))
def test_new_pieces_are_joined_once_the_end_has_told(pieces: list[str]) -> None:
    assert grown(*pieces, "")[0] == "".join(pieces)


def test_what_is_kept_is_bounded() -> None:
    assert grown("1234567", limit=5)[0] == "12345"
    assert grown("1234", "5678", limit=5)[0] == "12345"


def test_length_counts_what_was_said() -> None:
    text = MaybeCumulativeText(Budget(100))
    assert not text
    text.add("ab")
    assert len(text) == 2
    text.add("c")
    assert len(text) == 3


def test_a_part_goes_on_or_is_told_anew() -> None:
    text = PartedText(Budget(100))
    assert not text
    told = [text.append("a", "Hel"), text.append("b", "you"), text.append("a", "o"), text.replace("a", "Helo")]
    assert told == [True, True, True, False]
    assert text.replace("a", "Hello ")
    assert text.append("a", "to ")
    assert text.joined() == text.joined() == "Hello to you"
    assert len(text) == len("Hello to you")


def test_what_is_kept_of_parts_is_bounded() -> None:
    text = PartedText(Budget(5))
    for words in ("1234", "5678", "567890"):
        assert text.replace("a", words)
    text.append("b", "1")
    assert text.joined() == "56789"
    many = PartedText(Budget(10**6))
    for n in range(10**4):
        many.replace(str(n), "x")
    assert len(many) == 1000


def test_a_sentence_is_told_again_until_it_is_over() -> None:
    text = Sentences(Budget(100))
    told = [("Helo", False), ("Hello", False), ("Hello", False), ("Hello.", True), ("Hello.", False), ("Bye", False)]
    assert [text.update(words, over=over) for words, over in told] == [True, True, False, True, True, True]
    assert text.joined() == text.joined() == "Hello.\nBye"
    assert len(text) == len("Hello.Bye")


def test_what_is_kept_of_sentences_is_bounded() -> None:
    text = Sentences(Budget(5))
    text.update("1234", over=True)
    for _ in range(3):
        text.update("5678", over=False)
        assert text.joined() == "1234\n5"
    text.update("5678", over=True)
    text.update("9", over=False)
    assert text.joined() == "1234\n"
