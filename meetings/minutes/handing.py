"""The issue of a record and its hand-out: numbers, files, letters, and the one-time codes behind the private links.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from meetings import journal, links
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Person
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations.models import Link
from meetings.journal import Entry
from meetings.minutes import (
    door_queries,
    following,
    following_doors,
    following_queries,
    letters,
    queries,
    receipts,
    recipients,
    record_numbers,
    rules,
)
from meetings.minutes.hand_out_rules import Receiver, link_only, merged
from meetings.minutes.life import keep_files
from meetings.minutes.models import Assignment, HandOut, Record
from meetings.minutes.record_numbers import Numbers as Numbers
from meetings.minutes.rules import RecordMove
from meetings.post import quota
from meetings.post import rules as envelopes
from meetings.post import services as post
from meetings.post.services import Draft

_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+)>")


@dataclass(frozen=True)
class Way:
    """How the documents are sent beyond what rule and meeting ask for: stricter alone.

    *link_only*: no letter says or holds what they say. *notice_only*: who was typed gets no minutes.
    """

    link_only: bool = False
    notice_only: bool = False


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
    lists: Collection[str] = (),
    way: Way = Way(),
) -> None:
    """Issue the approved *record*: its files with their numbers, a private link for everybody it is handed to.

    *lists* are those of ``recipients`` that are written to as a whole. A *silent* issue goes to nobody, whoever is
    ticked; an address that was typed contradicts it. Without *silent* there must be somebody. Raises :class:`Refused`
    at the field that is wrong.
    """
    _alone(record)
    record.status = rules.after(record.status, RecordMove.ISSUE)
    record_numbers.at_issue(record, numbers, actor=actor)
    record.issued_at, record.issued_by = now(), actor.name
    typed = list(others)
    if silent and typed:
        raise Refused(
            _("Addresses were typed as well: clear this box, or clear the addresses and send later."),
            field="silent",
            status=422,
        )
    receivers = {} if silent else receivers_of(record, people, typed, lists, way, actor=actor)
    if not receivers and not silent:
        raise Refused(
            _("Choose or enter at least one recipient, or tick “Issue without sending letters”."),
            field="people",
            status=422,
        )
    keep_files(record, actor=actor)
    following.take_up(record, actor=actor)
    _hand_to(record, receivers, way, round=1)
    journal.record(
        "record.issued",
        record,
        actor=actor,
        version=record.version,
        number=record.number,
        notice_number=record.notice_number,
        record_sha256=record.record_sha256,
        notice_sha256=record.notice_sha256,
        handed_to=len(receivers),
        round=1,
    )


def hand_on(
    record: Record,
    people: Sequence[Person],
    others: Iterable[tuple[str, str]],
    *,
    actor: Actor,
    lists: Collection[str] = (),
    way: Way = Way(),
) -> int:
    """Hand the issued *record* to further recipients, as at its issue; returns to how many.

    Who is on one of the *lists* and has it already is passed over; who was named has not. Raises :class:`Refused` when
    there is nobody, or naming the first of the named who has it already.
    """
    _alone(record)
    rules.after(record.status, RecordMove.HAND_ON)
    if queries.recalled_from_all(record):
        raise Refused(_("These documents were recalled: nobody is sent them any more. A new version can be issued."))
    typed = list(others)
    had = set(db.session.scalars(sa.select(HandOut.email).where(HandOut.record_id == record.id)))
    for field, named in (("people", [one.email for one in people]), ("others", [address for _name, address in typed])):
        for address in named:
            if address.lower() in had:
                raise Refused(_("%(address)s has received these documents already.", address=address), field=field)
    found = receivers_of(record, people, typed, lists, way, actor=actor)
    receivers = {address: one for address, one in found.items() if address not in had}
    if not receivers:
        sentence = (
            _("Everybody on these lists has received the documents already.")
            if found
            else _("Choose or enter at least one recipient.")
        )
        raise Refused(sentence, field="others", status=422)
    last = db.session.scalar(sa.select(sa.func.max(HandOut.round)).where(HandOut.record_id == record.id)) or 1
    _hand_to(record, receivers, way, round=last + 1)
    journal.record(
        "record.handed_on", record, actor=actor, version=record.version, handed_to=len(receivers), round=last + 1
    )
    return len(receivers)


def _alone(record: Record) -> None:
    """Of two presses at one time let the second wait here, and see what the first has done."""
    db.session.refresh(record, with_for_update=True)


def receivers_of(
    record: Record,
    people: Iterable[Person],
    others: Iterable[tuple[str, str]],
    lists: Collection[str],
    way: Way,
    *,
    actor: Actor,
) -> dict[str, Receiver]:
    """Everybody who was ticked, typed or stands on a list, each address once."""
    named = recipients.of_people(people, others, notice_only=way.notice_only)
    return merged(recipients.guarded(record, [*named, *recipients.on(record, lists, actor=actor)]))


def _hand_to(record: Record, receivers: Mapping[str, Receiver], way: Way, *, round: int) -> None:
    """A hand-out and a link for each of *receivers*: a handful of statements, however many they are."""
    rule, at = recipients.rule(), now()
    rows = [
        {
            "record_id": record.id,
            "person_id": one.person_id,
            "site_id": one.site_id,
            "taken": one.taken,
            "name": one.name[:200],
            "unit_name": one.unit_name[:300],
            "email": one.email,
            "locale": one.locale,
            "round": round,
            "notice_only": one.notice_only,
            "link_only": link_only(
                one.taken,
                one.notice_only,
                secrecy=record.meeting.secrecy,
                value=rule.value if rule else None,
                asked=way.link_only,
            ),
            "made_at": at,
        }
        for one in receivers.values()
    ]
    if not rows:
        return
    db.session.execute(sa.insert(HandOut), rows)
    made = sa.select(sa.literal("v"), HandOut.id, sa.literal(1), sa.literal(at, Link.made_at.type)).where(
        HandOut.record_id == record.id, HandOut.round == round
    )
    db.session.execute(sa.insert(Link).from_select(["purpose", "subject_id", "issue", "made_at"], made))
    its_link = sa.select(Link.id).where(Link.purpose == "v", Link.subject_id == HandOut.id).scalar_subquery()
    db.session.execute(
        sa.update(HandOut)
        .where(HandOut.record_id == record.id, HandOut.round == round)
        .values(link_id=its_link)
        .execution_options(synchronize_session=False)
    )


def hand_out(entry: Entry) -> None:
    """Follow-up of ``record.issued`` and ``record.handed_on``: a letter for everybody it is handed to (once each).

    Whoever leads an action item is told it then, too; of a record that goes to nobody, nobody is told.
    """
    record = db.session.get(Record, int(entry.subject.partition(":")[2]))
    if record is None:
        return
    which = [HandOut.record_id == record.id, HandOut.recalled_at.is_(None)]
    if (round := entry.details.get("round")) is not None:
        which.append(HandOut.round == round)
    rows = queries.written(record)
    words = letters.Wordings(rows, recipients.former(record))
    count = 0
    for some in receipts.in_armfuls(*which):
        count += post.hand_in_all(letters.conclusions(words, one) for one in some)
    if receipts.any_of(record):
        count += post.hand_in_all(_to_those_who_lead(rows))
    if count:
        journal.record("record.sent", record, actor=SYSTEM, letters=count)


def _to_those_who_lead(rows: queries.Written) -> list[Draft]:
    """A letter for each unit that leads action items, to its officer, with the link to the page where it reports of them.

    A name that fits no unit, or several, is not guessed. What came to its end under a former version is not given again.
    """
    given: dict[door_queries.Pair, list[Assignment]] = {}
    for one in following_queries.open_of(rows.record):
        if one.lead_unit_id is not None:
            given.setdefault((one.lead_unit_id, one.organiser_id), []).append(one)
    officers = door_queries.officers_of({unit_id for unit_id, _organiser in given})
    reached = {pair: who for pair in given if (who := officers.get(pair[0])) is not None and who.email}
    doors = following_doors.doors_for(reached)
    may = letters.Said.of(rows, [one for some in given.values() for one in some])
    return [letters.action_items(rows, given[pair], doors[pair], contact, may) for pair, contact in reached.items()]


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
