"""Handing letters in, and what people decide about those that could not be carried."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, links
from meetings.clock import now
from meetings.database import db, rows_changed
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.post import rules
from meetings.post.message import Address, Pattern, message_id
from meetings.post.models import Enclosure, Letter, Outage, TextMessage
from meetings.post.rules import LetterMove, LetterStatus

"""Name of the slot that the link's token fills when the letter is carried."""

BY_ADDRESS: Final = "address"
"""Phase of a letter that was refused before any server saw it: its address cannot stand on an envelope."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The private link a letter carries; its token is derived from these when it is carried, and never stored."""

    purpose: str
    id: int
    issue: int


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A kept file (see :func:`keep`) under the name it has in this letter."""

    sha256: str
    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to be written. *key* is unique for ever: handing in the same key twice leaves one letter.

    *text*, *html* and *calendar* may hold slots (``message.slot``), filled from *fills* and, under the name ``token``, from
    *link*. Letters that share these three share one stored pattern, so what differs from site to site belongs into
    *fills*. *calendar* is unfolded iCalendar lines, *method* its METHOD. After *not_after* the letter is no longer
    carried. *urgency*: the smaller the sooner, 5 is usual.
    """

    key: str
    kind: str
    to: Address
    subject: str
    text: str
    html: str = ""
    calendar: str = ""
    method: str = ""
    root: str = ""
    sender_name: str = ""
    reply_to: Address | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    link: Ticket | None = None
    enclosures: tuple[Enclosed, ...] = ()
    not_after: datetime | None = None
    urgency: int = 5
    locale: str = "vi"
    made_by: str = ""  # the key of the actor whose press caused it, "" for the product by itself


def sender_address() -> str:
    """The address this installation writes from; a calendar's ORGANIZER must be the same."""
    return adapters.config().mail_from


def digest(data: bytes) -> str:
    """The SHA-256 under which *data* is kept."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes, content_type: str) -> str:
    """Keep *data* once; returns its SHA-256, under which letters enclose it."""
    sha256 = digest(data)
    if db.session.get(Enclosure, sha256) is None:
        db.session.add(Enclosure(sha256=sha256, content_type=content_type, size=len(data), data=data))
        db.session.flush()
    return sha256


def hand_in(draft: Draft) -> Letter:
    """Put *draft* on the pile. The letter that already bears its key is returned unchanged."""
    hand_in_all([draft])
    return db.session.scalars(sa.select(Letter).where(Letter.key == draft.key)).one()


def hand_in_all(drafts: Iterable[Draft]) -> int:
    """As :func:`hand_in` for thousands, one statement a batch; returns how many letters are new."""
    by_key = {draft.key: draft for draft in drafts}
    known: set[str] = set()
    keys = list(by_key)
    for start in range(0, len(keys), 500):
        known.update(db.session.scalars(sa.select(Letter.key).where(Letter.key.in_(keys[start : start + 500]))))
    patterns: dict[Pattern, str] = {}
    rows = [_row(draft, patterns) for key, draft in by_key.items() if key not in known]
    if rows:
        db.session.execute(sa.insert(Letter), rows)
    return len(rows)


def _row(draft: Draft, patterns: dict[Pattern, str]) -> dict[str, Any]:
    pattern = Pattern(draft.text, draft.html, draft.calendar, draft.method, draft.locale)
    if pattern not in patterns:
        patterns[pattern] = keep(pattern.kept(), "application/json")
    at = now()
    good = rules.deliverable(draft.to.address)
    return {
        "key": draft.key,
        "kind": draft.kind,
        "root": draft.root,
        "made_by": draft.made_by,
        "message_id": message_id(
            draft.key, sender_address().rpartition("@")[2], links.mark(f"message {draft.key}", 12)
        ),
        "sender_name": draft.sender_name,
        "sender_address": sender_address(),
        "reply_name": draft.reply_to.name if draft.reply_to else "",
        "reply_address": draft.reply_to.address if draft.reply_to else "",
        "to_name": draft.to.name[:200],
        "to_address": draft.to.address[:254],
        "subject": draft.subject[:300],
        "pattern": patterns[pattern],
        "fills": dict(draft.fills),
        "enclosures": [
            {"sha256": file.sha256, "name": file.name, "content_type": file.content_type} for file in draft.enclosures
        ],
        "link_purpose": draft.link.purpose if draft.link else None,
        "link_id": draft.link.id if draft.link else None,
        "link_issue": draft.link.issue if draft.link else None,
        "written_at": at,
        "not_after": draft.not_after,
        "urgency": draft.urgency,
        "status": LetterStatus.WAITING if good else LetterStatus.REFUSED,
        "next_at": at,
        "attempts": 0,
        "phase": "" if good else BY_ADDRESS,
        "settled_at": None if good else at,
        "answer": "",
    }


def resend(letter: Letter, *, to_address: str = "", link: Ticket | None = None) -> None:
    """Put a refused, returned or uncertain letter on the pile again, the same letter under the same Message-ID.

    A refused or returned one may go to a corrected *to_address* (its reader has never seen it); an uncertain one goes
    exactly as it was, so that a second copy is known as such. *link* is the newest issue of its link.
    """
    to_address = to_address or letter.to_address
    if letter.status is LetterStatus.UNCERTAIN and to_address != letter.to_address:
        raise Refused(_("Nobody knows whether this letter arrived, so it can only be sent again to the same address."))
    if not rules.deliverable(to_address):
        raise Refused(_("Enter an e-mail address such as vanphong@nghean.example."), field="email", status=422)
    _move(letter, LetterMove.RESEND)
    if to_address != letter.to_address:
        letter.fills = {**letter.fills, "address": to_address}
        letter.to_address = to_address
    if link is not None:
        letter.link_issue = link.issue
    letter.next_at, letter.attempts = now(), 0
    letter.first_tried_at = letter.settled_at = letter.code = None
    letter.phase = letter.answer = letter.bounce_code = letter.bounce_text = ""
    letter.delayed_at = letter.bounced_at = None


def confirm(letter: Letter) -> None:
    """An uncertain letter did arrive: somebody said so, or it was answered."""
    _move(letter, LetterMove.CONFIRM)
    letter.settled_at = now()


def bounced(letter: Letter, *, code: str, text: str, at: datetime) -> None:
    """The letter came back at *at*; *code* is its status after RFC 3463, *text* what the far server said."""
    _move(letter, LetterMove.BOUNCE)
    letter.settled_at = letter.bounced_at = at
    letter.bounce_code, letter.bounce_text = code[:10], text[:500]


def delayed(letter: Letter, *, text: str, at: datetime) -> None:
    """A server on the way still tries: a warning, the letter stays sent."""
    letter.delayed_at, letter.bounce_text = at, text[:500]


def withdraw(letter: Letter) -> None:
    """The letter must not be carried any more."""
    _move(letter, LetterMove.WITHDRAW)
    letter.settled_at = now()


def taken_back(model: type[Letter | TextMessage]) -> dict[str, Any]:
    """The values of what is withdrawn. What is on the wire at this moment stays there, for it may arrive; where it is put off,
    it is too late for another try. One statement for both: between two it could come back from the wire unseen."""
    at, on_the_wire = now(), model.status == LetterStatus.TRANSMITTING
    instant, status = model.settled_at.type, model.status.type
    return {
        "status": sa.case((on_the_wire, model.status), else_=sa.literal(LetterStatus.WITHDRAWN, status)),
        "settled_at": sa.case((on_the_wire, model.settled_at), else_=sa.literal(at, instant)),
        "not_after": sa.case((on_the_wire, sa.literal(at, instant)), else_=model.not_after),
    }


WAITS: Final = (LetterStatus.WAITING, LetterStatus.TRANSMITTING)
"""What may leave still, the second for another try: see :func:`taken_back`."""


def withdraw_link(purpose: str, link_id: int) -> int:
    """Withdraw every letter with this link that has not left; returns how many, with those on the wire."""
    waiting = [status for status in LetterStatus if rules.may(status, LetterMove.WITHDRAW)] + [
        LetterStatus.TRANSMITTING
    ]
    return rows_changed(
        sa.update(Letter)
        .where(Letter.link_purpose == purpose, Letter.link_id == link_id, Letter.status.in_(waiting))
        .values(taken_back(Letter))
        .execution_options(synchronize_session="fetch")
    )


OF_SEVERAL: Final = "several-"
"""So the key of a letter begins that tells of several meetings: a change of one of them does not withdraw it."""
_of_one: Final = Letter.key.not_like(f"{OF_SEVERAL}%")


def withdraw_links(purpose: str, link_ids: Sequence[int]) -> None:
    """As :func:`withdraw_link` for many at once; an uncertain letter stays, for it may have arrived, as does one that tells
    of several meetings."""
    for start in range(0, len(link_ids), 500):
        chunk = link_ids[start : start + 500]
        db.session.execute(
            sa.update(Letter)
            .where(
                Letter.link_purpose == purpose,
                Letter.link_id.in_(chunk),
                Letter.status.in_((*WAITS, LetterStatus.REFUSED, LetterStatus.BOUNCED)),
                _of_one,
            )
            .values(taken_back(Letter))
            .execution_options(synchronize_session="fetch")
        )


def withdraw_waiting(root: str, purpose: str, *, but: str) -> int:
    """Withdraw every letter of a meeting that waits with a link of *purpose*, *but* those of one kind: what they tell no longer
    holds."""
    return rows_changed(
        sa.update(Letter)
        .where(Letter.root == root, Letter.status.in_(WAITS), Letter.link_purpose == purpose)
        .where(Letter.kind != but, _of_one)
        .values(taken_back(Letter))
        .execution_options(synchronize_session="fetch")
    )


def withdraw_kinds(
    kinds: Sequence[str], *, root: str = "", link_id: int | None = None, written_by: datetime | None = None
) -> int:
    """Withdraw the letters of *kinds* that wait: of a meeting, or with the site's link *link_id*; with *written_by* only
    those written until then. Returns how many."""
    query = sa.update(Letter).where(Letter.kind.in_(kinds), Letter.status.in_(WAITS))
    if root:
        query = query.where(Letter.root == root)
    if link_id is not None:
        query = query.where(Letter.link_purpose == "m", Letter.link_id == link_id)
    if written_by is not None:
        query = query.where(Letter.written_at <= written_by)
    return rows_changed(query.values(taken_back(Letter)).execution_options(synchronize_session="fetch"))


def confirm_links(purpose: str, links: Mapping[int, int], *, named: Sequence[str] = ()) -> Sequence[Letter]:
    """Somebody answered by one of *links* (id → issue): what is proved to have arrived by it, now no longer uncertain.

    An answer proves one letter: the one that it names by its Message-ID (*named*; our letters name no other, so who names one
    has it), else the only one that can have brought the link. Where several letters or a text message bore it, nobody knows
    which was read, and what is uncertain stays so.
    """
    left = (LetterStatus.TRANSMITTING, LetterStatus.SENT, LetterStatus.UNCERTAIN)
    bore = [
        letter
        for letter in db.session.scalars(
            sa.select(Letter).where(Letter.link_purpose == purpose, Letter.link_id.in_(links), Letter.status.in_(left))
        )
        if letter.link_id is not None and letter.link_issue == links[letter.link_id]
    ]
    proved = [letter for letter in bore if letter.message_id and letter.message_id in named]
    if not proved and len(bore) == 1 and not _texted(purpose, list(links), left):
        proved = bore
    proved = [letter for letter in proved if letter.status is LetterStatus.UNCERTAIN]
    for letter in proved:
        confirm(letter)
    return proved


def _texted(purpose: str, link_ids: Sequence[int], left: Sequence[LetterStatus]) -> bool:
    query = sa.select(TextMessage.id).where(
        TextMessage.link_purpose == purpose, TextMessage.link_id.in_(link_ids), TextMessage.status.in_(left)
    )
    return db.session.scalar(query.limit(1)) is not None


def try_now() -> None:
    """Ask the mailer again at once, and take up everything that waits for another try."""
    db.session.execute(sa.delete(Outage))
    db.session.execute(
        sa.update(Letter)
        .where(Letter.status == LetterStatus.WAITING, Letter.next_at > now())
        .values(next_at=now())
        .execution_options(synchronize_session=False)
    )


def _move(letter: Letter, move: LetterMove) -> None:
    then = rules.after(letter.status, move)
    if then is None:
        raise Refused(_("This letter has moved on in the meantime. Look at it again."))
    letter.status = then
