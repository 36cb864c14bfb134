"""What is not finished comes before the next meeting of the series: on its agenda, on its pages and in its minutes.

A second room of ``services``: the same rules hold. The item on the agenda bears no list, for the list changes until the day:
pages and minutes ask for it when they are opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meetings import i18n, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import wall
from meetings.database import db
from meetings.journal import Entry
from meetings.minutes import following_queries
from meetings.minutes.following_queries import Asked, Sight
from meetings.minutes.following_rules import State, Tab
from meetings.minutes.models import Assignment, Record
from meetings.official.dates import date_short
from meetings.official.text import fold
from meetings.scheduling import queries as scheduling
from meetings.scheduling import services as booking
from meetings.scheduling.models import Meeting
from meetings.scheduling.services import Item

TITLE: Final = "Kiểm điểm nhiệm vụ giao tại các cuộc họp trước"
"""As it stands in documents, which are Vietnamese."""
MINUTES: Final = 10


def reviews(title: str) -> bool:
    """Whether an agenda item is the review of earlier tasks, as it was put there or as somebody reworded it."""
    return fold(title).startswith("kiem diem nhiem vu") or fold(title).startswith("kiem diem viec thuc hien nhiem vu")


def put_on_next(entry: Entry) -> None:
    """Follow-up of an issue, and of whatever makes another date of the series the next one (held, put off, moved, called off):
    the next date gets the review of what is not finished on its agenda.

    Once: whoever took it from the agenda has decided about it.
    """
    meeting = _meeting(entry)
    following = scheduling.coming_of_series(meeting) if meeting is not None else None
    if following is None or not following_queries.unfinished_before(following):
        return
    agenda = scheduling.agenda_of(following)
    put = journal.queries.of(following.code, fact="meeting.agenda_item_put")
    if any(reviews(item.title) for item in agenda) or any(reviews(str(e.details.get("title", ""))) for e in put):
        return
    opens = 1 if agenda and fold(agenda[0].title).startswith(("khai mac", "tuyen bo", "gioi thieu")) else 0
    booking.put_on_agenda(following, Item(TITLE, MINUTES, ""), opens, actor=SYSTEM)


def _meeting(entry: Entry) -> Meeting | None:
    """The meeting that *entry* is about."""
    kind, _colon, of = entry.subject.partition(":")
    if kind != "record":
        return scheduling.by_code(of)
    record = db.session.get(Record, int(of))
    return record.meeting if record is not None else None


def review(meeting: Meeting, actor: Actor) -> list[tuple[Assignment, State, str]]:
    """What the earlier dates of the series of *meeting* gave and is not finished, each with its state in words.

    Of these what *actor* may see: a unit that is invited reads its own, and hears of the others' in the meeting.
    """
    sight = Sight.now()
    found = following_queries.unfinished_before(meeting, following_queries.visible_to(actor))
    return [(one, sight.state(one), sight.words(one)) for one in found]


@dataclass(frozen=True)
class Given:
    """What a meeting gave: the first of it, what is due first at the top, and how much there is."""

    first: list[tuple[Assignment, State, str]]
    all: int
    overdue: int


def given_at(meeting: Meeting, actor: Actor) -> Given:
    """What *meeting* gave of which *actor* may know."""
    sight = Sight.now()
    counts = following_queries.counts(actor, Asked(Tab.OVERDUE, code=meeting.code), sight)
    found = following_queries.given_at(meeting, following_queries.visible_to(actor)) if any(counts.values()) else []
    first = [(one, sight.state(one), sight.words(one)) for one in found]
    return Given(first, sum(counts.values()), counts[Tab.OVERDUE])


def in_the_minutes(meeting: Meeting) -> list[str]:
    """The sentences with which the minutes of *meeting* begin under the review: how each unfinished task stands.

    In Vietnamese, whoever begins them: they go into the document.
    """
    sight, said = Sight.now(), []
    with i18n.in_locale("vi"):
        for number, one in enumerate(following_queries.unfinished_before(meeting), 1):
            due = f", hạn {date_short(one.due_on)}" if one.due_on else ""
            met = (
                f" (giao tại cuộc họp ngày {date_short(wall(one.meeting.starts_at))})" if one.meeting.starts_at else ""
            )
            said.append(f"{number}. {one.led_by}: {one.item.text.rstrip('.')}{due}{met}. {sight.words(one)}.")
    return said
