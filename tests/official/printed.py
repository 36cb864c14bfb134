"""A .docx as LibreOffice prints it, read back in millimetres. Skips where LibreOffice or its fonts are not installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

OFFICE = shutil.which("soffice")
PDFTOTEXT = shutil.which("pdftotext")
MM = 25.4 / 72


@dataclass(frozen=True)
class Word:
    """A word on paper: page from 1, left and right edge, top and bottom of its line; millimetres from the upper left."""

    page: int
    left: float
    right: float
    top: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Print:
    """A printed document."""

    pages: list[tuple[float, float]]
    words: list[Word]

    def line(self, start: str, page: int = 1) -> tuple[float, float, float]:
        """(left, right, bottom) of the first line on *page* that begins with *start*."""
        on_page = [word for word in self.words if word.page == page]
        for n, word in enumerate(on_page):
            row = [other for other in on_page[n:] if abs(other.bottom - word.bottom) < 0.6 and other.left >= word.left]
            row.sort(key=lambda other: other.left)
            near = row[:1]
            for other in row[1:]:  # a line ends where a gap wider than any space begins
                if other.left - near[-1].right > 6:
                    break
                near.append(other)
            said = " ".join(other.text for other in near)
            if said.startswith(start):
                return near[0].left, near[-1].right, near[0].bottom
        raise AssertionError(f"no line on page {page} begins with {start!r}")


def printed(data: bytes, folder: Path) -> Print:
    """*data* printed by LibreOffice."""
    if OFFICE is None or PDFTOTEXT is None:
        pytest.skip("LibreOffice writer and poppler are needed: ./run.sh test-setup")
    source = folder / "document.docx"
    source.write_bytes(data)
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf", "--outdir",
         str(folder), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    told = subprocess.run(
        [PDFTOTEXT, "-bbox", str(folder / "document.pdf"), "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    pages: list[tuple[float, float]] = []
    words: list[Word] = []
    for line in told.splitlines():
        if found := re.search(r'<page width="([\d.]+)" height="([\d.]+)"', line):
            pages.append((float(found[1]) * MM, float(found[2]) * MM))
        elif found := re.search(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)</word>', line
        ):
            left, top, right, bottom = (float(found[n]) * MM for n in range(1, 5))
            words.append(Word(len(pages), left, right, top, bottom, found[5]))
    return Print(pages, words)
