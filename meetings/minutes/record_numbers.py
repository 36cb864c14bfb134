"""Number and day of a biên bản and of a thông báo kết luận, and the register they stand in; that of the công văn about tasks.

A second room of ``services``: the same rules hold. Each body counts each kind for itself, from 01 in every calendar year
(Decree 30/2020/NĐ-CP, Article 15). Who gives the number is chosen for the body and the kind, as for giấy mời: the system at
the issue, the records clerk, or nobody here, because the paper gets it by hand. A number is never given twice, and each
version of the minutes bears its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import today, wall
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import rules
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordStatus, Which
from meetings.numbering import queries as given
from meetings.numbering import services as numbering
from meetings.units.models import Unit


class Book(StrEnum):
    """The registers of what follows from a meeting: of the two documents of a record, and of the letters about its tasks."""

    NOTICE = "notice"
    RECORD = "record"
    URGING = "urging"


KINDS: Final[Mapping[str, str]] = {
    Book.RECORD: "bien-ban",
    Book.NOTICE: "thong-bao",
    Book.URGING: "cong-van-don-doc",
}
FIELDS: Final = {Which.RECORD: ("number", "on"), Which.NOTICE: ("notice_number", "notice_on")}
"""How the two values are called in the form of the issue, and in a refusal."""
_COLUMNS: Final = {Which.RECORD: ("number", "numbered_on"), Which.NOTICE: ("notice_number", "notice_on")}


@dataclass(frozen=True)
class Numbers:
    """What the records clerk gives: number and day of each document; empty where the paper gets them by hand.

    *on_paper*: also where the system counts, this one is left to the paper.
    """

    number: str = ""
    on: date | None = None
    notice_number: str = ""
    notice_on: date | None = None
    on_paper: bool = False


def series_of(body: Unit, which: Which | Book) -> str:
    """The series in which *body* numbers its documents of this kind."""
    return f"{KINDS[which]}:{body.id}"


def subject_of(record: Record, which: Which) -> str:
    """What bears the number in the register: one version's document."""
    return f"{KINDS[which]}:{record.id}"


def by_system(body: Unit, which: Which | Book) -> bool:
    """Whether the product numbers these documents of *body* as they are issued."""
    return given.by_system(series_of(body, which))


def following(body: Unit, which: Which | Book, year: int) -> int:
    """The number that comes next in *year*: a proposal, until the issue takes it."""
    return given.following(series_of(body, which), year)


def of(record: Record, which: Which) -> tuple[str, date | None]:
    """Number and day that a document of *record* bears."""
    number, on = _COLUMNS[which]
    return getattr(record, number), getattr(record, on)


def at_issue(record: Record, numbers: Numbers, *, actor: Actor) -> None:
    """Give both documents their number and day, in the register too; a roll-back of the caller takes them back.

    Raises :class:`Refused` at the field of a day that cannot be, of a number without its day, or of one that is borne already.
    """
    for which, (number_field, on_field) in FIELDS.items():
        number, on = getattr(numbers, number_field).strip(), getattr(numbers, on_field)
        rules.check_dated(on, on_field, met_on=wall(record.started_at).date(), today=today())
        if by_system(record.meeting.organiser, which) and not numbers.on_paper:
            if number:
                raise Refused(
                    _("These documents are numbered by the system when they are issued. Leave the number empty."),
                    field=number_field,
                    status=422,
                )
            on = on or today()
            number = str(_taken(record, which, on, actor))
        elif number:
            _typed(record, which, number, on, actor)
        _bear(record, which, number, on)


def note(record: Record, which: Which, number: str, on: date | None, reason: str, *, actor: Actor) -> None:
    """Write down the number that the paper got by hand after the issue; the files stay as they were handed out."""
    number_field, on_field = FIELDS[which]
    if record.status is not RecordStatus.ISSUED:
        raise Refused(_("Before the issue the number is given with it."))
    rules.check_dated(on, "on", met_on=wall(record.started_at).date(), today=today())
    before = of(record, which)
    if before == (number, on):
        return
    if before[0] and not reason:
        raise Refused(_("Enter why the number or the date is corrected."), field="reason", status=422)
    _typed(record, which, number, on, actor, fields=("number", "on"), reason=reason)
    _bear(record, which, number, on)
    journal.record(
        "record.numbered", record, actor=actor, version=record.version, which=which, number=number, on=on,
        before=before[0], reason=reason,
    )  # fmt: skip


def count_by_system(body: Unit, which: Which | Book, yes: bool, last: int | None, *, actor: Actor) -> None:
    """Say who numbers these documents of *body*; *last* is the last number of this year that was given on paper."""
    series, year = series_of(body, which), today().year
    changed = numbering.choose_counting(series, yes, by=actor.name)
    if yes and last:
        numbering.count_on_from(series, year, last, about=_("Given on paper before the system counted"), by=actor.name)
        changed = True
    if changed:
        journal.record(
            "unit.records_numbering_chosen", body, actor=actor, which=which, by_system=yes, year=year,
            last=last if yes else None,
        )  # fmt: skip


def explain(body: Unit, which: Which | Book, year: int, number: int, why: str, *, actor: Actor) -> None:
    """Say what became of a *number* that the register does not know: given on paper, spoilt, left out."""
    if number not in given.left_out(series_of(body, which), year, 1000):
        raise Refused(_("This number is no hole in the register."), field="number", status=422)
    numbering.give_nobody(series_of(body, which), year, number, about=why, by=actor.name)
    journal.record("unit.number_explained", body, actor=actor, which=which, year=year, number=number, reason=why)


def _taken(record: Record, which: Which, on: date, actor: Actor) -> int:
    return numbering.take_for(
        series_of(record.meeting.organiser, which), on,
        subject=subject_of(record, which), about=record.meeting.code, by=actor.name,
    )  # fmt: skip


def _typed(
    record: Record,
    which: Which,
    number: str,
    on: date | None,
    actor: Actor,
    *,
    fields: tuple[str, str] | None = None,
    reason: str = "",
) -> None:
    number_field, on_field = fields or FIELDS[which]
    if on is None:
        raise Refused(
            _("Enter the date as well: the number counts in the year of the date."), field=on_field, status=422
        )
    digits, letter = _parted(number)
    if digits < 1:
        raise Refused(_("Numbers count from 01."), field=number_field, status=422)
    series = series_of(record.meeting.organiser, which)
    numbering.give(
        f"{series}:{letter}" if letter else series, on, digits,
        subject=subject_of(record, which), about=record.meeting.code, by=actor.name, reason=reason, field=number_field,
    )  # fmt: skip


def _parted(number: str) -> tuple[int, str]:
    """``12a`` stands between 12 and 13: its letter counts by itself, so that the row of whole numbers stays without a hole."""
    letter = number[-1:].lower() if number[-1:].isalpha() else ""
    digits = number[: len(number) - len(letter)]
    return (int(digits) if digits.isdecimal() else 0), letter


def _bear(record: Record, which: Which, number: str, on: date | None) -> None:
    number_column, on_column = _COLUMNS[which]
    setattr(record, number_column, number)
    setattr(record, on_column, on)
