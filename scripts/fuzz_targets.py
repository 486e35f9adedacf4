"""The targets of `fuzz.py`: each with its check, its seeds, and how its inputs are mutated.

Never here: the fuzzer, so that the tests can run the checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import fuzz_reading as reading
import fuzz_records as records
from fuzz_seeds import mend_checksums, spoil_json
from streamwatchlib.wire import FRAMERS

type Check = Callable[[bytes], None]
type Mutate = Callable[[bytes, random.Random], bytes | None]


class Target(NamedTuple):
    check: Check
    seeds: Callable[[], Iterator[bytes]]
    mutate: Mutate | None = None
    """How inputs are mutated so that they are still parsed; None: only as the fuzzer does."""


def _mended(data: bytes, rng: random.Random) -> bytes | None:
    spoilt = spoil_json(data[1:], rng)
    return data[:1] + mend_checksums(spoilt or data[1:])


TARGETS: Mapping[str, Target] = {
    **{
        format: Target(
            partial(reading.framer, format),
            partial(reading.framer_seeds, format),
            _mended if format == "aws-eventstream" else spoil_json,
        )
        for format in FRAMERS
    },
    "body": Target(reading.body, reading.body_seeds, spoil_json),
    "multipart": Target(reading.multipart, reading.multipart_seeds),
    "form": Target(reading.form, reading.form_seeds),
    "json": Target(reading.json_text, reading.json_seeds, spoil_json),
    "dialect": Target(reading.dialect, reading.dialect_seeds, spoil_json),
    "request": Target(records.asking, records.asking_seeds, spoil_json),
    "headers": Target(records.header_values, records.header_seeds),
    "redact": Target(records.masking, records.masking_seeds),
    "exchange": Target(records.exchange, records.exchange_seeds, spoil_json),
    "websocket": Target(records.conversation, records.conversation_seeds, spoil_json),
    "archive": Target(records.archive, records.archive_seeds, spoil_json),
    "stored": Target(records.stored, records.stored_seeds, spoil_json),
}
