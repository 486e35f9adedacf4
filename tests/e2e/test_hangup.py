"""The reader of the proxy's output may end before the proxy: records and reports are complete nevertheless."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import SCRIPT, Origin, chunked, free_port, is_listening, tool, wait_for

from .test_endings import SLOW, reading

pytest.importorskip("termios", reason="needs a pty: not on Windows")

import fcntl
import termios

from ..terminal.terminal import Terminal


def stopped_midway(
    command: list[str],
    folder: Path,
    stop: Callable[[subprocess.Popen[bytes]], None],
    meanwhile: Callable[[], object] = lambda: None,
    **started: Any,
) -> int:
    """Stop the proxy in the middle of a stream, which is recorded then, and the report written; its exit code.
    `meanwhile` is called again and again."""
    report, lines, port = folder / "report.html", folder / "records.jsonl", free_port()

    def seen(condition: Callable[[], object], what: str) -> None:
        wait_for(lambda: (meanwhile(), condition())[1], what)

    with Origin(lambda _: chunked(SLOW, 0.05)) as origin:
        command = [*command, "-s", str(SCRIPT), "--mode", f"reverse:{origin.url}@127.0.0.1:{port}"]
        for path in (report, lines):
            command += ["--set", f"streamwatch_export={path}"]
        process = subprocess.Popen(command, **started)
        try:
            seen(lambda: is_listening(port), "the proxy")
            client, got = reading(f"http://127.0.0.1:{port}")
            seen(lambda: len(got) > 50, "some of the stream")
            stop(process)
            code = process.wait(15)
            client.join()
        finally:
            process.kill()
    (record,) = map(json.loads, lines.read_text().splitlines())
    assert (record["outcome"], record["error"]) == ("error", "proxy stopped")
    assert report.exists()
    return code


@pytest.mark.parametrize("program", ["mitmdump", "mitmproxy"])
def test_a_terminal_that_is_closed_ends_the_proxy_in_order(program: str, tmp_path: Path, confdir: Path) -> None:
    terminal = Terminal(120, 40)

    def take() -> None:
        os.setsid()
        fcntl.ioctl(terminal.slave, termios.TIOCSCTTY, 0)

    code = stopped_midway(
        [tool(program), "--set", f"confdir={confdir}"],
        tmp_path,
        lambda _: terminal.close(),
        terminal.read,
        stdin=terminal.slave,
        stdout=terminal.slave,
        stderr=terminal.slave,
        preexec_fn=take,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    assert code == 0


def test_a_pipe_whose_reader_goes_first_does_not_cut_the_end_short(tmp_path: Path, confdir: Path) -> None:
    """Ctrl-C ends ``mitmdump | tee log`` on both sides at once."""

    def interrupt(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        process.stdout.close()
        process.send_signal(signal.SIGINT)

    command = [tool("mitmdump"), "--set", f"confdir={confdir}"]
    # with 120 Python says that it could not write what was left for nobody to read: it kept that back by the block
    assert stopped_midway(command, tmp_path, interrupt, stdout=subprocess.PIPE) in (0, 120)


def test_who_is_to_outlive_the_terminal_does(tmp_path: Path, confdir: Path) -> None:
    """``nohup`` has the signal ignored."""

    def hang_up_then_terminate(process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)

    log = (tmp_path / "log").open("wb")
    with log:
        command = ["nohup", tool("mitmdump"), "--set", f"confdir={confdir}"]
        assert stopped_midway(command, tmp_path, hang_up_then_terminate, stdout=log, stderr=log) == 0
