"""Whom a voice of a transcript may be: as the attendance knows the name, by the rosters, by likeness. A person confirms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from meetings.attendance import witness_queries
from meetings.attendance.matching import LIKELY, kept_register
from meetings.attendance.models import Connection, Witness
from meetings.database import db
from meetings.minutes.models import Voice
from meetings.minutes.transcripts import folded
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting, MeetingSite

MOST_OFFERED: Final = 5
_MOST_DELEGATES: Final = 20_000


@dataclass(frozen=True)
class Settled:
    """What a person says of a voice. All empty: its words come into the minutes without a name."""

    voice_id: int
    site: str = ""
    meeting_site: MeetingSite | None = None
    speaker: str = ""
    delegate: Delegate | None = None
    left_out: bool = False
    taken_back: bool = False


@dataclass(frozen=True)
class Offer:
    """Somebody that a voice may be: ``s-12`` a site, ``d-7`` somebody on a roster, ``chair``."""

    key: str
    speaker: str
    site: str
    likely: bool = False


def known_names(meeting: Meeting) -> list[str]:
    """The names of whoever may have spoken: by them «Name: …» in a transcript is told from a sentence."""
    sites = witness_queries.known(meeting)
    delegates = db.session.scalars(
        sa.select(Delegate.name)
        .join(MeetingSite, MeetingSite.id == Delegate.meeting_site_id)
        .where(MeetingSite.meeting_id == meeting.id)
    ).all()
    seen = db.session.scalars(
        sa.select(Connection.name)
        .distinct()
        .join(Witness, Witness.id == Connection.witness_id)
        .where(Witness.meeting_id == meeting.id)
    ).all()
    named = [name for one in sites for name in one.names]
    return [name for name in (*named, *delegates, *seen, meeting.chair_name) if name]


def offers(meeting: Meeting, told: Sequence[Voice]) -> dict[int, list[Offer]]:
    """Whom each of *told* may be, the likeliest first: as the attendance knows the name, by the rosters, by likeness."""
    names = {voice.id: folded(voice.name) for voice in told if voice.name}
    scores: dict[int, dict[int, int]] = defaultdict(dict)
    register = kept_register(witness_queries.known(meeting))
    for voice in told:
        if voice.name:
            scores[voice.id].update(register.alike(voice.name))
    for voice_id, site_id in _attendance(meeting, names):
        scores[voice_id][site_id] = 101  # a person, or an address, has said so already
    people = _delegates(meeting, names)
    sites = witness_queries.site_names(meeting, {id for found in scores.values() for id in found})
    return {
        voice.id: _offered(meeting, voice, scores.get(voice.id, {}), people.get(voice.id, []), sites) for voice in told
    }


def _offered(
    meeting: Meeting, voice: Voice, scores: dict[int, int], people: list[Offer], sites: dict[int, tuple[str, str]]
) -> list[Offer]:
    mine = folded(voice.name)
    found = list(people)
    offices = ("chu tri", "chu toa", folded(meeting.chair_title))
    if meeting.chair_name and mine and (folded(meeting.chair_name) in mine or mine in offices):
        found.insert(0, Offer("chair", chair(meeting), ""))
    best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:MOST_OFFERED]
    offered = [Offer(f"s-{id}", "", sites[id][0]) for id, _score in best if id in sites]
    clear = bool(best) and best[0][1] >= LIKELY and (len(best) == 1 or best[1][1] < best[0][1])
    if len(found) == 1 or not found and offered and clear:
        first = (found or offered)[0]
        rest = [one for one in (*found, *offered) if one.key != first.key]
        return [Offer(first.key, first.speaker, first.site, likely=True), *rest]
    return [*found, *offered]


def _attendance(meeting: Meeting, names: dict[int, str]) -> list[tuple[int, int]]:
    """(voice, site) where the same name stands in an attendance list and was matched there."""
    rows = db.session.execute(
        sa.select(Connection.name, Connection.meeting_site_id)
        .join(Witness, Witness.id == Connection.witness_id)
        .where(
            Witness.meeting_id == meeting.id,
            Witness.withdrawn_at.is_(None),
            Connection.matched_by.in_(witness_queries.COUNTS),
            Connection.meeting_site_id.is_not(None),
        )
        .distinct()
    ).all()
    matched: dict[str, set[int]] = defaultdict(set)
    for name, site_id in rows:
        matched[folded(name)].add(site_id or 0)
    return [(id, min(matched[name])) for id, name in names.items() if len(matched.get(name, ())) == 1]


def _delegates(meeting: Meeting, names: dict[int, str]) -> dict[int, list[Offer]]:
    """Who stands on a roster under a name that a voice bears, whole or with more around it."""
    rows = db.session.execute(
        sa.select(Delegate.id, Delegate.honorific, Delegate.name, Delegate.title, MeetingSite.name)
        .join(MeetingSite, MeetingSite.id == Delegate.meeting_site_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, Delegate.position)
        .limit(_MOST_DELEGATES)
    ).all()
    found: dict[int, list[Offer]] = defaultdict(list)
    padded = {id: f" {' '.join(word.strip('.,;()–-') for word in name.split())} " for id, name in names.items()}
    for id, honorific, name, title, site in rows:
        mine = f" {folded(name)} "
        if len(mine.split()) < 2:
            continue
        for voice_id, theirs in padded.items():
            if mine in theirs and len(found[voice_id]) < MOST_OFFERED:
                speaker = ", ".join(filter(None, (f"{honorific} {name}".strip(), title)))
                found[voice_id].append(Offer(f"d-{id}", speaker, site))
    return found


# --- what a person answers -------------------------------------------------------------------------------------------


def chair(meeting: Meeting) -> str:
    """The chair as the minutes name her."""
    name = f"{meeting.chair_honorific} {meeting.chair_name}".strip()
    return ", ".join(filter(None, (name, meeting.chair_title)))


def settled(meeting: Meeting, voice_id: int, kind: str, id: int) -> Settled | None:
    """The site (``s``) or the person on a roster (``d``) that was chosen; None for one that is not of this meeting."""
    if kind == "s":
        site = db.session.get(MeetingSite, id)
        if site is None or site.meeting_id != meeting.id:
            return None
        return Settled(voice_id, site.name, site)
    found = db.session.get(Delegate, id)
    if found is None or found.meeting_site.meeting_id != meeting.id:
        return None
    return Settled(voice_id, found.meeting_site.name, found.meeting_site, _spoken_of(found), found)


def typed(meeting: Meeting, voice_id: int, site: str, speaker: str) -> Settled:
    """What was typed; a site of the meeting is known by its name, somebody on a roster by how the minutes name her."""
    place = db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.name == site, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position)
        .limit(1)
    ).first()
    there = sa.select(Delegate).join(MeetingSite, MeetingSite.id == Delegate.meeting_site_id)
    people = (
        db.session.scalars(there.where(MeetingSite.meeting_id == meeting.id).limit(_MOST_DELEGATES)) if speaker else ()
    )
    found = [one for one in people if _spoken_of(one) == speaker and (place is None or one.meeting_site_id == place.id)]
    delegate = found[0] if len(found) == 1 else None
    if delegate is not None and not site:
        site, place = delegate.meeting_site.name, delegate.meeting_site
    return Settled(voice_id, site, place, speaker, delegate)


def _spoken_of(one: Delegate) -> str:
    return ", ".join(filter(None, (f"{one.honorific} {one.name}".strip(), one.title)))
