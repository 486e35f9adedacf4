"""A terminal for tests: a pty whose other end is drawn into a screen in memory."""

from __future__ import annotations

import os
import pty
import select
import termios
from typing import TextIO

import pyte


class Terminal:
    """`out` is what a program writes to; `screen` what a user sees of it."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (lines, columns))
        self.out: TextIO = open(self.slave, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)

    def resize(self, columns: int) -> None:
        """Tell programs of a new width; what is on the screen stays as it is."""
        termios.tcsetwinsize(self.slave, (self.screen.lines, columns))

    def read(self, timeout: float = 0.0) -> str:
        """What came within `timeout` seconds, drawn; empty if nothing did, or the program has gone."""
        raw = b""
        while select.select([self.master], [], [], 0.0 if raw else timeout)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                break  # Linux's way to say that the other end is closed
            self._stream.feed(piece)
            raw += piece
        return raw.decode()

    @property
    def shown(self) -> list[str]:
        """The lines of the screen, without the empty ones at the end."""
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def close(self) -> None:
        self.out.close()
        os.close(self.slave)
        os.close(self.master)
