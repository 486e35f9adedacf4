"""Header fields by their names.

In: the fields of a head in wire order, and a name in lower case.  Out: values.  Imports nothing of ours but the model,
so that every room may use it.
"""

from __future__ import annotations

from .model import Headers


def header_values(headers: Headers, name: str) -> list[str]:
    """The values of all fields of this name."""
    return [value for key, value in headers if key.lower() == name]


def header(headers: Headers, name: str) -> str | None:
    """The first value of this name; None if there is none."""
    return next((value for key, value in headers if key.lower() == name), None)


def joined_header(headers: Headers, name: str) -> str | None:
    """All values of this name, joined by commas (RFC 9110, 5.3); None if there is none."""
    return ", ".join(values) if (values := header_values(headers, name)) else None
