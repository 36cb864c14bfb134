"""The worked example of the page that explains the method: a small conference, summed with the values in force today.

Three sites – by car, by air, in the host's own town – show every branch of the estimate, and what the meeting adds and costs once
shows how the whole comes about. The figures are the estimate's own; the formulas of the whole meeting are written here beside the
rules that they say again (:meth:`meetings.savings.estimate._Book._hall`, ``_online``) and are held to them by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official.numbers import number
from meetings.savings import quantities as counted
from meetings.savings.estimate import ONLINE, Estimate, Line, estimate
from meetings.savings.examples import OCCASION, WORKED
from meetings.savings.explain import Explained, Explainer
from meetings.savings.rules import NormValue
from meetings.savings.trips import CASES, Triple
from meetings.savings.values import Values

NAMES: Final = {
    1: _l("Tuyên Quang (the side of Hà Giang), by official car"),
    2: _l("Cà Mau, by air"),
    3: _l("a commune inside the host city"),
}
"""Of the sites of ``WORKED``, by their number."""


@dataclass(frozen=True)
class Site:
    """One site of the example, every amount explained."""

    name: Any
    line: Line
    items: tuple[Explained, ...]


@dataclass(frozen=True)
class Example:
    """Its sites, what counts once for the meeting (negative where it is the cost of meeting online), and the whole."""

    sites: tuple[Site, ...]
    meeting: tuple[Explained, ...]
    whole: Estimate


def example(values: Values) -> Example:
    """The example with *values*."""
    whole = estimate(values, WORKED, OCCASION)
    explainer = Explainer(values, OCCASION)
    sites = tuple(
        Site(NAMES[line.trip.site_id], line, explainer.items(line.trip, line.mode, line.steps)) for line in whole.lines
    )
    return Example(sites, (_hall(values, whole), *_online(values, whole)), whole)


def _hall(values: Values, whole: Estimate) -> Explained:
    norms = values.of(OCCASION.province)
    half_days = counted.half_days(OCCASION.half_days)
    formulas = [
        _(
            "(%(hall)s + %(people)s × %(seat)s) × %(halves)s",
            hall=_n(_of(norms["hall"], case)),
            people=counted.people(whole.travelling[at]),
            seat=_n(_of(norms["hall_seat"], case)),
            halves=half_days,
        )
        for at, case in enumerate(CASES)
    ]
    return _explained("hall", formulas, whole.sums["hall"], (norms["hall"], norms["hall_seat"]))


def _online(values: Values, whole: Estimate) -> list[Explained]:
    norms, sites = values.of(OCCASION.province), whole.sites
    places = {"line": sites + 1, "room": sites, "equipment": sites + 1, "technicians": sites + 1}
    found = []
    for part in ONLINE:
        norm = norms[f"online_{part}"]
        formulas = [
            counted.product(
                *([counted.sites(places[part])] if part in places else []),
                counted.half_days(OCCASION.half_days),
                _n(_of(norm, case)),
            )
            for case in CASES
        ]
        found.append(_explained(part, formulas, whole.sums[part], (norm,)))
    return found


def _explained(item: str, formulas: list[str], amounts: Triple, norms: tuple[NormValue, ...]) -> Explained:
    low, mid, high = formulas
    return Explained(item, (low, mid, high), amounts, norms)


def _of(norm: NormValue, case: str) -> int:
    return int(getattr(norm, case) or 0)


def _n(value: int) -> str:
    return number(value, 0, locale())
