"""The e-mails inside the office about a record: to whoever approves it, back to its writer, and of the day it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from meetings import i18n
from meetings.accounts import queries as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.clock import today
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.invitations.office_letters import compose
from meetings.journal import Entry
from meetings.minutes import files
from meetings.minutes.models import Record
from meetings.minutes.rules import STATUS_WORDS, RecordStatus, Which
from meetings.official import dates
from meetings.official.paper import CONTENT_TYPE
from meetings.post import services as post
from meetings.post.services import Draft, Enclosed
from meetings.scheduling.models import Meeting

KIND: Final = "minutes_office"
_TOLD_AT_MOST: Final = 20


def ask_approvers(entry: Entry) -> None:
    """Follow-up of ``record.submitted``: a letter with both files to whoever approves; without one, to the leaders."""
    record = _record(entry)
    if record is None or record.status is not RecordStatus.SUBMITTED:
        return
    path = record.meeting.organiser.path
    readers = accounts.holders(Role.APPROVER, path) or accounts.holders(Role.LEADER, path)
    post.hand_in_all(_please_approve(record, user, entry.id) for user in readers[:_TOLD_AT_MOST])


def tell_the_secretary(entry: Entry) -> None:
    """Follow-up of ``record.returned`` and ``record.approved``: a letter to the secretary of the meeting."""
    record = _record(entry)
    if record is not None and record.meeting.secretary.active:
        post.hand_in_all([_decided(record, record.meeting.secretary, entry)])


def _record(entry: Entry) -> Record | None:
    return db.session.get(Record, int(entry.subject.partition(":")[2]))


def _please_approve(record: Record, reader: User, turn: int) -> Draft:
    meeting = record.meeting
    with i18n.in_locale(reader.locale):
        locale = i18n.locale()
        draft = compose(
            meeting,
            reader,
            KIND,
            key=f"{KIND}-approve-{record.id}-{turn}-{reader.id}",
            subject=_("Minutes to approve: %(day)s [%(code)s]", day=_day(record), code=meeting.code),
            occasion=_("The minutes and the notice of conclusions wait for approval. They are attached as they will be issued."),
            rows=[
                (_("Submitted by"), record.submitted_by),
                (_("Version"), str(record.version)),
                (_("Held on"), dates.date_long(record.started_at, locale)),
            ],
            button=_("Read and approve"),
            path=f"/meetings/{meeting.code}/minutes",
        )  # fmt: skip
    held = [files.current(record, which) for which in Which]
    enclosed = tuple(Enclosed(one.sha256, files.name_of(record, one.which), CONTENT_TYPE) for one in held if one)
    return replace(draft, enclosures=enclosed, not_after=None)


def _decided(record: Record, reader: User, entry: Entry) -> Draft:
    meeting, approved = record.meeting, entry.fact == "record.approved"
    with i18n.in_locale(reader.locale):
        rows = [
            (
                _("Approved by") if approved else _("Returned by"),
                record.approved_by if approved else record.returned_by,
            ),
            (_("Remarks"), "" if approved else record.return_reason),
        ]
        draft = compose(
            meeting,
            reader,
            KIND,
            key=f"{KIND}-decided-{entry.id}-{reader.id}",
            subject=_("Approved: the minutes can be issued [%(code)s]", code=meeting.code)
            if approved
            else _("Returned: the minutes are to be changed [%(code)s]", code=meeting.code),
            occasion=_("The minutes have been approved; they can be issued and handed out.")
            if approved
            else _("The minutes were returned with remarks."),
            rows=[(label, value) for label, value in rows if value],
            button=_("Open the minutes"),
            path=f"/meetings/{meeting.code}/minutes",
        )  # fmt: skip
    return replace(draft, not_after=None)


def due(meeting: Meeting, record: Record | None, on: date | None) -> Draft:
    """The reminder that the notice of conclusions of *meeting* is due *on* today or on the next working day."""
    assert on is not None
    reader = meeting.secretary
    with i18n.in_locale(reader.locale):
        locale = i18n.locale()
        said = dates.date_short(on, locale)
        last = on == today()
        draft = compose(
            meeting,
            reader,
            KIND,
            key=f"{KIND}-due-{meeting.id}-{on.isoformat()}-{'day' if last else 'before'}",
            subject=_("Today is the last day for the notice of conclusions [%(code)s]", code=meeting.code)
            if last
            else _("The notice of conclusions is due on %(day)s [%(code)s]", day=said, code=meeting.code),
            occasion=_(
                "The notice of conclusions of this meeting must be issued by %(day)s, and it has not been yet.", day=said
            ),
            rows=[(_("State"), str(STATUS_WORDS[record.status]) if record else _("not begun"))],
            button=_("Open the minutes"),
            path=f"/meetings/{meeting.code}/minutes",
        )  # fmt: skip
    return replace(draft, not_after=None)


def _day(record: Record) -> str:
    return dates.date_short(record.started_at, i18n.locale())
