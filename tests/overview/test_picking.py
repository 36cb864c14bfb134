"""How pasted lines of the booking are read: by the same reading as an imported list."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.overview import picking
from meetings.units.models import UnitKind
from tests import make


@pytest.fixture
def namesakes(units: dict[str, Any]) -> None:
    """A commune called after a province, beside it."""
    for unit in units.values():
        if unit.kind is not UnitKind.NATION:
            make.site(unit)
    make.site(make.unit("20001", "Xã Hồ Chí Minh", UnitKind.COMMUNE, parent=units[make.NGHE_AN], type="xã"))


def read(pasted: str) -> tuple[list[str], list[str]]:
    found, unknown = picking.read(pasted)
    return [site.code for site in found], unknown


@pytest.mark.parametrize(
    "line",
    ["tỉnh Hồ Chí Minh", "UBND tỉnh TP. Hồ Chí Minh", "TP HCM", "Ủy ban nhân dân thành phố Hồ Chí Minh", "79"],
)
def test_a_province_is_found_whatever_it_is_called_and_beside_a_commune_of_its_name(namesakes: None, line: str) -> None:
    assert read(line) == ([make.HO_CHI_MINH], [])


def test_a_name_that_a_province_and_a_commune_bear_is_not_guessed_at(namesakes: None) -> None:
    assert read("UBND Hồ Chí Minh\nxã Hồ Chí Minh; Kim Liên, ha tinh") == (
        ["20001", make.KIM_LIEN, make.HA_TINH],
        ["UBND Hồ Chí Minh"],
    )
