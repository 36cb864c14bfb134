"""Images of seals and signatures, kept per body and person. What was used once is never deleted, only used no more.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.adapters import pictures
from meetings.clock import now
from meetings.database import db
from meetings.errors import Forbidden, NotFound, Refused
from meetings.i18n import gettext as _
from meetings.minutes import queries
from meetings.minutes.models import SignatureImage
from meetings.minutes.signing_words import ODD_WORDS
from meetings.official.text import fold
from meetings.post import services as post
from meetings.units.models import Unit


def of(actor: Actor) -> Sequence[SignatureImage]:
    """Every image in use that *actor* may change, by unit."""
    rows = db.session.scalars(
        sa.select(SignatureImage)
        .join(Unit, Unit.id == SignatureImage.unit_id)
        .where(SignatureImage.ended_at.is_(None))
        .order_by(Unit.path, SignatureImage.name)
        .options(joinedload(SignatureImage.unit))
    ).all()
    return [one for one in rows if actor.may("setting.administer", one.unit.path)]


def find(actor: Actor, id: int) -> SignatureImage:
    """One image that *actor* may change."""
    found = db.session.get(SignatureImage, id) if 0 < id < 2**31 else None
    if found is None or not actor.may("setting.administer", found.unit.path):
        raise NotFound(_("There is no such image."))
    return found


def data_of(one: SignatureImage) -> bytes:
    """The bytes of an image."""
    return queries.kept(one.sha256) or b""


def keep(unit_code: str, name: str, millimetres: int, data: bytes, *, actor: Actor) -> SignatureImage:
    """Keep the image of *name*'s signature ("" for the seal) for a unit; the one before it is used no more."""
    unit = db.session.scalars(sa.select(Unit).where(Unit.code == unit_code).limit(1)).first()
    if unit is None:
        raise Refused(_("There is no unit with this code."), field="unit", status=422)
    if not actor.may("setting.administer", unit.path):
        raise Forbidden(_("This account has no right to change this. Ask the administrator of the unit."))
    if len(data) > pictures.MOST:
        raise Refused(str(ODD_WORDS["too_large"]), field="file", status=413)
    size = pictures.looked_at(data)
    if isinstance(size, pictures.Odd):
        raise Refused(str(ODD_WORDS[size.value]), field="file", status=422)
    db.session.refresh(unit, with_for_update=True)
    for one in db.session.scalars(
        sa.select(SignatureImage).where(SignatureImage.unit_id == unit.id, SignatureImage.ended_at.is_(None))
    ):
        if fold(one.name) == fold(name):
            one.ended_at, one.ended_by = now(), actor.name[:200]
    made = SignatureImage(
        unit_id=unit.id,
        name=name,
        sha256=post.keep(data, "image/png"),
        width=size[0],
        height=size[1],
        millimetres=millimetres,
        kept_at=now(),
        kept_by=actor.name[:200],
    )
    db.session.add(made)
    db.session.flush()
    journal.record("signature_image.kept", made, actor=actor, unit=unit.code, name=name, sha256=made.sha256)
    return made


def end(one: SignatureImage, *, actor: Actor) -> None:
    """Use an image no more."""
    if one.ended_at is not None:
        return
    one.ended_at, one.ended_by = now(), actor.name[:200]
    db.session.flush()
    journal.record("signature_image.ended", one, actor=actor, unit=one.unit.code, name=one.name, sha256=one.sha256)
