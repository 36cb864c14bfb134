"""Which site a row of an attendance file belongs to: by id, by address; by name only as a suggestion to a person.

Pure. A name is what anybody typed into a box: it never counts by itself, however much it looks alike. Several provinces have a
commune «Tân Lập».
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meetings.attendance.witnesses.told import Row

MOST_SUGGESTIONS: Final = 5


@dataclass(frozen=True)
class Known:
    """A site of the meeting, and by what a row may show that it is meant.

    *ids*: what we gave to platforms for it (``site:<…>``, BBB user ids, registrant ids, its own dialled alias). *addresses*: of its
    mailbox, officers, accounts, devices. *names*: of the site and its unit, with the province where that tells them apart.
    """

    meeting_site_id: int
    ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """What a row means. *meeting_site_id* is said only for ``id`` and ``address``, where nothing is guessed.

    *by* is ``name`` where one suggestion is clearly the best (the first), "" where none is or several are alike.
    *suggestions*: (meeting_site_id, score of 100), best first, at most :data:`MOST_SUGGESTIONS`; empty for a certain match.
    """

    row_number: int
    meeting_site_id: int | None
    by: str
    suggestions: tuple[tuple[int, int], ...] = ()

    @property
    def likely(self) -> int | None:
        """The site to offer first for confirmation: only where one is clearly the best."""
        return self.suggestions[0][0] if self.by == "name" else None


def match(rows: Iterable[Row], known: Iterable[Known]) -> tuple[Match, ...]:
    """One match for each row, in the order of the rows."""
    raise NotImplementedError
