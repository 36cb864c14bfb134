"""What the sites of a meeting have said, counted and as the table of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from meetings.database import db
from meetings.i18n import gettext as _
from meetings.invitations import queries
from meetings.invitations.models import Invitation, Reply
from meetings.official.text import search_key
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit
from meetings.web.pages import Page, rows_of

SEEN = "seen"
NO_EMAIL = "no_email"
CHIPS = (
    Reply.ACCEPTED.value,
    Reply.SUBSTITUTE.value,
    Reply.DECLINED.value,
    SEEN,
    Reply.ASKED.value,
    Reply.NOT_ASKED.value,
)
"""What a site has said, as the chips over the table count it; *seen* is asked and opened."""


said_so_far = sa.case(
    (Invitation.id.is_(None), Reply.NOT_ASKED.value),
    (sa.and_(Invitation.reply == Reply.ASKED, Invitation.seen_at.is_not(None)), SEEN),
    else_=sa.type_coerce(Invitation.reply, sa.String),
)
"""What a site has said, for a statement over many sites with their invitations, where there are any."""


@dataclass(frozen=True)
class Replies:
    """How many sites have said what. *counts*: every one of :data:`CHIPS`."""

    counts: Mapping[str, int]

    @property
    def all(self) -> int:
        return sum(self.counts.values())

    @property
    def silent(self) -> int:
        """Asked and not answered, whether the page was opened or not."""
        return self.counts[Reply.ASKED.value] + self.counts[SEEN]

    @property
    def shown(self) -> dict[str, int]:
        """By the key of the word on the screen, in the order of a bar."""
        return {key: self.counts[chip] for key, chip in _SHOWN.items()}

    @property
    def filter(self) -> dict[str, str]:
        """Key of the word on the screen → ``?reply=`` of the table that lists those sites."""
        return {key: Reply.ASKED.value if chip == SEEN else chip for key, chip in _SHOWN.items()}

    @property
    def sentence(self) -> str:
        """The bar, read aloud."""
        return _(
            "Of %(all)s sites %(accepted)s attend, %(substitute)s send a substitute, %(declined)s cannot attend, "
            "%(silent)s have not answered.",
            all=self.all,
            accepted=self.counts[Reply.ACCEPTED.value],
            substitute=self.counts[Reply.SUBSTITUTE.value],
            declined=self.counts[Reply.DECLINED.value],
            silent=self.silent,
        )


_SHOWN = {
    "accepted": Reply.ACCEPTED.value,
    "substitute": Reply.SUBSTITUTE.value,
    "declined": Reply.DECLINED.value,
    "seen": SEEN,
    "invited": Reply.ASKED.value,
    "not_invited": Reply.NOT_ASKED.value,
}


def counts(meeting: Meeting, visible: sa.ColumnElement[bool] | None = None) -> Replies:
    """What the sites of *meeting* (those *visible*) have said, in one statement."""
    rows = db.session.execute(
        sa.select(said_so_far, sa.func.count())
        .select_from(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(queries.in_meeting(meeting, visible))
        .group_by(said_so_far)
    )
    found = {str(said): int(count) for said, count in rows}
    return Replies({chip: found.get(chip, 0) for chip in CHIPS})


def chosen(
    meeting: Meeting, visible: sa.ColumnElement[bool] | None = None, *, said: str = "", words: str = ""
) -> sa.Select[MeetingSite, Invitation]:
    """Sites of *meeting* with their invitations, in protocol order: (MeetingSite, Invitation or None) a row.

    *said*: one of :data:`CHIPS`, or ``no_email``; *words*: looked for in the names, whatever case and diacritics.
    """
    query = (
        sa.select(MeetingSite, Invitation)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(queries.in_meeting(meeting, visible))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(MeetingSite.meeting).joinedload(Meeting.organiser),
            joinedload(MeetingSite.province),
            joinedload(Invitation.link),
        )
        .join(MeetingSite.meeting)
    )
    if said == NO_EMAIL:
        query = query.where(Invitation.by_post.is_(False))
    elif said == Reply.ASKED.value:  # silent, whether it has looked or not
        query = query.where(Invitation.reply == Reply.ASKED)
    elif said in CHIPS:
        query = query.where(said_so_far == said)
    if words:
        query = query.join(Unit, MeetingSite.unit_id == Unit.id)
        for word in words.split()[:6]:
            query = query.where(Unit.search_key.contains(search_key(word), autoescape=True))
    return query


def page(
    meeting: Meeting, visible: sa.ColumnElement[bool], *, said: str = "", words: str = "", number: int = 1
) -> Page[tuple[MeetingSite, Invitation | None]]:
    """One page of :func:`chosen`, fifty sites."""
    query = chosen(meeting, visible, said=said, words=words)
    return rows_of(query, number)
