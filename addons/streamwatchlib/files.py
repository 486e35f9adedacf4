"""Writing files that hold other people's traffic: for their owner's eyes, whole or not at all.

In: a path and a text, or a path to append to.  Out: files of mode 0600; every refusal is an `OSError` whose
message names the path.  Never here: what the text means, and any following of symbolic links: who can plant a
link in an export directory must not choose which file is overwritten.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
"""Holds against a link planted after we looked; absent on Windows, where making a link takes a privilege."""
_BINARY = getattr(os, "O_BINARY", 0)
"""Keeps Windows from writing a line end of its own."""
_SETTLED = 0.02
"""Seconds after which a line that does not grow is one that nobody writes any more."""


def write_private(path: str | Path, text: str) -> None:
    """Replace `path` by a file that holds `text` in UTF-8: a reader sees the old one or the new one, never half.

    What is mounted by itself can't be replaced, as a single file that a container was given: it is written anew.
    Raises OSError if the directory is missing or read-only, the disk is full, or `path` is a link or no file.
    """
    path = Path(path)
    _refuse_what_is_no_file(path)
    # mode 0600; not named like the file, whose name may be as long as names can be
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".streamwatch-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        _put_in_place(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _put_in_place(temporary: str, path: Path) -> None:
    """It becomes `path`, and is no more under its own name."""
    try:
        os.replace(temporary, path)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        flags = os.O_WRONLY | os.O_TRUNC | _NOFOLLOW | _BINARY
        with open(temporary, "rb") as whole, os.fdopen(os.open(path, flags), "wb") as file:
            shutil.copyfileobj(whole, file)
        os.unlink(temporary)


def append_private(path: str | Path, lines: bytes) -> None:
    """Add whole lines to `path`; made with mode 0600 if it is new, its mode left alone if it is not.

    Others may add to it, too: all of it is one write, between which and another the system lets nothing come.
    If the last line was left unfinished by a killed process, that line is ended first: a new record never joins a
    broken one.  Raises OSError as `write_private` does.
    """
    path = Path(path)
    _refuse_what_is_no_file(path)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _NOFOLLOW | _BINARY, 0o600)
    with os.fdopen(handle, "ab", buffering=0) as file:
        rest = memoryview(lines if _ends_a_line(handle) else b"\n" + lines)
        while rest:  # a disk that is nearly full takes some of it, then refuses
            rest = rest[file.write(rest) :]


def check_writable(path: str | Path, *, appended: bool = False) -> None:
    """Raise OSError if `path` could not be replaced now, or `appended` to; makes nothing and changes nothing."""
    path = Path(path)
    _refuse_what_is_no_file(path)
    needed = path if appended and path.exists() else path.parent
    if not needed.exists():
        raise FileNotFoundError(errno.ENOENT, "the directory does not exist", str(needed))
    if not os.access(needed, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(needed))


def _refuse_what_is_no_file(path: Path) -> None:
    """A link would be followed, a FIFO would hang, a device would be replaced by a plain file."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except ValueError as error:  # a NUL in it, or half a character
        raise OSError(f"{str(path)!r} is no path: {error}") from error
    if stat.S_ISLNK(mode):
        raise OSError(f"{path} is a symbolic link, which is not followed")
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is not a regular file")


def _ends_a_line(handle: int) -> bool:
    """The last line is whole.  One that is being written at this moment grows: it is waited for."""
    size, before = os.fstat(handle).st_size, -1
    while size != before:
        os.lseek(handle, max(0, size - 1), os.SEEK_SET)
        if os.read(handle, 1) in (b"\n", b""):
            return True
        time.sleep(_SETTLED)
        size, before = os.fstat(handle).st_size, size
    return False
