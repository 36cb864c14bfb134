"""The giấy mời as a file: in the form of this house, or by the template of the body that invites."""

from __future__ import annotations

from datetime import datetime

from meetings.accounts.rules import SYSTEM
from meetings.directory.services import documents
from meetings.directory.services.documents import Printed
from meetings.i18n import in_locale
from meetings.invitations import document, letters, own_form, queries
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling.models import Meeting


def printed(meeting: Meeting, reply_by: datetime | None = None, leaves_at: datetime | None = None) -> Printed:
    """The giấy mời of *meeting*; always Vietnamese, whoever asks for it."""
    with in_locale("vi"):
        letter = letters.giay_moi(meeting, reply_by, leaves_at)
        return documents.printed(
            meeting.organiser,
            DocumentKind.INVITATION,
            lambda: own_form.asked(letter),
            lambda: document.write(letter),
            leaves_at or queries.paper_left_at(meeting),
        )


def to_keep(meeting: Meeting, reply_by: datetime | None = None, leaves_at: datetime | None = None) -> bytes:
    """The same, to be kept and enclosed: a template that failed is written down."""
    made = printed(meeting, reply_by, leaves_at)
    documents.note_failure(made, actor=SYSTEM)
    return made.data
