"""What may be kept as a paper of a meeting: kinds of file, size, a name that every system can write, no mark of secrecy."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from meetings.errors import Refused
from meetings.i18n import gettext as _

MOST: Final = 20 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
KINDS: Final[dict[str, tuple[str, bytes]]] = {
    ".docx": (f"{_OFFICE}wordprocessingml.document", _ZIP),
    ".pdf": ("application/pdf", b"%PDF-"),
    ".xlsx": (f"{_OFFICE}spreadsheetml.sheet", _ZIP),
    ".pptx": (f"{_OFFICE}presentationml.presentation", _ZIP),
    ".odt": ("application/vnd.oasis.opendocument.text", _ZIP),
}
"""Ending → type told to browsers, and how such a file begins."""

_MARKED: Final = re.compile(r"(?i:\b(?:tuyệt|tối)\s+mật\b)|(?<!BÍ )(?<!BẢO )(?<!CƠ )\bMẬT\b")
"""A mark of state secrecy in a title or a file's name; «bí mật», «bảo mật», «cơ mật» are words like others."""


def ending(name: str) -> str:
    """``.docx`` of ``Báo cáo.DOCX``; "" where there is none that is taken."""
    found = name[name.rfind(".") :].lower() if "." in name else ""
    return found if found in KINDS else ""


def safe_name(name: str) -> str:
    """The last part of *name*, without what Windows or a shell takes for something else, at most 150 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if c in '<>:"|?*' or unicodedata.category(c)[0] in "CZ" else c for c in last)
    stem, dot, end = " ".join(kept.split()).rpartition(".")
    stem = stem.strip(". ") or "tai-lieu"
    return f"{stem[: 149 - len(end)].strip()}{dot}{end.lower()}"


def check_mark(title: str, name: str) -> None:
    """Refuse what bears a mark of state secrecy."""
    if any(_MARKED.search(unicodedata.normalize("NFC", text)) for text in (title, name)):
        raise Refused(
            _(
                "The name bears a mark of state secrecy. Such a paper is never put into this system; it is sent by the way "
                "that the law on the protection of state secrets lays down."
            ),
            field="file",
            status=422,
        )


def check(title: str, name: str, data: bytes) -> str:
    """The content type of the file *name*; raises :class:`Refused` at the field for what is not taken."""
    check_mark(title, name)
    kind = ending(name)
    if not kind:
        raise Refused(_("Only .docx, .pdf, .xlsx, .pptx and .odt are kept as papers."), field="file", status=422)
    if len(data) > MOST:
        raise Refused(_("A paper may have at most 20 MB. Leave out pictures, or split it."), field="file", status=422)
    mime, begins = KINDS[kind]
    if not data.startswith(begins):
        raise Refused(
            _("This file is not what its ending says, or it is damaged. Save it anew."), field="file", status=422
        )
    return mime
