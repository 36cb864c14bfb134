"""The công văn đôn đốc to one unit about its overdue tasks: written from what stands here, numbered, downloaded or sent.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from meetings import i18n, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.queries import documents as signing
from meetings.directory.services import documents
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import following, following_doors, following_letters, following_queries, own_form, papers, rules
from meetings.minutes.following_queries import Sight
from meetings.minutes.models import Assignment
from meetings.minutes.urging import UrgedTask, UrgingPaper, numbered, write_urging
from meetings.numbering import services as numbering
from meetings.official import dates
from meetings.official.form import Signer
from meetings.official.numbers import counted
from meetings.official.paper import CONTENT_TYPE
from meetings.official.signing import lines_of
from meetings.official.vocabulary import DocumentKind
from meetings.post import services as post
from meetings.post.services import Enclosed
from meetings.scheduling import working_time
from meetings.units.models import Unit

SERIES = "cong-van-don-doc"
ANSWER_WITHIN = 5
"""Working days in which the unit is asked to report, unless another day is typed."""


@dataclass(frozen=True)
class Wanted:
    """What the clerk types: number and day (both may be left to the paper), and until when the unit is to report."""

    number: str = ""
    on: date | None = None
    answer_by: date | None = None


def paper(given: Sequence[Assignment], wanted: Wanted) -> UrgingPaper:
    """The letter about what was *given*, which is overdue: in Vietnamese, whoever reads the page."""
    unit, body, sight = given[0].lead_unit, given[0].organiser, Sight.now()
    assert unit is not None
    called = unit.full_name or unit.name
    head = papers.issuer(body)
    by = wanted.answer_by or working_time.calendar().add_working_days(wanted.on or today(), ANSWER_WITHIN)
    with i18n.in_locale("vi"):
        tasks = tuple(
            UrgedTask(one.item.text, one.item.lead, one.due_on, sight.words(one), _source(one)) for one in given
        )
    return UrgingPaper(
        issuer=head,
        numbering=numbered(head, "VP", wanted.number, wanted.on),
        about="đôn đốc thực hiện nhiệm vụ giao tại các cuộc họp",
        to=(called,),
        opening=(
            f"Thực hiện kết luận tại các cuộc họp, {head.called} đã giao {called} chủ trì một số nhiệm vụ. "
            f"Đến {dates.date_plain(wanted.on or today())}, {counted(len(given))} nhiệm vụ đã quá hạn, cụ thể như sau:",
        ),
        tasks=tasks,
        asked=(
            f"{head.called} đề nghị {called} khẩn trương hoàn thành các nhiệm vụ nêu trên, báo cáo kết quả, nguyên nhân "
            f"chậm và thời hạn hoàn thành trước {dates.date_plain(by)}.",
        ),
        last=f"{head.called} đề nghị Quý cơ quan quan tâm, thực hiện",
        signer=_signer(body),
        recipients=("Như trên", "Lưu: VT, VP"),
        year=(wanted.on or today()).year,
    )


def _source(one: Assignment) -> str:
    record = one.item.record
    if record.notice_number and record.notice_on:
        its = papers.issuer(one.organiser).numbered(
            DocumentKind.NOTICE, record.notice_number, record.notice_on, body="VP"
        )
        return f"Thông báo số {its.number}/{its.symbol}"
    return f"Cuộc họp {dates.date_plain(record.started_at)}"


def _signer(body: Unit) -> Signer:
    """The first of the body's list who may sign such a letter today; an empty place to sign where the list has nobody."""
    offer = next(iter(signing.offers(body, DocumentKind.REMINDER, today())), None)
    if offer is None:
        return Signer((), "")
    authority, title, name = offer.words
    return Signer(lines_of(authority, title), name)


def written(given: Sequence[Assignment], wanted: Wanted) -> bytes:
    """The .docx, in the form of this house or by the body's own template."""
    value = paper(given, wanted)
    made = documents.printed(
        given[0].organiser, DocumentKind.REMINDER, lambda: own_form.urging(value), lambda: write_urging(value)
    )
    documents.note_failure(made, actor=SYSTEM)
    return made.data


def issue(given: Sequence[Assignment], wanted: Wanted, *, actor: Actor, send: bool) -> tuple[bytes, str]:
    """Write the letter, enter its number into the register of the body, and, if *send*, send it to the unit by e-mail.

    Returns the .docx and its name. Raises :class:`Refused` at the field that is wrong.
    """
    if not given:
        raise Refused(_("This unit has no overdue task here."))
    first = given[0]
    for one in given:
        db.session.refresh(one, with_for_update={"of": Assignment})
    if wanted.answer_by is not None and wanted.answer_by < (wanted.on or today()):
        raise Refused(
            _("The day to report by cannot lie before the date of the letter."), field="answer_by", status=422
        )
    rules.check_dated(wanted.on, "on", met_on=first.given_on - timedelta(days=1), today=today())
    if wanted.number:
        if wanted.on is None:
            raise Refused(
                _("Enter the date as well: the number counts in the year of the date."), field="on", status=422
            )
        if not wanted.number.isdecimal() or int(wanted.number) < 1:
            raise Refused(_("Numbers count from 01."), field="number", status=422)
        numbering.give(
            f"{SERIES}:{first.organiser_id}",
            wanted.on,
            int(wanted.number),
            subject=f"{SERIES}:{first.lead_unit_id}:{wanted.on.isoformat()}:{wanted.number}",
            about=first.lead_unit.full_name if first.lead_unit else "",
            by=actor.name,
            reason="",
            field="number",
        )
    data = written(given, wanted)
    name = (
        f"Cong-van-don-doc-{first.lead_unit.code if first.lead_unit else ''}-{(wanted.on or today()).isoformat()}.docx"
    )
    sha256 = post.keep(data, CONTENT_TYPE)
    if send:
        _send(given, Enclosed(sha256, name, CONTENT_TYPE), actor=actor)
    for one in given:
        following.urged(one, actor=actor)
    details = [{"unit": one.item.lead, "task": one.item.text[:120], "number": wanted.number} for one in given]
    fact = "assignment.urging_sent" if send else "assignment.urging_written"
    journal.record_each(fact, list(given), actor=actor, details=details)
    return data, name


def _send(given: Sequence[Assignment], enclosed: Enclosed, *, actor: Actor) -> None:
    first, sight = given[0], Sight.now()
    assert first.lead_unit_id is not None
    contact = following_queries.officers_of([first.lead_unit_id]).get(first.lead_unit_id)
    if contact is None or not contact.email:
        raise Refused(
            _("No e-mail address of this unit is known. Download the letter and send it on paper."),
            field="send",
            status=422,
        )
    door = following_doors.door_for(first.lead_unit_id, first.organiser_id)
    key = f"{following_letters.KIND}-letter-{door.id}-{enclosed.sha256[:32]}"
    draft = following_letters.reminder(door, given, contact, sight, key=key, asked=actor.name)
    if not post.hand_in_all([replace(draft, enclosures=(enclosed,))]):
        raise Refused(_("This very letter has been sent already."))
