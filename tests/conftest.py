"""For all tests: a hypothesis example may take as long as a busy machine needs; speed has tests of its own."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# pytest-xdist tells its workers the size of a terminal that programs under test do not have
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

# what a shell starts in its background ignores it, and so would all programs under test, which are ended by it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and all that they import stay to the end: no use in looking for garbage among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One mitmproxy configuration (and CA) for all: making a CA takes its time."""
    return tmp_path_factory.mktemp("conf")
