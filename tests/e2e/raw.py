"""A client that sends given bytes and reports exactly what came back: for faults that no library would make."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from loopback import FIN, RST

HALF = "half"
"""Step: close the sending side only."""


@dataclass(frozen=True)
class Read:
    """Step: read until this many bytes have come (or the connection has ended), at most `rate` bytes a second."""

    size: int
    rate: float = 0.0


type Act = bytes | float | str | Read
"""Bytes to send, seconds to wait, how to end the connection, or how much to read."""


@dataclass(frozen=True)
class Got:
    """What a client got: every byte, and how the connection ended."""

    data: bytes
    ending: Literal["closed", "reset", "open", "left"]
    """By the other side in order, by a reset, not at all (silence until patience ran out), or by the client itself."""

    @property
    def parts(self) -> list[bytes]:
        """Heads and bodies in turn.  Chunks of one body are joined: where they are cut is the reader's chance."""
        return list(_parts(self.data))


def talk(url: str, acts: Iterable[Act], patience: float) -> Got:
    """Do these acts one after the other, then read to the end."""
    split = urlsplit(url)
    with socket.create_connection((split.hostname, split.port), timeout=patience) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = bytearray()
        try:
            for act in acts:
                if isinstance(act, bytes):
                    connection.sendall(act)
                elif isinstance(act, Read):
                    _read(connection, data, act)
                elif isinstance(act, float):
                    time.sleep(act)
                elif act == HALF:
                    connection.shutdown(socket.SHUT_WR)
                else:
                    _leave(connection, act)
                    return Got(bytes(data), "left")
            while piece := connection.recv(1 << 18):
                data += piece
        except TimeoutError:
            return Got(bytes(data), "open")
        except ConnectionError:
            return Got(bytes(data), "reset")
        return Got(bytes(data), "closed")


def _read(connection: socket.socket, data: bytearray, act: Read) -> None:
    most = 4096 if act.rate else 1 << 18
    while len(data) < act.size and (piece := connection.recv(most)):
        data += piece
        if act.rate:
            time.sleep(len(piece) / act.rate)


def _leave(connection: socket.socket, how: str) -> None:
    assert how in (FIN, RST)
    if how == RST:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _parts(data: bytes) -> Iterable[bytes]:
    while data:
        head, mark, data = data.partition(b"\r\n\r\n")
        yield head + mark
        if b"transfer-encoding: chunked" in head.lower():
            body, data = _joined(data)
            yield body
        elif length := _length(head):
            yield data[:length]
            data = data[length:]
        elif length is None:
            yield data
            return


def _length(head: bytes) -> int | None:
    """Bytes of the body as the head tells: None is until the connection ends."""
    if head.startswith((b"HTTP/1.1 1", b"HTTP/1.1 204", b"HTTP/1.1 304")):
        return 0
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0]) if lengths else None


def _joined(data: bytes) -> tuple[bytes, bytes]:
    """A chunked body without its framing but for its end, where it has one; and what follows."""
    body, at = bytearray(), 0
    while (mark := data.find(b"\r\n", at)) >= 0:
        count = int(data[at:mark], 16)
        at = mark + 2 + count + 2
        if count == 0:
            return bytes(body) + b"<end>", data[at:]
        body += data[mark + 2 : at - 2]
    return bytes(body), b""
