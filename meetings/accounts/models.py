"""People who sign in, what they may do and where, and the sessions they have open."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.accounts.rules import Role
from meetings.database import Base
from meetings.units.models import Unit


class User(Base):
    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # lower case
    honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(sa.String(5), default="vi")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def journal_subject(self) -> str:
        return f"user:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Grant(Base):
    """A role of a user, for a unit and everything below it."""

    __tablename__ = "account_grant"
    __table_args__ = (sa.UniqueConstraint("user_id", "role", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))

    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()


class LoginSession(Base):
    """A session on the server's side: signing out ends it for every copy of the cookie. Only a digest of its key is kept."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class SignInAttempt(Base):
    """A failed try, by account and by address; also wrong private links, by address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index("ix_sign_in_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime]
