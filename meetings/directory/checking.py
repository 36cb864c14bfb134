"""What a list would do, line by line: read, made regular, checked, and compared with what stands.

The preview and the one button use the same lines: what is checked here is stored, and what is stored is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from meetings.directory import persons
from meetings.directory.columns import Column
from meetings.directory.matching import Found, Place
from meetings.directory.tables import Grid
from meetings.official.text import fold

Cells = dict[str, str]
"""Column key → text: regular where it could be made so, as it was written where not."""

LIMITS: Final[Mapping[Column, int]] = {
    Column.CODE: 40,
    Column.UNIT: 250,
    Column.PROVINCE: 100,
    Column.HONORIFIC: 10,
    Column.NAME: 120,
    Column.TITLE: 200,
    Column.DEPUTY_NAME: 120,
    Column.DEPUTY_TITLE: 200,
    Column.TECHNICIAN_NAME: 120,
    Column.TECHNICIAN_TITLE: 200,
    Column.PLACE: 300,
    Column.EQUIPMENT: 500,
    Column.DIAL: 200,
}
MOST_SEATS: Final = 20_000
PREFIXES: Final = {"coordinator": "", "deputy": "deputy_", "technician": "technician_"}
"""Duty → what its columns begin with."""

_SITE_FACTS: Final = (Column.PLACE, Column.SEATS, Column.EQUIPMENT, Column.DIAL)


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be taken: the column it is about, a reason by its key, and what the sentence needs."""

    column: str
    why: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        return {"column": self.column, "why": self.why, "values": dict(self.values)}


@dataclass(frozen=True)
class Effect:
    """What taking a line would do: ``named`` ``replaced`` ``corrected`` a person of *duty*, or ``changed`` a fact of the site."""

    what: str
    about: str
    before: str = ""

    def stored(self) -> dict[str, str]:
        return {"what": self.what, "about": self.about, "before": self.before}


@dataclass(frozen=True)
class Holder:
    """Someone in a duty, as far as a list can say."""

    honorific: str = ""
    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Standing:
    """A site as it stands now: who holds which duty, and what is written of the place."""

    holders: Mapping[str, Holder] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def lines(grid: Grid, columns: Sequence[str], head_rows: int) -> list[tuple[int, Cells]]:
    """The lines below the header as number in the source and cells; lines that say nothing in a known column are none."""
    found: list[tuple[int, Cells]] = []
    for number, row in enumerate(grid[head_rows:], head_rows + 1):
        cells = {column: cell for column, cell in zip(columns, row, strict=False) if column and cell}
        if cells:
            found.append((number, regular(cells)))
    return found


def regular(cells: Mapping[str, str]) -> Cells:
    """The cells as they would be stored: honorific apart from the name, digits of telephones, clean addresses."""
    made = {key: text for key, text in cells.items() if text}
    for duty, prefix in PREFIXES.items():
        if name := made.get(f"{prefix}name"):
            said = persons.named(name, made.get("honorific", "") if duty == "coordinator" else "")
            made[f"{prefix}name"] = said.name if duty == "coordinator" else f"{said.honorific} {said.name}".strip()
            if said.title and not made.get(f"{prefix}title"):
                made[f"{prefix}title"] = said.title
            if duty == "coordinator":
                made["honorific"] = said.honorific
        if phone := persons.phone(made.get(f"{prefix}phone", "")):
            made[f"{prefix}phone"] = phone
        if email := persons.email(made.get(f"{prefix}email", "")):
            made[f"{prefix}email"] = email
    if seats := made.get("seats"):
        made["seats"] = seats.replace(".", "").removesuffix(" chỗ").strip()
    return {key: text for key, text in made.items() if text}


def faults(cells: Cells, found: Found, columns: Iterable[str]) -> list[Fault]:
    """What is wrong with one line by itself; *columns* are those the list has."""
    wrong: list[Fault] = []
    if found.place is None:
        coded = found.why not in ("unknown", "ambiguous", "empty") and cells.get(Column.CODE)
        column = Column.CODE if coded else Column.UNIT
        near = [{"code": p.code, "name": p.name, "province": p.province} for p in found.near]
        wrong.append(Fault(column, f"unit_{found.why}", {"said": cells.get(column, ""), "near": near}))
    wrong += _person_faults(cells, set(columns))
    if (seats := cells.get(Column.SEATS)) and not (
        seats.isascii() and seats.isdigit() and 0 < int(seats[:9]) <= MOST_SEATS
    ):
        wrong.append(Fault(Column.SEATS, "seats"))
    for limited, most in LIMITS.items():
        if len(cells.get(limited, "")) > most:
            wrong.append(Fault(limited, "too_long", {"max": most}))
    return wrong


def _person_faults(cells: Cells, columns: set[str]) -> list[Fault]:
    wrong: list[Fault] = []
    for duty, prefix in PREFIXES.items():
        email, phone, name = (cells.get(f"{prefix}{what}", "") for what in ("email", "phone", "name"))
        said = any((email, phone, name, cells.get(f"{prefix}title")))
        if duty == "coordinator" and columns & {"name", "phone", "email"} and (said or not _says_more(cells)):
            # the invitation goes to the coordinator by e-mail: without one the site would not be asked at all
            if not email:
                wrong.append(Fault("email", "no_email"))
            if not name:
                wrong.append(Fault("name", "no_name"))
        elif said and not name:
            wrong.append(Fault(f"{prefix}name", "no_name"))
        if email and persons.email(email) is None:
            wrong.append(Fault(f"{prefix}email", "bad_email"))
        if phone and persons.phone(phone) is None:
            wrong.append(Fault(f"{prefix}phone", "bad_phone"))
    return wrong


def _says_more(cells: Cells) -> bool:
    """Whether a line speaks of more than its unit and coordinator: a list of rooms needs no names."""
    return any(cells.get(column) for column in _SITE_FACTS) or any(
        cells.get(f"{prefix}name") for duty, prefix in PREFIXES.items() if prefix
    )


def repeated(first: int, place: Place) -> Fault:
    """The fault of a line whose site the line *first* (its number in the source) already has."""
    return Fault(Column.UNIT, "repeated", {"line": first, "name": place.name})


def holder(cells: Cells, duty: str) -> Holder | None:
    """Whom a line names for *duty*; None: nobody."""
    prefix = PREFIXES[duty]
    name = cells.get(f"{prefix}name", "")
    if not name:
        return None
    said = persons.named(name)
    honorific = cells.get("honorific", "") if duty == "coordinator" else said.honorific
    return Holder(honorific, said.name, *(cells.get(f"{prefix}{what}", "") for what in ("title", "phone", "email")))


def same_person(one: Holder, other: Holder) -> bool:
    """Whether two entries are of one person: the same name, and nothing that contradicts it in the address."""
    return fold(one.name) == fold(other.name) and (not one.email or not other.email or one.email == other.email)


def filled_from(new: Holder, old: Holder) -> Holder:
    """*new*, with what it leaves open taken from *old*: a list without titles does not erase titles."""
    return Holder(
        *(getattr(new, part) or getattr(old, part) for part in ("honorific", "name", "title", "phone", "email"))
    )


def effects(cells: Cells, standing: Standing) -> list[Effect]:
    """What taking the line would do to the site as it stands; nothing where everything is so already."""
    done: list[Effect] = []
    for duty in PREFIXES:
        new, old = holder(cells, duty), standing.holders.get(duty)
        if new is None:
            continue
        if old is None:
            done.append(Effect("named", duty))
        elif not same_person(new, old):
            done.append(Effect("replaced", duty, old.name))
        elif filled_from(new, old) != old:
            done.append(Effect("corrected", duty, old.name))
    for column in _SITE_FACTS:
        if (said := cells.get(column)) and said != standing.facts.get(column, ""):
            done.append(Effect("changed", column, standing.facts.get(column, "")))
    return done
