"""If nothing was captured, the hints follow from what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamwatchlib.terminal.hints import Setup, TrafficCounts, hints

REVERSE = Setup(False, "localhost:8080", ["reverse:https://api.openai.com@8080"], "/c/mitmproxy-ca-cert.pem", None)
REGULAR = replace(REVERSE, modes=["regular@8080"])
FILE = replace(REVERSE, from_file=True)
FILTERED = replace(REVERSE, filter="~d openai.com")


@pytest.mark.parametrize(
    ("seen", "setup", "said"),
    [
        (TrafficCounts(), REVERSE, ["No client connected", "OPENAI_BASE_URL=http://localhost:8080/v1"]),
        (TrafficCounts(), REGULAR, ["No client connected", "HTTPS_PROXY=http://localhost:8080"]),
        (
            TrafficCounts(),
            replace(REVERSE, modes=["reverse:http://h", "regular"]),
            ["No client connected", "OLLAMA_HOST", "NO_PROXY"],
        ),
        (TrafficCounts(), replace(REVERSE, modes=["socks5"]), ["No client connected"]),
        (TrafficCounts(connections=3), REGULAR, ["connected (3), but none sent an HTTP request"]),
        (TrafficCounts(connections=3, tls_failures=2), REGULAR, ["broken off (2)"]),
        (TrafficCounts(3, upstream_error="refused"), REVERSE, ["reached: refused"]),
        (TrafficCounts(3, 0, 7), FILTERED, ["streamwatch_filter (~d openai.com)"]),
        (TrafficCounts(), FILTERED, ["No client connected", "OPENAI_BASE_URL"]),
        (TrafficCounts(), FILE, ["No HTTP flow was read from the file"]),
        (TrafficCounts(), replace(FILE, filter="~d x"), ["streamwatch_filter (~d x)"]),
        (TrafficCounts(3, 0, 7), REVERSE, []),
    ],
)
def test_hints(seen: TrafficCounts, setup: Setup, said: list[str]) -> None:
    given = list(hints(seen, setup))
    assert len(given) == len(said)
    assert all(part in hint for hint, part in zip(given, said, strict=True))


def test_a_distrustful_client_is_told_where_the_certificate_is() -> None:
    (hint,) = hints(TrafficCounts(1, 1), REGULAR)
    assert all(word in hint for word in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "/c/mitmproxy-ca-cert.pem"))
