"""How far the letters of a meeting have come: its rounds of letters, the figures of one round, the list behind each figure.

Every figure is counted from the letters themselves, so that it is right again after whatever was stopped or killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from meetings.database import db
from meetings.directory.models import Contact, Site
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import awaiting, changes, letters, queries
from meetings.invitations.chasing import STEP_WORDS
from meetings.invitations.models import Chase, Invitation, Link, Reply
from meetings.official.text import search_key
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus, deliverable
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import TOLD_TO_ALL, ChangeKind, Status
from meetings.units.models import Unit
from meetings.web.pages import SIZE, Page

FIRST: Final = "first"
"""The round of the first release. That of a change is called ``c`` and its id, of a reminder ``r`` and the id of its rung,
every other by the kind of its letters."""

_NEWS: Final = (letters.KIND, *changes.KINDS)

OCCASIONS: Final[Mapping[str, object]] = {
    letters.NEW_LINK: _l("New links"),
    "cascade": _l("Asked to bring further sites"),
    "conclusions": _l("Notice of conclusions"),  # written by a later feature, which this one does not know
}
"""What else a meeting sends, by the kind of its letters. Letters inside the office and codes are no round."""

_REMINDING: Final = ("reminder", "province_reminder")


class Figure(StrEnum):
    """What a figure of the page counts, as ``?status=`` names it."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"
    WITHOUT_EMAIL = "without_email"


_COUNTED: Final[Mapping[Figure, tuple[LetterStatus, ...]]] = {
    Figure.WAITING: (LetterStatus.WAITING, LetterStatus.TRANSMITTING),
    Figure.ACCEPTED: (LetterStatus.SENT,),
    Figure.REFUSED: (LetterStatus.REFUSED, LetterStatus.BOUNCED),
    Figure.UNCERTAIN: (LetterStatus.UNCERTAIN,),
    Figure.BOUNCED: (LetterStatus.BOUNCED,),
    Figure.WITHDRAWN: (LetterStatus.WITHDRAWN,),
    Figure.WITHOUT_EMAIL: (),
}


# ------------------------------------------------------------------ rounds


@dataclass(frozen=True)
class Round:
    """The letters of one occasion. *change*: the one they tell, *chase*: the rung on which they remind, if they do;
    *deferred*: those among the waiting that a server put off."""

    key: str
    at: datetime | None
    change: Change | None
    chase: Chase | None
    counts: Mapping[LetterStatus, int]
    deferred: int = 0

    def number(self, figure: Figure) -> int:
        return sum(self.counts.get(status, 0) for status in _COUNTED[figure])

    @property
    def letters(self) -> int:
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """Letters that a person must look at."""
        return self.number(Figure.REFUSED) + self.number(Figure.UNCERTAIN)

    @property
    def news(self) -> bool:
        """Whether it tells every site of the meeting something: an invitation or a change."""
        return self.key == FIRST or self.change is not None

    @property
    def words(self) -> str:
        """What it is called where it is no news."""
        if self.chase is not None:
            return _("Reminder: %(step)s", step=STEP_WORDS[self.chase.step])
        return str(OCCASIONS.get(self.key, ""))


def rounds(meeting: Meeting) -> list[Round]:
    """All rounds of *meeting*, the newest first, in one counting statement. Those without a letter are left out, but for
    what is being told just now: its letters may not be written yet."""
    told, rungs = scheduling.changes_of(meeting), _rungs(meeting)
    key = _key_of_round(told, rungs)
    rows = db.session.execute(
        sa.select(
            key,
            Letter.status,
            sa.func.count(),
            sa.func.count(sa.case((Letter.attempts > 0, 1))),
            sa.func.min(Letter.written_at),
        )
        .where(_of(meeting))
        .group_by(key, Letter.status)
    ).all()
    current, by_key = awaiting.to_be_told(meeting), {f"c{change.id}": change for change in told}
    by_rung = {f"r{chase.id}": chase for chase in rungs}
    now_told = f"c{current.id}" if current is not None else FIRST
    found = []
    for name in {row[0] for row in rows} | {now_told}:
        mine = [row for row in rows if row[0] == name]
        change = by_key.get(name)
        at = change.at if change else meeting.sent_at if name == FIRST else min(row[4] for row in mine)
        counts = {row[1]: int(row[2]) for row in mine}
        deferred = sum(int(row[3]) for row in mine if row[1] is LetterStatus.WAITING)
        found.append(Round(name, at, change, by_rung.get(name), counts, deferred))
    return sorted(found, key=lambda one: (one.at is not None, one.at, one.key), reverse=True)


def chosen(meeting: Meeting, of_meeting: Sequence[Round], key: str) -> Round:
    """The round that is asked for by its key; else what the sites are being told now."""
    current = awaiting.to_be_told(meeting)
    usual = f"c{current.id}" if current is not None else FIRST
    by_key = {one.key: one for one in of_meeting}
    return by_key.get(key) or by_key[usual]


def _of(meeting: Meeting) -> sa.ColumnElement[bool]:
    """The letters of *meeting*: of a date of a series also those that were written from its first date."""
    first = awaiting.written_from(meeting)
    mine = sa.and_(Letter.root == meeting.code, Letter.kind.in_((*_NEWS, *_REMINDING, *OCCASIONS)))
    if first.id == meeting.id:
        return mine
    return sa.or_(mine, sa.and_(Letter.root == first.code, Letter.kind == letters.KIND, _untold))


_untold: Final = Letter.key.not_like("%-c%")


def _rungs(meeting: Meeting) -> Sequence[Chase]:
    return db.session.scalars(sa.select(Chase).where(Chase.meeting_id == meeting.id).order_by(Chase.id)).all()


def _key_of_round(told: Sequence[Change], rungs: Sequence[Chase]) -> sa.ColumnElement[str]:
    news = Letter.kind.in_(_NEWS)
    known = [(_tells(change), f"c{change.id}") for change in told] + [(_reminds(one), f"r{one.id}") for one in rungs]
    # written into the statement: PostgreSQL takes two placeholders of one value for two different groups
    known.append((news, FIRST))
    return sa.case(*((which, sa.literal_column(f"'{name}'")) for which, name in known), else_=Letter.kind)


def round_of(letter: Letter) -> str:
    """The key of the round that *letter* belongs to, as :func:`rounds` tells them apart."""
    if letter.kind in _NEWS:
        version = letters.version_of(letter.key)
        return f"c{version}" if version else FIRST
    return f"r{letter.key.split('-')[1]}" if letter.kind in _REMINDING else letter.kind


def _tells(change: Change) -> sa.ColumnElement[bool]:
    return sa.and_(Letter.kind.in_(_NEWS), Letter.key.like(f"%-c{change.id}"))


def _reminds(chase: Chase) -> sa.ColumnElement[bool]:
    return sa.or_(*(sa.and_(Letter.kind == kind, Letter.key.like(f"{kind}-{chase.id}-%")) for kind in _REMINDING))


# ------------------------------------------------------------------ figures


@dataclass(frozen=True)
class Progress:
    """How far one round has come. *unasked*: sites the worker has not come to yet; *bounced* are not among *refused*."""

    sites: int
    unasked: int
    waiting: int
    deferred: int
    sent: int
    refused: int
    bounced: int
    uncertain: int
    withdrawn: int
    without_email: int
    to_ring: int = 0  # of those without e-mail, whom this round has still to reach by another way

    @property
    def failed(self) -> int:
        """Letters that a person must look at."""
        return self.refused + self.bounced + self.uncertain

    @property
    def done(self) -> bool:
        """Nothing is left that moves by itself."""
        return not self.unasked and not self.waiting

    @property
    def by_person(self) -> int:
        """Sites that no letter reaches by itself: a person rings them, mends an address or sends paper."""
        return self.failed + self.to_ring


def progress(meeting: Meeting, round: Round | None = None) -> Progress:
    """The figures of *round*, of the newest one where none is named; few counting statements, however many sites."""
    round = round or chosen(meeting, rounds(meeting), "")
    sites, unasked, without, to_ring = _sites_of(meeting, round)
    return Progress(
        sites=sites,
        unasked=unasked,
        waiting=round.number(Figure.WAITING),
        deferred=round.deferred,
        sent=round.number(Figure.ACCEPTED),
        refused=round.number(Figure.REFUSED) - round.number(Figure.BOUNCED),
        bounced=round.number(Figure.BOUNCED),
        uncertain=round.number(Figure.UNCERTAIN),
        withdrawn=round.number(Figure.WITHDRAWN),
        without_email=without,
        to_ring=to_ring,
    )


def _sites_of(meeting: Meeting, round: Round) -> tuple[int, int, int, int]:
    """Whom *round* is for: how many sites, how many the worker has not come to, how many have no e-mail address, how many
    of these are still to be reached: who has answered an invitation has it."""
    current, change = awaiting.to_be_told(meeting), round.change
    if not round.news or (change or current) is not current:
        return round.letters, 0, 0, 0
    if change is not None and change.kind not in TOLD_TO_ALL:
        return _of_those(change)
    without_email = Invitation.by_post.is_(False)
    sites, asked, without, silent = db.session.execute(
        sa.select(
            sa.func.count(MeetingSite.id),
            sa.func.count(Invitation.id),
            sa.func.count(sa.case((without_email, 1))),
            sa.func.count(sa.case((sa.and_(without_email, Invitation.reply == Reply.ASKED), 1))),
        )
        .select_from(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(_in(meeting))
    ).one()
    unasked = sites - asked
    if change is not None:
        unasked = awaiting.untold_count(meeting, change.id) + (unasked if meeting.status is Status.SCHEDULED else 0)
    elif current is not None:  # the first round of a meeting that was changed since: whoever came later was not in it
        return round.letters, 0, without, silent
    return sites, unasked, without, silent if change is None else without


def _in(meeting: Meeting) -> sa.ColumnElement[bool]:
    return sa.and_(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))


def _of_those(change: Change) -> tuple[int, int, int, int]:
    """Of the sites that came or went: how many, how many the worker has not come to, how many have no e-mail address, all
    of whom are to be reached."""
    gone = change.kind is ChangeKind.SITES_REMOVED
    told = Link.ended_at.is_not(None) if gone else Link.ended_at.is_(None)
    done = without = 0
    for start in range(0, len(change.sites), 500):
        row = db.session.execute(
            sa.select(sa.func.count(sa.case((told, 1))), sa.func.count(sa.case((Invitation.by_post.is_(False), 1))))
            .select_from(Invitation)
            .join(Invitation.link)
            .where(Invitation.meeting_site_id.in_(change.sites[start : start + 500]))
        ).one()
        done, without = done + row[0], without + row[1]
    return len(change.sites), len(change.sites) - done, without, without


# ------------------------------------------------------------------ the list


@dataclass(frozen=True)
class Line:
    """A letter with the site it is for and who can be rung there; or a site without e-mail, which no letter reaches."""

    letter: Letter | None
    meeting_site: MeetingSite | None
    officer: Contact | None

    @property
    def may_tick(self) -> bool:
        """Whether one press may send it again with others: nothing to ask or to mend before."""
        letter = self.letter
        if letter is None or not deliverable(letter.to_address):
            return False
        put_off = letter.status is LetterStatus.WAITING and letter.attempts > 0
        return put_off or letter.status in (LetterStatus.REFUSED, LetterStatus.BOUNCED)


_FIRST_OF_ALL: Final = sa.case(
    (Letter.status.in_((LetterStatus.REFUSED, LetterStatus.BOUNCED)), 0),
    (Letter.status == LetterStatus.UNCERTAIN, 1),
    (sa.and_(Letter.status == LetterStatus.WAITING, Letter.attempts > 0), 2),
    (Letter.status.in_((LetterStatus.WAITING, LetterStatus.TRANSMITTING)), 3),
    else_=4,
)


def page(
    meeting: Meeting, round: Round, figure: Figure | None = None, *, words: str = "", number: int = 1
) -> Page[Line]:
    """One page of the letters of *round* that *figure* counts, what needs a person first, then as the protocol has the sites.

    *words* are looked for in the names of the sites, whatever case and diacritics, and in the addresses.
    """
    if figure is Figure.WITHOUT_EMAIL:
        return _without_email(meeting, words, number)
    query = (
        sa.select(Letter, MeetingSite)
        .outerjoin(Invitation, sa.and_(Letter.link_purpose == "m", Invitation.link_id == Letter.link_id))
        .outerjoin(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .where(_of(meeting), _in_round(meeting, round))
        .order_by(_FIRST_OF_ALL, MeetingSite.position, Letter.id)
    )
    if figure is not None:
        query = query.where(Letter.status.in_(_COUNTED[figure]))
    if words:
        query = query.outerjoin(Unit, MeetingSite.unit_id == Unit.id)
        query = query.where(*_meant(words, Letter.to_address, Letter.to_name))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // SIZE)))
    rows = db.session.execute(query.limit(SIZE).offset((number - 1) * SIZE)).all()
    held = queries.officers([row[1] for row in rows if row[1] is not None])
    return Page([Line(row[0], row[1], held.get(row[1].site_id) if row[1] else None) for row in rows], number, total)


def _in_round(meeting: Meeting, round: Round) -> sa.ColumnElement[bool]:
    if round.change is not None:
        return _tells(round.change)
    if round.chase is not None:
        return _reminds(round.chase)
    return sa.and_(Letter.kind == letters.KIND, _untold) if round.key == FIRST else Letter.kind == round.key


def _meant(words: str, *columns: InstrumentedAttribute[str]) -> Iterator[sa.ColumnElement[bool]]:
    """What *words* mean: the name of the site's unit, or what stands in one of *columns*."""
    for word in words.split()[:6]:
        named = Unit.search_key.contains(search_key(word), autoescape=True)
        yield sa.or_(named, *(column.icontains(word, autoescape=True) for column in columns))


def _without_email(meeting: Meeting, words: str, number: int) -> Page[Line]:
    """Sites that no letter could be written to."""
    query = (
        sa.select(MeetingSite)
        .join(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(_in(meeting), Invitation.by_post.is_(False))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(joinedload(MeetingSite.site).joinedload(Site.unit))
    )
    if words:
        query = query.join(Unit, MeetingSite.unit_id == Unit.id).where(*_meant(words))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // SIZE)))
    sites = db.session.scalars(query.limit(SIZE).offset((number - 1) * SIZE)).all()
    held = queries.officers(sites)
    return Page([Line(None, site, held.get(site.site_id)) for site in sites], number, total)


# ------------------------------------------------------------------ once more


def ticked(meeting: Meeting, ids: Collection[int]) -> Sequence[Letter]:
    """Those of *meeting* among the letters of these ids."""
    few = sorted(id for id in ids if 0 < id < 2**31)[:SIZE]
    return db.session.scalars(sa.select(Letter).where(_of(meeting), Letter.id.in_(few)).order_by(Letter.id)).all()


def to_try_again(meeting: Meeting, round: Round) -> Sequence[Letter]:
    """All letters of *round* that were refused or put off. One that came back is not among them: its address is to be mended
    first, and who writes on to addresses that do not exist is soon written off as a sender."""
    put_off = sa.and_(Letter.status == LetterStatus.WAITING, Letter.attempts > 0)
    return db.session.scalars(
        sa.select(Letter)
        .where(_of(meeting), _in_round(meeting, round), sa.or_(Letter.status == LetterStatus.REFUSED, put_off))
        .order_by(Letter.id)
    ).all()
