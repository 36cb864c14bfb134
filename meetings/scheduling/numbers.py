"""The number and the day of a giấy mời: given by the product as it leaves, or by the records clerk.

A second room of ``services``: the same rules hold. Each inviting body counts for itself, from 01 in every calendar year
(Decree 30/2020/NĐ-CP, Article 15); the year is that of the paper's date.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, wall
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.numbering import services as numbering
from meetings.official.dates import date_short
from meetings.scheduling import queries, register
from meetings.scheduling.models import Meeting
from meetings.scheduling.register import by_system, series_of, subject_of
from meetings.units.models import Unit

_EARLIEST: Final = timedelta(days=366)


def typed(meeting: Meeting, number: str, on: str, *, actor: Actor) -> None:
    """Write what was typed in the booking into the register; a number taken out again is free for others.

    Raises :class:`Refused` at its field for a number without its day, one that another giấy mời bears, and any where the
    product counts.
    """
    if (number, on) == (meeting.invitation_number, meeting.invitation_on):
        return
    if not number:
        numbering.free(subject_of(meeting))
        return
    if by_system(meeting.organiser):
        raise Refused(
            _("The giấy mời of this body are numbered by the system when they leave. Leave the number empty."),
            field="invitation_number",
            status=422,
        )
    if not on:
        raise Refused(
            _("Enter the date as well: the number counts in the year of the date."), field="invitation_on", status=422
        )
    if int(number) < 1:
        raise Refused(_("Numbers count from 01."), field="invitation_number", status=422)
    _dated(meeting, date.fromisoformat(on), field="invitation_on")
    _register(meeting, int(number), date.fromisoformat(on), actor=actor, reason="", field="invitation_number")


def give(meeting: Meeting, number: int, on: date, *, actor: Actor, reason: str = "") -> None:
    """The records clerk gives *number* and the day *on*; another than the next one, or another one later, with its *reason*."""
    if meeting.status not in register.NUMBERED:
        raise Refused(_("Only a giấy mời that waits for approval or has left is given a number here."))
    if number < 1:
        raise Refused(_("Numbers count from 01."), field="number", status=422)
    _dated(meeting, on, field="on")
    before = (meeting.invitation_number, meeting.invitation_on)
    if before == (str(number), on.isoformat()):
        return
    following = register.following(meeting.organiser, on.year)
    its_own = before[0] == str(number) and before[1][:4] == str(on.year)
    if before[0] and not reason:
        raise Refused(_("Enter why the number or the date is corrected."), field="reason", status=422)
    if number != following and not its_own and by_system(meeting.organiser):
        raise Refused(
            _(
                "The giấy mời of this body are numbered by the system without a gap: the next one is %(next)s.",
                next=f"{following:02d}",
            ),
            field="number",
            status=422,
        )
    if number != following and not its_own and not reason:
        raise Refused(
            _(
                "%(number)s is not the number that comes next (%(next)s). Enter why it is given out of order.",
                number=f"{number:02d}",
                next=f"{following:02d}",
            ),
            field="reason",
            status=422,
        )
    _register(meeting, number, on, actor=actor, reason=reason, field="number")
    _bear(meeting, number, on, actor=actor, reason=reason)


def at_release(meeting: Meeting, *, actor: Actor) -> None:
    """Number the giấy mời that leaves now, where the product counts; a roll-back of the caller gives the number back."""
    if meeting.invitation_number or not by_system(meeting.organiser):
        return
    on = wall(now()).date()
    number = numbering.take_for(
        series_of(meeting.organiser), on, subject=subject_of(meeting), about=meeting.code, by=actor.name
    )
    _bear(meeting, number, on, actor=actor, reason="")


def free(meeting: Meeting) -> None:
    """A draft that is given up bears no number: nobody ever saw a paper with it. A cancelled meeting keeps its own."""
    numbering.free(subject_of(meeting))


def count_by_system(body: Unit, yes: bool, last: int | None, *, actor: Actor) -> None:
    """Say who numbers the giấy mời of *body*; *last* is the last number of this year that was given on paper."""
    changed = numbering.choose_counting(series_of(body), yes, by=actor.name)
    year = wall(now()).year
    if yes and last:
        numbering.count_on_from(
            series_of(body), year, last, about=_("Given on paper before the system counted"), by=actor.name
        )
        changed = True
    if changed:
        journal.record("unit.numbering_chosen", body, actor=actor, by_system=yes, year=year, last=last if yes else None)


def _dated(meeting: Meeting, on: date, *, field: str) -> None:
    """Refuse at *field* a day that no giấy mời of *meeting* bears: a slip in the year opens the register of another."""
    if meeting.starts_at is None:
        return
    held_on = wall(meeting.starts_at).date()
    if on > held_on:
        raise Refused(
            _("The giấy mời is dated no later than the day of the meeting, %(day)s.", day=date_short(held_on)),
            field=field,
            status=422,
        )
    if on < held_on - _EARLIEST:
        raise Refused(
            _(
                "The giấy mời is dated no earlier than a year before the day of the meeting, %(day)s.",
                day=date_short(held_on),
            ),
            field=field,
            status=422,
        )


def _register(meeting: Meeting, number: int, on: date, *, actor: Actor, reason: str, field: str) -> None:
    numbering.give(
        series_of(meeting.organiser), on, number,
        subject=subject_of(meeting), about=meeting.code, by=actor.name, reason=reason, field=field,
    )  # fmt: skip


def _bear(meeting: Meeting, number: int, on: date, *, actor: Actor, reason: str) -> None:
    before = meeting.invitation_number
    for one in queries.on_one_paper(meeting):  # all dates of a series that one giấy mời names
        one.invitation_number, one.invitation_on = str(number), on.isoformat()
    journal.record(
        "meeting.numbered", meeting, actor=actor, number=f"{number:02d}", on=on, before=before, reason=reason
    )
