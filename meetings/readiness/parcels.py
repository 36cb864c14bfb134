"""Many files as one zip that is sent while it is written: no more of it is ever in memory than one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_DAY: Final = (2026, 1, 1, 0, 0, 0)  # times in a zip would make two equal ones differ


class _Passing(io.RawIOBase):
    """What is written is handed on and forgotten; a zip that cannot seek writes its sums behind each file."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        piece = bytes(data)
        self._waiting.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        pieces, self._waiting = self._waiting, []
        return b"".join(pieces)


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip of *files* (path, bytes), piece by piece. They are packed already: nothing is gained by packing them again."""
    out = _Passing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _DAY)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
            yield out.taken()
    yield out.taken()
