"""The e-mails that bring an issued record to its readers, ask for the receipt and take it back, and the one with the code.

The conclusions stand in the body, where they can be read on a locked screen, unless only the link may be sent. The
documents are always Vietnamese; the words around them are in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from meetings import adapters, i18n
from meetings.clock import wall
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations.letters import Row, about, contact_row, said
from meetings.minutes import files, following_letters, following_queries, notice_words, queries, word_file
from meetings.minutes.following_queries import Sight
from meetings.minutes.models import Assignment, AssignmentDoor, HandOut, Recall, Record
from meetings.minutes.queries import Written
from meetings.minutes.rules import CODE_LASTS, FileOrigin, Which, kind_of
from meetings.official import dates, numbers
from meetings.official.paper import CONTENT_TYPE
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Enclosed, Ticket, sender_address
from meetings.scheduling.models import Meeting

KIND: Final = "conclusions"
TASKS: Final = "action_items"
CODE: Final = "reading_code"
RECEIPT: Final = "receipt"
RECALL: Final = "recall"


def record_file(meeting: Meeting, ending: str = "docx") -> str:
    """The biên bản as a file, ASCII."""
    return f"Bien-ban-{meeting.code}.{ending}"


def notice_file(meeting: Meeting, ending: str = "docx") -> str:
    """The thông báo kết luận as a file, ASCII."""
    return f"Thong-bao-ket-luan-{meeting.code}.{ending}"


# --- what is handed out ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Handed:
    """One of the two documents as it is handed out: the signed PDF where there is one, else the .docx that holds.

    *ours*: its words are those of the pages here; a file that was changed in Word may say more.
    """

    which: Which
    file: Enclosed
    size: int
    signed: bool
    ours: bool


def handed(record: Record, *, notice_only: bool = False) -> tuple[Handed, ...]:
    """The documents of *record* in the order of a letter; who may see the notice alone gets nothing else."""
    both = (Which.NOTICE,) if notice_only else (Which.NOTICE, Which.RECORD)
    return tuple(one for which in both if (one := _handed(record, which)) is not None)


def _handed(record: Record, which: Which) -> Handed | None:
    called = notice_file if which is Which.NOTICE else record_file
    kept = files.signed(record, which) or files.current(record, which)
    if kept is not None:
        signed, holds = kept.origin in files.SIGNED, files.current(record, which)
        ours = kept.origin is not FileOrigin.SIGNED_OUTSIDE and (holds is None or holds.origin is FileOrigin.WRITTEN)
        name = called(record.meeting, "pdf" if signed else "docx")
        return Handed(which, Enclosed(kept.sha256, name, kept.content_type), kept.size, signed, ours)
    sha256 = record.notice_sha256 if which is Which.NOTICE else record.record_sha256
    data = queries.kept(sha256)
    if data is None:
        return None
    return Handed(which, Enclosed(sha256, called(record.meeting), CONTENT_TYPE), len(data), signed=False, ours=True)


def _ticket(found: HandOut) -> Ticket:
    assert found.link is not None
    return Ticket("v", found.link.id, found.link.issue)


# --- the letter that hands it out ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """What the letters of one hand-out share, for readers of one language who get the same."""

    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosed, ...] = ()


class Wordings:
    """The wordings of the letters of one record, each written once however many readers it goes to."""

    def __init__(self, rows: Written, replaced: Record | None = None, recalled: Recall | None = None) -> None:
        self.rows, self.replaced, self.recalled = rows, replaced, recalled
        self._known: dict[tuple[Any, ...], Wording] = {}

    def of(self, found: HandOut, write: Callable[[Wordings, HandOut], Wording], *also: object) -> Wording:
        """What *write* says to *found*, and to everybody who reads her language, gets the same, and of whom *also* holds."""
        key = (write, found.locale, found.notice_only, found.link_only, *also)
        if key not in self._known:
            with i18n.in_locale(found.locale):
                self._known[key] = write(self, found)
        return self._known[key]


def conclusions(words: Wordings, found: HandOut) -> Draft:
    """The letter that hands the issued record to *found*; the same text for everybody, the link her own."""
    key = f"conclusions-{found.id}-{found.link.issue if found.link else 1}"
    return _to(found, words.of(found, _conclusions), key=key, kind=KIND)


def receipt(words: Wordings, found: HandOut) -> Draft:
    """The letter that asks *found* once more to say that the documents arrived."""
    wording = words.of(found, _receipt, wall(found.made_at).date())
    return _to(found, wording, key=f"{RECEIPT}-{found.id}-{found.reminded}", kind=RECEIPT)


def recall(words: Wordings, found: HandOut) -> Draft:
    """The letter that takes the documents back from *found*: to be deleted, and to say so."""
    return replace(_to(found, words.of(found, _recall), key=f"{RECALL}-{found.id}", kind=RECALL), urgency=2)


def _to(found: HandOut, wording: Wording, *, key: str, kind: str) -> Draft:
    """A letter to *found* with her own link."""
    meeting, to = found.record.meeting, Address(found.name, found.email)
    return replace(
        about(meeting, to, wording.subject, (wording.text, wording.html), key=key, kind=kind),
        enclosures=wording.enclosures,
        reply_to=Address(meeting.organiser.full_name, sender_address()),
        fills={"reader": found.unit_name or found.name or found.email, "address": found.email},
        link=_ticket(found),
        urgency=4,
        locale=found.locale,
    )


def _frame(record: Record, subject: str, form: Form) -> dict[str, Any]:
    meeting = record.meeting
    return {
        "meeting": meeting,
        "title": meeting.title,
        "organiser": meeting.organiser.full_name,
        "subject": subject,
        "preheader": "",
        "first": _first_rows(record),
        "reader": slot("reader", form),
        "link": f"{adapters.config().public_url}/v/{slot('token')}",
    }


def _called(record: Record) -> dict[str, str]:
    """What a subject calls the meeting: its kind, its day, its code."""
    kind = kind_of(record.meeting.title)
    words = {"hội nghị": _("Conference"), "hội thảo": _("Workshop")}.get(kind, _("meeting"))
    return {"kind": words, "day": dates.date_short(record.started_at, i18n.locale()), "code": record.meeting.code}


def _conclusions(words: Wordings, found: HandOut) -> Wording:
    rows, record = words.rows, words.rows.record
    papers = () if found.link_only else handed(record, notice_only=found.notice_only)
    called = _called(record)
    if not papers:
        subject = _("Conclusions: %(kind)s, %(day)s [%(code)s]", **called)
    elif papers[0].signed:
        subject = _("Conclusions: %(kind)s, %(day)s (signed PDF attached) [%(code)s]", **called)
    else:
        subject = _("Conclusions: %(kind)s, %(day)s (.docx attached) [%(code)s]", **called)
    # a letter with the link alone says nothing of what the documents say, not even in the list of letters
    changed = notice_words.edited(rows) if papers and not papers[0].ours else ()
    concluded, tasks = ([], []) if found.link_only or changed else notice_words.sentences(rows)

    def values(form: Form) -> dict[str, Any]:
        return {
            **_frame(record, subject, form),
            "preheader": " ".join((changed or concluded or tasks)[:1]),
            "changed": changed,
            "conclusions": concluded,
            "tasks": tasks,
            "files": [f"{one.file.name} ({numbers.size(one.size, i18n.locale())})" for one in papers],
            "link_only": found.link_only,
            "replaced": words.replaced,
        }

    return Wording(subject, *bodies("minutes/letter", values), tuple(one.file for one in papers))


def receipt_wording(rows: Written, found: HandOut) -> Wording:
    """The wording of the letter that asks *found* again, to be read before it is sent."""
    return Wordings(rows).of(found, _receipt)


def _receipt(words: Wordings, found: HandOut) -> Wording:
    record = words.rows.record
    subject = _("Reminder: please report receipt of the conclusions of %(day)s [%(code)s]", **_called(record))
    sent_on = dates.date_short(found.made_at, i18n.locale())
    body = bodies("minutes/receipt", lambda form: {**_frame(record, subject, form), "sent_on": sent_on})
    return Wording(subject, *body)


def _recall(words: Wordings, found: HandOut) -> Wording:
    record, recalled = words.rows.record, words.recalled
    assert recalled is not None
    subject = _("Recalled: conclusions of %(day)s, please delete them [%(code)s]", **_called(record))
    at = dates.moment_short(recalled.at, i18n.locale())
    said = {"reason": recalled.reason, "version": record.version, "at": at}
    return Wording(subject, *bodies("minutes/recall", lambda form: {**_frame(record, subject, form), **said}))


def _first_rows(record: Record) -> list[Row]:
    """When it was held, who took the chair, whom to call."""
    rows = [
        Row(_("Held on"), f"{dates.moment_long(record.started_at, i18n.locale())} (UTC+7)"),
        Row(_("Chair"), record.chair),
        contact_row(record.meeting),
    ]
    return said(rows)


@dataclass(frozen=True)
class Said:
    """What the letters to those who lead the tasks of a record may say, asked once for all of them.

    *unsaid*: the ids of tasks whose documents go by link alone. *changed*: what the notice says of them that was edited in Word.
    """

    unsaid: frozenset[int]
    changed: str

    @classmethod
    def of(cls, rows: Written, given: Iterable[Assignment]) -> Said:
        unsaid = following_queries.wordless(given)
        return cls(unsaid, "" if unsaid else word_file.squeezed(" ".join(notice_words.edited(rows))).casefold())

    def differs(self, text: str) -> bool:
        """Whether the notice says a task in other words than *text*."""
        return bool(self.changed) and word_file.squeezed(text).rstrip(".").casefold() not in self.changed


def action_items(
    rows: Written, given: Sequence[Assignment], door: AssignmentDoor, contact: Contact, may: Said
) -> Draft:
    """The letter to *contact*, who answers for the unit that leads what was *given*: each item with the sentence it came from,
    and the link to the page of *door*, where the unit reports."""
    record, meeting = rows.record, rows.record.meeting
    sources = {said.id: said for statements in rows.statements.values() for said in statements}
    due = min((one.due_on for one in given if one.due_on is not None), default=None)
    with i18n.in_locale(contact.locale):
        locale = i18n.locale()
        met = dates.date_short(record.started_at, locale)
        subject = (
            ngettext(
                "%(num)s action item, due %(day)s: conclusions of %(met)s [%(code)s]",
                "%(num)s action items, the first due %(day)s: conclusions of %(met)s [%(code)s]",
                len(given), day=dates.date_short(due, locale), met=met, code=meeting.code,
            )
            if due is not None
            else ngettext(
                "%(num)s action item: conclusions of %(met)s [%(code)s]",
                "%(num)s action items: conclusions of %(met)s [%(code)s]", len(given), met=met, code=meeting.code,
            )
        )  # fmt: skip

        def rows_of(one: Assignment) -> list[Row]:
            item = one.item
            if one.id in may.unsaid:
                return following_letters.rows_of(one, Sight.now(), locale, unsaid=True)
            source = sources.get(item.statement_id or 0)
            spoken = ": ".join(part for part in (source.speaker, source.text) if part) if source is not None else ""
            return said(
                [
                    Row(_("Task"), item.text),
                    Row(_("Due"), dates.date_long(one.due_on, locale) if one.due_on else _("no day was set")),
                    Row(_("Leads"), one.led_by),
                    Row(_("Supports"), item.support),
                    Row(_("Said there"), spoken),
                    Row(
                        _("Note"),
                        _("The wording was changed in the notice that was issued: the notice holds.")
                        if may.differs(item.text)
                        else "",
                    ),
                ]
            )

        def values(form: Form) -> dict[str, Any]:
            return {
                "meeting": meeting,
                "title": meeting.title,
                "organiser": meeting.organiser.full_name,
                "subject": subject,
                "preheader": given[0].item.text if not may.unsaid else "",
                "first": _first_rows(record),
                "items": [rows_of(one) for one in given],
                "reader": slot("reader", form),
                "link": f"{adapters.config().public_url}/t/{slot('token')}",
            }

        body = bodies("minutes/action_items", values)
    assert door.link is not None
    to, key = Address(contact.name, contact.email), f"{TASKS}-{record.id}-{door.unit_id}"
    draft = about(meeting, to, subject, body, key=key, kind=TASKS)
    return replace(
        draft,
        fills={"reader": door.unit.full_name or door.unit.name, "address": contact.email},
        link=Ticket("t", door.link.id, door.link.issue),
        urgency=4,
        locale=contact.locale,
    )


def code(found: HandOut, digits: str) -> Draft:
    """The letter with the one-time code; it is not carried once the code is too old to be of use."""
    meeting = found.record.meeting
    assert found.code_sent_at is not None
    minutes = int(CODE_LASTS.total_seconds()) // 60
    with i18n.in_locale(found.locale):
        lines = [
            _("The code to read the conclusions of “%(title)s” is:", title=meeting.title),
            slot("code"),
            _("It can be used once, for %(minutes)s minutes.", minutes=minutes),
            _("Whoever did not ask for it need do nothing: without this e-mail nobody can open the document."),
        ]
        subject = _("Code to read the conclusions [%(meeting)s]", meeting=meeting.code)
    return Draft(
        key=f"{CODE}-{found.id}-{found.codes_sent}",
        kind=CODE,
        root=meeting.code,
        to=Address(found.name, found.email),
        subject=subject,
        text="\n\n".join(lines) + "\n",
        sender_name=meeting.organiser.full_name,
        fills={"code": digits, "address": found.email},
        not_after=found.code_sent_at + CODE_LASTS,
        urgency=1,
        locale=found.locale,
    )
