from __future__ import annotations

from datetime import date

import pytest

from meetings.database import db
from meetings.units import queries
from meetings.units.models import Succession, Unit, UnitKind
from tests import make

MERGER = date(2026, 7, 1)


def codes(found: object) -> list[str]:
    return [unit.code for unit in found]


@pytest.fixture
def merged(units: dict[str, Unit]) -> tuple[Unit, Unit, Unit]:
    """Two communes of Nghệ An that went into a third on 1 July 2026; the third keeps the code of the first."""
    province = units[make.NGHE_AN]
    first = make.unit("17001", "Xã Trước Một", parent=province, valid_to=MERGER)
    second = make.unit("17002", "Xã Trước Hai", parent=province, valid_to=MERGER)
    joined = make.unit("17001", "Xã Sau", parent=province, valid_from=MERGER)
    for before in (first, second):
        db.session.add(Succession(predecessor_id=before.id, successor_id=joined.id, on_date=MERGER))
    db.session.flush()
    return first, second, joined


def test_a_code_names_the_unit_that_bore_it_on_that_day(merged: tuple[Unit, Unit, Unit]) -> None:
    first, _second, joined = merged
    for day, unit in [
        (date(2025, 6, 30), None),
        (date(2025, 7, 1), first),
        (date(2026, 6, 30), first),
        (MERGER, joined),  # the first day of the new is no day of the old
        (date(2030, 1, 1), joined),
    ]:
        assert queries.by_code("17001", day) is unit, day
    assert queries.by_code("17002", MERGER) is None
    assert queries.by_code("nothing", MERGER) is None


def test_the_children_of_a_unit_are_those_of_the_day_in_the_order_of_their_codes(
    merged: tuple[Unit, Unit, Unit], units: dict[str, Unit]
) -> None:
    province = units[make.NGHE_AN]
    assert codes(queries.children(province, date(2026, 6, 30))) == ["17001", "17002", make.VINH_HUNG, make.KIM_LIEN]
    assert codes(queries.children(province, MERGER)) == ["17001", make.VINH_HUNG, make.KIM_LIEN]
    assert codes(queries.children(units[make.KIM_LIEN], MERGER)) == []


def test_the_provinces_of_a_day_stand_in_the_order_of_their_codes(units: dict[str, Unit]) -> None:
    make.unit("38", "Thanh Hóa", UnitKind.PROVINCE, parent=units[make.NATION], valid_to=MERGER)
    assert codes(queries.provinces(date(2026, 6, 30))) == ["38", make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH]
    assert codes(queries.provinces(MERGER)) == [make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH]


def below(path: str) -> set[str]:
    return set(codes(db.session.query(Unit).filter(queries.below(path))))


def test_a_subtree_holds_its_head_and_everything_below_it(units: dict[str, Unit]) -> None:
    assert below(units[make.NGHE_AN].path) == {make.NGHE_AN, make.KIM_LIEN, make.VINH_HUNG}
    assert below(units[make.KIM_LIEN].path) == {make.KIM_LIEN}
    assert below(units[make.NATION].path) == set(units)


def test_a_subtree_never_holds_a_unit_whose_number_begins_alike(units: dict[str, Unit]) -> None:
    head = units[make.NGHE_AN]
    beside = make.unit("99", "Giống số", UnitKind.PROVINCE, parent=units[make.NATION])
    beside.path = head.path.rstrip("/") + "0/"  # /1/3/ and /1/30/
    db.session.flush()
    assert "99" not in below(head.path)


@pytest.mark.parametrize("path", ["%", "/_/", "/%/", "\\"])
def test_a_path_is_no_pattern(units: dict[str, Unit], path: str) -> None:
    assert below(path) == set()


def test_of_no_subtree_there_is_no_unit(units: dict[str, Unit]) -> None:
    assert db.session.query(Unit).filter(queries.within(())).count() == 0
    both = (units[make.HA_TINH].path, units[make.SAI_GON].path)
    assert set(codes(db.session.query(Unit).filter(queries.within(both)))) == {make.HA_TINH, make.SAI_GON}


def test_the_journal_knows_a_unit_by_its_code(units: dict[str, Unit]) -> None:
    assert (units[make.NGHE_AN].journal_subject, units[make.NGHE_AN].journal_root) == ("unit:40", "")
