"""The e-mail that brings an issued record to a leader, and the one with the one-time code of her link.

The conclusions stand in the body: they can be read on a locked screen. The documents are always Vietnamese; the words
around them are in the reader's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from meetings import adapters, i18n
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations.letters import Row, about, contact_row, said
from meetings.minutes.document import Task, task_sentence
from meetings.minutes.models import ActionItem, HandOut, Record
from meetings.minutes.queries import Written
from meetings.minutes.rules import CODE_LASTS, kind_of
from meetings.official import dates
from meetings.official.paper import CONTENT_TYPE
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Enclosed, Ticket, sender_address
from meetings.scheduling.models import Meeting

KIND: Final = "conclusions"
TASKS: Final = "action_items"
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


def action_items(rows: Written, given: Sequence[ActionItem], site_id: int, contact: Contact) -> Draft:
    """The letter to *contact*, who answers for the unit that leads what was *given*: each item with the sentence it came from."""
    record, meeting = rows.record, rows.record.meeting
    sources = {said.id: said for statements in rows.statements.values() for said in statements}
    due = min((item.due_on for item in given if item.due_on is not None), default=None)
    with i18n.in_locale(contact.locale):
        locale = i18n.locale()
        met = dates.date_short(record.started_at, locale)
        subject = (
            ngettext(
                "%(num)s action item, due %(day)s: conclusions of %(met)s [%(code)s]",
                "%(num)s action items, the first due %(day)s: conclusions of %(met)s [%(code)s]",
                len(given), day=dates.date_short(due, locale), met=met, code=meeting.code,
            )
            if due is not None
            else ngettext(
                "%(num)s action item: conclusions of %(met)s [%(code)s]",
                "%(num)s action items: conclusions of %(met)s [%(code)s]", len(given), met=met, code=meeting.code,
            )
        )  # fmt: skip

        def rows_of(item: ActionItem) -> list[Row]:
            source = sources.get(item.statement_id or 0)
            spoken = ": ".join(part for part in (source.speaker, source.text) if part) if source is not None else ""
            return said(
                [
                    Row(_("Task"), item.text),
                    Row(_("Due"), dates.date_long(item.due_on, locale) if item.due_on else _("no day was set")),
                    Row(_("Leads"), item.lead),
                    Row(_("Supports"), item.support),
                    Row(_("Said there"), spoken),
                ]
            )

        def values(form: Form) -> dict[str, Any]:
            return {
                "meeting": meeting,
                "title": meeting.title,
                "organiser": meeting.organiser.full_name,
                "subject": subject,
                "preheader": given[0].text,
                "first": _first_rows(record),
                "items": [rows_of(item) for item in given],
                "reader": slot("reader", form),
            }

        body = bodies("minutes/action_items", values)
    to, key = Address(contact.name, contact.email), f"{TASKS}-{record.id}-{site_id}"
    draft = about(meeting, to, subject, body, key=key, kind=TASKS)
    return replace(
        draft,
        fills={"reader": given[0].lead, "address": contact.email},
        urgency=4,
        locale=contact.locale,
    )


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
