"""The pages of the directory: who gets in, what is shown, what is refused and where."""

import io
import re

import openpyxl
import pytest

from meetings.accounts.rules import Role
from meetings.database import db
from meetings.directory import queries
from meetings.directory.columns import Column, plan
from meetings.directory.models import Contact, Duty, ImportBatch, Person, Site, SiteGroup
from meetings.units.models import UnitKind
from tests import make

HEADER = "Đơn vị\tHọ tên đầu mối\tChức vụ\tĐiện thoại\tThư điện tử\n"
LIST = HEADER + "\n".join(
    [
        "Xã Đô Lương\tBà Lê Thị Hà\tChánh Văn phòng\t912000345\tha@nghean.example",
        "xã văn hiến\tÔng Trần Văn Ba\t\t0912.000.346\tba@nghean.example",
        "Xã Bạch Ngọc\tLò Thị Mai\t\t0912000347\t",
        "Xã Bạch Ngạc\tVi Văn Sơn\t\t0912000348\tson@nghean.example",
    ]
)


@pytest.fixture
def province(units):
    above = units[make.NGHE_AN]
    make.site(above)
    for number, name in enumerate(["Đô Lương", "Văn Hiến", "Bạch Ngọc", "Vạn An"], 1):
        made = make.unit(f"1700{number}", f"Xã {name}", UnitKind.COMMUNE, parent=above, type="xã")
        make.site(made)
    make.site(units[make.SAI_GON])
    db.session.query(Contact).delete()
    return above


@pytest.fixture
def officer(province):
    return make.user(Role.SECRETARY, province)


@pytest.fixture
def desk(browser, officer):
    return browser(officer)


def test_the_list_of_sites_is_searched_without_diacritics(desk):
    page = desk.get("/directory/sites?q=DO+luong")
    assert page.status_code == 200
    assert "Xã Đô Lương" in page.words
    assert "Xã Vạn An" not in page.words


@pytest.mark.parametrize(
    "query",
    ["q=%00", "province=%00", "q=%ED%A0%80", "q=%25_", "page=abc", "page=99999999999999999999", "page=-1", "province=%27",
     "problem=x", "order=[]", "q=" + "a" * 3000, "page[]=1", "province=" + "9" * 500],
)  # fmt: skip
def test_an_odd_address_still_shows_the_list(desk, query):
    assert desk.get(f"/directory/sites?{query}").status_code in (200, 400)


@pytest.mark.parametrize("problem", ["no_coordinator", "no_email", "no_deputy", "no_technician", "stopped"])
def test_the_list_narrows_to_what_wants_attention(desk, problem):
    assert desk.get(f"/directory/sites?problem={problem}&province=40").status_code == 200


def test_the_list_is_taken_away_as_a_workbook(desk):
    answer = desk.get("/directory/sites.xlsx")
    page = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    names = [row[1].value for row in page.iter_rows(min_row=2)]
    heads = [[str(cell.value) for cell in row] for row in page.iter_rows(max_row=1)]
    assert set(Column) - {Column.HONORIFIC} == plan(heads).known, "what is taken away can be brought back"
    assert "Xã Đô Lương" in names


def test_a_site_of_another_province_is_shown_and_cannot_be_changed(desk):
    assert "Phường Sài Gòn" in desk.get(f"/directory/sites/{make.SAI_GON}").words
    assert desk.get(f"/directory/sites/{make.SAI_GON}/edit").status_code == 403
    assert desk.post(f"/directory/sites/{make.SAI_GON}/service", data={"in_service": "no"}).status_code == 403
    assert db.session.query(Site).filter_by(code=make.SAI_GON).one().in_service


def test_a_site_officer_does_not_learn_of_other_sites(browser, province):
    client = browser(make.user(Role.SITE_OFFICER, province))
    assert client.get(f"/directory/sites/{make.SAI_GON}").status_code == 404
    assert client.get("/directory/sites/17001").status_code == 200


def test_a_leader_has_no_business_in_the_directory(browser, leader):
    assert browser(leader).get("/directory/sites").status_code == 403


def test_a_site_is_changed(desk):
    page = desk.submit(
        "/directory/sites/17001/edit",
        {"place": "Tầng 2, nhà A", "seats": "45", "latitude": "18,9", "longitude": "105.3"},
    )
    assert page.status_code == 200
    site = db.session.query(Site).filter_by(code="17001").one()
    assert (site.place, site.seats, site.latitude) == ("Tầng 2, nhà A", 45, 18.9)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seats", "-1"),
        ("seats", "9" * 5000),
        ("seats", "mười"),
        ("seats", "99999999999999999999"),
        ("latitude", "nan"),
        ("latitude", "91"),
        ("longitude", "1e999"),
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("place", "\x1b[31m"),
        ("equipment", "x" * 501),
    ],
)
def test_a_bad_value_is_refused_at_its_field_and_kept(desk, field, value):
    page = desk.submit("/directory/sites/17001/edit", {"place": "Đang gõ dở", field: value})
    assert page.status_code == 422
    assert page.soup.find(id=f"{field}-error")
    if field != "place":
        assert page.soup.find("input", id="place")["value"] == "Đang gõ dở"
    assert db.session.query(Site).filter_by(code="17001").one().place != "Đang gõ dở"


PERSON = {
    "honorific": "Bà",
    "name": "Lê Thị Hà",
    "title": "Chánh Văn phòng",
    "phone": "0912.000.345",
    "email": "ha@nghean.example",
}


def test_a_coordinator_is_named_and_replaced_and_the_history_says_by_whom(desk, officer):
    desk.submit("/directory/sites/17001/contacts/coordinator", PERSON)
    page = desk.submit(
        "/directory/sites/17001/contacts/coordinator",
        {**PERSON, "name": "Vi Thị Sen", "email": "sen@nghean.example", "change": "new", "locale": "en"},
    )
    assert "Vi Thị Sen" in page.words
    assert officer.name in page.words
    held = db.session.query(Contact).filter_by(duty=Duty.COORDINATOR).order_by(Contact.id).all()
    assert [c.name for c in held if c.valid_to is None] == ["Vi Thị Sen"]
    assert held[0].phone == "0912000345" and [c.locale for c in held] == ["vi", "en"], "in which she is written to"


def test_whether_it_is_a_new_person_must_be_said(desk):
    desk.submit("/directory/sites/17001/contacts/coordinator", PERSON)
    page = desk.submit("/directory/sites/17001/contacts/coordinator", {**PERSON, "name": "Ai Đó"})
    assert page.status_code == 422
    page = desk.submit(
        "/directory/sites/17001/contacts/coordinator", {**PERSON, "phone": "0983000111", "change": "same"}
    )
    assert "0983 000 111" in page.words
    assert db.session.query(Contact).count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("email", ""), ("email", "a@b"), ("phone", "không"), ("name", ""), ("honorific", "Sir")]
)
def test_a_coordinator_who_cannot_be_reached_is_refused(desk, field, value):
    page = desk.submit("/directory/sites/17001/contacts/coordinator", {**PERSON, field: value})
    assert page.status_code == 422
    assert db.session.query(Contact).count() == 0


def test_a_duty_ends_and_a_site_is_stopped(desk):
    desk.submit("/directory/sites/17001/contacts/technician", {**PERSON, "email": ""})
    desk.post("/directory/sites/17001/contacts/technician/end")
    assert db.session.query(Contact).one().valid_to is not None
    desk.post("/directory/sites/17001/service", data={"in_service": "no"})
    assert not db.session.query(Site).filter_by(code="17001").one().in_service
    assert desk.get("/directory/sites/17001").status_code == 200
    assert desk.get("/directory/sites/17001/contacts/ceo").status_code == 404


def test_rooms_are_added_and_changed(desk):
    desk.submit("/directory/sites/17001/rooms/new", {"name": "Hội trường lớn", "seats": "200"})
    site = db.session.query(Site).filter_by(code="17001").one()
    room = queries.rooms_of(site)[1]
    assert desk.submit("/directory/sites/17001/rooms/new", {"name": "Hội trường lớn"}).status_code == 422
    desk.submit(f"/directory/sites/17001/rooms/{room.id}", {"name": "Hội trường A", "seats": "150"})
    assert "Hội trường A" in desk.get("/directory/sites/17001").words
    assert desk.get(f"/directory/sites/17002/rooms/{room.id}").status_code == 404


def test_a_site_is_added_to_a_unit_of_ones_own(desk):
    page = desk.submit("/directory/sites/new", {"unit": "17001", "name": "Hội trường xã Đô Lương"})
    assert "Hội trường xã Đô Lương" in page.words
    assert desk.submit("/directory/sites/new", {"unit": make.SAI_GON, "name": "Lạ"}).status_code == 403
    assert desk.submit("/directory/sites/new", {"unit": "99999", "name": "Lạ"}).status_code == 422


# ------------------------------------------------------------------ imports


def brought(desk, text=LIST):
    return desk.submit("/directory/import", {"pasted": text})


def batch_id(page):
    return int(re.search(r"/directory/import/(\d+)", page.request.path)[1])


def test_a_pasted_list_is_shown_mended_in_place_and_taken_over(desk):
    page = brought(desk)
    assert page.status_code == 200
    number = batch_id(page)
    assert "Xã Bạch Ngạc" in page.words
    assert db.session.query(Contact).count() == 0
    page = desk.post(
        f"/directory/import/{number}/lines",
        data={"4-unit": "Xã Bạch Ngọc", "4-name": "Lò Thị Mai", "4-email": "khong"},
        follow_redirects=True,
    )
    assert page.soup.find("input", {"name": "4-email", "value": "khong"}), "what was typed stands there"
    desk.post(f"/directory/import/{number}/lines", data={"4-email": "mai@nghean.example"})
    page = desk.get(f"/directory/import/{number}?show=right")
    assert "mai@nghean.example" in page.words
    page = desk.post(f"/directory/import/{number}/apply", follow_redirects=True)
    assert page.status_code == 200
    assert db.session.query(Contact).count() == 3
    desk.post(f"/directory/import/{number}/apply", follow_redirects=True)
    assert db.session.query(Contact).count() == 3
    left = openpyxl.load_workbook(io.BytesIO(desk.get(f"/directory/import/{number}/left.xlsx").data)).active
    rows = [[cell.value for cell in row] for row in left.iter_rows(values_only=False)]
    assert len(rows) == 2
    assert rows[1][1] == "Xã Bạch Ngạc"


def test_the_site_that_was_meant_is_chosen_with_one_press(desk):
    text = HEADER + "Xã Vạn Ân\tVi Văn Sơn\t\t\tson@a.example"
    page = brought(desk, text.replace("Vạn Ân", "Vạn Ang"))
    number = batch_id(page)
    near = page.soup.find("button", {"name": "choose"})
    assert "Xã Vạn An" in near.get_text()
    desk.post(f"/directory/import/{number}/lines", data={"2-unit": "Xã Vạn Ang", "choose": near["value"]})
    assert "Xã Vạn An" in desk.get(f"/directory/import/{number}?show=right").words


def test_whatever_is_typed_in_several_lines_is_taken_with_any_press(desk):
    number = batch_id(brought(desk, LIST + "\nXã Vạn Ang\tHồ Văn Sáu\t\t\tsau@nghean.example"))
    path = f"/directory/import/{number}"
    typed = {"4-email": "mai@nghean.example", "5-unit": "Xã Vạn An", "save": "6"}
    page = desk.submit(path, typed, form="/lines")
    assert "2 dòng đã đúng. Dòng 6 vẫn cần sửa." in page.words
    batch = db.session.get(ImportBatch, number)
    assert [row.number for row in db.session.scalars(queries.rows_of(batch, "wrong"))] == [6]
    assert page.soup.find("input", {"name": "6-unit"})["value"] == "Xã Vạn Ang"


@pytest.mark.parametrize("pressed", ["²:17003", "١:17003", "x:17003", "9" * 5000 + ":17003", ":17003"])
def test_a_line_that_no_button_names_chooses_nothing(desk, pressed):
    path = f"/directory/import/{batch_id(brought(desk))}"
    assert desk.post(f"{path}/lines", data={"choose": pressed}).status_code < 500
    assert desk.get(path).soup.find("button", {"name": "choose"}) is not None


def test_what_is_typed_elsewhere_is_kept_when_a_site_is_chosen(desk):
    number = batch_id(brought(desk))
    path = f"/directory/import/{number}"
    choose = next(b["value"] for b in desk.get(path).soup.find_all("button", {"name": "choose"}))
    assert choose == "5:17003"
    page = desk.submit(path, {"4-email": "mai@nghean.example", "4-unit": "Xã Vạn An", "choose": choose}, form="/lines")
    assert "2 dòng đã đúng." in page.words
    assert queries.tally(db.session.get(ImportBatch, number)).wrong == 0


def test_enter_in_a_field_chooses_no_site(desk):
    page = desk.get(f"/directory/import/{batch_id(brought(desk))}")
    assert page.form("/lines").find("button").get("name") is None


def test_no_more_lines_are_mended_at_once_than_a_page_shows(desk):
    number = batch_id(brought(desk))
    data = {f"{line}-email": "x@a.example" for line in range(2, 60)}
    assert desk.post(f"/directory/import/{number}/lines", data=data).status_code == 422


def test_a_list_that_lies_wholly_elsewhere_is_said_so_once(browser, province):
    desk = browser(make.user(Role.SECRETARY, make.MINISTRY))
    lines = ["UBND tỉnh Nghệ An\tLê Thị Hà\t\t\tha@a.example", "Phường Sài Gòn\tVi Thị Sen\t\t\tsen@a.example"]
    page = brought(desk, HEADER + "\n".join(lines))
    assert "Cả 2 dòng đều thuộc đơn vị ngoài phạm vi của tài khoản này." in page.words
    assert page.words.count("ngoài phạm vi") == 1
    assert "trong danh bạ" not in page.words.partition("Các dòng cần sửa")[2]
    assert page.soup.find("input", {"name": "2-unit"})["aria-describedby"] == "outside"
    page = brought(desk, HEADER + "\n".join([*lines, "Xã Sao Hỏa\tKhông Ai\t\t\tai@a.example"]))
    assert page.words.count("thuộc đơn vị ngoài phạm vi của tài khoản này; đề nghị quản trị viên nhập") == 2
    assert "Không có “Xã Sao Hỏa” trong danh bạ" in page.words


def test_a_line_is_left_out_and_taken_in_again(desk):
    number = batch_id(brought(desk))
    desk.post(f"/directory/import/{number}/lines/2/skip", data={"skip": "yes"})
    assert queries.tally(db.session.get(ImportBatch, number)) == (1, 2, 1, 0)
    assert desk.get(f"/directory/import/{number}?show=skipped").status_code == 200
    desk.post(f"/directory/import/{number}/lines/2/skip", data={"skip": "no"})
    db.session.expire_all()
    assert queries.tally(db.session.get(ImportBatch, number)) == (2, 2, 0, 0)


def test_an_uploaded_workbook_is_read(desk):
    book = openpyxl.Workbook()
    for line in LIST.split("\n"):
        book.active.append(line.split("\t"))
    kept = io.BytesIO()
    book.save(kept)
    kept.seek(0)
    desk.get("/directory/import")
    unit = str(db.session.query(Site).filter_by(code=make.NGHE_AN).one().unit_id)
    page = desk.post(
        "/directory/import",
        data={"unit": unit, "pasted": "", "file": (kept, "danh sách.xlsx")},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert "danh sách.xlsx" in page.words
    assert page.request.path.startswith("/directory/import/")


@pytest.mark.parametrize(
    "text",
    ["", "   \n ", "chỉ một chữ", "Họ tên\tEmail\nA\ta@b.example", "\t" * 100, '"' * 1000, "a\x00b\tc", "=1+1\t@x\t-2"],
)
def test_a_list_that_is_none_is_refused_and_kept(desk, text):
    page = brought(desk, text)
    assert page.status_code in (200, 422)
    if page.status_code == 422:
        assert page.soup.find("textarea", id="pasted") is not None
        assert page.soup.find(class_="summary-box")
    assert db.session.query(Contact).count() == 0


def test_a_file_that_is_no_list_is_refused_in_words(desk):
    desk.get("/directory/import")
    unit = str(db.session.query(Site).filter_by(code=make.NGHE_AN).one().unit_id)
    for data in (b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04broken", b"", b"\xd0\xcf\x11\xe0" + b"\0" * 99):
        page = desk.post(
            "/directory/import",
            data={"unit": unit, "pasted": "", "file": (io.BytesIO(data), "x.xlsx")},
            content_type="multipart/form-data",
        )
        assert page.status_code == 422


def test_an_upload_of_fifty_megabytes_is_refused(desk):
    desk.get("/directory/import")
    page = desk.post(
        "/directory/import",
        data={"unit": "1", "pasted": "", "file": (io.BytesIO(b"a" * 50 * 1024 * 1024), "x.csv")},
        content_type="multipart/form-data",
    )
    assert page.status_code == 413


def test_an_import_is_shown_to_its_owner_only(desk, browser, province):
    number = batch_id(brought(desk))
    other = browser(make.user(Role.SECRETARY, province, name="Người Khác"))
    assert other.get(f"/directory/import/{number}").status_code == 404
    assert other.post(f"/directory/import/{number}/apply").status_code == 404
    assert desk.get("/directory/import/999999").status_code == 404
    assert desk.get(f"/directory/import/{2**63}").status_code == 404


@pytest.mark.parametrize(
    "data", [{"unit": "x" * 5000}, {"email": "\ud800"}, {"name": "a\x00b"}, {"code": "'; DROP"}, {}]
)
def test_odd_text_in_a_line_is_stored_harmlessly_or_refused(desk, data):
    number = batch_id(brought(desk))
    data = {key: value.encode("utf-8", "surrogatepass") for key, value in data.items()}
    of = {line: {f"{line}-{key}": value for key, value in data.items()} for line in (4, 4444)}
    path = f"/directory/import/{number}/lines"
    assert desk.post(path, data=of[4], follow_redirects=True).status_code < 500
    assert desk.post(path, data=of[4444]).status_code in ((400, 404) if data else (303,))


def test_an_old_font_is_converted_on_the_preview(desk):
    page = brought(desk, "§¬n vÞ\tHä tªn\tEmail\nX· §« L­¬ng\tBµ Lª ThÞ Hµ\tha@nghean.example")
    number = batch_id(page)
    assert "TCVN3" in page.words
    desk.post(f"/directory/import/{number}/font", data={"font": "tcvn3"})
    assert "Lê Thị Hà" in desk.get(f"/directory/import/{number}?show=right").words


def test_columns_are_given_another_meaning(desk):
    number = batch_id(brought(desk, "Đơn vị\tHọ tên\tLiên lạc\nXã Đô Lương\tLê Thị Hà\tha@nghean.example"))
    page = desk.submit(f"/directory/import/{number}", {"column-2": "email"})
    assert page.status_code == 200
    assert queries.tally(db.session.get(ImportBatch, number)).right == 1
    page = desk.submit(f"/directory/import/{number}", {"column-2": "name"})
    assert page.status_code == 422


def test_a_list_is_put_away(desk):
    number = batch_id(brought(desk))
    desk.post(f"/directory/import/{number}/discard", follow_redirects=True)
    assert desk.get(f"/directory/import/{number}").status_code == 200
    assert desk.post(f"/directory/import/{number}/apply").status_code == 409


# ------------------------------------------------------------------ units, groups, people


def test_the_tree_opens_by_province_and_by_day(desk):
    page = desk.get("/directory/units?open=40")
    assert "Xã Đô Lương" in page.words
    assert desk.get("/directory/units?day=2020-01-01").status_code == 200
    assert desk.get("/directory/units?day=x&open=%00").status_code == 200
    assert desk.get("/directory/sites/%00").status_code == 404


def test_communes_are_merged_by_an_administrator_only(desk, browser, province):
    assert desk.get("/directory/units/merge?province=40").status_code == 403
    desk = browser(make.user(Role.ADMINISTRATOR, make.NATION))
    assert desk.get("/directory/units/merge").status_code == 200
    page = desk.get("/directory/units/merge?province=40")
    ids = [box["value"] for box in page.soup.find_all("input", {"name": "closing"})][:2]
    values = {"closing": ids, "type": "xã", "name": "Đô Văn", "code": "17999", "on_date": "2026-12-01", "keep": "0"}
    assert desk.submit("/directory/units/merge?province=40", {**values, "closing": []}).status_code == 422
    assert desk.submit("/directory/units/merge?province=40", {**values, "on_date": "2019-01-01"}).status_code == 422
    page = desk.submit("/directory/units/merge?province=40", values)
    assert page.status_code == 200
    assert "Xã Đô Văn" in page.words
    offered = desk.get("/directory/sites?province=40").words
    assert "Xã Đô Văn" in offered
    assert "17001" not in offered
    assert "Xã Đô Văn" in desk.get("/directory/sites/17001").words


def test_a_group_is_saved_from_pasted_codes(desk):
    values = {"name": "Miền núi", "sites": "17001\nXã Văn Hiến\n40"}
    page = desk.submit("/directory/groups/new", values)
    assert "Miền núi" in page.words
    assert desk.submit("/directory/groups/new", values).status_code == 422
    page = desk.submit("/directory/groups/new", {"name": "Khác", "sites": "17001\nSao Hỏa"})
    assert page.status_code == 422
    assert "Sao Hỏa" in page.words
    group = db.session.query(SiteGroup).one()
    page = desk.submit(f"/directory/groups/{group.id}", {"name": "Vùng cao"})
    assert "Vùng cao" in page.words
    desk.post(f"/directory/groups/{group.id}/stop")
    assert "Vùng cao" not in desk.get("/directory/groups").soup.find("main").get_text()


def test_people_are_entered_changed_and_stopped(desk):
    values = {
        "unit": "40",
        "name": "Lê Minh Khang",
        "title": "Chủ tịch",
        "email": "khang@nghean.example",
        "is_leader": "y",
    }
    page = desk.submit("/directory/people/new", values)
    assert "Lê Minh Khang" in page.words
    person = db.session.query(Person).one()
    assert person.is_leader
    desk.submit(f"/directory/people/{person.id}", {"title": "Phó Chủ tịch"})
    assert "Phó Chủ tịch" in desk.get("/directory/people?q=khang&leaders=yes").words
    assert desk.submit("/directory/people/new", {**values, "unit": "79"}).status_code == 403
    desk.post(f"/directory/people/{person.id}/stop")
    assert desk.get(f"/directory/people/{person.id}").status_code == 404


def test_every_page_reads_in_english_too(desk, browser):
    number = batch_id(brought(desk))
    desk.post("/language", data={"locale": "en"})
    for path in (
        "sites",
        "units?open=40",
        "groups",
        "people",
        "import",
        f"import/{number}",
        f"import/{number}?show=all",
        "sites/17001",
    ):
        assert desk.get(f"/directory/{path}").soup.find("html")["lang"] == "en"
