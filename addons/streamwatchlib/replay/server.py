"""The server that plays: HTTP/1.1 on 127.0.0.1, with responses from a `ReplayCatalog`.

In: connections.  Out: the pieces of a playback at their times, each in one write.  A request for what was not recorded
gets a 404 that lists what was.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import groupby
from operator import itemgetter

import h11

from .. import redact
from ..report.show import one_line
from .catalog import ReplayCatalog
from .playback import Playback

_MAX_REQUEST_BODY = 64 << 20
"""Bytes of a request's body at most; a longer one is refused."""
_READ = 1 << 16


async def serve(
    catalog: ReplayCatalog, port: int, arrange: Callable[[Playback], Playback], say: Callable[[str], None]
) -> None:
    """Play until cancelled.  `arrange` is applied to each playback; `say` is called with the address and each request.

    Raises:
        OSError: the port is taken.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError, h11.ProtocolError):
            await _Connection(catalog, arrange, say, reader, writer).run()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    host, bound = server.sockets[0].getsockname()
    say(f"http://{host}:{bound}")
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        server.close()  # whose own serve_forever() would wait for the clients to leave


class _Connection:
    """One client's connection, one request after the other."""

    def __init__(
        self,
        catalog: ReplayCatalog,
        arrange: Callable[[Playback], Playback],
        say: Callable[[str], None],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._catalog, self._arrange, self._say = catalog, arrange, say
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        while isinstance(request := await self._event(), h11.Request):
            body = await self._body()
            asked = asyncio.get_running_loop().time()
            method, target = request.method.decode("ascii"), request.target.decode("ascii")
            if body is None:
                return await self._refuse(method, 413, f"a request body of more than {_MAX_REQUEST_BODY} bytes")
            play = self._catalog.find(method, target, body)
            self._say(f"{method} {one_line(redact.url(target), 200)} → {play.name if play else 'not recorded'}")
            if play is None:
                known = ", ".join(self._catalog.endpoints())
                await self._refuse(method, 404, f"{method} {redact.url(target)} was not recorded; what was: {known}")
            elif not await self._play(self._arrange(play.playback), asked):
                return None
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return None
            self._http.start_next_cycle()
        return None

    # --- the request ---

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(_READ))
        return event

    async def _body(self) -> bytes | None:
        """The request's body; None if it is too long."""
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > _MAX_REQUEST_BODY:
                return None
        return bytes(body)

    # --- the answer ---

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()

    async def _refuse(self, method: str, status: int, why: str) -> None:
        data = json.dumps({"error": {"type": "streamwatch_replay", "message": why}}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        head = h11.Response(status_code=status, headers=headers)
        await self._send(head, *([] if method == "HEAD" else [h11.Data(data=data)]), h11.EndOfMessage())

    async def _play(self, playback: Playback, asked: float) -> bool:
        """Play it from `asked` on; False if the connection is to be closed now."""
        for t, steps in groupby(_steps(playback), key=itemgetter(0)):
            await asyncio.sleep(asked + t - asyncio.get_running_loop().time())
            await self._send(*(event for _, event in steps if event))
        return playback.whole


def _steps(playback: Playback) -> Iterator[tuple[float, h11.Event | None]]:
    """Yield what is sent, and when; the last step is the end, which sends nothing if the connection is cut."""
    if playback.status is not None:
        headers = [(name.encode(), value.encode()) for name, value in playback.headers]
        yield playback.begin, h11.Response(status_code=playback.status, headers=headers)
        yield from ((piece.t, h11.Data(data=piece.data)) for piece in playback.pieces)
    yield playback.end, h11.EndOfMessage() if playback.whole else None
