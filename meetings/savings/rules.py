"""What a norm is: its key, the bounds of its value, and which way it moves the saving. Values in, faults out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official.numbers import number
from meetings.official.verified import Verified


@dataclass(frozen=True, slots=True)
class NormValue:
    """One norm as it enters the low, the mid and the high estimate, in the unit of its :class:`Spec` (``đ`` is whole đồng).

    All three are None where the norm is known to exist and its value is not: the branch that needs it is switched off and says
    so. *province* is the code of the province whose council set it, "" for the nation.
    """

    key: str
    low: int | None
    mid: int | None
    high: int | None
    document: str
    article: str
    verified: Verified
    valid_from: date
    note: str = ""
    province: str = ""

    @property
    def missing(self) -> bool:
        """Whether the norm exists and nobody has entered its value yet."""
        return self.mid is None

    @property
    def unit(self) -> str:
        return str(SPECS[self.key].unit) if self.key in SPECS else ""

    @property
    def source(self) -> str:
        """Document, article and note in one line, for a table cell."""
        return "; ".join(part for part in (", ".join(p for p in (self.article, self.document) if p), self.note) if part)

    @property
    def doubtful(self) -> bool:
        """A value that claims to be of the law and was not read in a source: it is marked wherever it is shown."""
        return self.verified in (Verified.MEMORY, Verified.ASSUMED)


class Way(Enum):
    """What a larger value does to the saving. It fixes the order in which the three values of a norm must stand."""

    MORE = 1
    LESS = -1
    SAME = 0  # one value for all three: it decides *who* travels and *how*, and a range is of money, not of journeys


class Branch(Enum):
    """The part of the estimate that a norm feeds; a missing one switches this part off."""

    WHO = "who"
    WAY = "way"
    TRAVEL = "travel"
    PER_DIEM = "per_diem"
    LODGING = "lodging"
    INVOICE = "invoice"
    HALL = "hall"
    TEA = "tea"
    PAPERS = "papers"
    MEALS = "meals"
    ONLINE = "online"
    TIME = "time"
    CO2 = "co2"


BRANCH_WORDS: Final = {
    Branch.WHO: _l("Who would have travelled"),
    Branch.WAY: _l("How they would have travelled"),
    Branch.TRAVEL: _l("Travel"),
    Branch.PER_DIEM: _l("Per diem"),
    Branch.LODGING: _l("Lodging"),
    Branch.INVOICE: _l("Lodging by invoice"),
    Branch.HALL: _l("Hall"),
    Branch.TEA: _l("Refreshments"),
    Branch.PAPERS: _l("Papers"),
    Branch.MEALS: _l("Meals"),
    Branch.ONLINE: _l("Cost of meeting online"),
    Branch.TIME: _l("Working time on the road"),
    Branch.CO2: _l("CO₂"),
}


@dataclass(frozen=True)
class Spec:
    """A norm's name and its unit on the screen, the way it moves the saving, and the values that can be meant.

    *legal*: set by law, so its value may be known to exist and not be known, and a People's Council may set another.
    """

    word: Any
    way: Way
    least: int
    most: int
    unit: Any
    branch: Branch
    legal: bool = False


_MONEY: Final = 50_000_000
_MORE, _LESS, _SAME = Way.MORE, Way.LESS, Way.SAME
_NIGHT: Final = _l("đ a person and night")
_ROOM: Final = _l("đ a room of two and night")

SPECS: Final[dict[str, Spec]] = {
    "delegation": Spec(
        _l("People a province or ministry would send"), _MORE, 0, 1000, _l("people a delegation"), Branch.WHO
    ),
    "delegation_commune": Spec(
        _l("People a commune would send"), _MORE, 0, 1000, _l("people a delegation"), Branch.WHO
    ),
    "leaders": Spec(
        _l("Leaders among them where no roster says"), _SAME, 0, 1000, _l("people a delegation"), Branch.WHO
    ),
    "winding": Spec(_l("Winding of roads"), _MORE, 100, 300, _l("% of the great circle"), Branch.WAY),
    "min_km": Spec(_l("No travel below"), _SAME, 1, 1000, "km", Branch.WAY, legal=True),
    "coach_from_km": Spec(_l("A commune takes the coach from"), _SAME, 0, 5000, _l("km by road"), Branch.WAY),
    "air_from_km": Spec(_l("By air from"), _SAME, 0, 5000, _l("km by road"), Branch.WAY),
    "road_kmh": Spec(_l("Speed on the road"), _LESS, 10, 150, _l("km an hour"), Branch.WAY),
    "air_hours": Spec(_l("Hours of a flight, door to door"), _MORE, 1, 48, _l("hours one way"), Branch.WAY),
    "leave_from": Spec(_l("Nobody leaves home before"), _MORE, 0, 11, _l("o'clock"), Branch.WAY),
    "home_by": Spec(_l("Everybody is home by"), _LESS, 12, 24, _l("o'clock"), Branch.WAY),
    "litres_per_100km": Spec(_l("Petrol norm"), _MORE, 0, 100, _l("litres/100 km"), Branch.TRAVEL, legal=True),
    "petrol": Spec(_l("Price of petrol"), _MORE, 0, 1_000_000, _l("đ a litre"), Branch.TRAVEL),
    "people_per_car": Spec(_l("People in a car"), _LESS, 1, 50, _l("people a car"), Branch.TRAVEL),
    "coach_fare": Spec(_l("Coach fare"), _MORE, 0, 1_000_000, _l("đ a person and km"), Branch.TRAVEL),
    "air_0": Spec(_l("Air ticket up to 500 km"), _MORE, 0, _MONEY, _l("đ one way"), Branch.TRAVEL, legal=True),
    "air_500": Spec(_l("Air ticket up to 850 km"), _MORE, 0, _MONEY, _l("đ one way"), Branch.TRAVEL, legal=True),
    "air_850": Spec(_l("Air ticket up to 1,000 km"), _MORE, 0, _MONEY, _l("đ one way"), Branch.TRAVEL, legal=True),
    "air_1000": Spec(_l("Air ticket up to 1,280 km"), _MORE, 0, _MONEY, _l("đ one way"), Branch.TRAVEL, legal=True),
    "air_1280": Spec(_l("Air ticket beyond 1,280 km"), _MORE, 0, _MONEY, _l("đ one way"), Branch.TRAVEL, legal=True),
    "fare_share": Spec(
        _l("Part of the ceiling that a ticket costs"), _MORE, 0, 200, _l("% of the ceiling"), Branch.TRAVEL
    ),
    "air_share_a": Spec(
        _l("Ticket of rank A against economy"), _MORE, 100, 1000, _l("% of an economy ticket"), Branch.TRAVEL
    ),
    "air_share_b": Spec(
        _l("Ticket of rank B against economy"), _MORE, 100, 1000, _l("% of an economy ticket"), Branch.TRAVEL
    ),
    "airport_transfer": Spec(
        _l("Way to and from an airport"), _MORE, 0, _MONEY, _l("đ a person one way"), Branch.TRAVEL
    ),
    "per_diem": Spec(_l("Per diem"), _MORE, 0, _MONEY, _l("đ a person and day"), Branch.PER_DIEM, legal=True),
    "per_diem_island": Spec(
        _l("Per diem on an island"), _MORE, 0, _MONEY, _l("đ a person and day"), Branch.PER_DIEM, legal=True
    ),
    "day_trip_share": Spec(
        _l("Part of the per diem paid for a day trip"), _MORE, 0, 100, "%", Branch.PER_DIEM, legal=True
    ),
    "lodging_a": Spec(_l("Lodging lump sum, rank A"), _MORE, 0, _MONEY, _NIGHT, Branch.LODGING, legal=True),
    "lodging_b_city": Spec(
        _l("Lodging lump sum, rank B, in a centrally-run city"), _MORE, 0, _MONEY, _NIGHT, Branch.LODGING, legal=True
    ),
    "lodging_b_province": Spec(
        _l("Lodging lump sum, rank B, in a province"), _MORE, 0, _MONEY, _NIGHT, Branch.LODGING, legal=True
    ),
    "lodging_c_city": Spec(
        _l("Lodging lump sum, others, in a centrally-run city"), _MORE, 0, _MONEY, _NIGHT, Branch.LODGING, legal=True
    ),
    "lodging_c_province": Spec(
        _l("Lodging lump sum, others, in a province"), _MORE, 0, _MONEY, _NIGHT, Branch.LODGING, legal=True
    ),
    "invoice_a": Spec(_l("Lodging by invoice, rank A"), _MORE, 0, _MONEY, _NIGHT, Branch.INVOICE, legal=True),
    "invoice_b_city": Spec(
        _l("Lodging by invoice, rank B, in a centrally-run city"), _MORE, 0, _MONEY, _NIGHT, Branch.INVOICE, legal=True
    ),
    "invoice_b_province": Spec(
        _l("Lodging by invoice, rank B, in a province"), _MORE, 0, _MONEY, _NIGHT, Branch.INVOICE, legal=True
    ),
    "invoice_c_city": Spec(
        _l("Lodging by invoice, others, in a centrally-run city"), _MORE, 0, _MONEY, _ROOM, Branch.INVOICE, legal=True
    ),
    "invoice_c_province": Spec(
        _l("Lodging by invoice, others, in a province"), _MORE, 0, _MONEY, _ROOM, Branch.INVOICE, legal=True
    ),
    "invoice_share": Spec(_l("Nights paid by invoice, not as a lump sum"), _MORE, 0, 100, "%", Branch.INVOICE),
    "hall": Spec(_l("Hire of a hall"), _MORE, 0, 5_000_000_000, _l("đ a half day"), Branch.HALL),
    "hall_seat": Spec(
        _l("Hire of a hall, for each seat"), _MORE, 0, _MONEY, _l("đ a person and half day"), Branch.HALL
    ),
    "tea": Spec(_l("Refreshments"), _MORE, 0, _MONEY, _l("đ a person and half day"), Branch.TEA, legal=True),
    "papers": Spec(_l("Printed papers"), _MORE, 0, _MONEY, _l("đ a person"), Branch.PAPERS),
    "meals_city": Spec(
        _l("Meals of unpaid guests, in a centrally-run city"),
        _MORE,
        0,
        _MONEY,
        _l("đ a person and day"),
        Branch.MEALS,
        legal=True,
    ),
    "meals_province": Spec(
        _l("Meals of unpaid guests, in a province"),
        _MORE,
        0,
        _MONEY,
        _l("đ a person and day"),
        Branch.MEALS,
        legal=True,
    ),
    "meals_commune": Spec(
        _l("Meals of unpaid guests, of a commune"), _MORE, 0, _MONEY, _l("đ a person and day"), Branch.MEALS, legal=True
    ),
    "unpaid_share": Spec(_l("Guests who are paid by no budget"), _MORE, 0, 100, "%", Branch.MEALS),
    "supplies_at_site": Spec(
        _l("Part of papers, refreshments and meals that a site spends all the same"), _LESS, 0, 100, "%", Branch.PAPERS
    ),
    "online_line": Spec(
        _l("Online: the line of a site"), _LESS, 0, 1_000_000_000, _l("đ a site and half day"), Branch.ONLINE
    ),
    "online_room": Spec(
        _l("Online: the room of a site"), _LESS, 0, 1_000_000_000, _l("đ a site and half day"), Branch.ONLINE
    ),
    "online_equipment": Spec(
        _l("Online: the equipment of a site"), _LESS, 0, 1_000_000_000, _l("đ a site and half day"), Branch.ONLINE
    ),
    "online_technicians": Spec(
        _l("Online: the technicians of a site"), _LESS, 0, 1_000_000_000, _l("đ a site and half day"), Branch.ONLINE
    ),
    "online_platform": Spec(
        _l("Online: the platform and the centre"), _LESS, 0, 5_000_000_000, _l("đ a half day"), Branch.ONLINE
    ),
    "base_salary": Spec(_l("Base salary"), _MORE, 0, 100_000_000, _l("đ a month"), Branch.TIME, legal=True),
    "coefficient_a": Spec(
        _l("Salary coefficient, rank A"), _MORE, 0, 10_000, _l("% of the base salary"), Branch.TIME, legal=True
    ),
    "coefficient_b": Spec(
        _l("Salary coefficient, rank B"), _MORE, 0, 10_000, _l("% of the base salary"), Branch.TIME, legal=True
    ),
    "coefficient_c": Spec(
        _l("Salary coefficient, others"), _MORE, 0, 10_000, _l("% of the base salary"), Branch.TIME, legal=True
    ),
    "hours_per_month": Spec(_l("Working hours a month"), _LESS, 1, 744, _l("hours a month"), Branch.TIME),
    "co2_air": Spec(_l("CO₂ of a flight"), _MORE, 0, 10_000_000, _l("mg CO₂e a person and km"), Branch.CO2, legal=True),
    "co2_car": Spec(_l("CO₂ of a car"), _MORE, 0, 10_000_000, _l("mg CO₂e a car and km"), Branch.CO2, legal=True),
    "co2_coach": Spec(
        _l("CO₂ of a coach"), _MORE, 0, 10_000_000, _l("mg CO₂e a person and km"), Branch.CO2, legal=True
    ),
    "co2_online": Spec(
        _l("CO₂ of a connection"), _LESS, 0, 100_000, _l("g CO₂e a site and hour"), Branch.CO2, legal=True
    ),
    "room_watts": Spec(_l("Power of the room of a site"), _LESS, 0, 1_000_000, _l("W a site"), Branch.CO2),
    "co2_grid": Spec(_l("CO₂ of the grid"), _LESS, 0, 10_000, "g CO₂e/kWh", Branch.CO2, legal=True),
}
"""Every norm and assumption of the estimate. The bounds keep the largest conference within whole 64-bit đồng."""

KEYS: Final = tuple(SPECS)
KEY_WORDS: Final = {key: spec.word for key, spec in SPECS.items()}
MAY_MISS: Final = frozenset(
    key for key, spec in SPECS.items() if spec.legal and key not in ("min_km", "litres_per_100km", "day_trip_share")
)
"""Norms whose value may be unknown. Without the others nobody could be said to travel at all, so they always have one."""

INVOICE_OF: Final = {
    "lodging_a": "invoice_a",
    "lodging_b_city": "invoice_b_city",
    "lodging_b_province": "invoice_b_province",
    "lodging_c_city": "invoice_c_city",
    "lodging_c_province": "invoice_c_province",
}
"""Lump sum → the ceiling of the invoice in its place: what is paid by invoice is never less than the lump sum."""


def people_a_room(invoice: str) -> int:
    """How many share the room that the ceiling *invoice* is of."""
    return 2 if invoice.startswith("invoice_c") else 1


Three = tuple[int | None, int | None, int | None]


def fault(key: str, low: int | None, mid: int | None, high: int | None) -> tuple[str, str] | None:
    """What is wrong with three values of the norm *key*: the field (``low``, ``mid`` or ``high``) and a sentence."""
    spec = SPECS[key]
    given = (("low", low), ("mid", mid), ("high", high))
    if all(value is None for _field, value in given) and key in MAY_MISS:
        return None
    for field, value in given:
        if value is None:
            return field, _("Enter all three values, or none where the value is not known.")
        if not spec.least <= value <= spec.most:
            return field, _(
                "Enter a whole number from %(least)s to %(most)s.",
                least=number(spec.least, 0, locale()),
                most=number(spec.most, 0, locale()),
            )
    values = [value for _field, value in given if value is not None]
    if spec.way is Way.SAME:
        if len(set(values)) > 1:
            return "mid", _("This value decides how people travel: it is the same for low, estimate and high.")
        return None
    if (values if spec.way is Way.MORE else values[::-1]) == sorted(values):
        return None
    if spec.way is Way.MORE:
        return "mid", _("The values must not fall from low to high: the more of it, the larger the saving.")
    return "mid", _("The values must not rise from low to high: the more of it, the smaller the saving.")


def disagrees(key: str, three: Three, others: Mapping[str, NormValue]) -> tuple[str, str] | None:
    """What is wrong with *three* values of *key* beside the *others* in force: an invoice below the lump sum in its place.

    The sum itself never pays less than the lump sum, so that the order low – mid – high holds whatever stands in the tables.
    """
    for lump, invoice in INVOICE_OF.items():
        if key not in (lump, invoice):
            continue
        other = others.get(invoice if key == lump else lump)
        if other is None:
            continue
        for field, mine, beside in zip(("low", "mid", "high"), three, (other.low, other.mid, other.high), strict=True):
            if mine is None or beside is None:
                continue
            paid, least = (beside, mine) if key == lump else (mine, beside)
            if paid < least * people_a_room(invoice):
                return field, _("What is paid by invoice must not be less than the lump sum for the same people.")
    return None
