"""The e-mails inside the office about tasks: what a unit reported, or asks for, to the secretary of the meeting that gave it.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Final

import sqlalchemy as sa

from meetings import i18n
from meetings.accounts import queries as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.clock import instant, today
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.invitations.office_letters import compose
from meetings.journal import Entry
from meetings.minutes.following_queries import Sight
from meetings.minutes.following_rules import State, Way
from meetings.minutes.models import Assignment
from meetings.official import dates
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.services import Draft
from meetings.scheduling.rules import Secrecy

KIND: Final = "task_office"
MOST: Final = 20
"""Letters of this kind to one reader on one day: where thousands of units report, the list is read and not the mail."""


def tell_what_was_said(entry: Entry) -> None:
    """Follow-up of what a unit said of a task: a letter to the secretary of its meeting, who decides or sees to it.

    Nothing of what the office itself noted by telephone, nor of what was decided before the letter was written. Of progress
    one letter a day and task. The last letter of a day that holds many says that it is the last.
    """
    one = db.session.get(Assignment, int(entry.subject.partition(":")[2]))
    if one is None or entry.details.get("way") == Way.TELEPHONE or not _stands(one, entry.fact):
        return
    reader = _reader(one)
    if reader is None:
        return
    had = _had_today(reader)
    if had < MOST:
        post.hand_in_all([_letter(one, reader, entry, last=had == MOST - 1)])


def _stands(one: Assignment, fact: str) -> bool:
    """Whether what was said still waits."""
    if fact == "assignment.extension_asked":
        return one.asked_due is not None
    state = Sight.now().state(one)
    return state is State.AWAITING if fact == "assignment.claimed" else state not in (State.DONE, State.WITHDRAWN)


def _reader(one: Assignment) -> User | None:
    """The secretary of the meeting, else whoever is secretary of the body now."""
    named = one.meeting.secretary
    return named if named.active else next(iter(accounts.holders(Role.SECRETARY, one.organiser.path)), None)


def _had_today(reader: User) -> int:
    begun = instant(today(), time())
    which = (Letter.kind == KIND, Letter.to_address == reader.email, Letter.written_at >= begun)
    return db.session.scalar(sa.select(sa.func.count(Letter.id)).where(*which)) or 0


def _letter(one: Assignment, reader: User, entry: Entry, *, last: bool) -> Draft:
    with i18n.in_locale(reader.locale):
        locale = i18n.locale()
        unit = one.lead_unit.full_name if one.lead_unit is not None else one.item.lead
        asked = dates.date_short(one.asked_due, locale) if one.asked_due else ""
        key = f"{KIND}-{entry.id}"
        match entry.fact:
            case "assignment.extension_asked":
                subject = _("A later day is asked for – %(unit)s", unit=unit)
                occasion = _("%(unit)s asks for a later day for a task: %(day)s.", unit=unit, day=asked)
                button = _("Decide")
            case "assignment.claimed":
                subject = _("Task reported done – %(unit)s", unit=unit)
                occasion = _("%(unit)s reports that a task is done. It awaits confirmation.", unit=unit)
                button = _("Confirm or return")
            case _:
                subject = _("Progress of a task – %(unit)s", unit=unit)
                occasion = _("%(unit)s reports how far a task has come.", unit=unit)
                button, key = _("Open the task"), f"{KIND}-progress-{one.id}-{today().isoformat()}"
        # of a meeting for internal use no letter says what its documents say
        closed = one.meeting.secrecy is not Secrecy.ORDINARY
        said = "" if closed else str(entry.details.get("reason") or entry.details.get("words") or "")
        rows = [
            (_("Task"), "" if closed else one.item.text),
            (_("Due"), dates.date_long(one.due_on, locale) if one.due_on else _("no day was set")),
            (_("State"), Sight.now().words(one)),
            (_("Reason") if entry.fact == "assignment.extension_asked" else _("Report"), said),
            (_("More reports"), _("of today are not told by e-mail any more: they stand on the list.") if last else ""),
        ]
        draft = compose(
            one.meeting,
            reader,
            KIND,
            key=key,
            subject=subject,
            occasion=occasion,
            rows=[(label, value) for label, value in rows if value],
            button=button,
            path=f"/action-items/{one.id}",
        )
    return replace(draft, not_after=None)
