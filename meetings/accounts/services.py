"""Signing in and out, users and their roles."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from meetings import journal
from meetings.accounts import queries
from meetings.accounts.models import Grant, LoginSession, SignInAttempt, User
from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.text import name_sort_key, nfc, tidy
from meetings.post.rules import deliverable
from meetings.units.models import Unit

IDLE: Final = timedelta(hours=12)
TRIES: Final = 5
WAIT: Final = timedelta(minutes=5)
TRIES_BY_ADDRESS: Final = 50
MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 200  # hashing a megabyte is a way to keep a server busy

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)
# made once of a password that nobody was told: as long to try as anybody's, and no start waits until it is made
_NO_ONE: Final = "$argon2id$v=19$m=65536,t=3,p=2$Cps8RGrMJ9nOxRxLGn2m+A$e+pR0cWUm0sJGKT6mnR3s9x3yMlvqOBxyun2+rx3I7g"


def quick_hashing() -> None:
    """Cheap hashes for tests, which make hundreds of users; the format and the checks are the same."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def sign_in(email: str, password: str, address: str) -> str:
    """Open a session for the user of *email*; returns its key for the cookie.

    Raises :class:`Refused` with one sentence for every wrong combination, and 429 after five failed tries by account (or
    fifty by address) within five minutes. Failed tries are kept by :func:`note_failure`, in a transaction of their own.
    """
    since = now() - WAIT
    account = email.strip().lower()[:254]
    if (
        queries.attempts(f"account:{account}", since) >= TRIES
        or queries.attempts(f"address:{address}", since) >= TRIES_BY_ADDRESS
    ):
        raise Refused(_("Too many tries. Wait five minutes and try again."), status=429)
    user = queries.by_email(account)
    if not _matches(user.password_hash if user else _NO_ONE, password) or user is None or not user.active:
        raise Refused(_("The e-mail address or the password is wrong."), status=422)
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    user.last_signed_in_at = now()
    return _open_session(user)


def note_failure(key: str) -> None:
    """Keep a failed try of *key*; forgets those older than a day."""
    db.session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < now() - timedelta(days=1)))
    db.session.add(SignInAttempt(key=key[:300], at=now()))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def _open_session(user: User) -> str:
    key = secrets.token_urlsafe(32)
    at = now()
    db.session.add(
        LoginSession(
            key_digest=queries.key_digest(key), user_id=user.id, created_at=at, used_at=at, expires_at=at + IDLE
        )
    )
    journal.record("user.signed_in", user, actor=queries.actor_of(user))
    return key


def keep_alive(session: LoginSession) -> None:
    """A POST shows that somebody is there: the session's idle time begins anew."""
    at = now()
    if at - session.used_at > timedelta(minutes=1):
        session.used_at, session.expires_at = at, at + IDLE


def sign_out(session: LoginSession, actor: Actor) -> None:
    session.ended_at = now()
    journal.record("user.signed_out", session.user, actor=actor)


def create_user(
    email: str,
    name: str,
    password: str,
    *,
    role: Role,
    unit: Unit,
    actor: Actor = SYSTEM,
    title: str = "",
    honorific: str = "",
    phone: str = "",
    must_change: bool = False,
) -> User:
    """A new user with one role; raises :class:`Refused` for an unsound address or name, one in use, or a weak password."""
    email, name, title, phone = nfc(email).strip().lower(), tidy(name), tidy(title), tidy(phone)
    _sound(email, name, title, phone, honorific)
    if queries.by_email(email) is not None:
        raise Refused(_("There is already a user with this e-mail address."), field="email", status=422)
    user = User(
        email=email,
        name=name,
        sort_key=name_sort_key(name)[:500],
        title=title,
        honorific=honorific,
        phone=phone,
        password_hash=hash_password(password),
        must_change_password=must_change,
        created_at=now(),
    )
    db.session.add(user)
    db.session.flush()
    journal.record("user.created", user, actor=actor, email=email, name=user.name)
    grant(user, role, unit, actor=actor)
    return user


def correct_user(user: User, *, email: str, name: str, title: str, honorific: str, phone: str, actor: Actor) -> None:
    """Mend what is written of somebody; raises :class:`Refused` as :func:`create_user` does. Her roles and password stay."""
    email, name, title, phone = nfc(email).strip().lower(), tidy(name), tidy(title), tidy(phone)
    _sound(email, name, title, phone, honorific)
    other = queries.by_email(email)
    if other is not None and other.id != user.id:
        raise Refused(_("There is already a user with this e-mail address."), field="email", status=422)
    after = {"honorific": honorific, "name": name, "title": title, "email": email, "phone": phone}
    before = {key: getattr(user, key) for key in after}
    changed = [key for key, value in after.items() if before[key] != value]
    if not changed:
        return
    for key in changed:
        setattr(user, key, after[key])
    user.sort_key = name_sort_key(name)[:500]
    # the address is what she signs in with; a telephone number may not be kept as long as the journal is
    kept = {key: [before[key], after[key]] for key in changed if key != "phone"}
    journal.record("user.corrected", user, actor=actor, changed=changed, values=kept)


def _sound(email: str, name: str, title: str, phone: str, honorific: str) -> None:
    """Raises :class:`Refused` at the field of the first value that no page could show and no letter could reach."""
    if not deliverable(email):
        raise Refused(_("Enter an e-mail address such as vanphong@tinh.gov.vn."), field="email", status=422)
    if not name:
        raise Refused(_("Enter the full name."), field="name", status=422)
    if len(name) > 120:
        raise Refused(_("The full name has at most 120 characters."), field="name", status=422)
    if len(title) > 200:
        raise Refused(_("The position has at most 200 characters."), field="title", status=422)
    if len(phone) > 30:
        raise Refused(_("The telephone number has at most 30 characters."), field="phone", status=422)
    if len(honorific) > 10:
        raise Refused(_("The form of address has at most 10 characters."), field="honorific", status=422)


def hash_password(password: str) -> str:
    """Raises :class:`Refused` for a password that is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refused(_("A password has at least 10 and at most 200 characters."), field="password", status=422)
    return _hasher.hash(password)


def change_password(user: User, old: str, new: str, *, actor: Actor, session: LoginSession | None) -> None:
    """The user's own change; every other session of hers ends."""
    if not _matches(user.password_hash, old):
        raise Refused(_("The present password is wrong."), field="old", status=422)
    if old == new:
        raise Refused(_("Choose a password that differs from the present one."), field="password", status=422)
    set_password(user, new, actor=actor, must_change=False, but=session)


def set_password(
    user: User, password: str, *, actor: Actor, must_change: bool, but: LoginSession | None = None
) -> None:
    user.password_hash = hash_password(password)
    user.must_change_password = must_change
    end_sessions(user, now(), but)
    journal.record("user.password_changed", user, actor=actor)


def end_sessions(user: User, at: datetime, but: LoginSession | None = None) -> None:
    ended = sa.update(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    if but is not None:
        ended = ended.where(LoginSession.id != but.id)
    db.session.execute(ended.values(ended_at=at))


def grant(user: User, role: Role, unit: Unit, *, actor: Actor) -> None:
    """Give *user* the role for *unit* and everything below it; once is enough."""
    have = {(g.role, g.unit_id) for g in queries.grants_of(user)}
    if (role, unit.id) in have:
        return
    db.session.add(Grant(user_id=user.id, role=role, unit_id=unit.id))
    db.session.flush()
    journal.record("user.granted", user, actor=actor, role=role, unit=unit.code)


def revoke(user: User, grant_id: int, *, actor: Actor) -> None:
    """Take a role back."""
    for held in queries.grants_of(user):
        if held.id == grant_id:
            if held.role is Role.ADMINISTRATOR and actor.user_id == user.id:
                raise Refused(_("An administrator cannot take the role of administrator from herself."))
            journal.record("user.revoked", user, actor=actor, role=held.role, unit=held.unit.code)
            db.session.delete(held)
            return
    raise Refused(_("This role has already been taken back."))


def set_active(user: User, active: bool, *, actor: Actor) -> None:
    """Stop or resume an account; a stopped one is signed out everywhere."""
    if actor.user_id == user.id and not active:
        raise Refused(_("Nobody can stop the account that is being used."))
    user.active = active
    if not active:
        end_sessions(user, now())
    journal.record("user.resumed" if active else "user.stopped", user, actor=actor)


def choose_locale(user: User, locale: str, *, actor: Actor) -> None:
    user.locale = locale
    journal.record("user.language_chosen", user, actor=actor, locale=locale)
