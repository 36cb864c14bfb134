"""The files that come with a report: their kinds, how large they may be, and where they are kept.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes.models import AssignmentFile, AssignmentNote
from meetings.post import services as post
from meetings.scheduling import paper_rules

MOST: Final = 5 * 1024 * 1024
"""One file: a scanned page, a photograph of a telephone; what is larger goes by the office's document system."""
_PICTURES: Final = {
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n"),
}


def attach(note: AssignmentNote, uploads: Sequence[tuple[str, bytes]]) -> None:
    """Keep *uploads*, (name, bytes) each, with *note*. Raises :class:`Refused` at the field ``file``."""
    for name, data in uploads:
        content_type = check(name, data)
        db.session.add(
            AssignmentFile(
                note_id=note.id,
                file_name=paper_rules.safe_name(name),
                sha256=post.keep(data, content_type),
                content_type=content_type,
                size=len(data),
            )
        )


def came_with(note: AssignmentNote) -> list[str]:
    """The SHA-256 of the files that came with *note*, in order."""
    return sorted(db.session.scalars(sa.select(AssignmentFile.sha256).where(AssignmentFile.note_id == note.id)))


def check(name: str, data: bytes) -> str:
    """The content type of the file *name*; raises :class:`Refused` for what is not taken."""
    if len(data) > MOST:
        raise Refused(_("A file may have at most 5 MB. Take a smaller picture, or split it."), field="file", status=422)
    ending = f".{name.rpartition('.')[2].lower()}"
    if ending not in _PICTURES:
        if not paper_rules.ending(name):
            raise Refused(_("Only .pdf, .docx, .xlsx, .pptx, .odt, .jpg and .png are taken."), field="file", status=422)
        return paper_rules.check("", name, data)
    paper_rules.check_mark("", name)
    content_type, begins = _PICTURES[ending]
    if not data.startswith(begins):
        raise Refused(
            _("This file is not what its ending says, or it is damaged. Save it anew."), field="file", status=422
        )
    return content_type
