"""The values in force on a day, for the nation and for each province that has its own; and the same frozen with an estimate.

Pure: rows of norms in, tables out. What an estimate was made with is kept as JSON in its row, so that whatever happens to the
norms afterwards, the estimate can be checked against what it stood on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from meetings.official.verified import Verified
from meetings.savings.rules import KEYS, NormValue


@dataclass(frozen=True)
class Values:
    """*national* holds every key; *provinces* only what a province has of its own, by its code."""

    national: Mapping[str, NormValue]
    provinces: Mapping[str, Mapping[str, NormValue]] = field(default_factory=dict)

    def of(self, province: str) -> Mapping[str, NormValue]:
        """The table that *province* pays by ("" for the central bodies): its own values, the nation's for the rest."""
        own = self.provinces.get(province)
        return {**self.national, **own} if own else self.national

    def changed(self, changes: Mapping[str, Iterable[int]]) -> Values:
        """What holds when single norms are taken otherwise, for the whole country and every province: key → three values."""
        if not changes:
            return self

        def other(value: NormValue) -> NormValue:
            if value.key not in changes:
                return value
            low, mid, high = changes[value.key]
            return replace(value, low=low, mid=mid, high=high)

        return Values(
            {key: other(value) for key, value in self.national.items()},
            {code: {key: other(value) for key, value in own.items()} for code, own in self.provinces.items()},
        )

    def missing(self) -> list[NormValue]:
        """The values that nobody has entered, the nation's first."""
        return [value for value in self.all() if value.missing]

    def doubtful(self) -> list[NormValue]:
        """The values that were read in no source, the nation's first."""
        return [value for value in self.all() if value.doubtful and not value.missing]

    def all(self) -> Iterable[NormValue]:
        """Every value, the nation's first, then those of each province."""
        yield from self.national.values()
        for own in self.provinces.values():
            yield from own.values()


def in_force(rows: Iterable[NormValue], day: date) -> Values:
    """Of all *rows* that hold, those in force on *day*: for each key the newest begun by then, of the nation and of each
    province. Where the nation's first row of a key begins later, that one (a day before the records begin)."""
    newest: dict[tuple[str, str], NormValue] = {}
    first: dict[str, NormValue] = {}
    for row in rows:
        if not row.province and (row.key not in first or row.valid_from < first[row.key].valid_from):
            first[row.key] = row
        if row.valid_from > day:
            continue
        at = (row.province, row.key)
        if at not in newest or row.valid_from > newest[at].valid_from:
            newest[at] = row
    national = {key: newest.get(("", key), first.get(key)) for key in KEYS}
    provinces: dict[str, dict[str, NormValue]] = {}
    for (province, key), row in newest.items():
        if province and key in national:
            provinces.setdefault(province, {})[key] = row
    return Values({key: value for key, value in national.items() if value is not None}, provinces)


def frozen(values: Values) -> dict[str, Any]:
    """*values* as JSON, to be kept in the row of an estimate."""
    return {
        "national": {key: _plain(value) for key, value in values.national.items()},
        "provinces": {
            code: {key: _plain(value) for key, value in own.items()} for code, own in values.provinces.items()
        },
    }


def thawed(kept: Mapping[str, Any]) -> Values:
    """What :func:`frozen` kept."""
    return Values(
        {key: _value(key, plain) for key, plain in kept["national"].items()},
        {code: {key: _value(key, plain) for key, plain in own.items()} for code, own in kept["provinces"].items()},
    )


def _plain(value: NormValue) -> dict[str, Any]:
    plain = asdict(value)
    del plain["key"]
    return plain | {"valid_from": value.valid_from.isoformat(), "verified": value.verified.value}


def _value(key: str, plain: Mapping[str, Any]) -> NormValue:
    known = {**plain, "valid_from": date.fromisoformat(plain["valid_from"]), "verified": Verified(plain["verified"])}
    return NormValue(key, **known)
