"""The fuzzer's checks still run, and hold for its seeds."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from fuzz_seeds import FRAMED, mend_checksums, named, spoken
from fuzz_targets import TARGETS
from streamwatchlib.model import Limits
from streamwatchlib.wire import FRAMERS

SEEDS = 25
"""Of each target: enough to run every check, few enough for every day."""


@pytest.mark.parametrize("name", TARGETS)
def test_every_promise_holds_for_the_seeds_and_for_spoilt_ones(name: str) -> None:
    target, rng = TARGETS[name], random.Random(name)
    every = list(target.seeds())
    assert every
    for seed in rng.sample(every, min(SEEDS, len(every))):
        target.check(seed)
        for _ in range(3 if target.mutate else 0):
            target.check((target.mutate and target.mutate(seed, rng)) or b"")


def test_no_bytes_at_all_break_nothing() -> None:
    for target in TARGETS.values():
        target.check(b"")


@pytest.mark.parametrize("format", FRAMERS)
def test_a_seed_is_a_stream_of_its_framing(format: str) -> None:
    for said in islice(spoken(), 5):
        framer = FRAMERS[format](Limits())
        frames = framer.feed(FRAMED[format](named(said.stream))) + framer.close()
        assert len(frames) == len(said.stream)
        assert not any(frame.malformed for frame in frames if frame.value is not None)


def test_checksums_are_mended_so_that_spoilt_messages_are_read() -> None:
    whole = FRAMED["aws-eventstream"](named(next(spoken()).stream))
    spoilt = whole.replace(b"chat", b"chut")
    assert spoilt != whole
    framer = FRAMERS["aws-eventstream"](Limits())
    assert len(framer.feed(mend_checksums(spoilt))) == len(next(spoken()).stream)
    assert not framer.deviations
