"""Asking sites: who approves the giấy mời and as what it leaves, the private link of each site, and what each has answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.accounts.models import User
from meetings.database import Base
from meetings.directory.models import Person, Room, Site
from meetings.invitations.incoming import Kind
from meetings.invitations.rules import ChaseState, ChaseStep, ReceivedStatus, SuggestionDecision, SuggestionKind
from meetings.invitations.rules import Consent as Consent
from meetings.invitations.rules import Decision as Decision
from meetings.invitations.rules import Reply as Reply
from meetings.invitations.rules import Source as Source
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType
from meetings.units.models import Unit


class Link(Base):
    """A link without account. Its token is derived from *id* and *issue*; raising *issue* kills every older one."""

    __tablename__ = "link"
    __table_args__ = (sa.Index("ix_link_subject", "purpose", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(1))  # m site's page · j join · v document · t tasks · c calendar
    subject_id: Mapped[int]  # of a MeetingSite for m and j, of a hand-out for v, of a CalendarLink for c
    issue: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), unique=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    by_post: Mapped[bool] = mapped_column(default=True)  # False: no e-mail address, asked on paper or by telephone
    seen_at: Mapped[datetime | None]
    reply: Mapped[Reply] = mapped_column(default=Reply.ASKED)
    replied_at: Mapped[datetime | None]
    reply_source: Mapped[Source | None]
    replied_by: Mapped[str] = mapped_column(sa.String(200), default="")
    late: Mapped[bool] = mapped_column(default=False)
    substitute_honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    substitute_name: Mapped[str] = mapped_column(sa.String(120), default="")
    substitute_title: Mapped[str] = mapped_column(sa.String(200), default="")
    # whose place the substitute takes; "" where nobody said it
    replaced_name: Mapped[str] = mapped_column(sa.String(130), default="", server_default="")
    replaced_title: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    consent: Mapped[Consent] = mapped_column(default=Consent.NOT_NEEDED)
    consent_by: Mapped[str] = mapped_column(sa.String(120), default="")
    consent_at: Mapped[datetime | None]
    consent_reason: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")  # why it was refused
    day_phone: Mapped[str] = mapped_column(sa.String(30), default="")  # to ring on the day
    # the newest change the site was written to about; what came after it is still to be told
    told_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_change.id"))
    asked_again_at: Mapped[datetime | None]  # the meeting moved then: what was said before it no longer holds
    # SEQUENCE and DTSTAMP of the newest answer by calendar: one that is not newer says nothing
    calendar_sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    calendar_stamp: Mapped[datetime | None]
    calendar_said: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # its PARTSTAT
    calendar_sent_at: Mapped[datetime | None]  # Date of the message that brought it

    meeting_site: Mapped[MeetingSite] = relationship()
    link: Mapped[Link] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"invitation:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code


class ApprovalRule(Base):
    """Whether the giấy mời of a unit and of everything below it must be approved, from a day on; the nearest unit decides."""

    __tablename__ = "approval_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    meeting_type: Mapped[MeetingType | None]  # None: every type that has no rule of its own
    needed: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it no longer holds
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime]

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"approval-rule:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Approval(Base):
    """One round of approval: what was shown to whom decides, and what she said. *sha256* is of the giấy mời she sees."""

    __tablename__ = "approval"
    __table_args__ = (
        # of two who hand one draft in at one time, one is refused by the database
        sa.Index(
            "uq_approval_waiting",
            "meeting_id",
            unique=True,
            sqlite_where=sa.text("decision IS NULL"),
            postgresql_where=sa.text("decision IS NULL"),
        ),
        sa.Index("ix_approval_meeting_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    edition: Mapped[int]  # of the meeting as it was handed in
    reply_by: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[datetime]
    decision: Mapped[Decision | None]
    decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_title: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_at: Mapped[datetime | None]
    remarks: Mapped[str] = mapped_column(sa.String(2000), default="")

    meeting: Mapped[Meeting] = relationship()


class Paper(Base):
    """The giấy mời as it was released: the file that letters enclose. A later one bears a number that was given since."""

    __tablename__ = "invitation_paper"
    __table_args__ = (sa.Index("ix_invitation_paper_meeting_id_version", "meeting_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    version: Mapped[int]  # which giấy mời of the meeting: Meeting.paper as it then stood
    sha256: Mapped[str] = mapped_column(sa.String(64))
    kept_at: Mapped[datetime]


class CalendarLink(Base):
    """A calendar to subscribe to by a secret address, ``/c/<token>.ics``: what *user* may see of one site, one of its
    rooms or one person, or, with none of them, her own meetings. Taking it back ends its link."""

    __tablename__ = "calendar_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]

    link: Mapped[Link] = relationship()
    user: Mapped[User] = relationship()
    site: Mapped[Site | None] = relationship()
    room: Mapped[Room | None] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"calendar-link:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


# ------------------------------------------------------------------ what comes back


class MailboxState(Base):
    """How far a mailbox was read, and since when it cannot be."""

    __tablename__ = "mailbox_state"

    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    last_uid: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    checked_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(500), default="")
    fault_since_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]  # what lay there long before is not the product's


class Received(Base):
    """A message as it came in; *sha256* is of its bytes, *why* a code word. The bytes are kept before anything is read from
    them, as an enclosure (*kept*) that is sealed: letters of ours are quoted in them, with their links."""

    __tablename__ = "received"
    __table_args__ = (
        sa.UniqueConstraint("mailbox", "uid_validity", "uid"),
        sa.Index("ix_received_status", "status", "id"),
        sa.Index("ix_received_message_id", "message_id", "sha256"),
        sa.Index("ix_received_sha256", "sha256"),
        sa.Index("ix_received_meeting_id", "meeting_id", "status"),
        sa.Index("ix_received_invitation_id", "invitation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox: Mapped[str] = mapped_column(sa.String(200))
    uid_validity: Mapped[int] = mapped_column(sa.BigInteger)
    uid: Mapped[int] = mapped_column(sa.BigInteger)
    source: Mapped[str] = mapped_column(sa.String(300), default="")  # the name of the file, in a folder
    sha256: Mapped[str] = mapped_column(sa.String(64))
    kept: Mapped[str] = mapped_column(sa.String(64), default="")
    size: Mapped[int]
    received_at: Mapped[datetime]
    message_id: Mapped[str] = mapped_column(sa.String(255), default="")
    from_address: Mapped[str] = mapped_column(sa.String(254), default="")
    from_name: Mapped[str] = mapped_column(sa.String(200), default="")
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    sent_at: Mapped[datetime | None]
    kind: Mapped[Kind | None]
    status: Mapped[ReceivedStatus] = mapped_column(default=ReceivedStatus.NEW)
    why: Mapped[str] = mapped_column(sa.String(40), default="")
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"))
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"))
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(sa.String(200), default="")

    invitation: Mapped[Invitation | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"received:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code if self.meeting else ""


class Suggestion(Base):
    """What a site's calendar proposed: another time (COUNTER), or another person (DELEGATED). A clerk decides."""

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"), index=True)
    received_id: Mapped[int] = mapped_column(sa.ForeignKey("received.id"))
    kind: Mapped[SuggestionKind]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(254), default="")
    comment: Mapped[str] = mapped_column(sa.String(500), default="")
    made_at: Mapped[datetime]
    decision: Mapped[SuggestionDecision | None]
    decided_by: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = relationship()
    received: Mapped[Received] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"suggestion:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.invitation.journal_root


# ------------------------------------------------------------------ chasing


class ChaseRule(Base):
    """One rung of the ladder as an administrator laid it down, for a type of meeting or for all; the newest decides."""

    __tablename__ = "chase_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_type: Mapped[MeetingType | None]  # None: every type that has no rule of its own
    step: Mapped[ChaseStep]
    on: Mapped[bool | None]  # None: taken back, so that what holds for all types or came with the product holds again
    offset: Mapped[int]  # working days before or after the deadline, or minutes before the start
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime]

    @property
    def journal_subject(self) -> str:
        return f"chase-rule:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Chase(Base):
    """One rung of one meeting that has been begun. It runs once, whatever is killed when: the row and the letters of a
    batch are kept together, and there is one row for each rung and *round*."""

    __tablename__ = "chase"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "step", "round"),
        sa.Index("ix_chase_state_step", "state", "step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    step: Mapped[ChaseStep]
    # the change that set the time which the ladder counts to, 0 for the first; of reminders by hand a running number
    round: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    state: Mapped[ChaseState] = mapped_column(default=ChaseState.DUE)
    reached: Mapped[int] = mapped_column(default=0)  # id of the last invitation, or unit, that was dealt with
    sites: Mapped[list[Any]] = mapped_column(default=list)  # by hand: the ids of the meeting sites that were chosen
    about: Mapped[str] = mapped_column(sa.String(10), default="")  # by hand: the answer, or the list of delegates
    told: Mapped[int] = mapped_column(default=0)  # how many were written to
    to_ring: Mapped[int] = mapped_column(default=0)  # how many have no e-mail address
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")  # who pressed; "": the product by itself
    made_by_key: Mapped[str] = mapped_column(sa.String(60), default="")
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"chase:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class ChaseSwitch(Base):
    """That the ladder of one meeting was switched off, and when it was switched on again if it was."""

    __tablename__ = "chase_switch"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), primary_key=True)
    off_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.String(500))
    on_at: Mapped[datetime | None]
