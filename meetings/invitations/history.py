"""What a site has said, answer by answer, read from the journal: what stands, what stood before, what was taken back.

The journal is the one place where this is kept. Its details may have been purged: an answer is then known to have been given,
and no longer what it said, so nothing can be restored from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from meetings.invitations.rules import ANSWERS, Reply, Source

KEPT = (
    "substitute_honorific",
    "substitute_name",
    "substitute_title",
    "replaced_name",
    "replaced_title",
    "reason",
    "day_phone",
)


class Recorded(Protocol):
    """An entry of the journal, as far as it is read here."""

    @property
    def at(self) -> datetime: ...
    @property
    def fact(self) -> str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Consented:
    """What the chair said to the substitute of an answer."""

    given: bool
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. *reply*: None where its details were purged. *by*: who rang or wrote; *entered_by*: who entered it. *gone*:
    "" while it holds, ``replaced`` by a later one, ``lapsed`` because the meeting moved, ``taken_back``."""

    at: datetime
    reply: Reply | None
    source: Source | None
    by: str
    entered_by: str
    values: Mapping[str, str]
    late: bool
    received_id: int | None
    consent: Consented | None = None
    gone: str = ""
    gone_at: datetime | None = None
    gone_by: str = ""
    gone_reason: str = ""

    @property
    def who(self) -> str:
        """Whom the table of sites names beside the answer."""
        return self.by or self.entered_by


def answers(entries: Iterable[Recorded]) -> list[Said]:
    """Every answer of one site, oldest first. *entries*: what the journal tells about its invitation, oldest first."""
    found: list[Said] = []
    standing: list[int] = []  # positions of the answers that hold or would hold again, the one that stands last
    for entry in entries:
        match entry.fact:
            case "invitation.answered":
                found.append(_said(entry))
                standing.append(len(found) - 1)
            case "invitation.asked_again":
                for position in standing:
                    found[position] = replace(found[position], gone="lapsed", gone_at=entry.at)
                standing.clear()
            case "invitation.consented" if standing:
                at = standing[-1]
                given, by = bool(entry.details.get("given")), str(entry.details.get("by", ""))
                why = str(entry.details.get("reason", ""))
                found[at] = replace(found[at], consent=Consented(given, by, entry.at, why))
            case "invitation.reply_taken_back" if standing:
                at = standing.pop()
                reason = str(entry.details.get("reason", ""))
                found[at] = replace(
                    found[at], gone="taken_back", gone_at=entry.at, gone_by=entry.actor_name, gone_reason=reason
                )
            case _:
                continue
    for position in standing[:-1]:
        found[position] = replace(found[position], gone="replaced")
    return found


def stands(said: Sequence[Said]) -> Said | None:
    """The answer that holds now, None where there is none."""
    return next((one for one in reversed(said) if not one.gone), None)


def before(said: Sequence[Said]) -> Said | None:
    """The answer that would hold if the one that stands were taken back; None where there was none, or where nobody knows any
    more what it said."""
    found = next((one for one in reversed(said) if one.gone == "replaced"), None)
    return found if found is not None and found.reply is not None else None


def _said(entry: Recorded) -> Said:
    details = entry.details
    after = details.get("after") or {}
    reply, source = after.get("reply"), details.get("source")
    received = details.get("received")
    return Said(
        entry.at,
        Reply(reply) if reply in {one.value for one in ANSWERS} else None,
        Source(source) if source in {one.value for one in Source} else None,
        str(details.get("said_by", "")),
        entry.actor_name,
        {name: str(after.get(name, "")) for name in KEPT},
        bool(details.get("late")),
        received if isinstance(received, int) else None,
    )
