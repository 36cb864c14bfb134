"""What was found of the six items of one round: which verdict, which word, and who said so, when and by which door.

Pure. Two people may look at one site at once (its officer on the spot, a technician on the telephone): what each found is
laid over what stands, item by item, and what it takes the place of is handed back to be written down.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from meetings.readiness.rules import Item, Verdict


class Kept(Protocol):
    """A test as it is kept."""

    items: dict[str, Any]
    notes: dict[str, Any]
    stamps: dict[str, Any]
    tested_at: datetime
    source: str
    by: str


@dataclass(frozen=True)
class Stamp:
    """Who looked at an item, when, and by which door."""

    at: datetime
    by: str
    source: str


@dataclass(frozen=True)
class Findings:
    """The items as the database holds them: key → verdict, key → word, key → ``{"at", "by", "source"}``."""

    items: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, test: Kept | None) -> Findings:
        """What *test* holds; an item from before there were stamps bears that of the whole test."""
        if test is None:
            return cls()
        whole = _stamp(test.tested_at, test.by, test.source)
        return cls(dict(test.items), dict(test.notes), {key: test.stamps.get(key, whole) for key in test.items})

    def stamp(self, item: Item) -> Stamp | None:
        """Of one item, None where nobody looked at it."""
        found = self.stamps.get(item.value)
        return Stamp(datetime.fromisoformat(found["at"]), found["by"], found["source"]) if found else None

    def with_words(
        self,
        items: Mapping[Item, Verdict],
        notes: Mapping[Item, str],
        *,
        seen: Mapping[Item, str],
        at: datetime,
        by: str,
        source: str,
        afresh: bool = False,
    ) -> Findings:
        """These findings with what somebody says now; they themselves where nothing of it counts.

        What differs from what she was :func:`shown` (*seen*) she has found; what she left as she saw it stays as it stands
        by now. Where she changed nothing at all, or looked *afresh*, she has looked at everything again. A younger finding
        is not touched.
        """
        said = {
            item: (verdict, notes.get(item, "").strip() if verdict is Verdict.FAULT else "")
            for item, verdict in items.items()
        }
        stands = {item: (self.items.get(item.value, ""), self.notes.get(item.value, "")) for item in items}
        untouched = {item for item, (verdict, note) in said.items() if seen.get(item) == shown(verdict, note)}
        found = {item for item in said if item not in untouched and said[item] != stands[item]}
        if afresh or not found:
            found = {item for item in said if item not in untouched or said[item] == stands[item]}
        found = {item for item in found if (mark := self.stamp(item)) is None or mark.at <= at}
        if not found:
            return self
        new_items, new_notes, new_stamps = dict(self.items), dict(self.notes), dict(self.stamps)
        for item in found:
            verdict, note = said[item]
            new_items[item.value], new_stamps[item.value] = verdict.value, _stamp(at, by, source)
            new_notes.pop(item.value, None)
            if note:
                new_notes[item.value] = note
        return Findings(new_items, new_notes, new_stamps)

    def differences(self, new: Findings) -> dict[str, dict[str, str]]:
        """Item → what stood there with its word and stamp, for each item that *new* finds otherwise; new items as well."""
        return {
            key: {"verdict": self.items.get(key, ""), "note": self.notes.get(key, ""), **self.stamps.get(key, {})}
            for key in new.items
            if (self.items.get(key), self.notes.get(key)) != (new.items[key], new.notes.get(key))
        }


def shown(verdict: str, note: str) -> str:
    """A verdict and its word as a form carries what it began with; of the word a sum is enough."""
    return f"{verdict}:{zlib.crc32(note.encode()):08x}"


def _stamp(at: datetime, by: str, source: str) -> dict[str, str]:
    return {"at": at.isoformat(), "by": by, "source": source}
