"""Questions about users, their grants and sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.models import Grant, LoginSession, SignInAttempt, User
from meetings.accounts.rules import Actor, Granted, Role
from meetings.clock import now
from meetings.database import db
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


def users() -> sa.Select[User]:
    """All users, by name."""
    return sa.select(User).order_by(User.active.desc(), User.name, User.id)


def user(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def grants_of(user: User) -> Sequence[Grant]:
    return db.session.scalars(
        sa.select(Grant).where(Grant.user_id == user.id).options(joinedload(Grant.unit)).order_by(Grant.id)
    ).all()


def holders(role: Role, path: str) -> Sequence[User]:
    """Active users who hold *role* for the unit at *path*: their grant is for it or for a unit above it."""
    return (
        db.session.scalars(
            sa.select(User)
            .join(Grant, Grant.user_id == User.id)
            .join(Unit, Grant.unit_id == Unit.id)
            .where(User.active, Grant.role == role, sa.literal(path).startswith(Unit.path))
            .order_by(User.name)
        )
        .unique()
        .all()
    )


def home_unit(actor: Actor, permission: str) -> Unit | None:
    """The unit for which *actor* holds *permission*; the deepest when there are several."""
    paths = actor.paths(permission)
    if not paths:
        return None
    return db.session.scalars(
        sa.select(Unit).where(Unit.path.in_(paths)).order_by(sa.func.length(Unit.path).desc(), Unit.id)
    ).first()


def units_of(actor: Actor, permission: str) -> Sequence[Unit]:
    """The units *actor* may act for: those she holds *permission* for, ministries and provinces first."""
    return db.session.scalars(
        sa.select(Unit).where(Unit.path.in_(actor.paths(permission)), units.valid_on(now().date())).order_by(Unit.path)
    ).all()
