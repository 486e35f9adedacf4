"""Server-sent events: the rules, the earliest byte, and the servers that bend the rules."""

from __future__ import annotations

import json

from ..helpers import corpus

SUITE = json.loads(corpus("conformance", "sse.json").read_text())["cases"] if True else []
