"""The issue of a record and its hand-out: numbers, files, letters, and the one-time codes behind the private links.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from meetings import journal, links
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.directory.models import Person
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations.models import Link
from meetings.journal import Entry
from meetings.minutes import letters, queries, rules
from meetings.minutes.life import keep_files
from meetings.minutes.models import ActionItem, HandOut, Record
from meetings.minutes.rules import RecordMove
from meetings.post import quota
from meetings.post import rules as envelopes
from meetings.post import services as post
from meetings.post.services import Draft

_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+)>")


@dataclass(frozen=True)
class Numbers:
    """What the records clerk gives: number and day of each document; empty where the paper gets them by hand."""

    number: str = ""
    on: date | None = None
    notice_number: str = ""
    notice_on: date | None = None


def addresses(text: str) -> list[tuple[str, str]]:
    """(name, address) of each line: ``Ông Lê Minh Khang <khang@bo.example>`` or the bare address.

    Raises :class:`Refused` naming the first line that is neither.
    """
    found = []
    for line in filter(None, (line.strip(" ,;") for line in text.split("\n"))):
        match = _NAMED.fullmatch(line)
        name, address = (match["name"].strip(), match["address"]) if match else ("", line)
        if not envelopes.deliverable(address):
            raise Refused(
                _("“%(line)s” is not an e-mail address. Enter one a line.", line=line[:80]), field="others", status=422
            )
        found.append((name, address.lower()))
    return found


def issue(
    record: Record,
    numbers: Numbers,
    people: Sequence[Person],
    others: Iterable[tuple[str, str]],
    *,
    actor: Actor,
    silent: bool = False,
) -> None:
    """Issue the approved *record*: its files with their numbers, a private link for everybody it is handed to.

    A *silent* issue goes to nobody, whoever is ticked; an address that was typed contradicts it. Without *silent* there
    must be somebody. Raises :class:`Refused` at the field that is wrong.
    """
    record.status = rules.after(record.status, RecordMove.ISSUE)
    for field in ("on", "notice_on"):
        rules.check_dated(getattr(numbers, field), field, met_on=wall(record.started_at).date(), today=today())
    record.number, record.numbered_on = numbers.number, numbers.on
    record.notice_number, record.notice_on = numbers.notice_number, numbers.notice_on
    record.issued_at, record.issued_by = now(), actor.name
    typed = list(others)
    if silent and typed:
        raise Refused(
            _("Addresses were typed as well: clear this box, or clear the addresses and send later."),
            field="silent",
            status=422,
        )
    receivers = {} if silent else _receivers(people, typed)
    if not receivers and not silent:
        raise Refused(
            _("Choose or enter at least one recipient, or tick “Issue without sending letters”."),
            field="people",
            status=422,
        )
    keep_files(record)
    _hand_to(record, receivers)
    journal.record(
        "record.issued",
        record,
        actor=actor,
        version=record.version,
        number=numbers.number,
        notice_number=numbers.notice_number,
        record_sha256=record.record_sha256,
        notice_sha256=record.notice_sha256,
        handed_to=len(receivers),
    )


def hand_on(record: Record, people: Sequence[Person], others: Iterable[tuple[str, str]], *, actor: Actor) -> int:
    """Hand the issued *record* to further recipients, as at its issue; returns to how many.

    Raises :class:`Refused` when there is nobody, or naming the first who has it already.
    """
    # of two presses at one time the second waits here, and is told that the first was there
    db.session.execute(sa.select(Record.id).where(Record.id == record.id).with_for_update())
    rules.after(record.status, RecordMove.HAND_ON)
    receivers = _receivers(people, others)
    if not receivers:
        raise Refused(_("Choose or enter at least one recipient."), field="others", status=422)
    had = {one.email for one in queries.hand_outs(record)}
    for address in receivers:
        if address in had:
            field = "people" if address in {one.email.lower() for one in people} else "others"
            raise Refused(_("%(address)s has received these documents already.", address=address), field=field)
    _hand_to(record, receivers)
    journal.record("record.handed_on", record, actor=actor, version=record.version, handed_to=len(receivers))
    return len(receivers)


def _receivers(people: Iterable[Person], others: Iterable[tuple[str, str]]) -> dict[str, tuple[str, int | None]]:
    """Address → (name, id of the person in the directory), each address once."""
    receivers: dict[str, tuple[str, int | None]] = {}
    for one in people:
        receivers.setdefault(one.email.lower(), (f"{one.honorific} {one.name}".strip(), one.id))
    for name, address in others:
        receivers.setdefault(address.lower(), (name, None))
    return receivers


def _hand_to(record: Record, receivers: Mapping[str, tuple[str, int | None]]) -> None:
    for address, (name, person_id) in receivers.items():
        made = HandOut(record_id=record.id, person_id=person_id, name=name, email=address, made_at=now())
        db.session.add(made)
        db.session.flush()
        link = Link(purpose="v", subject_id=made.id, issue=1, made_at=now())
        db.session.add(link)
        db.session.flush()
        made.link_id = link.id
    db.session.flush()


def hand_out(entry: Entry) -> None:
    """Follow-up of ``record.issued`` and ``record.handed_on``: a letter for everybody it is handed to (once each).

    Whoever leads an action item is told it then, too; of a record that goes to nobody, nobody is told.
    """
    record = db.session.get(Record, int(entry.subject.partition(":")[2]))
    if record is None:
        return
    rows = queries.written(record)
    drafts = [letters.conclusions(rows, one) for one in queries.hand_outs(record) if one.link is not None]
    count = post.hand_in_all([*drafts, *_to_those_who_lead(rows)]) if drafts else 0
    if count:
        journal.record("record.sent", record, actor=SYSTEM, letters=count)


def _to_those_who_lead(rows: queries.Written) -> list[Draft]:
    """A letter for each site whose unit leads action items, to its officer. A name that fits no unit, or two, is not guessed."""
    given: dict[int, list[ActionItem]] = {}
    for item in rows.tasks:
        site_id = queries.site_called(rows.record.meeting, item.lead)
        if site_id is not None:
            given.setdefault(site_id, []).append(item)
    officers = invitations.officers_at(given)
    return [
        letters.action_items(rows, items, site_id, contact)
        for site_id, items in given.items()
        if (contact := officers.get(site_id)) is not None and contact.email
    ]


# --- the code behind a private link ----------------------------------------------------------------------------------


def behind(token: str) -> HandOut | None:
    """The hand-out that *token* opens, None when it opens nothing (any more)."""
    claim = links.read(token)
    if claim is None or claim.purpose != "v":
        return None
    return queries.hand_out_behind(claim.id, claim.issue)


def code_state(found: HandOut) -> rules.CodeState:
    """What has become of the last code of *found*."""
    return rules.code_state(found.code_digest, found.code_sent_at, found.code_tries, now=now())


def send_code(found: HandOut, token: str, *, actor: Actor) -> None:
    """Send a new one-time code to the address the link went to; the one before it no longer holds."""
    rules.check_pause(code_state(found), found.code_sent_at, now=now())
    # a minute apart is a bound for a person, not for a machine
    quota.hold_to(actor, found.email, letters.CODE, "", now())
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    found.codes_sent += 1
    found.code_digest, found.code_sent_at, found.code_tries = rules.code_digest(token, code), now(), 0
    post.hand_in(letters.code(found, code))
    journal.record("hand_out.code_sent", found, actor=actor, count=found.codes_sent)


def enter_code(found: HandOut, token: str, code: str, *, actor: Actor) -> bool:
    """Whether *code* opens the document; it is used up by that. Raises :class:`Refused` when no code can."""
    fits = rules.code_fits(found.code_digest, token, code, code_state(found))
    if fits:
        found.code_digest = ""
        journal.record("hand_out.read", found, actor=actor)
    return fits


def miscounted(hand_out_id: int) -> None:
    """Count a wrong try. The database adds: of two tries at one time, each that read the same count would hide the other."""
    db.session.execute(sa.update(HandOut).where(HandOut.id == hand_out_id).values(code_tries=HandOut.code_tries + 1))


def opened(found: HandOut, *, actor: Actor) -> None:
    """The page says somebody is looking at it: a hint, kept the first time."""
    if found.opened_at is None:
        found.opened_at = now()
        journal.record("hand_out.opened", found, actor=actor)
