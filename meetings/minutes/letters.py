"""The e-mail that brings an issued record to a leader, and the one with the one-time code of her link.

The conclusions stand in the body: they can be read on a locked screen. The documents are always Vietnamese; the words
around them are in the reader's language.
"""

from __future__ import annotations

from typing import Any, Final

from meetings import adapters, i18n
from meetings.i18n import gettext as _
from meetings.invitations.letters import Row, contact_row, said
from meetings.minutes.document import Task, task_sentence
from meetings.minutes.models import HandOut, Record
from meetings.minutes.queries import Written
from meetings.minutes.rules import CODE_LASTS, kind_of
from meetings.official import dates
from meetings.official.paper import CONTENT_TYPE
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Enclosed, Ticket, sender_address
from meetings.scheduling.models import Meeting

KIND: Final = "conclusions"
CODE: Final = "reading_code"


def record_file(meeting: Meeting) -> str:
    """The biên bản as a file, ASCII."""
    return f"Bien-ban-{meeting.code}.docx"


def notice_file(meeting: Meeting) -> str:
    """The thông báo kết luận as a file, ASCII."""
    return f"Thong-bao-ket-luan-{meeting.code}.docx"


def _ticket(found: HandOut) -> Ticket:
    assert found.link is not None
    return Ticket("v", found.link.id, found.link.issue)


def conclusions(rows: Written, found: HandOut) -> Draft:
    """The letter that hands the issued record of *rows* to *found*; the same text for everybody, the link her own."""
    record, meeting = rows.record, rows.record.meeting
    with i18n.in_locale("vi"):
        day = dates.date_short(record.started_at)
        kind = kind_of(meeting.title)
        subject = _(
            "Conclusions: %(kind)s, %(day)s (.docx attached) [%(code)s]",
            kind=kind if kind == "cuộc họp" else kind.capitalize(),
            day=day,
            code=meeting.code,
        )
        concluded = [row.text for row in rows.conclusions]
        tasks = [task_sentence(Task(row.text, row.lead, row.support, row.due_on)) for row in rows.tasks]

        def values(form: Form) -> dict[str, Any]:
            return {
                "meeting": meeting,
                "title": meeting.title,
                "organiser": meeting.organiser.full_name,
                "subject": subject,
                "preheader": " ".join((concluded or tasks)[:1]),
                "first": _first_rows(record),
                "conclusions": concluded,
                "tasks": tasks,
                "files": [notice_file(meeting), record_file(meeting)],
                "reader": slot("reader", form),
                "link": f"{adapters.config().public_url}/v/{slot('token')}",
            }

        text, html = bodies("minutes/letter", values)
    return Draft(
        key=f"conclusions-{found.id}-{found.link.issue if found.link else 1}",
        kind=KIND,
        root=meeting.code,
        to=Address(found.name, found.email),
        subject=subject,
        text=text,
        html=html,
        sender_name=meeting.organiser.full_name,
        reply_to=Address(meeting.organiser.full_name, sender_address()),
        fills={"reader": found.name or found.email, "address": found.email},
        link=_ticket(found),
        enclosures=enclosed(record),
        urgency=4,
    )


def _first_rows(record: Record) -> list[Row]:
    """When it was held, who took the chair, whom to call."""
    rows = [
        Row(_("Held on"), f"{dates.moment_long(record.started_at, i18n.locale())} (UTC+7)"),
        Row(_("Chair"), record.chair),
        contact_row(record.meeting),
    ]
    return said(rows)


def enclosed(record: Record) -> tuple[Enclosed, ...]:
    """The kept files of *record* under the names they have in a letter."""
    return (
        Enclosed(record.notice_sha256, notice_file(record.meeting), CONTENT_TYPE),
        Enclosed(record.record_sha256, record_file(record.meeting), CONTENT_TYPE),
    )


def code(found: HandOut, digits: str) -> Draft:
    """The letter with the one-time code; it is not carried once the code is too old to be of use."""
    meeting = found.record.meeting
    assert found.code_sent_at is not None
    minutes = int(CODE_LASTS.total_seconds()) // 60
    with i18n.in_locale("vi"):
        lines = [
            _("The code to read the conclusions of “%(title)s” is:", title=meeting.title),
            slot("code"),
            _("It can be used once, for %(minutes)s minutes.", minutes=minutes),
            _("Whoever did not ask for it need do nothing: without this e-mail nobody can open the document."),
        ]
        subject = _("Code to read the conclusions [%(meeting)s]", meeting=meeting.code)
    return Draft(
        key=f"{CODE}-{found.id}-{found.codes_sent}",
        kind=CODE,
        root=meeting.code,
        to=Address(found.name, found.email),
        subject=subject,
        text="\n\n".join(lines) + "\n",
        sender_name=meeting.organiser.full_name,
        fills={"code": digits, "address": found.email},
        not_after=found.code_sent_at + CODE_LASTS,
        urgency=1,
    )
