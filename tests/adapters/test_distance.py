"""The great circle: known distances, symmetry, and the poles of the formula."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.adapters.distance import EARTH_KM, Place, great_circle_km

HANOI, VINH, SAIGON, CA_MAU = (
    Place(21.029, 105.854),
    Place(18.673, 105.692),
    Place(10.776, 106.701),
    Place(9.177, 105.15),
)
places = st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


@pytest.mark.parametrize(("there", "km"), [(HANOI, 0), (VINH, 262), (SAIGON, 1144), (CA_MAU, 1320)])
def test_known_distances_from_ha_noi(there: Place, km: int) -> None:
    assert abs(great_circle_km(HANOI, there) - km) <= 3


@given(places, places)
def test_there_is_as_far_as_back_and_never_farther_than_half_the_globe(a: Place, b: Place) -> None:
    there = great_circle_km(a, b)
    assert isclose(there, great_circle_km(b, a), abs_tol=1e-6)
    assert 0 <= there <= 3.1416 * EARTH_KM
