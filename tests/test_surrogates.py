"""Text can be encoded, and what could be is left alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamwatchlib.surrogates import well_formed


@given(st.text(st.characters()) | st.text(st.characters(categories=["Cs"])))
def test_clean_text_can_be_encoded_and_the_clean_is_left_alone(text: str) -> None:
    cleaned = well_formed(text)
    assert cleaned.encode().decode() == cleaned
    assert len(cleaned) <= len(text)
    assert cleaned == text or any("\ud800" <= character <= "\udfff" for character in text)


def test_halves_that_meet_are_joined_and_what_is_alone_is_replaced() -> None:
    assert well_formed("a\ud83d\ude00b\ude00c\ud83d") == "a😀b\ufffdc\ufffd"
    assert well_formed("a\ud83db😀") == "a\ufffdb😀"
