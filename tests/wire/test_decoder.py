"""Content-codings: decoded as they come, bounded, and never fatal."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.codings import SLICE, _first_of, _zstd
from streamwatchlib.wire.decoder import decoder

from ..helpers import feedings

BODY = ('data: {"text": "每日 one two three"}\n\n' * 20).encode()


def zstd(data: bytes) -> bytes:
    return bytes(_zstd.compress(data))


def br(data: bytes) -> bytes:
    """As servers do it: at its best, the default, it takes seconds."""
    return brotli.compress(data, quality=4)


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", br),
    "zstd": ("zstd", zstd),
}
EACH = pytest.mark.parametrize(("name", "encode"), CODINGS.values(), ids=CODINGS)


def decode(name: str | None, pieces: list[bytes]) -> tuple[bytes, str | None]:
    """What a body in these pieces decodes to, and the note."""
    reader = decoder(name)
    data = b"".join(part for piece in pieces for part in reader.feed(piece))
    return data + b"".join(reader.close()), reader.note


@EACH
def test_a_body_is_decoded_however_the_bytes_are_cut(name: str, encode: Callable[[bytes], bytes]) -> None:
    for pieces in feedings(encode(BODY)):
        assert decode(name, pieces) == (BODY, None)


@EACH
@pytest.mark.parametrize("length", [SLICE - 1, SLICE, SLICE + 1, 2 * SLICE, 3 * SLICE + 7, 64 * SLICE])
def test_a_large_body_that_comes_in_one_piece_is_decoded_to_its_end(
    name: str, encode: Callable[[bytes], bytes], length: int
) -> None:
    body = b"".join(b'{"n": %d}\n' % n for n in range(length // 8))[:length]
    assert decode(name, [encode(body)]) == (body, None)


def test_text_that_repeats_itself_is_no_bomb() -> None:
    body = b"".join(b'{"id": "chatcmpl-1", "model": "m", "word": "%d"}\n' % n for n in range(120_000))
    encoded = gzip.compress(body)
    assert len(encoded) * 10 < len(body)
    assert decode("gzip", [encoded]) == (body, None)


@EACH
def test_nothing_is_decoded_to_nothing(name: str, encode: Callable[[bytes], bytes]) -> None:
    for pieces in feedings(encode(b"")):
        assert decode(name, pieces) == (b"", None)


@pytest.mark.parametrize("name", [None, "", "identity", " , identity"])
def test_without_a_coding_the_bytes_come_as_they_are(name: str | None) -> None:
    assert decode(name, [BODY]) == (BODY, None)
    assert decoder(name).codings is None


def test_several_codings_are_undone_from_the_last() -> None:
    assert decode("gzip, BR", [brotli.compress(gzip.compress(BODY))]) == (BODY, None)
    assert decoder("gzip, BR").codings == ("gzip", "br")


def test_members_and_frames_in_a_row_are_one_body() -> None:
    for name, encode in (("gzip", gzip.compress), ("zstd", zstd)):
        for pieces in feedings(encode(b"one") + encode(b"") + encode(b"two")):
            assert decode(name, pieces) == (b"onetwo", None)
    assert decode("gzip", [gzip.compress(b"one") + b"\0\0\0" + gzip.compress(b"two") + b"\0"]) == (b"onetwo", None)


EVENTS = [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"]


def flushed() -> list[tuple[str, list[bytes]]]:
    """A body of three events in each coding, flushed behind each of them by its encoder."""
    deflate, br, zst = zlib.compressobj(wbits=31), brotli.Compressor(), _zstd.ZstdCompressor()
    return [
        ("gzip", [deflate.compress(event) + deflate.flush(zlib.Z_SYNC_FLUSH) for event in EVENTS]),
        ("br", [br.process(event) + br.flush() for event in EVENTS]),
        ("zstd", [zst.compress(event, zst.FLUSH_BLOCK) for event in EVENTS]),
    ]


@pytest.mark.parametrize(("name", "pieces"), flushed(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_encoder_flushed_is_there_at_once(name: str, pieces: list[bytes]) -> None:
    reader = decoder(name)
    assert [b"".join(reader.feed(piece)) for piece in pieces] == EVENTS
    assert list(reader.close()) == []
    assert reader.note == f"The {name} data is cut off."


@EACH
def test_data_that_ends_early_gives_what_came_and_a_note(name: str, encode: Callable[[bytes], bytes]) -> None:
    data, note = decode(name, [encode(BODY * 1000)[:-9]])
    assert BODY.startswith(data[: len(BODY)])
    assert note == f"The {name} data is cut off."


@pytest.mark.parametrize("name", ["compress", "utf-8", "none", "gzip, aws-chunked", "gzip, gzip, gzip, gzip, gzip"])
def test_an_unknown_coding_is_noted_and_the_bytes_come_as_they_are(name: str) -> None:
    reader = decoder(name)
    assert b"".join(reader.feed(BODY)) == BODY
    assert not reader.known
    assert reader.note == f"No decoder for the content-coding {name}: the body is read as it is."


@EACH
def test_bytes_that_are_text_already_come_as_they_are(name: str, encode: Callable[[bytes], bytes]) -> None:
    note = f"Declared {name}, but the bytes are not: they are read as they are."
    for body in (BODY, b'{"a":1}', b"data: [DONE]\n\n", "每日".encode(), b"x"):
        for pieces in feedings(body):
            assert decode(name, pieces) == (body, note)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_bytes_of_another_kind_come_as_they_are(name: str) -> None:
    body = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    for pieces in feedings(body):
        assert decode(name, pieces) == (body, f"Declared {name}, but the bytes are not: they are read as they are.")


@EACH
def test_corrupt_data_gives_what_came_before_and_a_note(name: str, encode: Callable[[bytes], bytes]) -> None:
    body = " ".join(map(str, range(100_000))).encode()
    encoded = encode(body)
    half = len(encoded) // 2
    data, note = decode(name, [encoded[:half], encoded[half + 1000 :]])
    assert body.startswith(data[:10_000])
    assert (note or "").startswith((f"Corrupt {name} data", f"The {name} data is cut off"))


@pytest.mark.parametrize(("name", "encode"), [CODINGS["gzip"], CODINGS["deflate"]], ids=["gzip", "deflate"])
@pytest.mark.parametrize("spoilt", [-1, -9, -40])
def test_corrupt_data_gives_the_same_however_it_is_cut(
    name: str, encode: Callable[[bytes], bytes], spoilt: int
) -> None:
    encoded = bytearray(encode(BODY))
    encoded[spoilt] ^= 0x55
    expected, note = decode(name, [bytes((byte,)) for byte in encoded])
    assert expected.startswith(b"data: {")
    assert (note or "").startswith((f"Corrupt {name} data", f"The {name} data is cut off"))
    for pieces in feedings(bytes(encoded)):
        assert decode(name, pieces) == (expected, note)


def test_of_what_decodes_to_nothing_only_the_start_is_held_to_be_read_as_it_is() -> None:
    name = b"n" * 100_000
    data, note = decode("gzip", [b"\x1f\x8b\x08\x08" + bytes(6) + name, b"\0\x07 no block is of this type"])
    assert data == b""
    assert (note or "").startswith("Corrupt gzip data")


def test_what_follows_corrupt_data_is_not_read() -> None:
    whole = gzip.compress(BODY)
    reader = decoder("gzip")
    list(reader.feed(whole + b"garbage, garbage"))
    assert list(reader.feed(whole)) == []
    assert "Corrupt gzip data" in (reader.note or "")


@EACH
def test_nothing_larger_than_a_slice_is_ever_given(name: str, encode: Callable[[bytes], bytes]) -> None:
    body = " ".join(map(str, range(200_000))).encode()
    reader = decoder(name)
    given = [*reader.feed(encode(body)), *reader.close()]
    assert max(map(len, given)) <= SLICE
    assert body.startswith(b"".join(given))


@pytest.mark.parametrize("name", ["gzip", "br", "zstd", "gzip, gzip"])
def test_a_bomb_is_not_read_to_its_end(name: str) -> None:
    body = bytes(30 << 20)
    for coding in name.split(", "):
        body = CODINGS[coding][1](body)
    data, note = decode(name, [body])
    assert len(data) < 16 << 20
    assert note == f"Decoding stopped: the {name} data expands more than 250-fold."


@EACH
def test_what_unpacks_to_more_events_than_are_to_be_read_is_not_read_on(
    name: str, encode: Callable[[bytes], bytes]
) -> None:
    reader = decoder(name)
    given = 0
    for piece in reader.feed(encode(b"data: x\n\n" * 100_000)):
        given += len(piece)
        reader.check_event_count(10_000_000 if given > 100_000 else 100)
    assert 100_000 < given <= 100_000 + SLICE
    assert [*reader.feed(encode(BODY)), *reader.close()] == []
    assert reader.note == f"Decoding stopped: the {name} data unpacks to too many events."


@settings(deadline=None)
@given(st.sampled_from(sorted(CODINGS)), st.binary(max_size=60), st.lists(st.binary(max_size=30)))
def test_no_bytes_raise(kind: str, head: bytes, pieces: list[bytes]) -> None:
    name, encode = CODINGS[kind]
    decode(name, [encode(head)[:40], *pieces])


def test_a_module_that_is_absent_is_passed_over() -> None:
    assert _first_of("no.such.module", "zlib") is zlib
    assert _first_of("no.such.module") is None


def test_a_coding_whose_library_is_absent_is_unknown() -> None:
    """mitmproxy's standalone binaries do not have all of them."""
    code = "; ".join(
        [
            "import sys",
            f"sys.path.insert(0, {str(Path(__file__).parents[2] / 'addons')!r})",
            "sys.modules.update({'brotli': None, 'backports': None, 'backports.zstd': None, 'compression.zstd': None})",
            "from streamwatchlib.wire.decoder import decoder",
            "assert decoder('gzip').known and not decoder('br').known and not decoder('zstd').known",
        ]
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("codings", [2, 3])
def test_a_bomb_of_nothing_is_not_read_to_its_end(codings: int) -> None:
    """Millions of gzip members, each of them empty."""
    name, body = ", ".join(["gzip"] * codings), gzip.compress(b"") * 1_000_000
    for _ in range(codings - 1):
        body = gzip.compress(body)
    data, note = decode(name, [body])
    assert data == b""
    assert note == f"Decoding stopped: the {name} data expands more than 10-fold."
