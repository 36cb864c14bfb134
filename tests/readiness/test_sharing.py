"""Slots of a rehearsal: everybody gets one, nobody two at once, and a province's sites are spread over the afternoon."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.errors import Refused
from meetings.readiness import sharing
from meetings.readiness.sharing import Grid, Place, Slot
from tests.make import at

BEGINS, ENDS = at("2026-12-09 14:00"), at("2026-12-09 17:00")
_places = st.lists(st.none() | st.integers(1, 5), max_size=60).map(
    lambda provinces: [Place(id, province) for id, province in enumerate(provinces)]
)
_grids = st.builds(Grid, st.just(BEGINS), st.just(ENDS), st.integers(5, 60), st.integers(1, 6))
_taken = st.lists(
    st.builds(
        lambda minute, lane, length: Slot(
            BEGINS + timedelta(minutes=minute), lane, BEGINS + timedelta(minutes=minute + length)
        ),
        st.integers(0, 170),
        st.integers(1, 6),
        st.integers(5, 60),
    ),
    max_size=12,
)


@given(_grids, _places, _taken)
def test_everybody_gets_one_slot_and_nobody_the_minutes_of_another(
    grid: Grid, places: list[Place], taken: list[Slot]
) -> None:
    try:
        shared = sharing.share_out(grid, places, taken)
    except Refused:
        assert len(sharing.free(grid, taken)) < len(places)
        return
    assert set(shared) == {place.id for place in places}
    slots = list(shared.values())
    assert all(slot.starts_at >= BEGINS and slot.ends_at <= ENDS and 1 <= slot.lane <= grid.lanes for slot in slots)
    everyone = [*slots, *taken]
    for index, slot in enumerate(slots):
        assert not any(slot.meets(other) for other in everyone[index + 1 :])


@given(st.integers(1, 3355))
def test_the_usual_grid_holds_every_site_before_offices_close(count: int) -> None:
    grid = sharing.usual(count, BEGINS, ENDS)
    assert grid.places >= count
    assert Grid(grid.begins_at, grid.ends_at, grid.minutes, grid.lanes - 1).places < count


def test_34_sites_are_rung_in_their_order_and_3355_spread_over_their_provinces() -> None:
    provinces = [Place(id, id) for id in range(34)]
    shared = sharing.share_out(sharing.usual(34, BEGINS, ENDS), provinces)
    assert sorted(shared, key=shared.__getitem__) == list(range(34))
    country = [Place(id, id % 34) for id in range(3355)]
    grid = sharing.usual(3355, BEGINS, ENDS)
    shared = sharing.share_out(grid, country)
    at_once = Counter((shared[place.id].starts_at, place.province) for place in country)
    assert max(at_once.values()) <= -(-99 // len(grid.starts())) + 1  # not all communes of a province at two o'clock
    for province in range(34):  # and within a province in their order
        own = [place.id for place in country if place.province == province]
        assert sorted(own, key=shared.__getitem__) == own


def test_what_does_not_fit_is_refused_with_how_many_do() -> None:
    with pytest.raises(Refused, match="19.*18") as refused:
        sharing.share_out(Grid(BEGINS, ENDS, 10, 1), [Place(id, None) for id in range(19)])
    assert refused.value.field == "lanes"
