"""What the slot finder takes for busy, for free and for unknown, from the tables themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Person, Room, Site
from meetings.scheduling import finder, holding, services
from meetings.scheduling.finder import Search
from meetings.scheduling.models import Booking, Busy, BusyKind, Feed, Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.scheduling.slots import Kind, Slot
from meetings.units.models import Unit
from tests import make

THURSDAY = date(2026, 12, 10)


@pytest.fixture
def chair(complete: Meeting) -> Person:
    """The chair of the draft, whose calendar is kept here."""
    person = db.session.get(Person, complete.chair_id or 0)
    assert person is not None
    person.calendar_kept = True
    return person


def look(meeting: Meeting, *, minutes: int = 240, margin: int = 0, k: int = 5) -> Slot:
    """The morning of Thursday as the finder sees it: four hours, so that everything of the morning is in the way."""
    db.session.flush()
    return finder.find(meeting, Search(THURSDAY, THURSDAY, minutes, margin), k=k).best[0]


def busy(meeting: Meeting, slot: Slot) -> set[str]:
    """The kinds and ids of who is busy."""
    parties = finder._ask(meeting, Search(THURSDAY, THURSDAY, 240, 0)).question.parties
    return {f"{parties[number].kind}:{parties[number].key}" for number in slot.busy}


def taken(begins: str = "2026-12-10 09:00", hours: float = 1, **whose: Any) -> Booking:
    """Something of another meeting's that is taken."""
    other = db.session.query(Meeting).filter(Meeting.title == "Cuộc họp khác").first()
    other = other or make.meeting(title="Cuộc họp khác", sites=[], starts="2026-11-01 08:00", asked=False)
    starts_at = make.at(begins)
    ends_at = starts_at + timedelta(hours=hours)
    booking = Booking(meeting_id=other.id, starts_at=starts_at, ends_at=ends_at, exclusive=False, **whose)
    db.session.add(booking)
    return booking


def test_its_own_hold_is_in_nobodys_way(complete: Meeting, chair: Person) -> None:
    assert db.session.query(Booking).filter_by(meeting_id=complete.id).count() == 4
    slot = look(complete)
    assert (slot.busy, slot.unknown, slot.sites_free) == ((), (), 2)


def test_sites_rooms_and_people_are_busy_with_what_others_hold(complete: Meeting, chair: Person) -> None:
    nghe_an, host = make.site(make.NGHE_AN), complete.host_site_id
    taken(site_id=nghe_an.id)
    assert busy(complete, look(complete)) == {f"site:{nghe_an.id}"}
    hall = Room(site_id=host, name="Hội trường", seats=300)
    db.session.add(hall)
    db.session.flush()
    taken(site_id=host, room_id=hall.id)
    assert busy(complete, look(complete)) == {f"site:{nghe_an.id}"}, "another room of the host is no matter"
    taken(site_id=host, room_id=complete.host_room_id)
    taken(person_id=chair.id)
    assert busy(complete, look(complete)) == {f"site:{nghe_an.id}", f"room:{host}", f"person:{chair.id}"}


def test_a_hold_that_ran_out_takes_nothing_and_one_that_runs_does(complete: Meeting, chair: Person, clock: Any) -> None:
    taken(site_id=make.site(make.NGHE_AN).id, expires_at=now() + timedelta(hours=2))
    assert len(look(complete).busy) == 1
    clock.forward(hours=3)
    assert look(complete).busy == ()


def test_a_block_of_days_is_in_the_way_on_each_of_them(complete: Meeting, chair: Person) -> None:
    block = Busy(
        site_id=make.site(make.HA_TINH).id, kind=BusyKind.MAINTENANCE, title="Thay đường truyền", made_by="x",
        starts_at=make.at("2026-12-07 00:00"), ends_at=make.at("2026-12-12 00:00"), made_at=now(),
    )  # fmt: skip
    db.session.add(block)
    db.session.flush()
    holding.block(block)
    assert len(look(complete).busy) == 1


def test_the_ranked_list_and_the_check_of_the_booking_agree(complete: Meeting, chair: Person, who: Actor) -> None:
    taken("2026-12-10 07:00", 0.5, site_id=make.site(make.NGHE_AN).id)
    taken("2026-12-10 07:00", 0.75, person_id=chair.id)
    taken("2026-12-10 10:00", 2, person_id=chair.id)
    taken("2026-12-10 13:15", 1.5, site_id=make.site(make.HA_TINH).id)
    seen = set()
    for minutes, margin in ((60, 0), (240, 0), (240, 30), (210, 15), (570, 60)):
        for slot in finder.find(complete, Search(THURSDAY, THURSDAY, minutes, margin)).best:
            starts_at = datetime.fromtimestamp(slot.starts, UTC)
            way = finder.in_the_way(complete, starts_at, starts_at + timedelta(minutes=minutes), who, margin)
            assert len({c.resource for c in way}) == len(slot.busy)
            seen.add(len(slot.busy))
    assert seen == {0, 1, 2, 3}


# ------------------------------------------------------------------ unknown


def unknown(meeting: Meeting) -> tuple[int, int]:
    """How many people and how many sites nothing is known of."""
    slot = look(meeting)
    parties = finder._ask(meeting, Search(THURSDAY, THURSDAY, 240, 0)).question.parties
    people = sum(parties[number].kind is Kind.PERSON for number in slot.unknown)
    assert slot.sites_free == 2 - slot.tally.sites - (len(slot.unknown) - people), (
        "what is not known is never counted as free"
    )
    return people, len(slot.unknown) - people


def feed(*, read: str = "2026-12-01 08:30", until: str = "2027-03-01 00:00", **whose: Any) -> Feed:
    made = Feed(
        url="https://lich.example/a.ics", last_ok_at=make.at(read), covers_until=make.at(until), made_by="x",
        made_at=now(), **whose,
    )  # fmt: skip
    db.session.add(made)
    return made


def test_a_persons_calendar_is_unknown_until_it_is_kept_here_or_read_elsewhere(complete: Meeting) -> None:
    chair = db.session.get(Person, complete.chair_id or 0)
    assert chair is not None
    assert unknown(complete) == (1, 0)
    chair.calendar_kept = True
    assert unknown(complete) == (0, 0)
    chair.calendar_kept = False
    read = feed(person_id=chair.id)
    assert unknown(complete) == (0, 0)
    read.covers_until = make.at("2026-12-10 09:00")
    assert unknown(complete) == (1, 0), "what lies after the last day that was read is not known"
    read.covers_until, read.last_ok_at = make.at("2027-03-01 00:00"), now() - timedelta(hours=25)
    assert unknown(complete) == (1, 0), "read too long ago"
    read.ended_at, chair.calendar_kept = now(), True
    assert unknown(complete) == (0, 0)


def test_a_sites_calendar_is_known_unless_it_is_kept_elsewhere_and_not_read(complete: Meeting, chair: Person) -> None:
    nghe_an, ha_tinh = make.site(make.NGHE_AN), make.site(make.HA_TINH)
    nghe_an.calendar_kept = False
    assert unknown(complete) == (0, 1)
    read = feed(site_id=nghe_an.id)
    assert unknown(complete) == (0, 0)
    read.last_ok_at = None
    feed(site_id=ha_tinh.id, read="2026-11-28 08:00")
    assert unknown(complete) == (0, 2), "a stale calendar makes unknown what is kept here besides"
    taken(site_id=ha_tinh.id)
    assert unknown(complete) == (0, 1), "what is busy is known"
    assert finder.not_known(complete, make.at("2026-12-10 08:00"), make.at("2026-12-10 09:00")) == [
        "Nghệ An",
        "Hà Tĩnh",
    ]


# ------------------------------------------------------------------ whom the hour has to suit


def test_what_is_required_is_counted_by_province(complete: Meeting, who: Actor, units: dict[str, Unit]) -> None:
    services.add_sites(complete, [make.site(make.KIM_LIEN), make.site(make.VINH_HUNG)], actor=who)
    db.session.flush()
    services.require_sites(complete, {make.site(make.KIM_LIEN).id: False}, actor=who)
    found = {p.name: (p.required_self, p.communes, p.required_communes) for p in finder.provinces(complete)}
    assert found == {"Nghệ An": (True, 2, 1), "Hà Tĩnh": (True, 0, 0)}
    assert [row.name for row in finder.sites_in(complete, units[make.NGHE_AN].id)] == [
        "Phường Vinh Hưng",
        "Xã Kim Liên",
    ]
    assert finder.count(complete) == finder.Count(4, 3, 1, 1)


def test_many_who_are_busy_are_named_by_province_fifty_of_them(
    draft: Meeting, secretary: User, who: Actor, units: dict[str, Unit]
) -> None:
    communes = [make.unit(f"9{n:04d}", f"Xã Số {n:02d}", parent=units[make.NGHE_AN]) for n in range(60)]
    sites: list[Site] = [make.site(make.HA_TINH), *(make.site(commune, email="") for commune in communes)]
    other = make.meeting(
        status=Status.SCHEDULED, sites=sites, chair_name="Ai Đó", asked=False, host_site=make.site(make.HO_CHI_MINH)
    )
    services.add_sites(draft, sites, actor=who)
    (way,) = finder.by_way(
        draft, finder.in_the_way(draft, make.at("2026-12-10 08:00"), make.at("2026-12-10 10:00"), who)
    )
    assert (way.code, way.count, way.required, way.others) == (other.code, 61, 61, 11)
    assert [(province, len(names)) for province, names in way.named] == [("Nghệ An", 49), ("", 1)]
    assert db.session.query(MeetingSite).filter_by(meeting_id=draft.id).count() == 61
