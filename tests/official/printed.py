"""A .docx as LibreOffice prints it, read back in millimetres. Skips where LibreOffice or its fonts are not installed.

Words and their boxes come from pdftotext, rules from a picture of the page: what was drawn, however it was drawn.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

OFFICE = shutil.which("soffice")
PDFTOTEXT = shutil.which("pdftotext")
PDFTOPPM = shutil.which("pdftoppm")
MM = 25.4 / 72
BOX = 1.3
"""How high the box of a word is, in em of Times New Roman and its metric sisters: from ascent to descent."""
DESCENT = 0.348  # of that box
DPI = 200


@dataclass(frozen=True)
class Word:
    """A word on paper: page from 1, left and right edge, top and bottom of its line; millimetres from the upper left."""

    page: int
    left: float
    right: float
    top: float
    bottom: float
    text: str

    @property
    def points(self) -> float:
        """Its size."""
        return (self.bottom - self.top) / MM / BOX

    @property
    def baseline(self) -> float:
        return self.bottom - DESCENT * self.points * MM


@dataclass(frozen=True)
class Print:
    """A printed document."""

    pages: list[tuple[float, float]]
    words: list[Word]
    pdf: Path | None = None

    def on(self, page: int) -> list[Word]:
        """The words of *page* below its number."""
        return [word for word in self.words if word.page == page and word.top > 18]

    def rules(self, page: int = 1) -> list[tuple[float, float, float]]:
        """(left, right, top) of every horizontal rule on *page* that is longer than 5 mm, from above."""
        assert PDFTOPPM and self.pdf
        grey = subprocess.run(
            [PDFTOPPM, "-gray", "-r", str(DPI), "-f", str(page), "-l", str(page), str(self.pdf)],
            check=True, capture_output=True, timeout=60,
        ).stdout  # fmt: skip
        _kind, width, height, _depth, pixels = (*grey.split(None, 4)[:4], grey)
        across, down = int(width), int(height)
        pixels = pixels[-across * down :]
        found: list[tuple[float, float, float]] = []
        dark = re.compile(rb"[\x00-\xa0]{%d,}" % round(5 / 25.4 * DPI))
        for y in range(down):
            for run in dark.finditer(pixels, y * across, (y + 1) * across):
                left, right = ((edge - y * across) / DPI * 25.4 for edge in run.span())
                top = y / DPI * 25.4
                if not any(abs(top - one[2]) < 0.6 and abs(left - one[0]) < 0.6 for one in found):
                    found.append((left, right, top))
        return found

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
    return printed_all({"document": data}, folder)["document"]


def printed_all(files: dict[str, bytes], folder: Path) -> dict[str, Print]:
    """Each of *files* by its name, printed by one run of LibreOffice: its start takes longer than a document."""
    if OFFICE is None or PDFTOTEXT is None or PDFTOPPM is None:
        pytest.skip("LibreOffice writer and poppler are needed: ./run.sh test-setup")
    sources = []
    for name, data in files.items():
        sources.append(folder / f"{name}.docx")
        sources[-1].write_bytes(data)
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf", "--outdir",
         str(folder), *map(str, sources)],
        check=True, capture_output=True, timeout=120 + 2 * len(files),
    )  # fmt: skip
    return {name: read(folder / f"{name}.pdf") for name in files}


def read(pdf: Path) -> Print:
    """The words of *pdf* and where they stand."""
    assert PDFTOTEXT
    told = subprocess.run(
        [PDFTOTEXT, "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True, errors="replace", timeout=60
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
    return Print(pages, words, pdf)
