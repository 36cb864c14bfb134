"""Where a received message comes to rest: what is written on it, whatever was concluded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from meetings import journal
from meetings.invitations.models import Invitation, Received
from meetings.invitations.rules import ReceivedStatus


def settle(received: Received, status: ReceivedStatus, why: str, at: datetime) -> None:
    received.status, received.why = status, why
    received.settled_at = None if status is ReceivedStatus.TRAY else at


def note(received: Received, **details: Any) -> None:
    received.details = {**received.details, **journal.plain(details)}


def about(received: Received, invitation: Invitation) -> None:
    received.invitation_id, received.meeting_id = invitation.id, invitation.meeting_site.meeting_id
