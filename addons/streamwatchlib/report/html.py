"""One self-contained page: no network, readable without its script, nothing in it runs but that script.

In: records.  Out: HTML.  Style and script are read from `assets` once; the page's Content-Security-Policy allows these
two by their hashes and nothing else, so that what came over the wire could not run or load a thing even if it were
not escaped.  The parts of the page are in `page`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.resources import files
from itertools import islice

from .. import __version__
from ..model import Record
from .page.budget import budget
from .page.exchange import exchange
from .page.markup import Markup, tag
from .page.overview import overview, subtitle, title
from .rank import count_labels, group_similar, with_problems, worst_first
from .show import count

MAX_EXCHANGES = 1_000
"""Exchanges listed: tens of thousands make a page that no browser opens, and minutes in which a proxy can't stop."""


def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath("assets", name).read_text("utf-8"))


_STYLE, _SCRIPT, _SIGNS = _asset("report.css"), _asset("report.js"), _asset("signs.svg")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; base-uri 'none'; form-action 'none'"
)


def render(records: Sequence[Record]) -> str:
    """The page: the finding, the overview, and the exchanges in their order."""
    return f"<!doctype html>\n{tag('html', _head(records), _body(records), lang='en')}\n"


def _head(records: Sequence[Record]) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=Markup(_POLICY)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{title(records)} · streamwatch"),
        tag("style", _STYLE),
    )


def _body(records: Sequence[Record]) -> Markup:
    return tag(
        "body",
        _SIGNS,
        tag(
            "header",
            tag("p", "streamwatch", class_="brand"),
            tag("h1", title(records)),
            tag("p", subtitle(records), class_="note"),
        ),
        tag("main", *([overview(records), _list(records)] if records else [])),
        tag("footer", *_footer()),
        tag("script", _SCRIPT),
    )


def _list(records: Sequence[Record]) -> Markup:
    listed = _listed(records)
    share = budget(len(listed))
    left_out = f"The worst {count(MAX_EXCHANGES)} of {count(len(records))} are listed; the figures above are of all."
    return tag(
        "section",
        tag("h2", "Exchanges"),
        tag("p", left_out, class_="note") if len(listed) < len(records) else None,
        _toolbar([record for _, record in listed]),
        _columns(),
        tag("div", *(exchange(number, record, share) for number, record in listed), id="list"),
        class_="exchanges",
        aria_label="Exchanges",
    )


def _listed(records: Sequence[Record]) -> Sequence[tuple[int, Record]]:
    """The exchanges to list, with their numbers; of too many, the first of each group that went wrong alike, which the
    overview links to, and then the worst."""
    numbered = list(enumerate(records, 1))
    if len(records) <= MAX_EXCHANGES:
        return numbered
    first = (group[0] for group in group_similar(with_problems(records)))
    kept = set(islice(dict.fromkeys(map(id, (*first, *worst_first(records)))), MAX_EXCHANGES))
    return [(number, record) for number, record in numbered if id(record) in kept]


def _toolbar(records: Sequence[Record]) -> Markup:
    """Hidden until the script shows it: without a script it would do nothing."""
    toggles = (
        tag("button", f"{label} {n}", type="button", aria_pressed="true", data_label=label, class_=f"v-{label}")
        for label, n in count_labels(records)
    )
    search = tag("input", type="search", id="find", placeholder="Filter by path, host, model …", aria_label="Filter")
    return tag("div", search, tag("div", *toggles), tag("output", id="shown"), class_="toolbar", hidden=True)


_COLUMNS = (
    ("verdict", "verdict", 0),
    ("request", "request", 1),
    ("strip", "rhythm, duration", 2),
    ("figure", "TTFT", 3),
    ("figure", "ITL p50 p99", 4),
    ("figure", "pieces in deliveries", 5),
    ("figure", "tok/s", 6),
    ("time", "time", 7),
)
"""Style class of each column, its head, and the index of the sort key that it sorts by."""


def _columns() -> Markup:
    heads = (
        tag("span", tag("button", head, type="button", data_key=key), class_=f"c-{class_}")
        for class_, head, key in _COLUMNS
    )
    return tag("div", *heads, class_="heads")


def _footer() -> Iterable[Markup]:
    yield tag(
        "p",
        "All times are of arrival at the proxy. TTFT: from the end of the request to the first generated token; role, "
        "ping and usage events don’t count. ITL: gaps between successive pieces of content. Deliveries: how many "
        "separate times something arrived. “–”: not observed.",
    )
    yield tag("p", f"streamwatch {__version__}. This page loads nothing and sends nothing.")
