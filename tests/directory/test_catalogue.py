"""The units of the state, as they are spelt."""

from collections import Counter

from meetings.directory import catalogue
from meetings.official.text import nfc
from meetings.units.models import UnitKind

LISTED = {unit.code: unit for unit in catalogue.listed()}


def test_the_country_has_34_provincial_and_3321_communal_units():
    kinds = Counter(unit.kind for unit in LISTED.values())
    assert (kinds[UnitKind.PROVINCE], kinds[UnitKind.COMMUNE], kinds[UnitKind.NATION]) == (34, 3321, 1)
    assert kinds[UnitKind.MINISTRY] == 17
    assert len(LISTED) == 34 + 3321 + 1 + 17
    assert sum(unit.parent == "79" for unit in LISTED.values()) == 168


def test_full_names_are_spelt_as_the_decree_spells_them():
    full = {code: unit.full_name for code, unit in LISTED.items()}
    assert full["40"] == "Ủy ban nhân dân tỉnh Nghệ An"
    assert full["01"] == "Ủy ban nhân dân thành phố Hà Nội"
    assert full["79"] == "Ủy ban nhân dân Thành phố Hồ Chí Minh"
    assert full["00004"] == "Ủy ban nhân dân phường Ba Đình"
    assert full["31078"] == "Ủy ban nhân dân đặc khu Phú Quốc"
    assert "Ủy ban nhân dân xã Kim Liên" in full.values()
    assert "Ủy ban nhân dân Phường Điện Biên Phủ" in full.values()
    assert "Ủy ban nhân dân Phường 1 Bảo Lộc" in full.values()


def test_the_date_line_names_a_place_in_full_where_it_bears_a_persons_name():
    assert LISTED["40"].place_name == "Nghệ An"
    assert LISTED["79"].place_name == "Thành phố Hồ Chí Minh"


def test_a_ministry_without_an_official_code_gets_one_of_ours():
    assert LISTED["X-BNNMT"].name == "Bộ Nông nghiệp và Môi trường"
    assert LISTED["X-BDTTG"].name == "Bộ Dân tộc và Tôn giáo"
    assert LISTED["G09"].type == "bộ"
    assert LISTED["G22"].type == "cơ quan ngang bộ"


def test_every_name_is_in_one_form_and_every_site_has_a_place():
    for unit in LISTED.values():
        assert unit.name == nfc(unit.name)
        if unit.kind is not UnitKind.NATION:
            assert unit.place.startswith("Trụ sở ")
            assert unit.latitude is not None
