"""The công văn đôn đốc to one unit about its overdue tasks: written from what stands here, numbered, downloaded or sent.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from meetings import i18n, journal
from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.queries import documents as signing
from meetings.directory.services import documents
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import (
    door_queries,
    following,
    following_doors,
    following_letters,
    following_queries,
    own_form,
    papers,
    record_numbers,
    register,
    rules,
)
from meetings.minutes.following import Upload
from meetings.minutes.following_queries import Sight
from meetings.minutes.models import Assignment
from meetings.minutes.record_numbers import Book
from meetings.minutes.urging import UrgedTask, UrgingPaper, numbered, write_urging
from meetings.numbering import queries as numbers
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

ANSWER_WITHIN = 5
"""Working days in which the unit is asked to report, unless another day is typed."""


@dataclass(frozen=True)
class Wanted:
    """What the clerk types: number and day (both may be left to the paper), until when the unit is to report, who signs.

    *on_paper*: also where the system counts, this number is left to the paper. *signer*: one of :func:`offers`; "" the first.
    """

    number: str = ""
    on: date | None = None
    answer_by: date | None = None
    on_paper: bool = False
    signer: str = ""


def paper(given: Sequence[Assignment], wanted: Wanted) -> UrgingPaper:
    """The letter about what was *given*, which is overdue: in Vietnamese, whoever reads the page."""
    unit, body, sight = given[0].lead_unit, given[0].organiser, Sight.now()
    assert unit is not None
    called = unit.full_name or unit.name
    head = papers.issuer(body)
    by = wanted.answer_by or working_time.calendar().add_working_days(wanted.on or today(), ANSWER_WITHIN)
    with i18n.in_locale("vi"):
        tasks = tuple(UrgedTask(one.item.text, one.led_by, one.due_on, sight.words(one), _source(one)) for one in given)
    return UrgingPaper(
        issuer=head,
        numbering=numbered(head, "VP", wanted.number, wanted.on),
        about="đôn đốc thực hiện nhiệm vụ giao tại các cuộc họp",
        to=(called,),
        opening=(
            f"Thực hiện kết luận tại các cuộc họp, {head.called} đã giao {called} chủ trì một số nhiệm vụ. "
            f"Đến ngày {dates.date_short(wanted.on or today())}, {counted(len(given))} nhiệm vụ đã quá hạn, cụ thể như sau:",
        ),
        tasks=tasks,
        asked=(
            f"{head.called} đề nghị {called} khẩn trương hoàn thành các nhiệm vụ nêu trên, báo cáo kết quả, nguyên nhân "
            f"chậm và thời hạn hoàn thành trước {dates.date_plain(by)}.",
        ),
        last=f"{head.called} đề nghị Quý cơ quan quan tâm, thực hiện",
        signer=_signer(given, wanted.signer),
        recipients=("Như trên;", "Lưu: VT, VP."),
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


def offers(given: Sequence[Assignment]) -> list[signing.Offer]:
    """Who of the body's list may sign such a letter today, then whoever signed the notice that gave the first of the tasks."""
    if not given:
        return []
    listed = signing.offers(given[0].organiser, DocumentKind.REMINDER, today())
    record = given[0].item.record
    its = signing.Offer("notice", record.signer_authority, record.signer_title, record.signer_name)
    return listed if not its.name or its.words in [one.words for one in listed] else [*listed, its]


def offers_of(given: Sequence[Assignment]) -> list[tuple[str, str]]:
    """Who may sign the letter about what was *given*, as a form offers them."""
    return [(one.id, one.label) for one in offers(given)]


def counted_by_system(given: Sequence[Assignment]) -> bool:
    """Whether the product numbers the letter about what was *given*."""
    return bool(given) and record_numbers.by_system(given[0].organiser, Book.URGING)


def _signer(given: Sequence[Assignment], wanted: str) -> Signer:
    """Who was chosen of :func:`offers`, else the first; an empty place to sign where there is nobody."""
    known = offers(given)
    offer = next((one for one in known if one.id == wanted), known[0] if known else None)
    if offer is None:
        return Signer((), "")
    authority, title, name = offer.words
    return Signer(lines_of(authority, title), name)


def written(given: Sequence[Assignment], wanted: Wanted, *, actor: Actor) -> bytes:
    """The .docx, in the form of this house or by the body's own template."""
    value = paper(given, wanted)
    made = documents.printed(
        given[0].organiser, DocumentKind.REMINDER, lambda: own_form.urging(value), lambda: write_urging(value)
    )
    documents.note_failure(made, actor=actor)
    return made.data


def issue(given: Sequence[Assignment], wanted: Wanted, *, actor: Actor, send: bool) -> tuple[bytes, str]:
    """Write the letter, enter its number into the register of the body, and, if *send*, send it to the unit by e-mail.

    Returns the .docx and its name. The same letter of the same day is the same: pressed again it keeps its number, and nothing
    is noted twice. Raises :class:`Refused` at the field that is wrong.
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
    wanted = _numbered(given, wanted, actor)
    data = written(given, wanted, actor=actor)
    name = (
        f"Cong-van-don-doc-{first.lead_unit.code if first.lead_unit else ''}-{(wanted.on or today()).isoformat()}.docx"
    )
    sha256 = post.keep(data, CONTENT_TYPE)
    if send:
        _send(given, Enclosed(sha256, name, CONTENT_TYPE), actor=actor)
    elif following_queries.noted_file(first, sha256):
        return data, name
    for one in given:
        following.urged(one, actor=actor, letter=Upload(name, data))
    details = [{"unit": one.led_by, "task": one.item.text[:120], "number": wanted.number} for one in given]
    fact = "assignment.urging_sent" if send else "assignment.urging_written"
    journal.record_each(fact, list(given), actor=actor, details=details)
    return data, name


def _numbered(given: Sequence[Assignment], wanted: Wanted, actor: Actor) -> Wanted:
    """*wanted* with the number that the letter bears, which stands in the register of the body then."""
    first, body = given[0], given[0].organiser
    series, on = record_numbers.series_of(body, Book.URGING), wanted.on or today()
    subject = register.urging_subject(body.id, first.lead_unit_id or 0, on, [one.id for one in given])
    about = first.lead_unit.full_name if first.lead_unit else ""
    if record_numbers.by_system(body, Book.URGING) and not wanted.on_paper:
        if wanted.number:
            raise Refused(
                _("These documents are numbered by the system when they are issued. Leave the number empty."),
                field="number",
                status=422,
            )
        known = numbers.borne_by(subject)
        number = known or numbering.take_for(series, on, subject=subject, about=about, by=actor.name)
        return replace(wanted, number=str(number), on=on)
    if wanted.number:
        if wanted.on is None:
            raise Refused(
                _("Enter the date as well: the number counts in the year of the date."), field="on", status=422
            )
        if not wanted.number.isdecimal() or int(wanted.number) < 1:
            raise Refused(_("Numbers count from 01."), field="number", status=422)
        numbering.give(
            series, on, int(wanted.number), subject=subject, about=about, by=actor.name, reason="", field="number"
        )
    return wanted


def _send(given: Sequence[Assignment], enclosed: Enclosed, *, actor: Actor) -> None:
    first, sight = given[0], Sight.now()
    assert first.lead_unit_id is not None
    contact = door_queries.officers_of([first.lead_unit_id]).get(first.lead_unit_id)
    if contact is None or not contact.email:
        raise Refused(
            _("No e-mail address of this unit is known. Download the letter and send it on paper."),
            field="send",
            status=422,
        )
    if following_queries.wordless(given):
        raise Refused(
            _("The documents of these meetings go by link alone. Download the letter and send it on paper."),
            field="send",
            status=422,
        )
    door = following_doors.door_for(first.lead_unit_id, first.organiser_id)
    key = f"{following_letters.KIND}-letter-{door.id}-{enclosed.sha256[:32]}"
    draft = following_letters.reminder(door, given, contact, sight, key=key, asked=actor.name)
    if not post.hand_in_all([replace(draft, enclosures=(enclosed,))]):
        raise Refused(_("This very letter has been sent already."))
