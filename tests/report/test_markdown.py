"""Markdown: short enough for an issue, and nothing from the wire is markup in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from streamwatchlib.model import Stream
from streamwatchlib.report.gfm import code, prose
from streamwatchlib.report.markdown import MAX_DETAILS, MAX_REPLIES, MAX_ROWS, render
from streamwatchlib.report.show import one_line

from .records import BURSTY, CUT, EVERY, FORM, HOPPED, HOSTILE, INJECTED, PSEUDO, STREAMING, WEBSOCKET, WORDS, many

GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


SAID = " ".join(WORDS[1:])
TOLD = 'get_weather({"city": "北京", "unit": "°C"}) broken({"city": )'
"""What a response said that only called tools."""


def tokens(text: str) -> list[Token]:
    return [token for block in GFM.parse(text) for token in (block, *(block.children or ()))]


def cells(text: str) -> list[list[str]]:
    """The rows of the table, as a reader of Markdown sees them."""
    rows: list[list[str]] = []
    for token in GFM.parse(text):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and rows and len(rows[-1]) < 8:
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def test_each_exchange_has_a_row() -> None:
    assert cells(render([STREAMING, BURSTY, FORM])) == [
        ["time (UTC)", "request", "model", "verdict", "TTFT", "ITL p50 / p99", "pieces / deliveries", "tok/s"],
        [
            "10:15:02.120",
            "POST /compatible-mode/v1/chat/completions",
            "qwen2.5-7b-instruct",
            "streaming",
            "351 ms",
            "48.9 ms / 59.9 ms",
            "48 / 50",
            "20.7",
        ],
        [
            "10:15:21.500",
            "POST /v1/chat/completions",
            "qwen2.5-7b-instruct",
            "bursty (moderate)",
            "619 ms",
            "max 650 ms",
            "48 / 4",
            "–",
        ],
        ["10:16:30.000", "POST /echo", "–", "not-applicable", "–", "–", "–", "–"],
    ]


def test_what_failed_does_not_look_like_success() -> None:
    assert STREAMING.llm
    assert STREAMING.stream
    assert FORM.response
    broken = replace(STREAMING, llm=replace(STREAMING.llm, error={"message": "Overloaded"}))
    garbled = replace(STREAMING, stream=replace(STREAMING.stream, malformed=1))
    refused = replace(FORM, response=replace(FORM.response, status=429))

    assert [row[3] for row in cells(render([broken, garbled, refused]))[1:]] == [
        "streaming (API error)",
        "streaming (1 malformed event)",
        "not-applicable (status 429)",
    ]


def test_the_worst_are_told_with_their_remedy() -> None:
    text = render([STREAMING, PSEUDO])

    assert "**pseudo-streaming**: All 48 pieces came within 1 ms after 2.51 s of silence" in text
    assert "`POST llm.example.com/v1/chat/completions` at 10:15:31.700" in text
    assert "- intermediary, high confidence: nginx response buffering (Server: nginx/1.22.1;" in text
    assert "**Remedy:** In the location that proxies this path set `proxy_buffering off;`, or send" in text


def test_those_alike_are_told_once() -> None:
    text = render([replace(PSEUDO, id=str(n)) for n in range(8)])

    assert text.count("**Remedy:**") == 2
    assert "and 7 more like it" in text


def test_how_it_broke_off_is_said() -> None:
    text = render([CUT])

    assert "**streaming** (truncated, server-disconnected)" in text
    assert "Error: server closed connection" in text


def test_what_a_hop_did_is_said() -> None:
    assert "\n\nThe hop held each event for 312 ms on average" in render([HOPPED])
    assert "upstream of the hop" not in render([HOPPED])


def test_both_sides_of_a_hop_stand_beside_each_other_where_both_were_seen() -> None:
    text = render([HOPPED, replace(STREAMING, id="upstream")])

    assert "|  | upstream of the hop | through the hop | the hop added |\n| --- | --: | --: | --: |\n" in text
    assert "\n| verdict | **streaming** | **bursty** | – |\n" in text
    assert "\n| first token | 353 ms | 620 ms | 300 ms |\n" in text
    assert "\n- The hop merged 50 reads into 4.\n" in text


@pytest.mark.parametrize("before", ["", "Too short to tell: 4 pieces of text in 1 delivery. "], ids=["alone", "after"])
def test_what_the_hop_did_is_told_once(before: str) -> None:
    settled = replace(HOPPED, verdict=replace(HOPPED.verdict, summary=before + HOPPED.hop.summary))

    assert render([settled]).count("The hop held each event") == 1


def test_a_big_capture_still_fits_into_a_comment() -> None:
    text = render(many(500, 20))

    assert len(text) < 65_536
    assert len(cells(text)) <= MAX_ROWS + 1
    assert f"{500 - MAX_ROWS} more" in text
    assert text.count("confidence: ") <= 2 * MAX_DETAILS


def test_an_empty_capture_is_said_to_be_one() -> None:
    assert render([]).startswith("### streamwatch · No exchanges\n\n<sub>")


def test_nothing_that_a_peer_sent_is_markup() -> None:
    found = tokens(render([INJECTED]))

    assert not [token for token in found if token.type in ("link_open", "image", "em_open", "s_open", "fence")]
    assert [token.content for token in found if token.type in ("html_inline", "html_block")] == ["<sub>", "</sub>"]
    assert len(cells(render([INJECTED]))[1]) == 8


def test_a_reader_sees_what_was_sent_with_its_controls_made_visible() -> None:
    seen = "".join(
        token.content for token in tokens(prose(HOSTILE)) if token.type == "text" or token.type == "text_special"
    )

    assert seen.replace("@\u200b", "@").replace("#\u200b", "#") == "".join(
        HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\x1b", "␛").replace("\x07", "␇").replace("\u2028", "⟨U+2028⟩")
    )


@given(st.text("`|\\*_[]()<>&#@!~$:.w/a1 -\n"))
def test_a_sentence_shows_itself_and_nothing_else(text: str) -> None:
    """Whatever the text, its rendering has no markup but code, and loses no letter."""
    found = tokens("x" + prose(text.replace("`", "")) + "x")

    assert not [token for token in found if token.type.endswith("_open") and token.type != "paragraph_open"]
    seen = "".join(token.content for token in found if token.type in ("text", "text_special", "code_inline"))
    assert seen.replace("\u200b", "") == "x" + " ".join(text.replace("`", "").split()) + "x"


@given(st.text("`a| \\"))
def test_a_code_span_holds_anything(text: str) -> None:
    found = [token for token in tokens("x " + code(text) + " x") if token.type == "code_inline"]

    assert [token.content.strip() for token in found] == [" ".join(text.split())]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("@someone", "@&#8203;someone"),
        ("see #12", "see #&#8203;12"),
        ("https://evil.example", "https&#58;//evil.example"),
        ("WWW.evil.example", "WWW&#46;evil.example"),
        ("$x$", "&#36;x&#36;"),
        ("ratio 4:1, proxy_buffering", "ratio 4:1, proxy_buffering"),
    ],
)
def test_what_github_would_link_is_broken(text: str, escaped: str) -> None:
    assert prose(text) == escaped


@pytest.mark.parametrize("path", ["a|b", "a\\|b", "a\\\\|b", "`|`"])
def test_a_pipe_ends_no_cell(path: str) -> None:
    record = replace(FORM, request=replace(FORM.request, url=f"http://h/{path}"))

    (_, row) = cells(render([record]))

    assert len(row) == 8
    assert row[3] == "not-applicable"


def test_each_response_on_a_websocket_has_its_row() -> None:
    text = render([WEBSOCKET])

    assert "`/v1/realtime` at 10:15:02.120, 3 responses to 4 messages from the client:" in text
    assert [row[:7] for row in cells(text)[2:]] == [
        ["asked at", "verdict", "TTFT", "complete after", "tok/s", "ended by", "said"],
        ["100 ms", "streaming", "253 ms", "2.30 s", "–", "response.done", one_line(SAID, 80)],
        ["–", "pseudo-streaming (severe, coarse-events)", "–", "–", "–", "response.done", TOLD],
        ["2.60 s", "not-applicable", "–", "–", "–", "–", "–"],
    ]


def test_of_many_responses_the_first_are_shown_and_all_are_counted() -> None:
    stream = replace(WEBSOCKET.stream or Stream(""), responses=500)
    text = render([replace(WEBSOCKET, responses=WEBSOCKET.responses * 100, stream=stream)])

    assert "500 responses to 4 messages from the client, the first 20 of them:" in text
    assert len(cells(text)) == 2 + 1 + MAX_REPLIES


def test_every_kind_of_record_renders() -> None:
    replies = sum(len(record.responses) + 1 for record in EVERY if record.responses)
    assert len(cells(render(EVERY))) == len(EVERY) + 1 + replies
