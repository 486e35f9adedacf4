"""The command line of ``streamwatch replay``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from ..model import Record
from .catalog import ReplayCatalog
from .hold import HopEffect, faster, parse_hold
from .playback import Playback


def add(parser: argparse.ArgumentParser, read: Callable[[Iterable[Path]], list[Record]], inputs: str) -> None:
    """Fill the parser of the subcommand.  `read` gives the records of files; `inputs` says what files those may be."""
    parser.description = (
        "Serve recorded responses at their recorded pace, on 127.0.0.1 only: to reproduce a bug, or to try a client "
        "without a key. A request gets the response recorded for its method and path. Of several, it gets the one "
        "whose body, model and stream setting are most similar; equally similar ones take turns. Press Ctrl+C to stop."
    )
    parser.add_argument("input", nargs="+", type=Path, metavar="IN", help=inputs)
    parser.add_argument("--port", type=_port, required=True, metavar="N", help="port to listen on; 0: any free one")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="how many times as fast (default: 1)")
    parser.add_argument(
        "--hold",
        type=_hold,
        metavar="HOW",
        help="imitate a hop that buffers: all (until the response is whole), a number of bytes (4096, "
        "16k), or a timer (200ms)",
    )
    parser.set_defaults(run=lambda args: run(args, read))


def run(args: argparse.Namespace, read: Callable[[Iterable[Path]], list[Record]]) -> int:
    """Play until interrupted.

    Raises:
        ValueError: nothing can be played; the message is one line for the user.
        OSError: an input can't be read, or the port is taken.
    """
    import asyncio  # here and not above, like the server: the other commands start sooner without them

    from .server import serve

    catalog = ReplayCatalog(read(args.input))
    for play in catalog.plays:
        print("; ".join([play.name, *play.playback.notes]))
    for sentence in catalog.unplayable:
        print(sentence)
    if not catalog.plays:
        raise ValueError("there is nothing to play")
    hop: HopEffect | None = args.hold

    def arranged(playback: Playback) -> Playback:
        paced = faster(playback, args.speed)
        return hop(paced) if hop else paced

    with suppress(KeyboardInterrupt):
        asyncio.run(serve(catalog, args.port, arranged, partial(print, flush=True)))
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _hold(text: str) -> HopEffect:
    try:
        return parse_hold(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return speed
