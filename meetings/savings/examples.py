"""Worked examples of the estimate and a national conference, as Markdown: what ``docs/savings.md`` shows, printed by the product.

Pure: values and places in, lines out. The figures stand on the norms that come with the product, not on an installation's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from meetings.i18n import in_locale
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.savings.estimate import ONLINE, Estimate, estimate
from meetings.savings.explain import Explainer
from meetings.savings.norms import DEFAULTS
from meetings.savings.rules import KEY_WORDS, NormValue
from meetings.savings.trips import Occasion, Trip, Triple
from meetings.savings.values import Values, in_force
from meetings.savings.waterfall import CATEGORY_WORDS, IN_PERSON

DAY: Final = date(2026, 12, 10)
OCCASION: Final = Occasion(half_days=2, ends=17 * 60, minutes=540)
"""One working day in Hà Nội, 08:00 to 17:00."""
WORKED: Final = (
    Trip(1, "Hà Giang-side Tuyên Quang, by car", 20, 219, province="08"),
    Trip(2, "Cà Mau, by air", 20, 1320, province="96"),
    Trip(3, "a commune inside the host city", 40, 6, commune=True, province="01"),
)
DELEGATION: Final = (3, 6, 10)
"""People a province sends to a national conference, as the published figures have it."""
HOST: Final = "01"
MOVERS: Final = 5
"""Rows of what moves the estimate most."""


class Province(NamedTuple):
    """Code, name and great circle to the centre of Hà Nội in whole kilometres."""

    code: str
    name: str
    km: int


def national(provinces: Iterable[Province]) -> tuple[Values, list[Trip]]:
    """The values and trips of a one-day conference of all provinces in Hà Nội, ten people or more before every camera."""
    values = in_force(DEFAULTS, DAY).changed({"delegation": DELEGATION})
    trips = [
        Trip(number, place.name, 25, 0 if place.code == HOST else place.km, province=place.code)
        for number, place in enumerate(provinces, 1)
    ]
    return values, trips


def printed(provinces: Sequence[Province]) -> Iterator[str]:
    """The lines of the page: three examples step by step, then the national conference."""
    with in_locale("en"):
        yield from _worked()
        yield from _national(provinces)


def _worked() -> Iterator[str]:
    values = in_force(DEFAULTS, DAY)
    explainer = Explainer(values, OCCASION)
    for line in estimate(values, WORKED, OCCASION).lines:
        yield f"### {line.trip.name[0].upper()}{line.trip.name[1:]}"
        yield ""
        steps = line.steps
        yield (
            f"{line.trip.people} people before the camera, {line.trip.km} km as the crow flies; would have travelled: "
            f"{_range(steps.travelling)} people, {_range(steps.km)} km by road, {_range(steps.nights)} nights."
        )
        yield ""
        yield "| Item | Formula of the estimate | Low | Estimate | High | Norms of the law |"
        yield "|---|---|--:|--:|--:|---|"
        for item in explainer.items(line.trip, line.mode, steps):
            name = CATEGORY_WORDS.get(item.item) or "Working time, not added"
            stands = "; ".join(
                dict.fromkeys(_law(norm) for norm in item.norms if norm.verified is not Verified.ASSUMED)
            )
            yield f"| {name} | {item.formulas[1]} | {_three(item.amounts)} | {stands or '–'} |"
        yield f"| **Total** | | {_three(steps.total)} | |"
        yield ""


def _national(provinces: Sequence[Province]) -> Iterator[str]:
    values, trips = national(provinces)
    found = estimate(values, trips, OCCASION)
    yield f"### A national conference: {len(trips)} provinces, delegations of {_range(Triple(*DELEGATION))}, one day in Hà Nội"
    yield ""
    yield "| đồng | Low | Estimate | High |"
    yield "|---|--:|--:|--:|"
    for key in (*IN_PERSON, *ONLINE):
        yield f"| {CATEGORY_WORDS[key]} | {_three(found.sums[key])} |"
    yield f"| **Saved** | {_three(found.saving)} |"
    yield f"| Meeting in one place, all in all | {_three(_sum(found, IN_PERSON))} |"
    yield f"| Meeting online, all in all | {_three(_sum(found, ONLINE))} |"
    yield f"| Working time on the road, not added | {_three(found.time_value)} |"
    yield f"| … in hours | {_three(found.hours)} |"
    yield f"| CO₂ saved, kg | {_three(Triple(*(amount // 1_000_000 for amount in found.co2)))} |"
    yield f"| People who would have travelled | {_three(found.travelling)} |"
    yield ""
    missing = "; ".join(f"{KEY_WORDS[key]} ({sites} sites)" for key, sites in found.off.items())
    yield f"Not counted because the value of the norm is not known: {missing}."
    yield ""
    yield "| What moves the estimate most, each alone | At its low | At its high |"
    yield "|---|--:|--:|"
    for key, low, high in _movers(values, trips)[:MOVERS]:
        yield f"| {KEY_WORDS[key]} | {low:,} | {high:,} |"


def _movers(values: Values, trips: Sequence[Trip]) -> list[tuple[str, int, int]]:
    """The norms by how far the middle estimate goes from their low to their high value, the farthest first."""
    found = []
    for key, norm in values.national.items():
        if norm.low is not None and norm.high is not None and norm.low != norm.high:
            low, high = (
                estimate(values.changed({key: [end] * 3}), trips, OCCASION).saving.mid for end in (norm.low, norm.high)
            )
            found.append((key, low, high))
    return sorted(found, key=lambda row: row[1] - row[2])


def _law(norm: NormValue) -> str:
    return f"{norm.article}, {norm.document} ({str(VERIFIED_WORDS[norm.verified]).lower()})"


def _sum(found: Estimate, keys: Iterable[str]) -> Triple:
    low = mid = high = 0
    for key in keys:
        low, mid, high = low + found.sums[key].low, mid + found.sums[key].mid, high + found.sums[key].high
    return Triple(low, mid, high)


def _three(amounts: Triple) -> str:
    return " | ".join(f"{amount:,}" for amount in amounts)


def _range(amounts: Triple) -> str:
    return str(amounts.mid) if len(set(amounts)) == 1 else " – ".join(f"{amount:,}" for amount in amounts)
