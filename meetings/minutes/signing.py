"""Signing a record's PDF files: asked for by a person, done by the worker, checked as soon as it is done.

A second room of ``services``: the same rules hold. The worker finds what is due, goes to file or token with no transaction open,
and keeps what came. The file that was signed stays as it was; a signature makes another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from config import SigningKey
from meetings import adapters, journal
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Actor
from meetings.adapters import pdf
from meetings.adapters.examining import Report, examine
from meetings.adapters.seals import Picture, Seal, Signed, Unsigned, Why
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import files, pdfs, queries, signed_files
from meetings.minutes import signing_rules as rules
from meetings.minutes.models import Record, RecordFile, SignatureImage, Signing
from meetings.minutes.rules import FileOrigin, Which
from meetings.minutes.signing_rules import PERMISSION, Alike, Hand, Stage
from meetings.official import signature_place as place
from meetings.official.text import fold
from meetings.units.models import Unit

_REASONS: Final = {Hand.SEAL: "Chữ ký số của cơ quan, tổ chức", Hand.PERSON: "Chữ ký số của người có thẩm quyền"}
"""What stands in the signature itself, as every program shows it."""


# --- who may, with what ----------------------------------------------------------------------------------------------


def key(hand: Hand) -> SigningKey | None:
    """The key that is set up for *hand*."""
    return adapters.config().seal if hand is Hand.SEAL else adapters.config().hand


def offered(record: Record, which: Which, actor: Actor) -> list[Hand]:
    """With which hands *actor* may have the document signed now, whatever the state of its files."""
    return [hand for hand in Hand if _why_not(record, which, hand, actor) == ""]


def _why_not(record: Record, which: Which, hand: Hand, actor: Actor) -> str:
    """Why *actor* cannot have the document signed with *hand*; "" where she can."""
    its = key(hand)
    path = record.meeting.organiser.path
    if its is None:
        return _("No key is set up here for this signature.")
    if not actor.may(PERMISSION[hand], path):
        return _("This account has no right to ask for this signature.")
    if its.unit and not path.startswith(_path(its.unit)):
        return _("The key belongs to another body than the one that issues this document.")
    if hand is Hand.PERSON:
        user = db.session.get(User, actor.user_id) if actor.user_id else None
        if user is None or user.email.lower() != its.email:
            return _("With a person's key only that person has documents signed.")
        if fold(user.name) != fold(signer(record, which)[1]):
            return _("This document is signed by somebody else.")
    return ""


def _path(code: str) -> str:
    return db.session.scalar(sa.select(Unit.path).where(Unit.code == code)) or "no such unit"


def signer(record: Record, which: Which) -> tuple[str, str]:
    """(title, name) of whoever signs the document, as they are printed."""
    if which is Which.NOTICE:
        return record.signer_title, record.signer_name
    return "CHỦ TỌA", rules.bare(record.chair)


def ask(record: Record, which: Which, hand: Hand, *, actor: Actor) -> Signing:
    """Want the document signed with *hand*. Raises :class:`Refused` where it cannot be."""
    db.session.refresh(record, with_for_update=True)
    if sentence := _why_not(record, which, hand, actor):
        raise Refused(sentence, status=403)
    if record.status not in pdfs.STANDING:
        raise Refused(_("Only documents that have been approved are signed."))
    if under_way(record, which) is not None:
        raise Refused(_("This document is being signed. Wait until that is done."))
    file = base(record, which)
    if file is None:
        raise Refused(_("There is no PDF of this document yet. Have it made first."))
    if hand in hands_of(file):
        raise Refused(_("This document bears this signature already."))
    report = signed_files.report_of(file)
    if report is not None and not report.unchanged:
        raise Refused(
            _("The signatures in this file do not hold, so nothing is signed over them. Set the file aside first.")
        )
    made = Signing(
        record_id=record.id,
        which=which,
        file_id=file.id,
        hand=hand,
        asked_at=now(),
        asked_by=actor.name[:200],
        next_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    journal.record(
        "record_signing.asked", made, actor=actor, version=record.version, which=which, hand=hand, sha256=file.sha256
    )
    return made


def base(record: Record, which: Which) -> RecordFile | None:
    """The PDF that would be signed next: the signed one that holds, else the one that was made of the document."""
    standing = files.signed(record, which)
    if standing is not None:
        return standing
    docx = files.current(record, which)
    return pdfs.of(docx) if docx is not None else None


def hands_of(file: RecordFile) -> set[Hand]:
    """Whose keys of ours signed *file* or what it was made of."""
    chain = [one.id for one in files.chain(file)]
    return set(db.session.scalars(sa.select(Signing.hand).where(Signing.made_id.in_(chain))))


def under_way(record: Record, which: Which) -> Signing | None:
    """What is being signed now."""
    return db.session.scalars(
        sa.select(Signing)
        .where(
            Signing.record_id == record.id, Signing.which == which, Signing.stage.in_((Stage.WAITING, Stage.WORKING))
        )
        .limit(1)
    ).first()


def last(record: Record, which: Which) -> Signing | None:
    """The signature that was asked for last."""
    return db.session.scalars(
        sa.select(Signing)
        .where(Signing.record_id == record.id, Signing.which == which)
        .order_by(Signing.id.desc())
        .limit(1)
    ).first()


# --- the worker ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Image:
    """An image that a signature shows: its bytes, its form, and how wide it is printed."""

    png: bytes
    ratio: float
    millimetres: float


@dataclass(frozen=True)
class Wanted:
    """A signature that is to be made now."""

    id: int
    hand: Hand
    pdf: bytes
    title: str
    name: str
    shown: Image | None
    beside: Image | None  # the hand's, when a seal is put over it


@dataclass(frozen=True)
class Came:
    """What was made, how the place of its image was found, and what a look at the finished file said."""

    made: Signed | Unsigned
    found: str = ""
    report: Report | None = None


def take_up(at: datetime) -> Wanted | None:
    """The signature that has waited longest, marked as being made."""
    one = db.session.scalars(
        sa.select(Signing)
        .where(sa.or_(Signing.stage == Stage.WORKING, sa.and_(Signing.stage == Stage.WAITING, Signing.next_at <= at)))
        .order_by(Signing.next_at, Signing.id)
        .limit(1)
        .with_for_update()
    ).first()
    if one is None:
        return None
    one.stage = Stage.WORKING
    one.tries += 1
    db.session.flush()
    title, name = signer(one.record, one.which)
    unit = one.record.meeting.organiser
    hand = image(unit, name)
    mine = hand if one.hand is Hand.PERSON else image(unit, "")
    return Wanted(one.id, one.hand, files.read(one.file), title, name, mine, hand)


def image(unit: Unit, name: str) -> Image | None:
    """The image of *name*'s signature, or of the seal (""), kept for *unit* or for the nearest unit above it."""
    ids = [int(part) for part in unit.path.split("/") if part]
    rows = db.session.scalars(
        sa.select(SignatureImage)
        .where(SignatureImage.unit_id.in_(ids), SignatureImage.ended_at.is_(None))
        .order_by(SignatureImage.id)
    ).all()
    mine = [one for one in rows if fold(one.name) == fold(name) and bool(one.name) == bool(name)]
    if not mine:
        return None
    nearest = max(mine, key=lambda one: (ids.index(one.unit_id), one.id))
    png = queries.kept(nearest.sha256)
    return Image(png, nearest.width / nearest.height, nearest.millimetres) if png else None


def go(wanted: Wanted, seal: Seal | None, at: datetime) -> Came:
    """Sign; no transaction is open. Never raises for what a file or a device does."""
    if seal is None:
        return Came(Unsigned(Why.NO_KEY))
    shown, found = _placed(wanted)
    made = seal.sign(wanted.pdf, shown, _REASONS[wanted.hand], at)
    if isinstance(made, Unsigned):
        return Came(made, found)
    report = examine(made.data, adapters.config().signing_roots)
    if not report.unchanged:
        return Came(Unsigned(Why.FAILED, "the signed file does not verify"), found)
    return Came(made, found, report)


def _placed(wanted: Wanted) -> tuple[Picture | None, str]:
    """Where the image stands, and how that was found out: "" without an image."""
    if wanted.shown is None:
        return None, ""
    pages = pdf.sheets(wanted.pdf)
    gap = place.gap(pages, wanted.title, wanted.name) if pages else None
    if gap is None:
        return None, "not_placed"
    hand = wanted.beside
    box = (
        place.signature(gap, hand.ratio, hand.millimetres)
        if hand
        else place.signature(gap, place.SIGNATURE[0] / place.SIGNATURE[1])
    )
    if wanted.hand is Hand.SEAL:
        box = place.seal(gap, box, wanted.shown.ratio, wanted.shown.millimetres)
    corners = (box.left, gap.height - box.bottom, box.right, gap.height - box.top)
    return Picture(gap.page, corners, wanted.shown.png), gap.found.value


def keep(wanted: Wanted, came: Came) -> None:
    """Keep the signed file, or why there is none; what passes is tried again."""
    one = db.session.get(Signing, wanted.id, with_for_update=True, populate_existing=True)
    if one is None or one.stage is not Stage.WORKING:
        return
    made = came.made
    if isinstance(made, Unsigned):
        one.fault, one.said = made.why, made.said[:300]
        at = rules.retry_at(one.tries, now()) if made.passing else None
        one.stage, one.next_at = (Stage.WAITING, at) if at else (Stage.FAILED, None)
        if at is None:
            one.ended_at = now()
            journal.record(
                "record_signing.failed", one, actor=SYSTEM, version=one.record.version, which=one.which, why=made.why
            )
        return
    file = files.keep(
        one.record,
        one.which,
        FileOrigin.SIGNED,
        made.data,
        name=one.file.name.removesuffix(".pdf").removesuffix("-ky-so") + "-ky-so.pdf",
        actor=Actor(SYSTEM.key, one.asked_by),
        made_of=one.file,
    )
    one.stage, one.ended_at, one.next_at, one.fault, one.said = Stage.DONE, now(), None, "", ""
    one.made_id, one.place = file.id, came.found
    if came.report is not None:
        signed_files.keep_report(file, came.report, Alike.SAME_FILE)
    db.session.flush()
    journal.record(
        "record_signing.signed",
        one,
        actor=SYSTEM,
        version=one.record.version,
        which=one.which,
        hand=one.hand,
        asked_by=one.asked_by,
        certificate=made.owner.subject,
        issuer=made.owner.issuer,
        serial=made.owner.serial,
        of_sha256=one.file.sha256,
        sha256=file.sha256,
        place=came.found,
    )
