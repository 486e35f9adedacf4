"""A verdict as it looks everywhere on the page.

In: a label.  Out: markup.
"""

from __future__ import annotations

from .markup import Markup, tag


def badge(label: str, extra: str = "") -> Markup:
    """A verdict: its sign, its colour, its word."""
    sign = tag("svg", tag("use", href=f"#sign-{label}"), class_="sign", aria_hidden="true")
    return tag("span", sign, label, tag("small", extra) if extra else None, class_=f"badge v-{label}")
