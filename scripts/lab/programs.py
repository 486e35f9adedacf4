"""Programs that the lab needs: found, or installed from the registries, or missing with a reason."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from loopback import is_listening, wait_for

INSTALL = True
"""Whether what is missing may be installed."""


class Missing(Exception):
    """A program that a path needs cannot be had here."""


@cache
def program(name: str, package: str) -> str:
    """The program's path; installed with apt-get, as root, where it is missing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None and INSTALL and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
        subprocess.run(command, capture_output=True, check=False)
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise Missing(f"{name} is not installed (apt-get install {package})")
    return found


@cache
def npm(*packages: str) -> Path:
    """A folder with the packages; kept in the user's cache."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("node and npm are not installed")
    folder = cached()
    if not (folder / "node_modules").exists():
        if not INSTALL:
            raise Missing(f"npm packages are not installed: {' '.join(packages)}")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"npm could not install {' '.join(packages)}: {done.stderr[-200:]}")
    return folder


def python(*packages: str) -> list[str]:
    """The command that runs a program of these packages: ``uv run`` in an environment of its own."""
    uv = shutil.which("uv")
    if uv is None:
        raise Missing("uv is not on the path")
    return [uv, "run", "--no-project", "--quiet", *(word for package in packages for word in ("--with", package))]


def cached(*names: str) -> Path:
    """A folder in the user's cache, for what is worth keeping."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").joinpath("streamwatch-lab", *names)


@contextlib.contextmanager
def running(command: list[str], port: int, patience: float, cwd: Path | None = None) -> Iterator[None]:
    """Run a server, and wait up to `patience` seconds until it listens at `port`.

    Raises:
        Missing: it ends instead; the message has its last output.
    """
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_for(lambda: is_listening(port) or process.poll() is not None, command[0], patience)
        if process.poll() is not None:
            raise Missing(f"{command[0]} ended: {process.stdout.read()[-300:] if process.stdout else ''}")
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        if process.poll() is None:
            process.kill()
