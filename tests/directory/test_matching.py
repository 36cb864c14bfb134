"""Which site a line of a list means, on the real units of the country."""

import time

import pytest

from meetings.directory import catalogue
from meetings.directory.matching import Place, Register, repeated
from meetings.units.models import UnitKind


@pytest.fixture(scope="module")
def country():
    listed = list(catalogue.listed())
    provinces = {u.code: u.name for u in listed if u.kind is UnitKind.PROVINCE}
    return Register([Place(n, u.code, u.name, u.type, provinces.get(u.parent, "")) for n, u in enumerate(listed)])


def test_every_unit_of_the_country_is_found_by_its_name_in_its_province(country):
    lost = [p for p in country.places if country.find("", p.name, p.province).place is not p]
    assert not lost


@pytest.mark.parametrize("form", ["UBND {0}, tỉnh {1}", "Điểm cầu {0} tỉnh {1}", "Ủy ban nhân dân {0} - tỉnh {1}"])
def test_every_commune_is_found_as_offices_write_it(country, form):
    communes = [p for p in country.places if p.province]
    lost = [
        p for p in communes if country.find("", form.format(p.name[0].lower() + p.name[1:], p.province)).place is not p
    ]
    assert not lost


@pytest.mark.parametrize(
    ("written", "province", "meant"),
    [
        ("xa kim lien", "Nghệ An", "Xã Kim Liên"),
        ("Kim Liên", "tỉnh Nghệ An", "Xã Kim Liên"),
        ("X. Kim Liên (Nam Đàn cũ)", "Nghệ An", "Xã Kim Liên"),
        ("P.1 Bảo Lộc", "", "Phường 1 Bảo Lộc"),
        ("TPHCM", "", "Hồ Chí Minh"),
        ("TP. Hồ Chí Minh", "", "Hồ Chí Minh"),
        ("tinh khe", "", "Xã Tịnh Khê"),
        ("Tịnh Khê", "", "Xã Tịnh Khê"),
        ("Lào Cai", "", "Lào Cai"),
        ("phường Lào Cai", "", "Phường Lào Cai"),
        ("Xã Ea H'Leo", "", "Xã Ea H’Leo"),
        ("xã Ea Hleo", "", "Xã Ea H’Leo"),
        ("Xã Hoà Bình", "Cà Mau", "Xã Hòa Bình"),
        ("Bộ Nội vụ", "", "Bộ Nội vụ"),
    ],
)
def test_a_name_is_found_however_it_is_written(country, written, province, meant):
    assert country.find("", written, province).place.name == meant


@pytest.mark.parametrize(
    "form",
    ["{0}", "tỉnh {0}", "UBND tỉnh {0}", "Ủy ban nhân dân tỉnh {0}", "tinh {0}", "UBND tỉnh TP. {0}", "UBND. tỉnh {0}"],
)
def test_every_province_is_found_whatever_kind_it_is_called(country, form):
    provinces = [p for p in country.places if p.kind in ("tỉnh", "thành phố")]
    assert len(provinces) == 34
    towns = {"Khánh Hòa", "Lào Cai", "Phú Thọ", "Quảng Trị", "Tuyên Quang"} if "TP" in form else set()
    lost = [p.name for p in provinces if country.find("", form.format(p.name)).place is not p]
    assert set(lost) == towns, "a town that is none may be the province or the commune of its name"


@pytest.mark.parametrize("written", ["TP Lào Cai", "Thành phố Quảng Trị", "UBND Quảng Ninh", "tp. Phú Thọ"])
def test_a_province_and_a_commune_of_one_name_are_not_guessed_between(country, written):
    found = country.find("", written)
    assert (found.place, found.why) == (None, "ambiguous")
    assert {near.kind for near in found.near} & {"tỉnh", "thành phố"}
    assert {near.kind for near in found.near} & {"xã", "phường"}


def test_the_name_of_a_province_inside_it_may_be_its_commune(country):
    assert country.find("", "Lào Cai", "Lào Cai").why == "ambiguous"
    assert country.find("", "Nghệ An", "Nghệ An").place.name == "Nghệ An"
    assert country.find("", "TP Thanh Hóa, tỉnh Thanh Hóa").place is None


def test_a_misspelt_province_is_asked_about_by_its_name(country):
    assert country.find("", "UBND tỉnh TP. Hồ Chí Minhh").near[0].name == "Hồ Chí Minh"
    near = country.find("", "UBND tỉnh Quảng Ninhh").near
    assert near[0].name == "Quảng Ninh"
    assert {place.kind for place in near} <= {"tỉnh", "thành phố"}
    assert country.find("", "UBND tỉnh Sơn Lá Vàng").near[0].name == "Sơn La"


def test_diacritics_tell_apart_what_differs_by_nothing_else(country):
    lang = country.find("", "Xã Văn Lang", "Thái Nguyên").place
    low = country.find("", "Xã Văn Lăng", "Thái Nguyên").place
    assert (lang.name, low.name) == ("Xã Văn Lang", "Xã Văn Lăng")
    assert country.find("", "Xa Van Lang", "Thái Nguyên").why == "ambiguous"


def test_a_name_that_several_provinces_have_is_not_guessed_at(country):
    found = country.find("", "Xã Hòa Bình")
    assert found.place is None
    assert found.why == "ambiguous"
    assert {near.province for near in found.near} == {"Vĩnh Long", "Cà Mau"}


def test_a_misspelt_name_is_refused_with_the_one_that_may_have_been_meant(country):
    found = country.find("", "Xã Kym Liên", "Nghệ An")
    assert (found.place, found.why) == (None, "unknown")
    assert found.near[0].name == "Xã Kim Liên"


def test_a_commune_that_became_a_ward_is_asked_about(country):
    found = country.find("", "Phường Kim Liên", "Nghệ An")
    assert found.place is None
    assert [near.name for near in found.near] == ["Xã Kim Liên"]


def test_a_code_is_found_though_a_spreadsheet_dropped_its_zeros(country):
    assert country.find("00004", "").place.name == "Phường Ba Đình"
    assert country.find("4", "Phường Ba Đình").place.name == "Phường Ba Đình"
    assert country.find("4", "Cao Bằng").place.name == "Cao Bằng"
    assert country.find("4", "").why == "ambiguous"
    assert country.find("x-bnnmt", "").place.name == "Bộ Nông nghiệp và Môi trường"


def test_a_code_and_a_name_that_mean_different_sites_are_refused(country):
    found = country.find("79", "Tỉnh Nghệ An")
    assert (found.place, found.why) == (None, "disagree")
    assert {near.name for near in found.near} == {"Hồ Chí Minh", "Nghệ An"}


def test_an_unknown_code_and_an_empty_line_say_so(country):
    assert country.find("99999", "").why == "code"
    assert country.find("", "").why == "empty"


def test_a_unit_that_stands_twice_is_marked_the_second_time():
    assert repeated([5, None, 7, 5, None, 5]) == {3: 0, 5: 0}


def test_a_national_list_is_matched_in_a_moment(country):
    began = time.perf_counter()
    for place in country.places:
        country.find("", place.name, place.province)
    for number in range(200):
        country.find("", f"Xã Kym Liênh {number}")
    assert time.perf_counter() - began < 3
