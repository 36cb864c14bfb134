"""Questions about the numbers of giấy mời: who counts them, which come next, which papers have none yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.numbering import queries as given
from meetings.numbering.models import Counting, GivenNumber
from meetings.scheduling.models import Change, Meeting
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit

NUMBERED: Final = (
    Status.AWAITING_APPROVAL,
    Status.SCHEDULED,
    Status.POSTPONED,
    Status.IN_SESSION,
    Status.CLOSED,
)
"""A giấy mời of these states can be given its number; that of a draft is typed where it is worded."""

STILL_ASKED_FOR: Final = timedelta(days=30)
"""So long after its meeting a giấy mời without a number is asked for; then it was numbered on paper, or never."""
_SERIES: Final = "giay-moi:"


def series_of(body: Unit) -> str:
    """The series of the giấy mời that *body* issues."""
    return f"{_SERIES}{body.id}"


def subject_of(meeting: Meeting) -> str:
    """What bears the number in the register; a code may still change while a meeting is a draft."""
    first = f"giay-moi:{meeting.id}"
    return f"{first}:{meeting.paper}" if meeting.paper else first  # what a changed meeting prints is another document


def by_system(body: Unit) -> bool:
    """Whether the product numbers the giấy mời of *body* as they leave."""
    return given.by_system(series_of(body))


def following(body: Unit, year: int) -> int:
    """The number that comes next in *year*: a proposal, until it is given."""
    return given.following(series_of(body), year)


def day_of(meeting: Meeting) -> date | None:
    """The day that the giấy mời bears."""
    return date.fromisoformat(meeting.invitation_on) if meeting.invitation_on else None


def without_number(actor: Actor) -> sa.Select[Meeting]:
    """Giấy mời that *actor* may number and that have none, the longest out first; those that wait for approval last."""
    hers = sa.select(Unit.id).where(units.within(actor.paths("document.number")))
    return (
        sa.select(Meeting)
        .where(
            Meeting.organiser_id.in_(hers),
            Meeting.status.in_(NUMBERED),
            Meeting.invitation_number == "",
            Meeting.ends_at > now() - STILL_ASKED_FOR,
            # where the product counts, what waits is numbered the moment it leaves
            sa.or_(Meeting.sent_at.is_not(None), Meeting.organiser_id.not_in(_counted())),
            sa.not_(_on_the_paper_of_another()),
        )
        .order_by(Meeting.sent_at.nulls_last(), Meeting.id)
        .options(joinedload(Meeting.organiser))
    )


def _on_the_paper_of_another() -> sa.ColumnElement[bool]:
    """A date of a series that stands on the giấy mời of an earlier one: the number is given there, for all of them."""
    other = aliased(Meeting)
    earlier = sa.select(other.id).where(
        other.series_id == Meeting.series_id,
        other.series_on < Meeting.series_on,
        other.paper == 0,
        other.status.in_(NUMBERED),
        other.sent_at.is_(None) == Meeting.sent_at.is_(None),
    )
    together = sa.select(Change.id).where(
        Change.meeting_id == Meeting.id, Change.sequence == Meeting.sequence, Change.together_id != Change.id
    )
    return sa.or_(sa.and_(Meeting.paper == 0, earlier.exists()), sa.and_(Meeting.paper > 0, together.exists()))


def _counted() -> sa.Select[int]:
    """Ids of the units whose giấy mời the product counts."""
    name = sa.literal(_SERIES) + sa.cast(Unit.id, sa.String)
    return sa.select(Unit.id).join(Counting, Counting.series == name).where(Counting.by_system)


def bodies(actor: Actor) -> Sequence[Unit]:
    """The bodies of *actor* that have issued giấy mời or were given numbers."""
    hers = units.within(actor.paths("document.number"))
    issued = sa.select(Meeting.organiser_id).where(
        sa.or_(Meeting.sent_at.is_not(None), Meeting.invitation_number != "")
    )
    return db.session.scalars(sa.select(Unit).where(hers, Unit.id.in_(issued)).order_by(Unit.path).limit(200)).all()


def years(body: Unit) -> Sequence[int]:
    """The years in which *body* gave numbers, the newest first."""
    query = sa.select(GivenNumber.year).where(GivenNumber.series == series_of(body)).distinct()
    return db.session.scalars(query.order_by(GivenNumber.year.desc())).all()


def lines(body: Unit, year: int, limit: int = 500) -> Sequence[tuple[GivenNumber, Meeting | None]]:
    """The register of *body* in *year*, the highest number first, with the meeting that each number is for."""
    name = sa.literal(_SERIES) + sa.cast(Meeting.id, sa.String)
    rows = db.session.execute(
        sa.select(GivenNumber, Meeting)
        .outerjoin(
            Meeting,
            sa.and_(
                Meeting.organiser_id == body.id,
                # a changed meeting has had several papers, and each of them its number
                sa.or_(GivenNumber.subject == name, GivenNumber.subject.like(name + ":%")),
            ),
        )
        .where(GivenNumber.series == series_of(body), GivenNumber.year == year)
        .order_by(GivenNumber.number.desc())
        .limit(limit)
    ).all()
    return [(row[0], row[1]) for row in rows]


def left_out(body: Unit, year: int) -> list[int]:
    """Numbers below the last of *year* that no giấy mời known here bears; twenty at most."""
    return given.left_out(series_of(body), year)


def counted(actor: Actor) -> Sequence[Unit]:
    """The bodies among *actor*'s whose giấy mời the product numbers."""
    hers = units.within(actor.paths("setting.administer"))
    return db.session.scalars(sa.select(Unit).where(hers, Unit.id.in_(_counted())).order_by(Unit.path)).all()
