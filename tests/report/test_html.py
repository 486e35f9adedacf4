"""The page: whole, alone, safe, and light enough to open at once."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from streamwatchlib.model import Body, Choice, Sent, ToolCall
from streamwatchlib.report.html import render
from streamwatchlib.report.page.budget import budget
from streamwatchlib.report.page.exchange import exchange

from .page.tree import Node, parse
from .records import CUT, EVERY, FORM, HOSTILE, INJECTED, PSEUDO, STREAMING, many


def page(*records: object) -> Node:
    return parse(render(records))  # type: ignore[arg-type]


def policy(root: Node) -> dict[str, str]:
    (meta,) = [meta for meta in root.all("meta") if meta["http-equiv"] == "Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in (meta["content"] or "").split(";"))


def test_the_page_is_whole_and_says_its_finding_in_the_title() -> None:
    text = render([PSEUDO, STREAMING])

    assert text.startswith("<!doctype html>\n<html")
    assert page(PSEUDO, STREAMING).one("head").one("title").text == "1 of 2 streams did not really stream · streamwatch"


def test_only_our_own_style_and_script_may_run_and_nothing_may_be_loaded() -> None:
    root = page(INJECTED)

    def hashed(node: Node) -> str:
        return f"'sha256-{b64encode(sha256(node.text.encode()).digest()).decode()}'"

    assert policy(root) == {
        "default-src": "'none'",
        "style-src": hashed(root.one("style")),
        "script-src": hashed(root.one("script")),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_names_of_any_length_leave_room_for_the_rest() -> None:
    """What APIs keep short a server may send by the megabyte, with every event."""
    long, llm = "x" * 100_000, STREAMING.llm
    assert llm
    call = ToolCall(long, long, "{}")
    choice = Choice(1, long, long, (call,), long)
    record = replace(
        STREAMING,
        error=long,
        request=replace(STREAMING.request, body=Body("form", fields=((long, long),)), query=((long, long),)),
        llm=replace(llm, model=long, response_id=long, finish_reason=long, tool_calls=(call,), choices=(choice,)),
        events=tuple(event._replace(type=long) for event in STREAMING.events or ()),
        sent=(Sent(0.1, 1, long, ""),),
    )
    share = budget(500)

    assert len(exchange(1, record, share)) < len(exchange(1, STREAMING, share)) + 40_000


def test_nothing_refers_to_the_network() -> None:
    root = page(*EVERY)

    for node in root.all():
        for name in ("src", "srcset", "action", "data", "poster", "ping"):
            assert node[name] is None
        assert (node["href"] or "#").startswith("#")
    style, script = root.one("style").text, root.one("script").text
    assert not re.search(r"url\(|@import|https?:", style)
    assert not re.search(r"https?:|fetch\(|XMLHttp|innerHTML|eval\(|document\.write", script)


def test_what_a_peer_sent_is_neither_an_element_nor_an_attribute() -> None:
    root = page(INJECTED)

    assert len(root.all("script")) == 1
    assert not root.all("img")
    assert not [node for node in root.all() for name in node.attributes if name.startswith("on") or name == "style"]
    assert HOSTILE not in render([INJECTED])


def test_controls_and_bidi_characters_are_visible() -> None:
    text = render([INJECTED])

    assert "⟨U+202E⟩gnp.exe␛[31m␇" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", text)


def test_every_exchange_is_there_without_the_script() -> None:
    root = page(*EVERY)

    assert len(root.one("div", "heads").all("button")) == 8
    assert len(root.all("details", "exchange")) == len(EVERY)
    assert {node["href"] for node in root.all("a")} <= {f"#x{n}" for n in range(1, len(EVERY) + 1)}
    assert root.one("div", "toolbar")["hidden"] is None
    assert "hidden" in root.one("div", "toolbar").attributes


def test_addresses_are_unique() -> None:
    ids = [node["id"] for node in page(*EVERY).all() if node["id"]]

    assert len(ids) == len(set(ids))


def test_a_verdict_of_each_kind_has_its_sign() -> None:
    root = page(*EVERY)
    signs = {f"#{symbol['id']}" for symbol in root.all("symbol")}

    assert {use["href"] for use in root.all("use")} <= signs


def test_the_toolbar_counts_each_verdict() -> None:
    buttons = page(PSEUDO, STREAMING, FORM).one("div", "toolbar").all("button")

    assert [button.text for button in buttons] == ["streaming 1", "pseudo-streaming 1", "not-applicable 1"]


def test_an_empty_capture_is_a_page_too() -> None:
    root = page()

    assert root.one("h1").text == "Nothing was captured"
    assert not root.one("main").children


@pytest.fixture(scope="module")
def big() -> str:
    return render(many(100, 250))


@pytest.mark.parametrize("word", ["more characters, in the .jsonl", "more events, in the .jsonl"])
def test_a_big_capture_says_what_it_leaves_out(big: str, word: str) -> None:
    assert word in big


def test_of_very_many_exchanges_the_worst_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamwatchlib.report.html.MAX_EXCHANGES", 3)
    one_way, another = [replace(PSEUDO, id=f"p{n}") for n in range(4)], replace(CUT, id="cut")
    root = page(STREAMING, *one_way, another, FORM)

    assert "The worst 3 of 7 are listed" in root.one("section", "exchanges").text
    listed = {heading["id"] for heading in root.one("section", "exchanges").all("h3") if heading["id"]}
    assert listed == {"x2", "x3", "x6"}
    assert {link["href"] for link in root.all("a")} <= {f"#{address}" for address in listed}
    assert root.one("h1").text == "4 of 6 streams did not really stream"


def test_an_exchange_on_a_page_of_many_is_light() -> None:
    """500 exchanges of 1000 events open in under a second while each is under 32 kB and 400 elements."""
    for record in many(8, 1000):
        markup = exchange(1, record, budget(500))

        assert len(markup.encode()) < 32_000
        assert len(parse(markup).all()) < 400


def test_marks_that_share_a_column_are_said_to_do_so() -> None:
    assert "drawn as one" in exchange(1, many(1, 1000)[0], budget(500))
