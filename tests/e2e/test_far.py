"""On a real network path that is long and loses segments, the network's effects are reported as such, and no hop is
blamed for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from lab.far import NetworkPath, far
from lab.patterns import Pattern
from lab.programs import Missing

from .conftest import Watched

CHAT = Pattern("chat", 50, 150)


@contextmanager
def way(way: NetworkPath, block: int = 0) -> Iterator[str]:
    try:
        with far(way, block=block) as url:
            yield url
    except Missing as reason:
        pytest.skip(str(reason))


def seen(watch: Callable[..., Watched], url: str) -> dict[str, Any]:
    """The record of one answer, whose bytes came through whole."""
    proxy = watch(url)
    asked = {"model": "lab", "stream": True, "schedule": CHAT.schedule()}
    with httpx.Client(trust_env=False, timeout=60) as client:
        body = client.post(f"{proxy.url}/v1/chat/completions", json=asked).content
    record = proxy.record()
    assert body.count(b"data: ") == CHAT.tokens + 3
    assert [event["data"] for event in record["events"]] == [line[6:] for line in body.decode().split("\n\n") if line]
    return record


def test_lumps_that_lost_segments_made_are_the_networks(watch: Callable[..., Watched]) -> None:
    with way(NetworkPath("lossy", delay=0.1, every=15)) as url:
        record = seen(watch, url)
    verdict, network = record["verdict"], record["timing"]["network"]

    assert 0.19 <= network["rtt"] <= 0.4
    assert network["out_of_order"] >= 20
    assert len(network["stalls"]) >= 5
    assert verdict["label"] in ("bursty", "streaming")
    assert [suspect["cause"].split(":")[0] for suspect in verdict["suspects"]][:1] in (
        ["the network lost segments"],
        [],
    ), json.dumps(verdict)
    assert verdict["measures"]["mean_hold"] > 0.03


def test_a_long_way_that_loses_nothing_streams(watch: Callable[..., Watched]) -> None:
    with way(NetworkPath("long", delay=0.1)) as url:
        record = seen(watch, url)
    network = record["timing"]["network"]

    assert record["verdict"]["label"] == "streaming"
    assert (network["out_of_order"], network["stalls"]) == (0, [])
    assert network["segments"] >= 0.8 * CHAT.tokens
    assert 0.19 <= network["rtt"] <= 0.4


def test_a_hop_that_gathers_is_not_excused_by_the_way(watch: Callable[..., Watched]) -> None:
    with way(NetworkPath("lossy", delay=0.03, every=40), block=4096) as url:
        verdict = seen(watch, url)["verdict"]

    assert verdict["label"] == "bursty"
    assert verdict["suspects"][0]["cause"].startswith("byte buffer")
