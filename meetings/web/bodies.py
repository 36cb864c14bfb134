"""Bodies of requests that are larger than the memory they may take: a recording of a conference has two gigabytes.

A large file is written where it will be kept, so that it is taken over by its name instead of being copied.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final

import flask

LARGE: Final = 16 * 1024 * 1024
RESERVE: Final = 256 * 1024 * 1024  # bytes of the disk that stay free for the database


class Request(flask.Request):
    """A request whose large files land in the folder of the installation."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if (total_content_length or 0) < LARGE:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        where = folder(Path(flask.current_app.instance_path))
        if free(where) < (total_content_length or 0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        code = (self.view_args or {}).get("code", "")
        return NamedTemporaryFile("w+b", dir=where, prefix=f"{_prefix(code)}{total_content_length}-")


def _prefix(code: str) -> str:
    """How the name of a body begins that comes in for *code*, as long as it comes in."""
    return f"body-{''.join(c for c in code if c.isascii() and (c.isalnum() or c == '-'))[:30]}-"


def arriving(where: Path, code: str) -> list[tuple[int, int]]:
    """(bytes so far, bytes in all) of the large bodies that are coming in for *code* now."""
    found = []
    for path in where.glob(f"{_prefix(code)}*"):
        total = path.name.removeprefix(_prefix(code)).partition("-")[0]
        try:
            found.append((path.stat().st_size, int(total)))
        except (OSError, ValueError):
            continue  # it has just come in whole, or is none of ours
    return found


def folder(instance: Path) -> Path:
    """Where large files stand."""
    where = instance / "recordings"
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    return where


def free(where: Path) -> int:
    """Bytes that may still be written there."""
    return max(0, shutil.disk_usage(where).free - RESERVE)


def take_over(file: Any, target: Path) -> None:
    """Keep what was sent as *file* under the name *target*."""
    name = getattr(file, "name", None)
    if isinstance(name, str) and Path(name).parent == target.parent and os.path.exists(name):
        file.flush()
        os.link(name, target)
        return
    file.seek(0)
    with target.open("xb") as kept:
        shutil.copyfileobj(file, kept, 1024 * 1024)
