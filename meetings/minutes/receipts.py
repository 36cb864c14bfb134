"""What becomes of a record that was handed out: who received it, who is asked again, and from whom it is taken back.

A second room of ``services``: the same rules hold. What somebody said herself and what was told by telephone stay apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, today
from meetings.database import db, rows_changed
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.journal import Entry
from meetings.minutes import letters, queries, recipients
from meetings.minutes.hand_out_rules import Receiver, Said, waited_since
from meetings.minutes.models import HandOut, Recall, Record
from meetings.post import quota
from meetings.post import rules as envelopes
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import working_time

ARMFUL = 500
"""So many readers stand in memory at a time while letters are written."""
_LEFT = (LetterStatus.SENT, LetterStatus.UNCERTAIN, LetterStatus.TRANSMITTING)
"""Letters that arrived, or may have."""


def in_armfuls(*which: sa.ColumnElement[bool]) -> Iterator[Sequence[HandOut]]:
    """The hand-outs of which *which* holds, with their links, some at a time."""
    query = sa.select(HandOut).where(*which, HandOut.link_id.is_not(None)).options(joinedload(HandOut.link))
    last = 0
    while some := db.session.scalars(query.where(HandOut.id > last).order_by(HandOut.id).limit(ARMFUL)).all():
        yield some
        last = some[-1].id


def any_of(record: Record) -> bool:
    """Whether *record* was handed to anybody."""
    return db.session.scalar(sa.select(HandOut.id).where(HandOut.record_id == record.id).limit(1)) is not None


def chosen(record: Record, ids: Collection[int]) -> Sequence[HandOut]:
    """Those of *ids* that are hand-outs of *record*."""
    return db.session.scalars(
        sa.select(HandOut).where(HandOut.record_id == record.id, HandOut.id.in_(list(ids)[:500])).order_by(HandOut.id)
    ).all()


# --- received and deleted --------------------------------------------------------------------------------------------


def received(found: HandOut, *, actor: Actor) -> None:
    """The reader says by her own link that the documents are there; once, however often she presses."""
    if _say(found, "received", Said.LINK, actor.name):
        journal.record("hand_out.received", found, actor=actor, name=_called(found))


def deleted(found: HandOut, *, actor: Actor) -> None:
    """The reader says by her own link that she has deleted what was recalled."""
    if found.recalled_at is None:
        raise Refused(_("These documents are not recalled."))
    if _say(found, "deleted", Said.LINK, actor.name):
        journal.record("hand_out.deleted", found, actor=actor, name=_called(found))


def note_received(record: Record, ids: Collection[int], by: str, *, actor: Actor) -> int:
    """Note what was said by telephone: these received it, *by* whom it was said; returns of how many that is new."""
    return _note(record, ids, "received", by, actor)


def note_deleted(record: Record, ids: Collection[int], by: str, *, actor: Actor) -> int:
    """As :func:`note_received`, of copies that were deleted; only of what was recalled."""
    return _note(record, ids, "deleted", by, actor)


def _note(record: Record, ids: Collection[int], what: str, by: str, actor: Actor) -> int:
    if not by:
        raise Refused(_("Enter who said so on the telephone."), field="by", status=422)
    found = chosen(record, ids)
    if not found:
        raise Refused(_("Tick at least one recipient."), field="who", status=422)
    new = 0
    for one in found:
        if (one.recalled_at is not None) is not (what == "deleted"):
            continue
        if _say(one, what, Said.TELEPHONE, by):
            new += 1
            journal.record(f"hand_out.{what}_by_telephone", one, actor=actor, name=_called(one), said_by=by)
    if not new:
        raise Refused(_("There is nothing to note for those who are ticked."), field="who", status=409)
    return new


def _say(found: HandOut, what: str, how: Said, by: str) -> bool:
    """Write down that it was said; the first time stays, and of two presses at one time one is the first."""
    at, said, who = (getattr(HandOut, f"{what}_{part}") for part in ("at", "said", "by"))
    changed = rows_changed(
        sa.update(HandOut)
        .where(HandOut.id == found.id, at.is_(None))
        .values({at: now(), said: how, who: by[:200]})
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(found)
    return bool(changed)


def _called(found: HandOut) -> str:
    return found.unit_name or found.name or found.email


# --- asked again -----------------------------------------------------------------------------------------------------


def silent_since(record: Record) -> list[sa.ColumnElement[bool]]:
    """Which hand-outs of *record* are asked again: their letter left working days ago, the last time it did, nobody has said
    anything since, and they were not asked in the meantime. The number of days is the rule's."""
    rule = recipients.rule()
    days = int(rule.value["days"]) if rule else 3
    before = waited_since(today(), working_time.calendar(), days)
    left = sa.select(Letter.link_id).where(
        Letter.root == record.meeting.code,
        Letter.kind == letters.KIND,
        Letter.status == LetterStatus.SENT,
        sa.func.coalesce(Letter.settled_at, Letter.written_at) < before,
    )
    return [
        HandOut.record_id == record.id,
        HandOut.recalled_at.is_(None),
        HandOut.received_at.is_(None),
        sa.func.coalesce(HandOut.reminded_at, HandOut.made_at) < before,
        HandOut.link_id.in_(left),
    ]


def due(record: Record) -> int:
    """How many would be asked again now."""
    return db.session.scalar(sa.select(sa.func.count(HandOut.id)).where(*silent_since(record))) or 0


def first_due(record: Record) -> HandOut | None:
    """The first who would be asked again."""
    query = sa.select(HandOut).where(*silent_since(record)).options(joinedload(HandOut.link))
    return db.session.scalars(query.order_by(HandOut.id).limit(1)).first()


def names_due(record: Record, limit: int = 50) -> list[str]:
    """Who would be asked again, the first *limit*."""
    query = sa.select(HandOut).where(*silent_since(record)).order_by(HandOut.id).limit(limit)
    return [_called(one) for one in db.session.scalars(query)]


def remind(record: Record, expected: int, *, actor: Actor) -> int:
    """Ask those who said nothing again, if they are as many as the page showed; returns how many.

    Of two presses at one time the second finds nobody left.
    """
    db.session.refresh(record, with_for_update=True)
    count = due(record)
    if not count:
        raise Refused(_("Nobody is left to be reminded."))
    if count != expected:
        raise Refused(_("The list has changed since this page was made: look at it again."))
    db.session.execute(
        sa.update(HandOut)
        .where(*silent_since(record))
        .values(reminded=HandOut.reminded + 1, reminded_at=now())
        .execution_options(synchronize_session=False)
    )
    journal.record("record.receipts_asked", record, actor=actor, version=record.version, count=count)
    return count


def ask_again(entry: Entry) -> None:
    """Follow-up of ``record.receipts_asked``: a letter for each reminder that was pressed and not written yet."""
    record = db.session.get(Record, int(entry.subject.partition(":")[2]))
    if record is None:
        return
    words = letters.Wordings(queries.written(record))
    waits = (HandOut.record_id == record.id, HandOut.reminded > 0)
    for some in in_armfuls(*waits, HandOut.received_at.is_(None), HandOut.recalled_at.is_(None)):
        post.hand_in_all(letters.receipt(words, one) for one in some)


# --- sent again ------------------------------------------------------------------------------------------------------

_FAILED = (LetterStatus.REFUSED, LetterStatus.BOUNCED, LetterStatus.UNCERTAIN)


def send_again(record: Record, ids: Collection[int], address: str, *, actor: Actor) -> int:
    """Send the letters of those of *ids* again whose letter did not arrive, or may not have; returns how many.

    The letter of a single one may go to a corrected *address*: from then on its codes go there, too.
    """
    db.session.refresh(record, with_for_update=True)
    found = {one.link_id: one for one in chosen(record, ids) if one.recalled_at is None}
    again = db.session.scalars(
        sa.select(Letter)
        .where(
            Letter.link_purpose == "v",
            Letter.link_id.in_(found),
            Letter.kind == letters.KIND,
            Letter.status.in_(_FAILED),
        )
        .order_by(Letter.id)
    ).all()
    if not again:
        raise Refused(
            _("Tick at least one recipient whose letter was refused, was returned or may not have arrived."),
            field="who",
            status=422,
        )
    if address:
        _readdress(record, [found[one.link_id] for one in again], address)
    wanted = {address or one.to_address for one in again}
    held = quota.hold_to_many(actor, wanted, letters.KIND, record.meeting.code, now())
    free = [one for one in again if (address or one.to_address).strip().lower() in held.free]
    for one in free:
        post.resend(one, to_address=address)
    journal.record_each(
        "hand_out.sent_again",
        [found[one.link_id] for one in free],
        actor=actor,
        details=[{"name": _called(found[one.link_id]), "address": address} for one in free],
    )
    return len(free)


def _readdress(record: Record, found: Sequence[HandOut], address: str) -> None:
    """Let the hand-out go to *address*. Raises :class:`Refused` for one that may not be put in the place of the first."""
    if len(found) != 1:
        raise Refused(_("A corrected address is for one recipient: tick that one alone."), field="address", status=422)
    if not envelopes.deliverable(address):
        raise Refused(_("Enter an e-mail address such as vanphong@nghean.example."), field="address", status=422)
    one = found[0]
    had = sa.select(HandOut.id).where(HandOut.record_id == record.id, HandOut.email == address, HandOut.id != one.id)
    if db.session.scalar(had.limit(1)) is not None:
        raise Refused(
            _("%(address)s has received these documents already.", address=address), field="address", status=422
        )
    units = recipients.guarded(record, [Receiver(address)])[1:]
    if units and not one.notice_only:
        raise Refused(
            _("This address answers for an invited site, which gets the notice of conclusions only: send it below."),
            field="address",
            status=422,
        )
    one.email, one.code_digest = address, ""


# --- taken back ------------------------------------------------------------------------------------------------------


def recall(record: Record, ids: Collection[int] | None, reason: str, *, actor: Actor) -> int:
    """Take *record* back from those of *ids*, or from everybody (None): from here on their links open nothing but that sentence.

    Letters that have not left stay here. Returns from how many it was taken.
    """
    db.session.refresh(record, with_for_update=True)
    if not reason:
        raise Refused(_("Enter the reason: everybody who had the documents is told it."), field="reason", status=422)
    which = [HandOut.record_id == record.id, HandOut.recalled_at.is_(None)]
    if ids is not None:
        which.append(HandOut.id.in_(list(ids)[:500]))
    taken = db.session.execute(sa.select(HandOut.id, HandOut.link_id).where(*which)).all()
    if not taken:
        raise Refused(
            _("Tick at least one recipient.") if ids is not None and not ids else _("They were recalled already."),
            field="who",
            status=422,
        )
    made = Recall(record_id=record.id, whole=ids is None, reason=reason[:500], at=now(), by=actor.name)
    db.session.add(made)
    db.session.flush()
    db.session.execute(
        sa.update(HandOut)
        .where(*which)
        .values(recall_id=made.id, recalled_at=made.at, code_digest="")
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    post.withdraw_links("v", [row.link_id for row in taken if row.link_id is not None])
    journal.record(
        "record.recalled",
        record,
        actor=actor,
        version=record.version,
        count=len(taken),
        reason=made.reason,
        recall=made.id,
    )
    return len(taken)


def tell_recalled(entry: Entry) -> None:
    """Follow-up of ``record.recalled``: who had the documents, or may have, is asked to delete them and to say so."""
    recalled = db.session.get(Recall, int(entry.details.get("recall", 0)))
    if recalled is None:
        return
    left = sa.select(Letter.link_id).where(
        Letter.root == recalled.record.meeting.code, Letter.kind == letters.KIND, Letter.status.in_(_LEFT)
    )
    words = letters.Wordings(queries.written(recalled.record), recalled=recalled)
    had = sa.or_(HandOut.link_id.in_(left), HandOut.opened_at.is_not(None), HandOut.received_at.is_not(None))
    count = 0
    for some in in_armfuls(HandOut.recall_id == recalled.id, had):
        count += post.hand_in_all(letters.recall(words, one) for one in some)
    if count:
        journal.record("record.recall_sent", recalled.record, actor=SYSTEM, letters=count)
