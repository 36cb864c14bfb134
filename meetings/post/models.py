"""Letters, what they enclose, and the hours in which no mailer took any."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meetings.database import Base
from meetings.post.rules import LetterStatus


class Enclosure(Base):
    """Bytes kept once under their own digest: an attachment of thousands of letters, or the pattern they share."""

    __tablename__ = "enclosure"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Conversion(Base):
    """A kept .docx of which a PDF is wanted, by its digest; *pdf* is the digest of what came."""

    __tablename__ = "conversion"
    __table_args__ = (sa.Index("ix_conversion_due", "stage", "next_at"),)

    sha256: Mapped[str] = mapped_column(sa.ForeignKey("enclosure.sha256"), primary_key=True)
    stage: Mapped[str] = mapped_column(sa.String(20))  # waiting · working · done · failed
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    pdf: Mapped[str | None] = mapped_column(sa.ForeignKey("enclosure.sha256"))
    fault: Mapped[str] = mapped_column(sa.String(40), default="")
    said: Mapped[str] = mapped_column(sa.String(300), default="")


class Letter(Base):
    """One letter to one reader: its varying part, and by digest what it shares with others.

    ``fills`` are the words for the slots of the pattern; the link's token is not among them, it is derived from
    ``link_*`` whenever the letter is carried. ``enclosures`` is a list of ``{"sha256", "name", "content_type"}``.
    """

    __tablename__ = "letter"
    __table_args__ = (
        sa.Index("ix_letter_due", "status", "urgency", "next_at", "id"),
        sa.Index("ix_letter_root_kind", "root", "kind"),
        sa.Index("ix_letter_link", "link_purpose", "link_id"),
        sa.Index("ix_letter_message_id", "message_id"),
        sa.Index("ix_letter_tried", "tried_at"),
        sa.Index("ix_letter_to_written", "to_address", "written_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    root: Mapped[str] = mapped_column(sa.String(20), default="")  # the meeting's code
    made_by: Mapped[str] = mapped_column(
        sa.String(40), default="", server_default=""
    )  # whose press; "" the product's own
    # as it stands in the letter; "" of letters from before bounces were read, whose key tells it
    message_id: Mapped[str] = mapped_column(sa.String(255), default="", server_default="")
    sender_name: Mapped[str] = mapped_column(sa.String(200))
    sender_address: Mapped[str] = mapped_column(sa.String(254))
    reply_name: Mapped[str] = mapped_column(sa.String(200), default="")
    reply_address: Mapped[str] = mapped_column(sa.String(254), default="")
    to_name: Mapped[str] = mapped_column(sa.String(200), default="")
    to_address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(300))
    pattern: Mapped[str] = mapped_column(sa.ForeignKey("enclosure.sha256"))
    fills: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enclosures: Mapped[list[Any]] = mapped_column(default=list)
    link_purpose: Mapped[str | None] = mapped_column(sa.String(1))
    link_id: Mapped[int | None]
    link_issue: Mapped[int | None]
    written_at: Mapped[datetime]
    not_after: Mapped[datetime | None]  # carried later it would only confuse: withdrawn instead
    urgency: Mapped[int] = mapped_column(default=5)  # the smaller the sooner

    status: Mapped[LetterStatus] = mapped_column(default=LetterStatus.WAITING)
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(sa.String(12), default="")  # where the last conversation was decided
    code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    delayed_at: Mapped[datetime | None]  # a server on the way still tries
    bounced_at: Mapped[datetime | None]
    bounce_code: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")  # RFC 3463: "5.1.1"
    bounce_text: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")

    @property
    def journal_subject(self) -> str:
        return f"letter:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.root


class Outage(Base):
    """The mailer took no letters: since when, why, and when it is asked again. There is no row while all is well."""

    __tablename__ = "mail_outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    since_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str] = mapped_column(sa.String(12))
    code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.String(500))


class TextMessage(Base):
    """A short message to one telephone, handed to a gateway. ``text`` may hold slots; *link_* as of a letter."""

    __tablename__ = "text_message"
    __table_args__ = (
        sa.Index("ix_text_message_due", "status", "next_at", "id"),
        sa.Index("ix_text_message_root", "root", "kind"),
        sa.Index("ix_text_message_number", "to_number", "written_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    root: Mapped[str] = mapped_column(sa.String(20), default="")  # the meeting's code
    made_by: Mapped[str] = mapped_column(sa.String(40), default="")
    to_name: Mapped[str] = mapped_column(sa.String(200), default="")
    to_number: Mapped[str] = mapped_column(sa.String(30))
    text: Mapped[str] = mapped_column(sa.String(1000))
    link_purpose: Mapped[str | None] = mapped_column(sa.String(1))
    link_id: Mapped[int | None]
    link_issue: Mapped[int | None]
    written_at: Mapped[datetime]
    not_after: Mapped[datetime | None]

    status: Mapped[LetterStatus] = mapped_column(default=LetterStatus.WAITING)
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def journal_subject(self) -> str:
        return f"text:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.root


class Press(Base):
    """One press of a button that made a letter leave, and one row for each address it was for: what the bounds count.

    A press for one address is one row; one for many is a row without an address and a row for each address without the
    rest. Rows older than the longest bound are swept.
    """

    __tablename__ = "letter_press"
    __table_args__ = (
        sa.Index("ix_letter_press_address_at", "address", "at"),
        sa.Index("ix_letter_press_made_by_at", "made_by", "at"),
        sa.Index("ix_letter_press_root_kind_at", "root", "kind", "at"),
        sa.Index("ix_letter_press_at", "at"),  # what is swept
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(40), default="")
    kind: Mapped[str] = mapped_column(sa.String(40), default="")
    root: Mapped[str] = mapped_column(sa.String(20), default="")
    address: Mapped[str] = mapped_column(sa.String(254), default="")


class PostSetting(Base):
    """A number that an administrator has changed; what has no row is as it comes with the product (``limits.DEFAULTS``)."""

    __tablename__ = "post_setting"

    name: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    value: Mapped[int]
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime]

    @property
    def journal_subject(self) -> str:
        return f"post-setting:{self.name}"

    @property
    def journal_root(self) -> str:
        return ""
