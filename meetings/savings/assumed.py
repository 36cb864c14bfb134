"""What an estimate stands on as a reader meets it: its norms by the part they feed, and the parts that are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meetings.official.verified import Verified
from meetings.savings.rules import BRANCH_WORDS, SPECS, Branch, NormValue
from meetings.savings.values import Values


@dataclass(frozen=True)
class Group:
    """The norms and assumptions of one branch, the nation's before those of provinces, and how many of them are not certain:
    *unread* claim to be of the law and were read in no source, *assumed* are the product's or finance's own, *missing* have no
    value; *changed*: keys that this meeting assumes otherwise."""

    branch: Branch
    word: Any
    values: tuple[NormValue, ...]
    changed: int
    unread: int
    assumed: int
    missing: int


def groups(values: Values, changes: Mapping[str, Any]) -> tuple[Group, ...]:
    """The branches in their order, each with its norms; a norm that is no longer known to the product is left out."""
    found = []
    known = [value for value in values.all() if value.key in SPECS]
    for branch, word in BRANCH_WORDS.items():
        mine = tuple(value for value in known if SPECS[value.key].branch is branch)
        if not mine:
            continue
        held = [value for value in mine if not value.missing]
        found.append(
            Group(
                branch,
                word,
                mine,
                len({value.key for value in mine} & set(changes)),
                sum(value.verified is Verified.MEMORY for value in held),
                sum(value.verified is Verified.ASSUMED for value in held),
                len(mine) - len(held),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Off:
    """A branch that counts nothing for want of norms: which, how many sites that touches at most, and of which norms the value
    has been entered since (*known*), so that a new estimate would count them."""

    branch: Branch
    word: Any
    keys: tuple[str, ...]
    sites: int
    known: tuple[str, ...]


def switched_off(off: Mapping[str, int], now: Mapping[str, NormValue]) -> tuple[Off, ...]:
    """The branches that *off* (missing norm → sites) switches off, beside the values that are in force *now* for that day."""
    found: dict[Branch, list[str]] = {}
    for key in SPECS:
        if key in off:
            found.setdefault(SPECS[key].branch, []).append(key)
    return tuple(
        Off(
            branch,
            BRANCH_WORDS[branch],
            tuple(keys),
            max(off[key] for key in keys),
            tuple(key for key in keys if key in now and not now[key].missing),
        )
        for branch, keys in found.items()
    )
