"""Write files that hold other people's traffic: readable by their owner only, complete or not at all.

In: a path and a text, or a path to append to.  Out: files of mode 0600; every refusal is an `OSError` whose
message names the path.  Never here: what the text means; following a symbolic link, since whoever can plant one in
an export directory must not choose which file is overwritten.
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
"""Refuses a link planted after our check; absent on Windows, where making a link takes a privilege."""
_BINARY = getattr(os, "O_BINARY", 0)
"""Keeps Windows from translating line ends."""
_SETTLED = 0.02
"""Seconds without growth after which an unfinished last line counts as abandoned by its writer."""


def write_private(path: str | Path, text: str) -> None:
    """Replace `path` by a file that holds `text` in UTF-8: a reader sees the old one or the new one, never half.

    A file that is itself a mount point (one mounted into a container) can't be replaced: it is overwritten in place.
    Raises OSError if the directory is missing or read-only, the disk is full, or `path` is a link or no regular file.
    """
    path = Path(path)
    _refuse_what_is_no_file(path)
    # mkstemp's mode is 0600; not named like the file, whose name may be as long as names can be
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".streamwatch-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        _put_in_place(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _put_in_place(temporary: str, path: Path) -> None:
    """Move `temporary` to `path`; where that is a mount point, copy its content instead."""
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
    """Append whole lines to `path`, which is made with mode 0600 if it is new and keeps its mode if it is not.

    Other processes may append to it, too: all lines go out in one write, which the system does not interleave with
    theirs.  If a killed process left the last line unfinished, that line is ended first: a new record never joins a
    broken one.  Raises OSError as `write_private` does.
    """
    path = Path(path)
    _refuse_what_is_no_file(path)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _NOFOLLOW | _BINARY, 0o600)
    with os.fdopen(handle, "ab", buffering=0) as file:
        rest = memoryview(lines if _ends_a_line(handle) else b"\n" + lines)
        while rest:  # a disk that is nearly full takes part of it, then refuses
            rest = rest[file.write(rest) :]


def check_writable(path: str | Path, *, appended: bool = False) -> None:
    """Raise OSError if `path` could not be replaced (or, if `appended`, appended to) now; changes nothing."""
    path = Path(path)
    _refuse_what_is_no_file(path)
    needed = path if appended and path.exists() else path.parent
    if not needed.exists():
        raise FileNotFoundError(errno.ENOENT, "the directory does not exist", str(needed))
    if not os.access(needed, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(needed))


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise OSError for a link, which would be followed, a FIFO, which would hang, or a device, which would be lost."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except ValueError as error:  # it contains a NUL or a lone surrogate
        raise OSError(f"{str(path)!r} is no path: {error}") from error
    if stat.S_ISLNK(mode):
        raise OSError(f"{path} is a symbolic link, which is not followed")
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is not a regular file")


def _ends_a_line(handle: int) -> bool:
    """Return whether the last line is complete; wait for it while another process is still writing it."""
    size, before = os.fstat(handle).st_size, -1
    while size != before:
        os.lseek(handle, max(0, size - 1), os.SEEK_SET)
        if os.read(handle, 1) in (b"\n", b""):
            return True
        time.sleep(_SETTLED)
        size, before = os.fstat(handle).st_size, size
    return False
