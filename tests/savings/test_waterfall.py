"""The picture of an estimate: bars that stand one after the other, each with its range, and never off the scale."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from meetings.savings.waterfall import IN_PERSON, WIDTH, chart

AMOUNT = st.integers(0, 10**12)
THREE = st.lists(AMOUNT, min_size=3, max_size=3).map(sorted)


@dataclass(frozen=True)
class Sums:
    sums: dict[str, list[int]]

    def of(self, case: int) -> int:
        return sum(three[case] for three in self.sums.values())

    low = property(lambda self: self.of(0))
    mid = property(lambda self: self.of(1))
    high = property(lambda self: self.of(2))


def test_the_items_end_where_the_whole_ends_and_online_goes_back_to_what_is_saved() -> None:
    found = Sums(
        {"travel": [50, 100, 200], "lodging": [10, 60, 80], "line": [-40, -20, -10], "platform": [-20, -20, -10]}
    )
    whole, travel, lodging, online, saved = chart(found).bars
    assert [bar.key for bar in (whole, travel, lodging, online, saved)] == ["whole", *found.sums][:3] + [
        "online",
        "saved",
    ]
    assert (whole.low, whole.mid, whole.high) == (60, 160, 280)
    assert (online.low, online.mid, online.high) == (-60, -40, -20)
    assert (saved.low, saved.mid, saved.high) == (0, 120, 260)
    assert travel.left == 0 and lodging.left == travel.edge
    assert lodging.edge == whole.edge == online.left + online.width
    assert online.edge == saved.edge == online.left
    assert (whole.least, whole.most) == (60 * WIDTH // 280, WIDTH)
    assert (online.least, online.most) == (100 * WIDTH // 280, 140 * WIDTH // 280), "measured from where the bar begins"


def test_a_meeting_that_cost_more_online_falls_below_nought_and_stays_on_the_scale() -> None:
    found = chart(Sums({"travel": [0, 10, 20], "online": [-100, -60, -30]}))
    saved = found.bars[-1]
    assert found.nought == 100 * WIDTH // 120
    assert saved.left + saved.width == found.nought
    assert (saved.mid, saved.edge) == (-50, saved.left)


def test_an_item_that_comes_to_nothing_has_no_bar_and_nothing_at_all_is_drawn_too() -> None:
    assert [bar.key for bar in chart(Sums({"meals": [0, 0, 0]})).bars] == ["whole", "online", "saved"]
    assert [bar.key for bar in chart(Sums({"hall": [0, 0, 5]})).bars] == ["whole", "hall", "online", "saved"]


@given(st.dictionaries(st.sampled_from(IN_PERSON), THREE), THREE)
def test_no_bar_and_no_range_leaves_the_scale(items: dict[str, list[int]], off: list[int]) -> None:
    found = chart(Sums({**items, "online": [-amount for amount in reversed(off)]}))
    for bar in found.bars:
        assert 0 <= bar.left <= bar.left + bar.width <= WIDTH
        assert 0 <= bar.least <= bar.most <= WIDTH
        assert bar.low <= bar.mid <= bar.high
