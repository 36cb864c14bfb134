"""From a .docx to PDF, and from a PDF to its words: two programs of the machine, LibreOffice and Poppler, run as children.

Neither is needed to run the product. A document may have been changed by hand before it comes here, so LibreOffice gets a home
of its own in which it follows no link and runs no macro, and whatever it does, it is over when its time is.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from defusedxml import ElementTree

WAIT: Final = 180.0  # 75 pages take a quarter of a minute
WORDS_WAIT: Final = 30.0
_WORDS_MOST: Final = 64 * 1024 * 1024
_ARCHIVE: Final = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'  # 2: PDF/A-2b
_HOME: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Fault(StrEnum):
    """Why there is no PDF; its words stand with whoever shows them."""

    NO_PROGRAM = "no_program"
    TOO_SLOW = "too_slow"
    NOT_READ = "not_read"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Converted:
    """The PDF, as PDF/A-2b."""

    data: bytes


@dataclass(frozen=True)
class Unconverted:
    """No PDF came: why, and what the program said."""

    why: Fault
    said: str = ""


class Converter(Protocol):
    """What makes a PDF of a .docx."""

    def convert(self, docx: bytes) -> Converted | Unconverted:
        """The PDF of *docx*; never raises for what the program does."""


class LibreOffice:
    """The *program* ``soffice``. Each conversion has a home and a process group of its own; the caller sees that one runs at a
    time."""

    def __init__(self, program: str, *, wait: float = WAIT) -> None:
        self._program, self._wait = program, wait

    def convert(self, docx: bytes) -> Converted | Unconverted:
        with TemporaryDirectory(prefix="diemcau-pdf-", ignore_cleanup_errors=True) as folder:
            where = Path(folder)
            home = where / "home" / "user"
            home.mkdir(parents=True)
            (home / "registrymodifications.xcu").write_text(_HOME, encoding="utf-8")
            source = where / "document.docx"
            source.write_bytes(docx)
            came = _run(
                [
                    self._program,
                    f"-env:UserInstallation={(where / 'home').as_uri()}",
                    "--headless",
                    "--norestore",
                    "--nolockcheck",
                    "--convert-to",
                    _ARCHIVE,
                    "--outdir",
                    folder,
                    str(source),
                ],
                self._wait,
                where,
            )
            if isinstance(came, Unconverted):
                return came
            made = source.with_suffix(".pdf")
            data = made.read_bytes() if made.is_file() else b""
            if not data.startswith(b"%PDF-"):
                return Unconverted(Fault.NOT_READ, came)
            return Converted(data)


def _run(command: list[str], wait: float, where: Path) -> str | Unconverted:
    """What *command* said, at most 300 characters. It and all its children are killed when its time is over."""
    said = where / "said"
    try:
        with said.open("wb") as out:
            child = subprocess.Popen(
                command,
                cwd=where,
                env=_surroundings(where),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as fault:
        return Unconverted(Fault.NO_PROGRAM, str(fault)[:300])
    try:
        status = child.wait(wait)
    except subprocess.TimeoutExpired:
        return Unconverted(Fault.TOO_SLOW)
    finally:
        # soffice is a script that starts another: the whole group goes, also when we are told to stop ourselves
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    words = " ".join(said.read_bytes()[:4000].decode("utf-8", "replace").split())[:300]
    return words if status == 0 else Unconverted(Fault.CRASHED, f"{status} {words}".strip())


def _surroundings(where: Path) -> dict[str, str]:
    """What a child knows of us: no password of the installation, and a proxy that nobody answers at."""
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.environ.get("PATH") or "/usr/bin:/bin",
        "HOME": str(where),
        "TMPDIR": str(where),
        "LANG": "C.UTF-8",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "SAL_USE_VCLPLUGIN": "svp",
    }


def found(name: str = "soffice") -> str:
    """Where the program *name* of this machine stands; "" where it is not installed."""
    return shutil.which(name) or ""


# --- the words of a PDF ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word of a page, and its box in points from the page's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Sheet:
    """A page: its size in points, its words in the order of the text."""

    width: float
    height: float
    words: tuple[Word, ...]


def sheets(pdf: bytes, program: str = "pdftotext") -> tuple[Sheet, ...] | None:
    """The pages of *pdf* with their words; None where Poppler is not installed or cannot read it in time."""
    with TemporaryDirectory(prefix="diemcau-words-", ignore_cleanup_errors=True) as folder:
        where = Path(folder)
        source, words = where / "document.pdf", where / "words.html"
        source.write_bytes(pdf)
        came = _run([program, "-bbox", "-enc", "UTF-8", str(source), str(words)], WORDS_WAIT, where)
        if isinstance(came, Unconverted) or not words.is_file() or words.stat().st_size > _WORDS_MOST:
            return None
        text = words.read_bytes().decode("utf-8", "replace")
    try:
        return tuple(_sheet(page) for page in ElementTree.fromstring(_plain(text)).iter(f"{_XHTML}page"))
    except (ElementTree.ParseError, KeyError, ValueError):
        return None


_XHTML: Final = "{http://www.w3.org/1999/xhtml}"


def _plain(text: str) -> str:
    """*text* without its head, whose document type is refused, and without what XML does not allow."""
    body = text[text.find("<body") : text.rfind("</body>") + len("</body>")]
    body = body.replace("<body", '<body xmlns="http://www.w3.org/1999/xhtml"', 1)
    return "".join(c for c in body if c >= " " or c in "\t\n\r")


def _sheet(page: ElementTree.Element) -> Sheet:
    words = tuple(
        Word(word.text or "", *(float(word.attrib[name]) for name in ("xMin", "yMin", "xMax", "yMax")))
        for word in page.iter(f"{_XHTML}word")
    )
    return Sheet(float(page.attrib["width"]), float(page.attrib["height"]), words)
