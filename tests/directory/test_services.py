"""Naming, importing, grouping and merging, on both databases."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from meetings.accounts.rules import Role
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries, services, sheets, tables
from meetings.directory.models import BatchStatus, Contact, Duty, Site, SiteGroup
from meetings.errors import Forbidden, NotFound, Refused
from meetings.journal.models import Entry
from meetings.units import queries as units
from meetings.units.models import UnitKind
from tests import make


def facts(fact):
    return db.session.query(Entry).filter_by(fact=fact).order_by(Entry.id).all()


@pytest.fixture
def province(units):
    """Nghệ An with six communes, each with its site."""
    above = units[make.NGHE_AN]
    make.site(above)
    for number, name in enumerate(["Đô Lương", "Văn Hiến", "Bạch Ngọc", "Vạn An", "Nam Đàn", "Đại Huệ"], 1):
        made = make.unit(f"1700{number}", f"Xã {name}", UnitKind.COMMUNE, parent=above, type="xã")
        make.site(made)
    db.session.query(Contact).delete()
    return above


@pytest.fixture
def officer(province):
    return make.actor(make.user(Role.SECRETARY, province))


def site(code):
    return db.session.query(Site).filter_by(code=code).one()


HEADER = "Đơn vị\tHọ tên đầu mối\tChức vụ\tĐiện thoại\tThư điện tử\n"


def brought(text, province, officer):
    return services.preview(tables.from_text(HEADER + text), province, source="dán", actor=officer)


# ------------------------------------------------------------------ contacts


def test_naming_a_coordinator_ends_the_one_before_and_records_who_made_the_change(province, officer):
    place = site("17001")
    old = services.name_contact(place, Duty.COORDINATOR, name="Lê Thị Hà", email="ha@a.example", actor=officer)
    new = services.name_contact(
        place, Duty.COORDINATOR, honorific="Ông", name="Trần Văn Ba", email="ba@a.example", actor=officer
    )
    assert queries.contact(place, Duty.COORDINATOR) is new
    assert old.valid_to is not None
    entry = facts("contact.named")[-1]
    assert entry.actor_name == officer.name
    assert entry.details == {
        "site": "17001", "site_id": place.id, "duty": "coordinator", "name": "Trần Văn Ba", "before": "Lê Thị Hà"
    }  # fmt: skip


def test_mending_an_address_keeps_the_person_in_office_and_keeps_it_out_of_the_journal(province, officer):
    place = site("17001")
    held = services.name_contact(place, Duty.COORDINATOR, name="Lê Thị Hà", email="ha@sai.example", actor=officer)
    services.correct_contact(held, email="ha@dung.example", actor=officer)
    assert held.valid_to is None
    entry = facts("contact.corrected")[0]
    assert entry.details["changed"] == ["email"]
    assert "dung.example" not in str(entry.details)


def test_nobody_is_named_for_a_closed_site(province, officer):
    place = site("17001")
    services.stop(place, actor=officer)
    with pytest.raises(Refused):
        services.name_contact(place, Duty.COORDINATOR, name="Lê Thị Hà", actor=officer)


# ------------------------------------------------------------------ who sees what


def test_a_secretary_sees_every_site_and_changes_only_her_own(province, officer, units):
    make.site(units[make.SAI_GON])
    assert queries.site_for(officer, make.SAI_GON).code == make.SAI_GON
    with pytest.raises(Forbidden):
        queries.site_for(officer, make.SAI_GON, "site.edit")
    assert queries.site_for(officer, "17001", "site.edit").code == "17001"


def test_a_site_officer_knows_only_of_her_own_subtree(province, units):
    make.site(units[make.SAI_GON])
    officer = make.actor(make.user(Role.SITE_OFFICER, province))
    with pytest.raises(NotFound):
        queries.site_for(officer, make.SAI_GON)
    codes = set(db.session.scalars(queries.sites(officer).with_only_columns(Site.code)))
    assert "17001" in codes
    assert make.SAI_GON not in codes


@pytest.mark.parametrize("words", ["do luong", "ĐÔ LƯƠNG", "luong do", "17001", "do luo"])
def test_a_site_is_found_without_diacritics_and_in_any_case(province, officer, words):
    for one in db.session.query(Site):
        services.change_site(one, name=one.name + " ", actor=officer)
        services.change_site(one, name=one.name.strip(), actor=officer)
    found = db.session.scalars(queries.sites(officer, text=words)).all()
    assert found[0].name == "Xã Đô Lương"


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "🙂", "a" * 5000, "\ud800", "(", "đ" * 90])
def test_no_search_breaks_the_list(province, officer, words):
    assert len(db.session.scalars(queries.sites(officer, text=words)).all()) < 20


def test_the_list_narrows_to_sites_without_a_coordinator(province, officer):
    before = queries.problems(officer, make.NGHE_AN).no_coordinator
    services.name_contact(site("17001"), Duty.COORDINATOR, name="Lê Thị Hà", email="", actor=officer)
    counted = queries.problems(officer, make.NGHE_AN)
    assert counted.no_coordinator == before - 1
    assert counted.no_email == 1


# ------------------------------------------------------------------ imports


GOOD = "Xã Đô Lương\tBà Lê Thị Hà\tChánh Văn phòng\t912000345\tha@nghean.example"
LIST = "\n".join(
    [
        GOOD,
        "xã văn hiến\tÔng Trần Văn Ba\t\t0912.000.346\tBA@NgheAn.example",
        "Xã Bạch Ngọc\tLò Thị Mai\t\t0912000347\t",  # no e-mail
        "Xã Bạch Ngạc\tVi Văn Sơn\t\t0912000348\tson@nghean.example",  # misspelt
        "Xã Đô Lương\tHoàng Văn Lộc\t\t0912000349\tloc@nghean.example",  # twice
        "Xã Sao Hỏa\tKhông Ai\t\t\tai@nghean.example",  # not in the directory
    ]
)


def test_right_lines_are_right_and_wrong_ones_say_why(province, officer):
    batch = brought(LIST, province, officer)
    rows = db.session.scalars(queries.rows_of(batch)).all()
    assert [row.number for row in rows] == [2, 3, 4, 5, 6, 7]
    assert [[fault["why"] for fault in row.faults] for row in rows] == [
        [],
        [],
        ["no_email"],
        ["unit_unknown"],
        ["repeated"],
        ["unit_unknown"],
    ]
    assert rows[0].cells == {
        "unit": "Xã Đô Lương", "honorific": "Bà", "name": "Lê Thị Hà", "title": "Chánh Văn phòng",
        "phone": "0912000345", "email": "ha@nghean.example",
    }  # fmt: skip
    assert rows[3].faults[0]["values"]["near"][0]["name"] == "Xã Bạch Ngọc"
    assert rows[0].effects == [{"what": "named", "about": "coordinator", "before": ""}]
    assert queries.tally(batch) == (2, 4, 0, 0)
    assert not db.session.query(Contact).join(Site).filter(Site.code == "17001").all(), "a preview stores nothing"


def test_what_the_preview_showed_is_what_is_stored(province, officer):
    batch = brought(LIST, province, officer)
    shown = [(row.site_id, row.cells) for row in db.session.scalars(queries.rows_of(batch, "right"))]
    assert services.apply(batch, actor=officer) == 2
    for site_id, cells in shown:
        held = db.session.query(Contact).filter_by(site_id=site_id, duty=Duty.COORDINATOR, valid_to=None).one()
        assert (held.honorific, held.name, held.title, held.phone, held.email) == tuple(
            cells.get(part, "") for part in ("honorific", "name", "title", "phone", "email")
        )
    assert queries.tally(batch).taken == 2
    assert facts("import.applied")[0].details == {"source": "dán", "taken": 2, "left": 4}
    assert len(facts("contact.named")) == 2
    assert batch.grid == []


def test_a_wrong_line_is_mended_in_place(province, officer):
    batch = brought(LIST, province, officer)
    lines = {4: {"email": "mai@nghean.example"}, 5: {"unit": "Xã Bạch Ngọc"}, 6: {"unit": "", "code": "17005"}}
    mended = services.mend(batch, lines, actor=officer)
    assert [row.good for row in mended] == [True, False, True], "line 4 has that unit now"
    (row,) = services.mend(batch, {4: {"email": "khác@nghean.example"}, 5: {"unit": "Xã Vạn An"}}, actor=officer)
    assert (row.number, row.good) == (5, True), "a line that is right is not written over from an older page"
    assert queries.tally(batch)[:2] == (5, 1)
    assert services.apply(batch, actor=officer) == 5


def test_mending_the_first_of_two_alike_frees_the_second(province, officer):
    batch = brought(LIST + "\nXã Bạch Ngọc\tHồ Văn Sáu\t\t\tsau@nghean.example", province, officer)
    assert [row.number for row in db.session.scalars(queries.rows_of(batch, "right"))] == [2, 3]
    services.mend(batch, {4: {"unit": "Xã Nam Đàn"}}, actor=officer)
    assert [row.number for row in db.session.scalars(queries.rows_of(batch, "right"))] == [2, 3, 8]


def test_a_unit_that_lies_elsewhere_is_not_said_to_be_missing(province, officer, units):
    for code in (make.HA_TINH, make.SAI_GON, make.HO_CHI_MINH):
        make.site(units[code])
    text = "UBND tỉnh Hà Tĩnh\tLê Thị Hà\t\t\tha@a.example\nPhường Sài Gòn, TP.HCM\tVi Thị Sen\t\t\tsen@a.example"
    batch = brought(text, province, officer)
    whys = [[fault["why"] for fault in row.faults] for row in db.session.scalars(queries.rows_of(batch))]
    assert whys == [["unit_outside_account"], ["unit_outside_account"]]
    assert queries.all_outside(batch) == "unit_outside_account"
    chief = make.actor(make.user(Role.SECRETARY, make.NATION))
    batch = brought(text + "\nXã Đô Lương\tHà Văn Ba\t\t\tba@a.example", province, chief)
    rows = list(db.session.scalars(queries.rows_of(batch)))
    assert [fault["why"] for row in rows for fault in row.faults] == ["unit_outside_unit", "unit_outside_unit"]
    assert [row.good for row in rows] == [False, False, True]
    assert queries.all_outside(batch) == ""
    assert services.apply(batch, actor=chief) == 1, "no right reaches further than before"


def test_a_code_that_lies_elsewhere_is_not_said_to_be_missing(province, officer, units):
    make.site(units[make.HA_TINH])
    head = "Mã\tĐơn vị\tHọ tên đầu mối\tThư điện tử\n"
    text = head + "42\t\tHà\ta@a.example\n42\tXã Đô Lương\tHà\ta@a.example\n99\t\tHà\ta@a.example"
    batch = services.preview(tables.from_text(text), province, source="dán", actor=officer)
    rows = db.session.scalars(queries.rows_of(batch))
    assert [row.faults[0]["why"] for row in rows] == ["unit_outside_account", "unit_disagree", "unit_code"]


def test_the_button_pressed_twice_does_it_once(province, officer):
    batch = brought(LIST, province, officer)
    assert services.apply(batch, actor=officer) == 2
    assert services.apply(batch, actor=officer) == 2
    assert len(facts("contact.named")) == 2
    assert batch.status is BatchStatus.APPLIED


def test_the_same_list_brought_again_changes_nothing(province, officer):
    services.apply(brought(GOOD, province, officer), actor=officer)
    again = brought(GOOD, province, officer)
    row = db.session.scalars(queries.rows_of(again)).one()
    assert row.good
    assert row.effects == []
    services.apply(again, actor=officer)
    assert len(facts("contact.named")) == 1


def test_a_new_person_replaces_and_a_new_number_of_the_same_person_mends(province, officer):
    services.apply(brought(GOOD, province, officer), actor=officer)
    other = brought(GOOD.replace("Lê Thị Hà", "Vi Thị Sen").replace("ha@", "sen@"), province, officer)
    assert db.session.scalars(queries.rows_of(other)).one().effects == [
        {"what": "replaced", "about": "coordinator", "before": "Lê Thị Hà"}
    ]
    same = brought(GOOD.replace("912000345", "0983000345"), province, officer)
    assert db.session.scalars(queries.rows_of(same)).one().effects[0]["what"] == "corrected"
    services.apply(other, actor=officer)
    assert queries.contact(site("17001"), Duty.COORDINATOR).name == "Vi Thị Sen"


def test_places_seats_and_technicians_come_with_the_list(province, officer):
    text = "Mã\tĐịa chỉ phòng họp\tSố chỗ\tKỹ thuật viên\tĐiện thoại\n17001\tTầng 2, nhà A\t1.200\tÔng Vi Văn Sơn\t0912000111"
    batch = services.preview(tables.from_text(text), province, source="tệp", actor=officer)
    assert services.apply(batch, actor=officer) == 1
    place = site("17001")
    assert (place.place, place.seats) == ("Tầng 2, nhà A", 1200)
    technician = queries.contact(place, Duty.TECHNICIAN)
    assert (technician.honorific, technician.name, technician.phone) == ("Ông", "Vi Văn Sơn", "0912000111")
    assert facts("site.changed")[-1].details["changed"]["place"][1] == "Tầng 2, nhà A"


def test_a_line_left_out_by_wish_is_not_taken(province, officer):
    batch = brought(LIST, province, officer)
    services.skip(batch, 2, True, actor=officer)
    assert services.apply(batch, actor=officer) == 1
    assert [row.number for row in db.session.scalars(queries.rows_of(batch, "left"))] == [2, 4, 5, 6, 7]


def test_a_site_that_closed_meanwhile_is_left_out_with_the_reason(province, officer):
    batch = brought(LIST, province, officer)
    services.stop(site("17001"), actor=officer)
    assert services.apply(batch, actor=officer) == 1
    left = db.session.scalars(queries.rows_of(batch, "left")).first()
    assert left.faults[0]["why"] == "unit_gone"


def test_a_list_cannot_reach_beyond_its_unit(province, officer, units):
    make.site(units[make.SAI_GON])
    batch = brought("Phường Sài Gòn\tKẻ Lạ\t\t\tla@a.example", province, officer)
    row = db.session.scalars(queries.rows_of(batch)).one()
    assert (row.site_id, row.good) == (None, False)


def test_an_import_is_its_owners_alone(province, officer):
    batch = brought(LIST, province, officer)
    other = make.actor(make.user(Role.SECRETARY, province, name="Người Khác"))
    assert queries.batch_for(officer, batch.id, lock=True) is batch
    with pytest.raises(NotFound):
        queries.batch_for(other, batch.id)


def test_a_list_typed_with_an_old_font_is_read_again_when_asked(province, officer):
    text = "§¬n vÞ\tHä tªn\tEmail\nX· §« L­¬ng\tBµ Lª ThÞ Hµ\tha@nghean.example"
    batch = services.preview(tables.from_text(text), province, source="dán", actor=officer)
    services.reread(batch, font="tcvn3", actor=officer)
    row = db.session.scalars(queries.rows_of(batch)).one()
    assert row.good
    assert row.cells["name"] == "Lê Thị Hà"


def test_columns_can_be_given_another_meaning(province, officer):
    text = "Đơn vị\tHọ tên\tLiên lạc\nXã Đô Lương\tLê Thị Hà\tha@nghean.example"
    batch = services.preview(tables.from_text(text), province, source="dán", actor=officer)
    assert batch.columns == ["unit", "name", ""]
    services.reread(batch, columns=["unit", "name", "email"], actor=officer)
    assert db.session.scalars(queries.rows_of(batch)).one().good
    with pytest.raises(Refused):
        services.reread(batch, columns=["unit", "name", "name"], actor=officer)


def test_a_list_without_units_is_refused(province, officer):
    with pytest.raises(Refused):
        services.preview(tables.from_text("Họ tên\tEmail\nLê Thị Hà\tha@a.example"), province, source="", actor=officer)


def test_a_discarded_list_keeps_nothing(province, officer):
    batch = brought(LIST, province, officer)
    services.discard(batch, actor=officer)
    assert db.session.scalars(queries.rows_of(batch)).all() == []
    assert batch.grid == []
    with pytest.raises(Refused):
        services.apply(batch, actor=officer)


# ------------------------------------------------------------------ groups and people


def test_a_group_is_seen_below_its_unit_and_changed_only_in_it(province, officer, units):
    group = services.add_group(province, "Các xã miền núi", [site("17001"), site("17002")], actor=officer)
    assert queries.group_sizes([group]) == {group.id: 2}
    commune = make.actor(make.user(Role.SITE_OFFICER, units[make.KIM_LIEN]))
    assert queries.group_for(commune, group.id) is group
    with pytest.raises(Forbidden):
        queries.group_for(commune, group.id, "site.edit")
    with pytest.raises(NotFound):
        queries.group_for(make.actor(make.user(Role.SECRETARY, make.HO_CHI_MINH)), group.id)
    with pytest.raises(Refused):
        services.add_group(province, "Các xã miền núi", [site("17001")], actor=officer)
    services.change_group(group, name="Miền núi", sites=[site("17003")], actor=officer)
    assert [s.code for s in db.session.scalars(queries.members(group))] == ["17003"]
    services.stop_group(group, actor=officer)
    assert group not in queries.groups_for(officer)


def test_groups_stand_as_in_a_vietnamese_dictionary(province, officer):
    for name in ("Đặc khu", "Ủy viên", "Hải đảo", "Dân tộc", "An ninh", "Ấp mới"):
        made = services.add_group(province, name, [site("17001")], actor=officer)
    services.change_group(made, name="Biên giới", sites=[site("17001")], actor=officer)
    ordered = ["An ninh", "Biên giới", "Dân tộc", "Đặc khu", "Hải đảo", "Ủy viên"]
    assert [group.name for group in queries.groups_for(officer)] == ordered


def test_people_stand_by_given_name(province, officer):
    for name in ("Lê Minh Khang", "Trần Văn An", "Phạm Hồng Khang"):
        services.add_person(province, name=name, is_leader=True, actor=officer)
    assert [p.name for p in queries.people_for(officer)] == ["Trần Văn An", "Phạm Hồng Khang", "Lê Minh Khang"]
    assert [p.name for p in db.session.scalars(queries.people(officer, text="khang le"))] == ["Lê Minh Khang"]


# ------------------------------------------------------------------ mergers


@pytest.fixture
def administrator(province):
    return make.actor(make.user(Role.ADMINISTRATOR, make.NATION))


def test_two_communes_close_and_one_opens(province, officer, administrator):
    services.name_contact(site("17001"), Duty.COORDINATOR, name="Lê Thị Hà", email="ha@a.example", actor=officer)
    group = services.add_group(province, "Nhóm", [site("17001"), site("17002")], actor=officer)
    old = [units.by_code(code, today()) for code in ("17001", "17002")]
    made = services.merge(
        old, name="Đô Văn", type="xã", code="17001", on_date=today(), keep=old[0], actor=administrator
    )
    assert (made.name, made.unit.full_name, made.code) == ("Xã Đô Văn", "Ủy ban nhân dân xã Đô Văn", "17001-2")
    assert made.unit.path == f"{province.path}{made.unit_id}/"
    assert units.by_code("17001", today()) is made.unit
    assert units.by_code("17001", today() - timedelta(days=1)).name == "Xã Đô Lương"
    offered = {s.code for s in db.session.scalars(queries.sites(officer))}
    assert "17001-2" in offered
    assert not {"17001", "17002"} & offered
    assert queries.successor_of(site("17002")) is made
    assert queries.successor_of(made) is None
    assert queries.closed(site("17001"), today())
    assert queries.contact(made, Duty.COORDINATOR).name == "Lê Thị Hà"
    assert queries.contact(site("17001"), Duty.COORDINATOR) is None
    assert [s.code for s in db.session.scalars(queries.members(group))] == ["17001-2"]
    assert [e.details["into"] for e in facts("unit.closed")] == ["17001", "17001"]


def test_a_merger_of_the_future_leaves_the_old_sites_in_service_until_its_day(province, administrator, clock):
    old = [units.by_code(code, today()) for code in ("17001", "17002")]
    day = today() + timedelta(days=30)
    made = services.merge(old, name="Đô Văn", type="phường", code="17999", on_date=day, actor=administrator)
    assert site("17001").in_service
    assert not queries.closed(site("17001"), today())
    assert made.name == "Phường Đô Văn"
    clock.at(f"{day} 00:01")
    assert queries.closed(site("17001"), today())
    services.retire_sites(facts("unit.merged")[0])
    services.retire_sites(facts("unit.merged")[0])
    assert not site("17001").in_service
    assert len(facts("site.stopped")) == 2


def test_what_cannot_be_merged_is_refused_with_the_reason(province, administrator, units):
    from meetings.units import queries as of

    commune, other = of.by_code("17001", today()), units[make.SAI_GON]
    values = {"name": "Đô Văn", "type": "xã", "code": "17999", "on_date": today(), "actor": administrator}
    for closing, more in [
        ([], {}),
        ([province], {}),
        ([commune, other], {}),
        ([commune], {"code": "17002"}),
        ([commune], {"on_date": date(2020, 1, 1)}),
        ([commune], {"type": "quận"}),
    ]:
        with pytest.raises(Refused):
            services.merge(closing, **{**values, **more})
    services.merge([commune], **values)
    with pytest.raises(Refused):
        services.merge([commune], **{**values, "code": "17998"})


# ------------------------------------------------------------------ what is taken away


def test_a_workbook_holds_text_and_no_formulas():
    data = sheets.workbook("Điểm cầu", ["Mã", "Tên"], [["00004", "=HYPERLINK(1)"], ["@a", None], [5, "x"]])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [[c.value for c in row] for row in page.iter_rows()] == [
        ["Mã", "Tên"],
        ["00004", "=HYPERLINK(1)"],
        ["@a", None],
        [5, "x"],
    ]
    assert page["B2"].data_type == "s"


def test_a_group_that_nobody_may_see_is_not_there(province, officer):
    assert db.session.get(SiteGroup, 99) is None
    with pytest.raises(NotFound):
        queries.group_for(officer, 99)


def test_the_clock_of_a_contact_is_the_journals(province, officer):
    made = services.name_contact(site("17001"), Duty.DEPUTY, name="Lê Thị Hà", actor=officer)
    assert abs((made.valid_from - now()).total_seconds()) < 5
