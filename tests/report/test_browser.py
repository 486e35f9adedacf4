"""The page in a real browser: sorting, filtering, links, the timeline's cursor, and no error in the console.

Needs Chromium and what `uv sync --group reports` brings.
"""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamwatchlib.report.html import render

from .records import BURSTY, EVERY, FORM, HOPPED, INJECTED, MULTIPART, PSEUDO, STREAMING, many

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the path, or its path in CHROMIUM")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
            ],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if its console says anything, or if it asks for anything but itself."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request", lambda request: complaints.append(request.url) if not request.is_navigation_request() else None
    )
    yield opened
    context.close()
    assert complaints == []


def show(page: Page, tmp_path: Path, *records: object, address: str = "") -> None:
    file = tmp_path / "report.html"
    file.write_text(render(records), encoding="utf-8")  # type: ignore[arg-type]
    page.goto(file.as_uri() + address)


def verdicts(page: Page) -> list[str]:
    """Of the rows that are not filtered away.  What is scrolled out of sight is not laid out and has no inner text."""
    return page.locator(".exchange:not([hidden]) > summary .badge").all_text_contents()


def test_every_kind_of_record_opens_without_complaint(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, *EVERY)

    assert page.locator(".exchange").count() == len(EVERY)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [420, 1280])
def test_nothing_sticks_out_of_the_page_when_all_is_open(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, *EVERY)

    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_huge_answer_hides_nothing_below_it(page: Page, tmp_path: Path) -> None:
    assert STREAMING.llm
    show(page, tmp_path, replace(STREAMING, llm=replace(STREAMING.llm, text="word " * 20_000)))

    page.click(".exchange > summary")

    assert page.evaluate("document.querySelector('.inside').offsetHeight") < 4_000


def test_rows_of_a_narrow_page_stand_in_line(page: Page, tmp_path: Path) -> None:
    """A flag below its verdict, unbroken, and the figures of all rows below one another."""
    page.set_viewport_size({"width": 390, "height": 900})
    stalled = replace(STREAMING, verdict=replace(STREAMING.verdict, flags=("stalled",)))
    declared = replace(PSEUDO, verdict=replace(PSEUDO.verdict, flags=("content-length-on-stream",)))
    show(page, tmp_path, stalled, declared, BURSTY)

    assert page.evaluate("document.querySelector('.c-verdict small').offsetHeight") < 30
    second = "[...document.querySelectorAll('.exchange .c-figure:nth-of-type(5)')].map((each) => each.offsetLeft)"
    assert len(set(page.evaluate(second))) == 1


_OVERLAPS = """[...document.querySelectorAll('.waterfall')].flatMap((picture) => {
  const edge = picture.getBoundingClientRect();
  const boxes = [...picture.querySelectorAll('.moment')].map((each) => [each, each.getBoundingClientRect()]);
  const shown = boxes.filter(([, box]) => box.width).sort(([, one], [, other]) => one.x - other.x);
  return shown.filter(([, box], i) => box.right > (shown[i + 1]?.[1].x ?? edge.right + 1) || box.x < edge.x - 1)
    .map(([each]) => each.textContent);
})"""


@pytest.mark.parametrize("width", [360, 420, 660, 1021, 1280])
def test_labels_of_a_timeline_stand_apart_and_inside(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    early = replace(STREAMING, timing=replace(STREAMING.timing, response_start=0.003))
    show(page, tmp_path, early, *EVERY)

    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert page.evaluate(_OVERLAPS) == []


def test_a_head_sorts_and_sorts_back(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, STREAMING, FORM, PSEUDO, BURSTY)

    page.click(".heads button[data-key='3']")
    assert verdicts(page) == ["pseudo-streaming", "bursty", "streaming", "not-applicable"]
    page.click(".heads button[data-key='3']")
    assert verdicts(page) == ["streaming", "bursty", "pseudo-streaming", "not-applicable"]
    assert page.get_attribute(".heads button[data-key='3']", "aria-label") == "TTFT, sorted ascending"
    page.click(".heads button[data-key='0']")
    assert verdicts(page)[0] == "pseudo-streaming"
    page.click(".heads button[data-key='7']")
    assert verdicts(page) == ["streaming", "not-applicable", "pseudo-streaming", "bursty"]


def test_words_and_verdicts_filter(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, STREAMING, FORM, PSEUDO, BURSTY)

    page.fill("#find", "LLM.example  completions")
    assert verdicts(page) == ["pseudo-streaming", "bursty"]
    assert page.inner_text("#shown") == "2 of 4 shown"
    page.click(".toolbar [data-label='bursty']")
    assert verdicts(page) == ["pseudo-streaming"]
    page.fill("#find", "")
    assert len(verdicts(page)) == 3
    page.click(".toolbar [data-label='bursty']")
    assert page.inner_text("#shown") == ""


def test_a_link_opens_its_exchange(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, STREAMING, PSEUDO)

    page.click(".worst a")

    assert page.locator(".exchange[open]").count() == 1
    assert page.locator("#x2").is_visible()


def test_an_address_opens_its_exchange(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, STREAMING, PSEUDO, address="#x2")

    assert page.locator("#x2").is_visible()


@pytest.mark.parametrize("width", [400, 1280])
def test_an_address_far_down_is_on_the_screen_at_once(page: Page, tmp_path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, tmp_path, *many(60, 50), address="#x50")

    top = page.evaluate("document.querySelector('.exchange[open]').getBoundingClientRect().top")

    assert 0 <= top <= 100
    assert page.locator("#x50").is_visible()


def test_the_cursor_tells_what_is_under_it(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, BURSTY, address="#x1")
    readout = page.locator(".readout")

    page.hover(".track", position={"x": 600, "y": 90})
    assert readout.inner_text() == (
        "1.270 s: 1,741 bytes in 1 read, completing 14 events, 650.0 ms after the one before"
    )
    page.focus(".track")
    page.keyboard.press("ArrowLeft")
    assert readout.inner_text().startswith("620.0 ms: ")
    page.keyboard.press("ArrowLeft")
    assert readout.inner_text().startswith("620.0 ms: ")
    assert page.locator(".cursor").is_visible()


def test_a_row_opens_by_keyboard(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, STREAMING)

    page.focus(".exchange > summary")
    page.keyboard.press("Enter")

    assert page.locator("#x1").is_visible()


def test_paper_cuts_no_finding_and_no_word_of_a_head_in_two(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, *EVERY)
    page.emulate_media(media="print")

    style = "elements => [...new Set(elements.map(e => getComputedStyle(e)[%r]))]"
    assert page.locator(".worst > li, .exchange:not([open])").evaluate_all(style % "breakInside") == ["avoid"]
    assert page.locator("thead th").evaluate_all(style % "overflowWrap") == ["normal"]


def test_everything_can_be_read_without_the_script(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    show(page, tmp_path, STREAMING, PSEUDO)

    page.click(".exchange >> nth=1")

    assert page.locator("#x2").is_visible()
    assert not page.locator(".toolbar").is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (1280, "dark")])
def test_nothing_stands_in_the_way_of_anyone(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    """By the rules of axe (https://github.com/dequelabs/axe-core), all that is folded opened."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    show(page, tmp_path, BURSTY, FORM, MULTIPART, INJECTED, HOPPED)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]

    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in found] == []


def test_five_hundred_exchanges_of_a_thousand_events_open_sooner_than_their_text_would(
    browser: Browser, tmp_path: Path
) -> None:
    """In a second, on an idle machine: in less than half of what the same text in plain paragraphs takes.

    Of the page's own thread, whatever else the processors have to do.
    """
    made = many(50, 1000)  # to make them takes a third of what it takes to render them
    text = render([replace(record, id=f"{record.id}-{n}") for n in range(10) for record in made])
    file = tmp_path / "report.html"
    paragraphs = (f"<p>{html.escape(text[start : start + 2000])}</p>" for start in range(0, len(text), 2000))
    seconds = []
    for content in (text, "<!doctype html><meta charset=utf-8>" + "".join(paragraphs)):
        file.write_text(content, encoding="utf-8")
        with browser.new_context() as context:
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(file.as_uri())
            metrics = session.send("Performance.getMetrics")["metrics"]
        seconds += [metric["value"] for metric in metrics if metric["name"] == "ThreadTime"]

    assert seconds[0] < 0.5 * seconds[1]
