"""The savings of a year: what is grouped adds up to what is summed, whatever a meeting came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from meetings.savings import year
from meetings.savings.estimate import CATEGORIES, FORMULA
from meetings.savings.trips import Triple, total
from meetings.savings.year import Group, Held


def meeting(number: int = 1, unit: int = 1, kind: str = "work", at: str = "2026-05-05", mid: int = 1000) -> Held:
    """A meeting whose saving is *mid*, half of it at the low end and twice at the high one, all of it travel."""
    three = (mid // 2, mid, 2 * mid) if mid > 0 else (2 * mid, mid, mid // 2)
    return Held(
        code=f"HN-{number}",
        title="Hội nghị",
        type=kind,
        starts_at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        unit_id=unit,
        unit=f"Đơn vị {unit}",
        formula=FORMULA,
        changes={},
        sums={"travel": three} if mid > 0 else {"line": three},
        saving=Triple(*three),
        time={"c": {"hours": [1, 2, 3], "value": [10, 20, 30]}},
        time_value=Triple(10, 20, 30),
        co2=Triple(1_000_000, 2_000_000, 3_000_000),
        off={"meals_city": 2},
        sites=5,
        counted=4,
        people=50,
        travelling=12,
    )


def a_year(meetings: int = 300) -> list[Held]:
    chance = Random(7)
    return [
        meeting(
            number,
            chance.randint(1, 60),
            chance.choice(("work", "review", "training")),
            f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            chance.randint(-500, 9000),
        )
        for number in range(meetings)
    ]


def test_quarters_units_types_and_steps_each_add_up_to_the_whole() -> None:
    held = a_year()
    whole = year.summed(held)
    for groups in (year.by_quarter(held), year.by_unit(held), year.by_type(held)):
        assert total(group.saving for group in groups) == whole.saving
        assert sum(group.meetings for group in groups) == whole.meetings == 300
    assert total(whole.sums.values()) == whole.saving
    steps = {step.key: step.amount for step in year.fall(whole.sums)}
    assert steps["saved"] == whole.saving == steps["whole"].plus(steps["online"])


def test_the_units_that_are_shown_and_the_rest_are_all_of_them() -> None:
    units = year.by_unit(a_year())
    rest = year.the_rest(units)
    assert rest is not None
    shown = units[: year.TOP]
    assert len(shown) == 20
    assert total(group.saving for group in (*shown, rest)) == total(group.saving for group in units)
    assert [group.saving.mid for group in units] == sorted((group.saving.mid for group in units), reverse=True)
    assert year.the_rest(units[:20]) is None


def test_a_quarter_is_that_of_ha_noi() -> None:
    before, after = meeting(at="2026-03-31 16:30"), meeting(at="2026-03-31 17:30")
    assert (before.quarter, after.quarter) == (1, 2), "23:30 of 31 March, and half an hour past midnight"
    groups = year.by_quarter([before])
    assert [group.meetings for group in groups] == [1, 0, 0, 0], "a quarter without a meeting has its line"


def test_no_bar_leaves_its_frame_and_its_range_holds_its_end() -> None:
    held = a_year()
    sums = year.summed(held).sums
    bars = [group.bar for group in (*year.by_unit(held), *year.by_quarter(held))]
    bars += [step.bar for step in year.fall(sums)]
    for bar in bars:
        assert 0 <= bar.left <= bar.left + bar.width <= year.WIDTH
        assert 0 <= bar.low <= bar.high <= year.WIDTH
        assert bar.low <= bar.left + bar.width and bar.left <= bar.high
    lost = year.drawn([Group(1, "", 1, 1, 1, Triple(-300, -200, 100))])[0].bar
    assert lost.nought == 750, "what cost more than it saved reaches to the left of nought"
    assert (lost.left, lost.width) == (250, 500)


def test_every_category_of_the_sum_has_its_step() -> None:
    sums = {key: Triple(-3, -2, -1) if at > 6 else Triple(1, 2, 3) for at, key in enumerate(CATEGORIES)}
    steps = year.fall(sums)
    assert [step.key for step in steps] == ["whole", *CATEGORIES[:7], "online", "saved"]
    assert steps[-2].amount == Triple(-15, -10, -5)


def test_what_could_not_be_counted_is_summed_too() -> None:
    held = [meeting(1), replace(meeting(2), formula=1, time={}, co2=Triple(), changes={"delegation": [1, 2, 3]})]
    whole = year.summed(held)
    assert (whole.sites, whole.counted, whole.older, whole.adjusted) == (10, 8, 1, 1)
    assert whole.off == {"meals_city": 4}
    assert whole.hours == Triple(1, 2, 3), "an estimate of an older formula has no hours"
    assert whole.kilograms == Triple(1, 2, 3)


def test_a_unit_is_found_by_its_name_without_diacritics() -> None:
    groups = year.by_unit([meeting(1, 7), meeting(2, 8)])
    assert [group.key for group in year.found(groups, "don VI 8")] == [8]
    assert len(year.found(groups, "")) == 2
    assert year.found(groups, "%") == ()
