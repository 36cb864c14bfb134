from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.directory.models import Room
from meetings.errors import Refused
from meetings.scheduling import clashes, queries, services
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Secrecy, Status
from meetings.units.models import Succession, Unit, UnitKind
from tests import make
from tests.conftest import Clock
from tests.scheduling.conftest import details, wording


def facts(meeting: Meeting) -> list[str]:
    """What the journal tells of *meeting*, oldest first."""
    db.session.flush()
    return [entry.fact for entry in sorted(journal.queries.of(meeting.code), key=lambda entry: entry.id)]


def names(meeting: Meeting) -> list[str]:
    return [row.name for row in queries.sites_of(meeting)]


# ------------------------------------------------------------------ the first step


def test_a_new_draft_has_its_code_its_host_site_and_its_secretary(draft: Meeting, secretary: User) -> None:
    assert (draft.code, draft.status, draft.sequence) == ("HN-2026-0001", Status.DRAFT, 0)
    assert draft.host_site is not None and draft.host_site.code == make.MINISTRY
    assert draft.host_room is not None
    assert (draft.secretary_id, draft.contact_name) == (secretary.id, "Nguyễn Thị Hoa")
    assert facts(draft) == ["meeting.drafted"]


def test_a_draft_is_told_to_nobody(draft: Meeting) -> None:
    assert draft.sent_at is None
    assert "meeting.sent" not in facts(draft)


@pytest.mark.parametrize("secrecy", [Secrecy.SECRET, Secrecy.HIGH, Secrecy.TOP])
def test_a_meeting_of_a_secrecy_class_leaves_no_draft_and_takes_no_code(
    ministry: Unit, secretary: User, who: Actor, secrecy: Secrecy
) -> None:
    with pytest.raises(Refused) as refused:
        services.begin(details(secrecy=secrecy), ministry, secretary, actor=who)
    assert refused.value.field == "secrecy"
    assert db.session.query(Meeting).count() == 0
    assert services.begin(details(), ministry, secretary, actor=who).code == "HN-2026-0001"


def test_a_draft_cannot_become_secret_afterwards(draft: Meeting, who: Actor) -> None:
    with pytest.raises(Refused):
        services.describe(draft, details(secrecy=Secrecy.TOP), None, actor=who)
    assert draft.secrecy is Secrecy.ORDINARY


def test_codes_have_neither_gap_nor_duplicate(ministry: Unit, secretary: User, who: Actor) -> None:
    make.done()
    for number in range(1, 6):
        if number == 3:  # a draft that failed to be kept gives its number back
            services.begin(details(), ministry, secretary, actor=who)
            db.session.rollback()
        services.begin(details(), ministry, secretary, actor=who)
        make.done()
    codes = db.session.scalars(sa.select(Meeting.code).order_by(Meeting.id)).all()
    assert codes == [f"HN-2026-{number:04d}" for number in range(1, 6)]


def test_every_year_counts_anew_by_the_wall_clock(ministry: Unit, secretary: User, who: Actor, clock: Clock) -> None:
    clock.at("2026-12-31 23:59")
    assert services.begin(details(), ministry, secretary, actor=who).code == "HN-2026-0001"
    clock.at("2027-01-01 00:00")  # still the old year in Greenwich
    assert services.begin(details(), ministry, secretary, actor=who).code == "HN-2027-0001"


def test_the_code_of_a_given_up_draft_is_never_used_again(
    draft: Meeting, ministry: Unit, secretary: User, who: Actor
) -> None:
    services.drop_draft(draft, actor=who)
    assert draft.status is Status.CANCELLED
    assert services.begin(details(), ministry, secretary, actor=who).code == "HN-2026-0002"


def test_what_was_changed_stands_in_the_journal_and_nothing_else(draft: Meeting, who: Actor) -> None:
    services.describe(draft, details(chair_name="Phạm Thu Hà"), None, actor=who)
    db.session.flush()
    entry = journal.queries.of(draft.code, fact="meeting.described")[0]
    assert entry.details == {"chair_name": "Phạm Thu Hà"}


def test_a_save_that_changes_nothing_leaves_no_trace(draft: Meeting, who: Actor) -> None:
    before = draft.edition
    services.describe(draft, details(), None, actor=who)
    services.set_agenda(draft, [], actor=who)
    services.drop_sites(draft, [1, 2, 3], actor=who)
    assert draft.edition == before
    assert facts(draft) == ["meeting.drafted"]


def test_a_new_length_moves_the_end(complete: Meeting, who: Actor) -> None:
    services.describe(complete, details(minutes_long=60), None, actor=who)
    assert complete.ends_at == make.at("2026-12-10 09:00")


def test_the_room_that_was_chosen_is_kept(draft: Meeting, who: Actor) -> None:
    assert draft.host_site is not None
    room = Room(site_id=draft.host_site.id, name="Hội trường lớn", seats=300)
    db.session.add(room)
    db.session.flush()
    services.describe(draft, details(), room, actor=who)
    assert draft.host_room_id == room.id


# ------------------------------------------------------------------ two who edit one draft


@pytest.mark.parametrize("step", ["describe", "place", "set_agenda", "word"])
def test_a_form_of_an_older_edition_is_refused_with_the_name_of_who_was_faster(
    complete: Meeting, who: Actor, step: str
) -> None:
    opened = complete.edition
    colleague = make.actor(make.user(Role.SECRETARY, name="Trần Thị Nhanh"))
    services.word(complete, wording(dial_string="sip:1234@hop.example"), actor=colleague)
    saves: dict[str, tuple[Any, ...]] = {
        "describe": (details(title="Tên khác"), None),
        "place": (make.at("2026-12-11 08:00"), 60),
        "set_agenda": ([services.Item("Việc khác", 5, "")],),
        "word": (wording(signer_name="Người Khác"),),
    }
    before = facts(complete)
    with pytest.raises(Refused) as refused:
        getattr(services, step)(complete, *saves[step], actor=who, edition=opened)
    assert refused.value.status == 409
    assert "Trần Thị Nhanh" in str(refused.value.message)
    assert facts(complete) == before


def test_the_edition_that_is_there_is_taken(complete: Meeting, who: Actor) -> None:
    opened = complete.edition
    services.word(complete, wording(signer_name="Người Khác"), actor=who, edition=opened)
    assert complete.edition == opened + 1


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.DRAFT])
def test_a_meeting_that_was_sent_is_no_longer_edited_as_a_draft(app: Any, secretary: User, status: Status) -> None:
    meeting, who = make.meeting(status=status, secretary=secretary), make.actor(secretary)
    site = make.site(make.KIM_LIEN)
    for change in (
        lambda: services.describe(meeting, details(), None, actor=who),
        lambda: services.add_sites(meeting, [site], actor=who),
        lambda: services.drop_sites(meeting, [row.site_id for row in make.sites_of(meeting)], actor=who),
        lambda: services.place(meeting, make.at("2026-12-12 08:00"), 60, actor=who),
        lambda: services.set_agenda(meeting, [], actor=who),
        lambda: services.word(meeting, wording(), actor=who),
        lambda: services.drop_draft(meeting, actor=who),
    ):
        with pytest.raises(Refused):
            change()
    assert sorted(names(meeting)) == ["Hà Tĩnh", "Nghệ An"]
    assert meeting.status is status


# ------------------------------------------------------------------ sites


def test_sites_stand_in_protocol_order_however_they_were_chosen(draft: Meeting, who: Actor) -> None:
    chosen = [make.site(code) for code in (make.SAI_GON, make.HO_CHI_MINH, make.KIM_LIEN, make.HA_TINH, make.NGHE_AN)]
    assert services.add_sites(draft, chosen, actor=who) == 5
    assert names(draft) == ["Nghệ An", "Xã Kim Liên", "Hà Tĩnh", "Hồ Chí Minh", "Phường Sài Gòn"]


def test_a_commune_stands_under_its_province(draft: Meeting, who: Actor, units: dict[str, Unit]) -> None:
    services.add_sites(draft, [make.site(make.KIM_LIEN)], actor=who)
    row = queries.sites_of(draft)[0]
    assert (row.province_id, row.unit_name) == (units[make.NGHE_AN].id, "Ủy ban nhân dân xã Xã Kim Liên")


def test_a_site_is_added_once(draft: Meeting, who: Actor) -> None:
    site = make.site(make.NGHE_AN)
    assert services.add_sites(draft, [site], actor=who) == 1
    assert services.add_sites(draft, [site, make.site(make.HA_TINH)], actor=who) == 1
    assert names(draft) == ["Nghệ An", "Hà Tĩnh"]


def test_the_host_site_is_not_invited_to_its_own_meeting(draft: Meeting, who: Actor) -> None:
    assert services.add_sites(draft, [make.site(make.MINISTRY)], actor=who) == 0


def test_sites_are_dropped_and_can_come_back(draft: Meeting, who: Actor) -> None:
    nghe_an, ha_tinh = make.site(make.NGHE_AN), make.site(make.HA_TINH)
    services.add_sites(draft, [nghe_an, ha_tinh], actor=who)
    assert services.drop_sites(draft, [nghe_an.id, 999_999], actor=who) == 1
    assert names(draft) == ["Hà Tĩnh"]
    assert services.add_sites(draft, [nghe_an], actor=who) == 1
    assert names(draft) == ["Nghệ An", "Hà Tĩnh"]


def test_a_merger_of_units_renames_no_site_of_a_meeting(draft: Meeting, who: Actor) -> None:
    site = make.site(make.KIM_LIEN)
    services.add_sites(draft, [site], actor=who)
    site.name = "Tên sau sáp nhập"
    db.session.flush()
    assert names(draft) == ["Xã Kim Liên"]


# ------------------------------------------------------------------ the time


def test_the_time_sets_the_end_and_the_rehearsal(complete: Meeting) -> None:
    assert complete.ends_at == make.at("2026-12-10 11:00")
    assert complete.rehearsal_at == make.at("2026-12-09 14:00")


def test_a_rehearsal_that_would_lie_in_the_past_is_left_out(draft: Meeting, who: Actor) -> None:
    services.place(draft, make.at("2026-12-01 15:00"), 60, actor=who)  # today
    assert draft.rehearsal_at is None


def test_a_time_in_the_past_is_refused_and_the_old_one_stays(complete: Meeting, who: Actor) -> None:
    with pytest.raises(Refused):
        services.place(complete, make.at("2026-11-30 08:00"), 60, actor=who)
    assert complete.starts_at == make.at("2026-12-10 08:00")


@pytest.fixture
def busy(complete: Meeting, secretary: User) -> Meeting:
    """Another meeting that occupies Nghệ An from 14:00 to 16:00 on 10 December."""
    return make.meeting(
        status=Status.SCHEDULED,
        sites=[make.site(make.NGHE_AN)],
        starts="2026-12-10 14:00",
        minutes=120,
        host_site=make.site(make.HO_CHI_MINH),
        secretary=secretary,
        chair_name="Phạm Thu Hà",
    )


def test_a_busy_site_is_refused_by_name(complete: Meeting, busy: Meeting, who: Actor) -> None:
    with pytest.raises(Refused) as refused:
        services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who)
    assert refused.value.field == "in_spite_of"
    said = str(refused.value.message)
    assert "Nghệ An" in said and busy.code in said
    assert "Hà Tĩnh" not in said
    assert complete.starts_at == make.at("2026-12-10 08:00")


def test_a_meeting_may_begin_when_the_other_ends(complete: Meeting, busy: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-10 16:00"), 60, actor=who)
    services.place(complete, make.at("2026-12-10 13:00"), 60, actor=who)
    assert not clashes.accepted(complete)


def test_the_host_site_clashes_too(complete: Meeting, ministry: Unit, secretary: User, who: Actor) -> None:
    other = make.meeting(
        status=Status.SCHEDULED, sites=[make.site(make.HO_CHI_MINH)], starts="2026-12-12 08:00", secretary=secretary
    )
    assert other.host_site_id == complete.host_site_id
    with pytest.raises(Refused) as refused:
        services.place(complete, make.at("2026-12-12 08:00"), 60, actor=who)
    assert other.code in str(refused.value.message)


def test_two_meetings_in_two_rooms_of_one_site_do_not_clash(
    complete: Meeting, busy: Meeting, secretary: User, who: Actor
) -> None:
    assert complete.host_site_id is not None
    db.session.add(Room(site_id=complete.host_site_id, name="Phòng họp tầng 5"))
    db.session.flush()
    room = db.session.query(Room).filter_by(name="Phòng họp tầng 5").one()
    other = make.meeting(
        status=Status.SCHEDULED,
        sites=[make.site(make.HO_CHI_MINH)],
        starts="2026-12-12 08:00",
        secretary=secretary,
        chair_name="Phạm Thu Hà",
        host_site=complete.host_site,
    )
    other.host_room_id = room.id
    make.book(other)
    services.place(complete, make.at("2026-12-12 08:00"), 60, actor=who)
    services.place(complete, make.at("2026-12-13 08:00"), 60, actor=who)
    other.host_room_id = complete.host_room_id
    make.book(other)
    with pytest.raises(Refused):
        services.place(complete, make.at("2026-12-12 08:00"), 60, actor=who)


@pytest.mark.parametrize(
    ("name", "post", "clashes_with_her"),
    [
        ("Lê Minh Khang", "Bộ trưởng", True),
        ("Lê  minh khang", "Bộ trưởng Bộ Điều phối số", True),
        ("Lê Minh Khang", "Thứ trưởng", False),  # a namesake
        ("Lê Minh Khánh", "Bộ trưởng", False),
    ],
)
def test_nobody_chairs_two_meetings_at_one_hour(
    complete: Meeting, busy: Meeting, who: Actor, name: str, post: str, clashes_with_her: bool
) -> None:
    services.drop_sites(complete, [row.site_id for row in queries.sites_of(complete)], actor=who)
    services.add_sites(complete, [make.site(make.HA_TINH)], actor=who)
    busy.chair_name, busy.chair_title = name, post
    make.book(busy)
    if not clashes_with_her:
        services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who)
        return
    with pytest.raises(Refused) as refused:
        services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who)
    assert "Chủ trì: Ông Lê Minh Khang" in str(refused.value.message)


def test_a_draft_that_is_given_up_frees_what_it_held(complete: Meeting, busy: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-11 15:00"), 60, actor=who)
    other = make.meeting(starts="2026-12-11 15:00", sites=[make.site(make.HO_CHI_MINH)], chair_name="Phạm Thu Hà")
    with pytest.raises(Refused):  # they share the host's room
        services.place(other, make.at("2026-12-11 15:00"), 60, actor=who)
    services.drop_draft(complete, actor=who)
    services.place(other, make.at("2026-12-11 15:00"), 60, actor=who)


def test_a_clash_is_accepted_with_a_reason_that_is_kept(complete: Meeting, busy: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who, in_spite_of="Bộ trưởng đã đồng ý")
    kept = clashes.accepted(complete)
    assert [(c.reason, c.with_meetings, c.by) for c in kept] == [("Bộ trưởng đã đồng ý", [busy.code], "Nguyễn Thị Hoa")]
    assert "meeting.clash_accepted" in facts(complete)


def test_a_clash_that_is_gone_is_no_longer_accepted(complete: Meeting, busy: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who, in_spite_of="Đã đồng ý")
    services.place(complete, make.at("2026-12-11 15:00"), 60, actor=who)
    assert not clashes.accepted(complete)


# ------------------------------------------------------------------ the year of the code


def test_a_draft_of_december_for_january_takes_a_code_of_january(complete: Meeting, who: Actor) -> None:
    assert complete.code == "HN-2026-0001"
    services.place(complete, make.at("2027-01-06 08:00"), 60, actor=who)
    assert complete.code == "HN-2027-0001"
    assert queries.meeting_for(who, "HN-2026-0001") is complete, "a page that stands open under the first code goes on"
    told = [entry.fact for entry in journal.queries.of(*complete.codes, newest_first=False)]
    assert told[0] == "meeting.drafted" and "meeting.recoded" in told


def test_a_draft_that_comes_back_takes_its_first_code_again(
    complete: Meeting, ministry: Unit, secretary: User, who: Actor
) -> None:
    for wall, code in [
        ("2027-01-06 08:00", "HN-2027-0001"),
        ("2026-12-29 08:00", "HN-2026-0001"),
        ("2027-01-07 08:00", "HN-2027-0001"),
    ]:
        services.place(complete, make.at(wall), 60, actor=who)
        assert complete.code == code
    other = services.begin(details(), ministry, secretary, actor=who)
    assert other.code == "HN-2026-0002", "a code that a draft has borne is given to no other"


def test_a_draft_of_this_year_keeps_its_code(complete: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-31 08:00"), 60, actor=who)
    assert complete.codes == ("HN-2026-0001",)


# ------------------------------------------------------------------ agenda and wording


def test_an_agenda_is_replaced_as_a_whole_in_its_order(complete: Meeting, who: Actor) -> None:
    items = [services.Item("Thảo luận", 60, ""), services.Item("Khai mạc", 10, "Ban Tổ chức")]
    services.set_agenda(complete, items, actor=who)
    assert [(a.title, a.minutes, a.presenter) for a in queries.agenda_of(complete)] == [
        ("Thảo luận", 60, ""),
        ("Khai mạc", 10, "Ban Tổ chức"),
    ]
    services.set_agenda(complete, items[1:], actor=who)
    assert [a.title for a in queries.agenda_of(complete)] == ["Khai mạc"]


def test_the_same_agenda_again_is_no_change(complete: Meeting, who: Actor) -> None:
    before = complete.edition
    services.set_agenda(complete, [services.Item("Khai mạc", 10, "Ban Tổ chức")], actor=who)
    assert complete.edition == before


def test_the_wording_is_kept(complete: Meeting, who: Actor) -> None:
    services.word(complete, wording(invitation_number="147", invitation_on="2026-12-01"), actor=who)
    assert (complete.signer_title, complete.invitation_number) == ("CHÁNH VĂN PHÒNG", "147")


# ------------------------------------------------------------------ sending


DEADLINE = "2026-12-08 17:00"


def test_a_complete_booking_is_sent_and_told_once(complete: Meeting, who: Actor) -> None:
    services.send(complete, make.at(DEADLINE), actor=who)
    assert (complete.status, complete.reply_by) == (Status.SCHEDULED, make.at(DEADLINE))
    assert complete.sent_at is not None
    entry = journal.queries.of(complete.code, fact="meeting.sent")
    assert len(entry) == 1 and entry[0].details["sites"] == 2


def test_a_meeting_is_not_sent_twice(complete: Meeting, who: Actor) -> None:
    services.send(complete, make.at(DEADLINE), actor=who)
    with pytest.raises(Refused):
        services.send(complete, make.at(DEADLINE), actor=who)
    assert len(journal.queries.of(complete.code, fact="meeting.sent")) == 1


@pytest.mark.parametrize("step", ["details", "sites", "time", "agenda", "invitation"])
def test_an_open_step_keeps_the_invitations_back(complete: Meeting, who: Actor, step: str) -> None:
    assert all(services.steps(complete).values())
    match step:
        case "details":
            services.describe(complete, details(chair_name=""), None, actor=who)
        case "sites":
            services.drop_sites(complete, [row.site_id for row in queries.sites_of(complete)], actor=who)
        case "time":
            complete.starts_at = complete.ends_at = None
        case "agenda":
            services.set_agenda(complete, [], actor=who)
        case "invitation":
            services.word(complete, replace(wording(), signer_name=""), actor=who)
    assert [name for name, done in services.steps(complete).items() if not done] == [step]
    with pytest.raises(Refused):
        services.send(complete, make.at(DEADLINE), actor=who)
    assert complete.status is Status.DRAFT
    assert "meeting.sent" not in facts(complete)


def test_a_draft_whose_hour_has_passed_is_not_sent(complete: Meeting, who: Actor, clock: Clock) -> None:
    clock.at("2026-12-10 08:00")
    with pytest.raises(Refused):
        services.send(complete, make.at("2026-12-10 09:00"), actor=who)
    assert complete.status is Status.DRAFT


@pytest.mark.parametrize("wall", ["2026-12-01 08:59", "2026-12-10 08:00", "2026-12-11 08:00"])
def test_a_deadline_lies_between_now_and_the_start(complete: Meeting, who: Actor, wall: str) -> None:
    with pytest.raises(Refused) as refused:
        services.send(complete, make.at(wall), actor=who)
    assert (refused.value.field, refused.value.status) == ("reply_day", 422)
    assert complete.status is Status.DRAFT


def test_a_unit_that_is_merged_before_the_day_stops_the_sending_and_its_successor_is_named(
    complete: Meeting, who: Actor, units: dict[str, Unit]
) -> None:
    old = units[make.NGHE_AN]
    new = make.unit("41", "Nghệ Tĩnh", UnitKind.PROVINCE, parent=units[make.NATION], valid_from=date(2026, 12, 10))
    make.site(new)
    db.session.add(Succession(predecessor_id=old.id, successor_id=new.id, on_date=date(2026, 12, 10)))
    assert complete.starts_at == make.at("2026-12-10 08:00")
    old.valid_to = date(2026, 12, 10)  # the day of the meeting is the first day of the new unit
    db.session.flush()
    with pytest.raises(Refused) as refused:
        services.send(complete, make.at("2026-12-08 17:00"), actor=who)
    assert "Nghệ An → Nghệ Tĩnh" in str(refused.value.message)
    assert complete.status is Status.DRAFT
    services.drop_sites(complete, [make.site(old).id], actor=who)
    services.send(complete, make.at("2026-12-08 17:00"), actor=who)


def test_a_site_booked_in_the_meantime_stops_the_sending(
    complete: Meeting, busy: Meeting, who: Actor, clock: Clock
) -> None:
    services.place(complete, make.at("2026-12-18 08:00"), 195, actor=who)
    clock.at("2026-12-08 09:30")  # the hold of the draft has run out
    busy.starts_at, busy.ends_at = make.at("2026-12-18 08:30"), make.at("2026-12-18 09:00")
    make.book(busy)
    with pytest.raises(Refused) as refused:
        services.send(complete, make.at("2026-12-16 17:00"), actor=who)
    assert refused.value.status == 409
    assert "Nghệ An" in str(refused.value.message) and busy.code in str(refused.value.message)
    assert complete.status is Status.DRAFT


def test_a_clash_that_was_accepted_does_not_stop_the_sending(complete: Meeting, busy: Meeting, who: Actor) -> None:
    services.place(complete, make.at("2026-12-10 15:00"), 60, actor=who, in_spite_of="Đã đồng ý")
    services.send(complete, make.at(DEADLINE), actor=who)
    assert complete.status is Status.SCHEDULED


def test_of_two_drafts_at_one_hour_the_second_is_told_who_holds_it(
    complete: Meeting, ministry: Unit, secretary: User, who: Actor
) -> None:
    other = services.begin(details(title="Hội nghị thứ hai"), ministry, secretary, actor=who)
    services.add_sites(other, [make.site(make.HO_CHI_MINH)], actor=who)
    with pytest.raises(Refused) as refused:  # they share the host's room and the chair
        services.place(other, make.at("2026-12-10 09:00"), 60, actor=who)
    assert complete.code in str(refused.value.message)


def test_the_room_of_the_video_meeting_can_be_named_after_sending(complete: Meeting, who: Actor) -> None:
    services.send(complete, make.at(DEADLINE), actor=who)
    services.set_join_link(complete, "https://hop.example/147", "", actor=who)
    assert complete.platform_link == "https://hop.example/147"
    assert facts(complete)[-1] == "meeting.room_named"


def test_a_dropped_draft_keeps_its_rows_for_the_journal(complete: Meeting, who: Actor) -> None:
    services.drop_draft(complete, actor=who)
    assert db.session.query(MeetingSite).filter_by(meeting_id=complete.id).count() == 2
    assert facts(complete)[-1] == "meeting.dropped"
