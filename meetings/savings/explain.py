"""How each amount of a site came about, in words and numbers that an accountant can follow. Values in, sentences out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official.numbers import number
from meetings.savings.estimate import CASES, Occasion, Steps, Trip, Triple, fare
from meetings.savings.rules import NormValue

ITEMS: Final = ("travel", "per_diem", "lodging", "papers", "time_value")


@dataclass(frozen=True)
class Explained:
    """One amount of a site: its three formulas, what they come to, and the norms they stand on."""

    item: str
    formulas: tuple[str, str, str]
    amounts: Triple
    norms: tuple[NormValue, ...]


def explain(
    norms: Mapping[str, NormValue], trip: Trip, by_air: bool, steps: Steps, occasion: Occasion
) -> tuple[Explained, ...]:
    """The items of one site that was counted, each with its formula in the low, the mid and the high case."""
    road = ("people_per_car", "winding", "litres_per_100km", "petrol", "min_km")
    keys = {
        "travel": (fare(trip.km or 0), "airport_transfer") if by_air else road,
        "per_diem": (occasion.per_diem_key, "day_trip_share"),
        "lodging": (occasion.lodging_key, "night_from_km"),
        "papers": ("papers", "tea", "supplies_at_site"),
        "time_value": ("air_hours" if by_air else "road_kmh", "hour_of_pay"),
    }
    said = [_formulas(norms, trip, by_air, steps, occasion, case) for case in range(3)]
    return tuple(
        Explained(
            item,
            (said[0][item], said[1][item], said[2][item]),
            getattr(steps, item),
            tuple(norms[key] for key in keys[item]),
        )
        for item in ITEMS
    )


def _formulas(
    norms: Mapping[str, NormValue], trip: Trip, by_air: bool, steps: Steps, occasion: Occasion, case: int
) -> dict[str, str]:
    def norm(key: str) -> str:
        return number(getattr(norms[key], CASES[case]), 0, locale())

    def step(key: str) -> int:
        return int(getattr(steps, key)[case])

    people, km, days, nights = (number(step(key), 0, locale()) for key in ("travelling", "km", "days", "nights"))
    papers = _(
        "%(people)s people × (%(papers)s + %(tea)s × %(halves)s half days), less %(share)s per cent spent at the site anyway",
        people=people, papers=norm("papers"), tea=norm("tea"), halves=occasion.half_days, share=norm("supplies_at_site"),
    )  # fmt: skip
    if not step("days"):
        near = _("%(km)s km is below %(least)s km: nothing", km=km, least=norm("min_km"))
        nobody = _("nobody would have travelled: nothing")
        nothing = near if step("travelling") else nobody
        return {"travel": nothing, "per_diem": nothing, "lodging": nothing, "papers": papers, "time_value": nothing}
    if by_air:
        travel = _(
            "%(people)s people × 2 ways × (ticket %(fare)s + way to the airport %(transfer)s)",
            people=people, fare=norm(fare(trip.km or 0)), transfer=norm("airport_transfer"),
        )  # fmt: skip
    else:
        per_car = int(getattr(norms["people_per_car"], CASES[case]))
        travel = _(
            "%(cars)s cars × 2 ways × %(km)s km × %(litres)s litres/100 km × %(price)s a litre",
            cars=number(-(-step("travelling") // per_car), 0, locale()), km=km,
            litres=norm("litres_per_100km"), price=norm("petrol"),
        )  # fmt: skip
    per_diem = _(
        "%(people)s people × %(days)s days × %(norm)s", people=people, days=days, norm=norm(occasion.per_diem_key)
    )
    if not step("nights"):
        per_diem = _(
            "%(people)s people × %(days)s days × %(norm)s × %(share)s per cent (there and back in a day)",
            people=people, days=days, norm=norm(occasion.per_diem_key), share=norm("day_trip_share"),
        )  # fmt: skip
    return {
        "travel": travel,
        "per_diem": per_diem,
        "lodging": _(
            "%(people)s people × %(nights)s nights × %(norm)s",
            people=people, nights=nights, norm=norm(occasion.lodging_key),
        ),
        "papers": papers,
        "time_value": _(
            "%(people)s people × %(hours)s hours on the way × %(norm)s",
            people=people, hours=number(step("hours"), 0, locale()), norm=norm("hour_of_pay"),
        ),
    }  # fmt: skip
