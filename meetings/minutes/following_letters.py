"""The e-mails about tasks to the units that lead them: reminders, what was decided, a new link."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from meetings import adapters, i18n
from meetings.clock import wall
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations.letters import Row, about, contact_row, said
from meetings.minutes import following_queries
from meetings.minutes.following_queries import Sight
from meetings.minutes.models import Assignment, AssignmentDoor
from meetings.official import dates
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Ticket

MOST: Final = 10
"""Tasks that a letter tells of; the others are counted, and stand on the page that it opens."""
KIND: Final = "task_reminder"
DECIDED: Final = "task_decided"


def reminder(
    door: AssignmentDoor,
    given: Sequence[Assignment],
    contact: Contact,
    sight: Sight,
    *,
    key: str,
    asked: str = "",
    wordless: Collection[int] | None = None,
) -> Draft:
    """The letter that reminds the unit of *door* of what was *given*, what is due first at the top.

    *asked*: who asks by hand, "" for the ladder. *wordless*: as ``following_queries.wordless`` found it for many letters.
    """
    with i18n.in_locale(contact.locale):
        due = next((one.due_on for one in given if one.due_on is not None), None)
        subject = _subject(door, due, overdue=due is not None and due < sight.today)
        late = sum(1 for one in given if one.due_on is not None and one.due_on < sight.today)
        occasion = (
            ngettext(
                "%(organiser)s asks your unit to finish %(num)s task that is overdue, or to report why it is not done:",
                "%(organiser)s asks your unit to finish %(num)s tasks that are overdue, or to report why they are not done:",
                late, organiser=door.organiser.full_name,
            )
            if late
            else _("%(organiser)s reminds your unit of what is due soon:", organiser=door.organiser.full_name)
            if due is not None and due <= sight.soon
            else _("%(organiser)s asks your unit to report how far this has come:", organiser=door.organiser.full_name)
        )  # fmt: skip
        return _to_unit(
            door,
            given,
            contact,
            sight,
            kind=KIND,
            key=key,
            subject=subject,
            occasion=occasion,
            by=asked,
            wordless=wordless,
        )


def _subject(door: AssignmentDoor, due: date | None, *, overdue: bool) -> str:
    unit = door.unit.full_name or door.unit.name
    if due is None:
        return _("Reminder: tasks – %(unit)s", unit=unit)
    day = dates.date_short(due, i18n.locale())
    if overdue:
        return _("Reminder: task overdue since %(day)s – %(unit)s", day=day, unit=unit)
    return _("Reminder: task due %(day)s – %(unit)s", day=day, unit=unit)


def decided(
    door: AssignmentDoor, one: Assignment, contact: Contact, sight: Sight, *, fact: str, words: str, key: str
) -> Draft:
    """The letter that tells the unit of *door* what was decided about *one*."""
    with i18n.in_locale(contact.locale):
        day = dates.date_short(one.due_on, i18n.locale()) if one.due_on else "–"
        unit = door.unit.full_name or door.unit.name
        subject, occasion = {
            "assignment.extension_granted": (
                _("Extension granted until %(day)s – %(unit)s", day=day, unit=unit),
                _("%(organiser)s consents to a later day for this task:", organiser=door.organiser.full_name),
            ),
            "assignment.extension_refused": (
                _("Extension not granted, due %(day)s – %(unit)s", day=day, unit=unit),
                _("%(organiser)s does not consent to a later day for this task:", organiser=door.organiser.full_name),
            ),
            "assignment.confirmed": (
                _("Task confirmed as done – %(unit)s", unit=unit),
                _("%(organiser)s confirms that this task is done:", organiser=door.organiser.full_name),
            ),
            "assignment.sent_back": (
                _("Task returned, to be completed – %(unit)s", unit=unit),
                _("%(organiser)s returns this task, which was reported done:", organiser=door.organiser.full_name),
            ),
            "assignment.lead_named": (
                _("Task given – %(unit)s", unit=unit),
                _("%(organiser)s gives your unit this task to lead:", organiser=door.organiser.full_name),
            ),
            "assignment.passed_on": (
                _("Task passed on – %(unit)s", unit=unit),
                _(
                    "%(organiser)s has given this task to another unit; nothing more is asked of yours:",
                    organiser=door.organiser.full_name,
                ),
            ),
            "assignment.reopened": (
                _("Task opened again – %(unit)s", unit=unit),
                _("%(organiser)s opens this task again:", organiser=door.organiser.full_name),
            ),
            "assignment.withdrawn": (
                _("Task withdrawn – %(unit)s", unit=unit),
                _("%(organiser)s withdraws this task; nothing more is asked:", organiser=door.organiser.full_name),
            ),
        }[fact]
        return _to_unit(
            door, [one], contact, sight, kind=DECIDED, key=key, subject=subject, occasion=occasion, words=words
        )


def new_link(door: AssignmentDoor, given: Sequence[Assignment], contact: Contact, sight: Sight) -> Draft:
    """The letter that brings the page of *door* to *contact*, who answers for the unit now."""
    assert door.link is not None
    with i18n.in_locale(contact.locale):
        unit = door.unit.full_name or door.unit.name
        return _to_unit(
            door,
            given,
            contact,
            sight,
            kind=KIND,
            key=f"{KIND}-link-{door.id}-{door.link.issue}-{contact.id}",
            subject=_("New link: tasks of %(unit)s", unit=unit),
            occasion=_("You answer for these tasks given by %(organiser)s:", organiser=door.organiser.full_name),
        )


def _to_unit(
    door: AssignmentDoor,
    given: Sequence[Assignment],
    contact: Contact,
    sight: Sight,
    *,
    kind: str,
    key: str,
    subject: str,
    occasion: str,
    words: str = "",
    by: str = "",
    wordless: Collection[int] | None = None,
) -> Draft:
    assert door.link is not None
    unsaid = following_queries.wordless(given) if wordless is None else wordless
    unit = door.unit.full_name or door.unit.name
    first = given[0].item.text if given[0].id not in unsaid else ""
    meeting, locale = given[0].meeting, i18n.locale()

    def values(form: Form) -> Mapping[str, Any]:
        return {
            "meeting": meeting,
            "title": first if first and len(given) == 1 else ngettext("%(num)s task", "%(num)s tasks", len(given)),
            "organiser": door.organiser.full_name,
            "subject": subject,
            "preheader": first,
            "occasion": occasion,
            "items": [rows_of(one, sight, locale, unsaid=one.id in unsaid) for one in given[:MOST]],
            "others": len(given[MOST:]),
            "words": words if first else "",
            "first": said([Row(_("Asked by"), by), contact_row(meeting)]),
            "reader": slot("reader", form),
            "link": f"{adapters.config().public_url}/t/{slot('token')}",
        }

    draft = about(
        meeting,
        Address(contact.name, contact.email),
        subject,
        bodies("minutes/task_letter", lambda form: dict(values(form))),
        key=key,
        kind=kind,
    )
    return replace(
        draft,
        fills={"reader": unit, "address": contact.email},
        link=Ticket("t", door.link.id, door.link.issue),
        not_after=None,
        urgency=4,
        locale=contact.locale,
    )


def rows_of(one: Assignment, sight: Sight, locale: str, *, unsaid: bool = False) -> list[Row]:
    """What a letter says of *one*; *unsaid*: without a word of the documents, which go by link alone."""
    due = dates.date_long(one.due_on, locale) if one.due_on else _("no day was set")
    met = dates.date_short(wall(one.meeting.starts_at), locale) if one.meeting.starts_at else ""
    return said(
        [
            Row(_("Task"), one.item.text if not unsaid else _("stands on the page that the link opens")),
            Row(_("Due"), due),
            Row(_("State"), sight.words(one)),
            Row(_("Supports"), one.item.support if not unsaid else ""),
            Row(_("Given at"), _("meeting of %(day)s [%(code)s]", day=met, code=one.meeting.code)),
        ]
    )
