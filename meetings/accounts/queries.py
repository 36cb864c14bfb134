"""Questions about users, their grants and sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.models import Grant, LoginSession, SignInAttempt, User
from meetings.accounts.rules import Actor, Granted, Role
from meetings.clock import now
from meetings.database import db
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.units import queries as units
from meetings.units.models import Unit


def key_digest(key: str) -> str:
    """What the database keeps of a session's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def session_of(key: str) -> LoginSession | None:
    """The open session of *key*: not ended, not expired, its user still active."""
    found = db.session.scalars(
        sa.select(LoginSession)
        .where(LoginSession.key_digest == key_digest(key), LoginSession.ended_at.is_(None))
        .options(joinedload(LoginSession.user))
    ).first()
    if found is None or found.expires_at <= now() or not found.user.active:
        return None
    return found


def actor_of(user: User) -> Actor:
    """*user* as an actor, with every grant she holds."""
    rows = db.session.execute(
        sa.select(Grant.role, Unit.path).join(Unit, Grant.unit_id == Unit.id).where(Grant.user_id == user.id)
    ).all()
    return Actor(f"user:{user.id}", user.name, user.id, tuple(Granted(role, path) for role, path in rows), user.locale)


def by_email(email: str) -> User | None:
    return db.session.scalars(sa.select(User).where(User.email == email.strip().lower())).first()


def attempts(key: str, since: datetime) -> int:
    """How many failed tries *key* has had since then."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(SignInAttempt.id)).where(SignInAttempt.key == key, SignInAttempt.at >= since)
        )
        or 0
    )


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The users *actor* administers: those with a role in one of her units; without any, the nation's administrator's."""
    if actor.may_everywhere("user.administer"):
        return sa.true()
    hers = units.within(actor.paths("user.administer"))
    return User.id.in_(sa.select(Grant.user_id).join(Unit, Grant.unit_id == Unit.id).where(hers))


def users(actor: Actor) -> sa.Select[User]:
    """The users *actor* administers, by given name."""
    return sa.select(User).where(visible_to(actor)).order_by(User.active.desc(), User.sort_key, User.id)


def nobody_yet() -> bool:
    """Whether nobody was ever let in."""
    return db.session.scalars(sa.select(User.id).limit(1)).first() is None


def user(user_id: int) -> User | None:
    return db.session.get(User, user_id) if 0 < user_id < 2**31 else None


def user_for(actor: Actor, user_id: int) -> User:
    """The user *user_id*, if *actor* administers her; raises ``NotFound``."""
    found = user(user_id)
    if found is None or not administers(actor, found):
        raise NotFound(_("There is no such user."))
    return found


def administers(actor: Actor, user: User) -> bool:
    """Whether *user* is one of those :func:`visible_to` lists for *actor*."""
    return db.session.scalars(sa.select(User.id).where(User.id == user.id, visible_to(actor))).first() is not None


def whole_user_for(actor: Actor, user_id: int) -> User:
    """The user *user_id*, if *actor* administers every unit she holds a role in.

    A new password lends whoever hands it out all that its owner may do, so an administrator of one province gives none to
    an administrator of the country. Raises ``NotFound``, or ``Forbidden`` naming the unit that lies elsewhere.
    """
    found = user_for(actor, user_id)
    for grant in grants_of(found):
        if not actor.may("user.administer", grant.unit.path):
            raise Forbidden(_("This account has no right over the unit “%(unit)s”.", unit=grant.unit.name))
    return found


def grants_of(user: User) -> Sequence[Grant]:
    return db.session.scalars(
        sa.select(Grant).where(Grant.user_id == user.id).options(joinedload(Grant.unit)).order_by(Grant.id)
    ).all()


def grants_of_each(users: Iterable[User]) -> dict[int, list[Grant]]:
    """As :func:`grants_of` for a page of users: id of the user → her grants, with their units; one question for all."""
    found: dict[int, list[Grant]] = {user.id: [] for user in users}
    held = sa.select(Grant).where(Grant.user_id.in_(found)).options(joinedload(Grant.unit)).order_by(Grant.id)
    for grant in db.session.scalars(held):
        found[grant.user_id].append(grant)
    return found


def holders(role: Role, path: str) -> Sequence[User]:
    """Active users who hold *role* for the unit at *path*: their grant is for it or for a unit above it."""
    return (
        db.session.scalars(
            sa.select(User)
            .join(Grant, Grant.user_id == User.id)
            .join(Unit, Grant.unit_id == Unit.id)
            .where(User.active, Grant.role == role, sa.literal(path).startswith(Unit.path))
            .order_by(User.sort_key, User.id)
        )
        .unique()
        .all()
    )
