"""Columns in any order, by the words of the header or by their contents."""

from meetings.directory.columns import Column as C
from meetings.directory.columns import plan


def test_a_usual_header_is_understood_in_any_order():
    heads = ["STT", "Thư điện tử", "Điện thoại", "Họ tên đầu mối", "Chức vụ", "Tên xã, phường", "Mã", "Ghi chú"]
    found = plan([heads, ["1", "a@b.example", "0912000345", "Bà A", "CVP", "Xã Kim Liên", "17971", ""]])
    assert found.columns == (None, C.EMAIL, C.PHONE, C.NAME, C.TITLE, C.UNIT, C.CODE, None)
    assert (found.head_rows, found.unknown) == (1, ())


def test_a_title_above_the_header_is_passed_over():
    found = plan([["DANH SÁCH ĐẦU MỐI ĐIỂM CẦU"], ["TỈNH NGHỆ AN"], ["Đơn vị", "Họ và tên", "SĐT", "Email"], ["Xã A"]])
    assert found.head_rows == 3
    assert found.columns == (C.UNIT, C.NAME, C.PHONE, C.EMAIL)


def test_telephones_belong_to_the_person_before_them():
    heads = [
        "Điểm cầu",
        "Đầu mối",
        "Điện thoại",
        "Email",
        "Kỹ thuật viên",
        "Điện thoại",
        "Email",
        "Đầu mối dự phòng",
        "ĐT",
    ]
    assert plan([heads]).columns == (
        C.UNIT,
        C.NAME,
        C.PHONE,
        C.EMAIL,
        C.TECHNICIAN_NAME,
        C.TECHNICIAN_PHONE,
        C.TECHNICIAN_EMAIL,
        C.DEPUTY_NAME,
        C.DEPUTY_PHONE,
    )


def test_a_telephone_that_names_its_person_is_hers_wherever_it_stands():
    heads = ["Xã", "Cán bộ kỹ thuật", "Điện thoại đầu mối", "Họ tên đầu mối", "SĐT kỹ thuật"]
    assert plan([heads]).columns == (C.UNIT, C.TECHNICIAN_NAME, C.PHONE, C.NAME, C.TECHNICIAN_PHONE)


def test_a_header_of_two_rows_is_read_as_one():
    found = plan(
        [
            ["TT", "Đơn vị", "Đầu mối", "", "", "Kỹ thuật", ""],
            ["", "", "Họ tên", "Điện thoại", "Email", "Họ tên", "Điện thoại"],
            ["1", "Xã Kim Liên", "Bà A", "0912000345", "a@b.example", "Ông B", "0912000346"],
        ]
    )
    assert found.head_rows == 2
    assert found.columns == (None, C.UNIT, C.NAME, C.PHONE, C.EMAIL, C.TECHNICIAN_NAME, C.TECHNICIAN_PHONE)


def test_place_seats_equipment_and_dial_string_are_understood():
    heads = [
        "Mã điểm cầu",
        "Địa chỉ phòng họp",
        "Số chỗ ngồi",
        "Trang thiết bị",
        "Chuỗi gọi SIP",
        "Tỉnh/thành phố",
        "Xã/phường",
    ]
    assert plan([heads]).columns == (C.CODE, C.PLACE, C.SEATS, C.EQUIPMENT, C.DIAL, C.PROVINCE, C.UNIT)


def test_a_list_of_provinces_names_its_units_by_tinh():
    assert plan([["Tỉnh, thành phố", "Họ tên", "Email"]]).columns == (C.UNIT, C.NAME, C.EMAIL)


def test_an_english_header_is_understood():
    assert plan([["Site", "Coordinator", "Position", "Phone", "E-mail"]]).columns == (
        C.UNIT,
        C.NAME,
        C.TITLE,
        C.PHONE,
        C.EMAIL,
    )


def test_what_a_column_means_that_nobody_knows_is_told():
    assert plan([["Đơn vị", "Email", "Màu yêu thích"]]).unknown == ("Màu yêu thích",)


def test_without_a_header_the_contents_speak():
    grid = [
        ["1", "Xã Kim Liên", "Bà Lê Thị Hà", "Chánh Văn phòng", "0912 000 345", "ha@nghean.example"],
        ["2", "Xã Vạn An", "Ông Trần Văn Ba", "Phó Chủ tịch", "0912 000 346", "ba@nghean.example"],
    ]
    found = plan(grid)
    assert found.head_rows == 0
    assert found.columns == (None, C.UNIT, C.NAME, C.TITLE, C.PHONE, C.EMAIL)


def test_without_a_header_names_without_their_kind_are_still_the_unit():
    grid = [["Kim Liên", "Lê Thị Hà", "ha@nghean.example"], ["Vạn An", "Trần Văn Ba", "ba@nghean.example"]]
    assert plan(grid).columns == (C.UNIT, C.NAME, C.EMAIL)


def test_rows_of_different_length_do_not_matter():
    assert plan([["Xã Kim Liên"], ["Xã Vạn An", "Bà Hà", "ha@b.example"]]).columns[0] is C.UNIT


def test_a_raised_two_in_the_first_column_is_no_number_of_a_line() -> None:
    assert "²".isdigit() and not "²".isdecimal(), "Python calls it a digit and cannot read it as one"
    assert C.UNIT in plan([["²", "Xã Kim Liên"], ["³", "Xã Vạn An"]]).columns
