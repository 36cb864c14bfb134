"""What a person types into a block of the minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from meetings.minutes.rules import StatementKind


@dataclass(frozen=True)
class Spoken:
    """A statement, a note or a vote as typed."""

    text: str
    site: str = ""
    speaker: str = ""
    kind: StatementKind = StatementKind.STATEMENT
    votes_for: int | None = None
    votes_against: int | None = None
    votes_withheld: int | None = None


@dataclass(frozen=True)
class Concluded:
    """A conclusion of the chair as typed."""

    text: str


@dataclass(frozen=True)
class Given:
    """An action item as typed."""

    text: str
    lead: str = ""
    support: str = ""
    due_on: date | None = None


Content = Spoken | Concluded | Given
