"""The vendors' own clients on one side, written or recorded responses on the other, a watched mitmdump in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Origin

from ..conftest import Watched
from .stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Stage]:
    """One mitmdump for all SDKs: they speak one after the other."""
    export = tmp_path_factory.mktemp("sdks") / "records.jsonl"
    with (
        Origin(lambda asked: stage.play(asked)) as origin,
        Watched(f"reverse:{origin.url}", export=export, confdir=confdir) as proxy,
    ):
        stage = Stage(proxy)
        yield stage
