from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import NOBODY, PERMISSIONS, Actor, Role
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Forbidden, NotFound
from meetings.scheduling import clashes, queries
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import Unit
from tests import make

CANARY = "Chuyện chỉ nội bộ Bộ biết"


def seen_by(actor: Actor) -> set[str]:
    """The codes of all meetings that *actor* may know of."""
    return {found.code for found in db.session.scalars(queries.listed(actor))}


def colleague(role: Role, at: str | Unit) -> Actor:
    return make.actor(make.user(role, at))


@pytest.fixture
def sent(app: Any, secretary: User) -> Meeting:
    """Of the ministry, to Nghệ An and Hà Tĩnh."""
    return make.meeting(status=Status.SCHEDULED, secretary=secretary, title=CANARY, search_key="chuyen chi noi bo")


# ------------------------------------------------------------------ who sees a meeting


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SCHEDULED, Status.CANCELLED])
def test_the_people_of_the_organiser_see_it_whatever_its_status(app: Any, secretary: User, status: Status) -> None:
    meeting = make.meeting(status=status, secretary=secretary)
    for role in Role:
        assert seen_by(colleague(role, make.MINISTRY)) == {meeting.code}
    assert seen_by(colleague(Role.LEADER, make.NATION)) == {meeting.code}  # above the ministry


def test_an_invited_province_sees_it_after_sending_only(app: Any, secretary: User) -> None:
    meeting = make.meeting(status=Status.DRAFT, secretary=secretary)
    officer = colleague(Role.SITE_OFFICER, make.NGHE_AN)
    assert seen_by(officer) == set()
    with pytest.raises(NotFound):
        queries.meeting_for(officer, meeting.code)
    meeting.status, meeting.sent_at = Status.SCHEDULED, now()
    db.session.flush()
    assert seen_by(officer) == {meeting.code}
    assert queries.meeting_for(officer, meeting.code).id == meeting.id


def test_a_draft_that_was_given_up_is_never_shown_to_those_it_would_have_invited(app: Any, secretary: User) -> None:
    meeting = make.meeting(status=Status.CANCELLED, secretary=secretary, asked=False)
    meeting.sent_at = None
    db.session.flush()
    assert seen_by(colleague(Role.SITE_OFFICER, make.NGHE_AN)) == set()


def test_a_province_sees_what_its_communes_are_invited_to_and_a_commune_not_its_neighbours(
    app: Any, secretary: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, sites=[make.site(make.KIM_LIEN)], secretary=secretary)
    assert seen_by(colleague(Role.SECRETARY, make.NGHE_AN)) == {meeting.code}
    assert seen_by(colleague(Role.SITE_OFFICER, make.KIM_LIEN)) == {meeting.code}
    assert seen_by(colleague(Role.SITE_OFFICER, make.VINH_HUNG)) == set()


def test_a_site_that_was_taken_out_sees_it_no_longer(sent: Meeting) -> None:
    officer = colleague(Role.SITE_OFFICER, make.HA_TINH)
    assert seen_by(officer) == {sent.code}
    next(row for row in make.sites_of(sent) if row.name == "Hà Tĩnh").removed_at = now()
    db.session.flush()
    assert seen_by(officer) == set()


def test_a_stranger_learns_nothing_by_any_question(sent: Meeting, stranger: User) -> None:
    who = make.actor(stranger)
    for actor in (who, NOBODY, Actor.link(7, "Đầu mối")):
        assert seen_by(actor) == set()
        assert set(queries.counts(actor).values()) == {0}
        assert list(db.session.scalars(queries.listed(actor, words="Chuyện"))) == []
        assert list(db.session.scalars(queries.listed(actor, words=sent.code))) == []
        for permission in PERMISSIONS:
            with pytest.raises(NotFound) as refused:
                queries.meeting_for(actor, sent.code, permission)
            assert CANARY not in str(refused.value.message)
    assert list(queries.recent(who)) == []


def test_a_meeting_one_may_not_know_of_and_one_that_is_not_there_read_the_same(sent: Meeting, stranger: User) -> None:
    said = []
    for code in (sent.code, "HN-2026-9876"):
        with pytest.raises(NotFound) as refused:
            queries.meeting_for(make.actor(stranger), code)
        said.append(str(refused.value.message).replace(code, "…"))
    assert said[0] == said[1]


def test_an_invited_secretary_sees_it_and_may_not_arrange_it(sent: Meeting) -> None:
    invited = colleague(Role.SECRETARY, make.NGHE_AN)
    assert queries.meeting_for(invited, sent.code).id == sent.id
    with pytest.raises(Forbidden):
        queries.meeting_for(invited, sent.code, "meeting.arrange")


def test_an_invited_unit_sees_its_own_part_only(sent: Meeting, secretary: User) -> None:
    assert queries.whole(make.actor(secretary), sent)
    invited = colleague(Role.SITE_OFFICER, make.NGHE_AN)
    assert not queries.whole(invited, sent)
    parts = db.session.query(queries.MeetingSite).filter_by(meeting_id=sent.id)
    assert [row.name for row in parts.filter(queries.sites_visible_to(invited, sent))] == ["Nghệ An"]
    assert parts.filter(queries.sites_visible_to(make.actor(secretary), sent)).count() == 2


def test_a_code_may_be_typed_in_small_letters(sent: Meeting, secretary: User) -> None:
    assert queries.meeting_for(make.actor(secretary), sent.code.lower()).id == sent.id


# ------------------------------------------------------------------ lists


def test_the_list_is_searched_without_diacritics_and_by_code(sent: Meeting, secretary: User) -> None:
    who = make.actor(secretary)
    make.meeting(secretary=secretary, title="Giao ban quý", search_key="giao ban quy")
    for words in ("CHUYEN noi", "Chuyện", sent.code[-4:], sent.code.lower()):
        assert [found.code for found in db.session.scalars(queries.listed(who, words=words))] == [sent.code], words
    for words in ("%", "_", "chuyen giao"):
        assert not list(db.session.scalars(queries.listed(who, words=words))), words


def test_each_tab_counts_what_it_lists(app: Any, secretary: User) -> None:
    who = make.actor(secretary)
    for status in (Status.DRAFT, Status.SCHEDULED, Status.SCHEDULED, Status.IN_SESSION, Status.CLOSED):
        make.meeting(status=status, secretary=secretary)
    counted = queries.counts(who)
    assert counted == {"upcoming": 2, "in-session": 1, "held": 1, "drafts": 1, "cancelled": 0}
    for view, count in counted.items():
        assert len(list(db.session.scalars(queries.listed(who, view)))) == count


def test_what_comes_next_stands_first_and_what_was_held_last_stands_first(app: Any, secretary: User) -> None:
    who = make.actor(secretary)
    for day in ("12", "10", "14"):
        make.meeting(status=Status.SCHEDULED, starts=f"2026-12-{day} 08:00", secretary=secretary)
        make.meeting(status=Status.CLOSED, starts=f"2026-11-{day} 08:00", secretary=secretary)
    days = {
        view: [found.starts_at.day for found in db.session.scalars(queries.listed(who, view)) if found.starts_at]
        for view in ("upcoming", "held")
    }
    assert days == {"upcoming": [10, 12, 14], "held": [14, 12, 10]}


# ------------------------------------------------------------------ collisions


def test_a_collision_hides_the_title_from_those_who_may_not_know_it(sent: Meeting, stranger: User) -> None:
    who = make.actor(stranger)
    mine = make.meeting(
        organiser=make.units()[make.HO_CHI_MINH], sites=[make.site(make.NGHE_AN)], secretary=stranger, asked=False,
        chair_name="Phạm Thu Hà",
    )  # fmt: skip
    assert mine.starts_at is not None and mine.ends_at is not None
    (found,) = clashes.collisions(mine, mine.starts_at, mine.ends_at, who)
    assert (found.name, found.title) == ("Nghệ An", "")
    assert found.organiser == "Bộ Điều phối số"  # whom to ring
    assert found.phone == "024 000 1234"
    assert CANARY not in repr(found)


def test_a_collision_tells_the_title_to_the_organiser_and_to_the_invited(sent: Meeting, secretary: User) -> None:
    mine = make.meeting(
        sites=[make.site(make.NGHE_AN)],
        secretary=secretary,
        host_site=make.site(make.HO_CHI_MINH),
        chair_name="Phạm Thu Hà",
    )
    assert mine.starts_at is not None and mine.ends_at is not None
    for who in (make.actor(secretary), colleague(Role.SECRETARY, make.NGHE_AN)):
        (found,) = clashes.collisions(mine, mine.starts_at, mine.ends_at, who)
        assert (found.code, found.title) == (sent.code, CANARY)


# ------------------------------------------------------------------ what the booking offers


@pytest.fixture
def all_sites(app: Any) -> dict[str, Site]:
    codes = (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON)
    return {code: make.site(code) for code in codes}


def codes(sites: Any) -> set[str]:
    return {found.code for found in sites}


def test_the_quick_choices_give_what_they_say(all_sites: dict[str, Site], units: dict[str, Unit]) -> None:
    assert codes(queries.province_sites()) == {make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH}
    assert codes(queries.all_commune_sites()) == {make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON}
    assert codes(queries.commune_sites(units[make.NGHE_AN].id)) == {make.KIM_LIEN, make.VINH_HUNG}
    assert codes(queries.sites_by_code([make.SAI_GON, "99999"])) == {make.SAI_GON}
    assert codes(queries.sites_by_id([all_sites[make.HA_TINH].id, 0, -1, 2**31, 10**30])) == {make.HA_TINH}


def test_the_sites_of_an_earlier_meeting_are_those_that_were_not_taken_out(sent: Meeting) -> None:
    make.sites_of(sent)[0].removed_at = now()
    db.session.flush()
    assert len(queries.sites_like(sent)) == 1


def test_a_site_out_of_service_is_offered_nowhere(all_sites: dict[str, Site], sent: Meeting) -> None:
    gone = all_sites[make.KIM_LIEN]
    gone.in_service = False
    db.session.flush()
    not_offered(gone, sent)


@pytest.mark.parametrize("field", ["valid_to", "valid_from"])
def test_a_unit_that_no_longer_or_not_yet_exists_is_offered_nowhere(
    all_sites: dict[str, Site], sent: Meeting, field: str
) -> None:
    gone = all_sites[make.KIM_LIEN]
    setattr(gone.unit, field, date(2026, 12, 1) if field == "valid_to" else date(2026, 12, 2))
    db.session.flush()
    not_offered(gone, sent)


def not_offered(gone: Site, meeting: Meeting) -> None:
    province = gone.unit.parent_id
    assert province is not None
    assert gone.code not in codes(queries.sites_offered())
    assert gone.code not in codes(queries.all_commune_sites())
    assert gone.code not in codes(queries.commune_sites(province))
    assert gone.code not in codes(queries.sites_by_code([gone.code]))
    assert gone.code not in codes(queries.sites_by_id([gone.id]))
    assert gone.code not in codes(queries.leaves_of(meeting, province))
    assert gone.code not in codes(queries.leaves_found(meeting, "kim lien"))
    branch = next(b for b in queries.branches(meeting) if b.unit_id == province)
    assert branch.communes == 1  # Vinh Hưng


def test_a_branch_counts_what_is_chosen_in_it(all_sites: dict[str, Site], app: Any, secretary: User) -> None:
    chosen = [all_sites[code] for code in (make.NGHE_AN, make.KIM_LIEN)]
    meeting = make.meeting(sites=chosen, secretary=secretary)
    found = {b.code: (b.chosen_self, b.chosen_communes, b.communes) for b in queries.branches(meeting)}
    assert found == {make.NGHE_AN: (True, 1, 2), make.HA_TINH: (False, 0, 0), make.HO_CHI_MINH: (False, 0, 1)}


def test_the_reach_counts_levels_and_those_without_an_address(
    app: Any, units: dict[str, Unit], secretary: User
) -> None:
    sites = [make.site(make.NGHE_AN), make.site(make.KIM_LIEN, email=""), make.site(make.VINH_HUNG)]
    meeting = make.meeting(sites=sites, secretary=secretary)
    reach = queries.reach(meeting)
    assert (reach.sites, reach.provinces, reach.communes, reach.others, reach.without_email) == (3, 1, 2, 0, 1)
    assert [row.name for row in queries.unreachable(meeting)] == ["Xã Kim Liên"]


def test_a_site_of_another_meeting_is_not_found_in_this_one(sent: Meeting, secretary: User) -> None:
    other = make.meeting(secretary=secretary)
    for id in (make.sites_of(other)[0].id, 0, -1, 10**30):
        with pytest.raises(NotFound):
            queries.meeting_site(sent, id)
