"""Which site a row of an attendance file belongs to: by id, by address; by name only as a suggestion to a person.

Pure. A name is what anybody typed into a box: it never counts by itself, however much it looks alike. Several provinces
have a commune «Tân Lập».
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from meetings.attendance.likeness import BRACKETS, Said, alike, named, said, slips
from meetings.attendance.witnesses.told import Row

MOST_SUGGESTIONS: Final = 5
MOST_ALIKE: Final = 20  # … but all of those that are as good as the best: ten provinces have a «Tân An»
LEAST: Final = 50  # of 100: what is less alike is not worth a person's look
LIKELY: Final = 65  # the first is offered as the answer from here …
AHEAD: Final = 10  # … when it is this much ahead of the next
_MOST_KEPT: Final = 20_000
_SCHEMES: Final = re.compile(r"^(?:mailto|sips?|h323|tel|xmpp):", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """A site of the meeting, and by what a row may show that it is meant.

    *ids*: what we gave to platforms for it (``site:<…>``, BBB user ids, registrant ids, its own dialled alias). *addresses*:
    of its mailbox, officers, accounts, devices. *names*: of the site and its unit, with the province where that tells apart.
    """

    meeting_site_id: int
    ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """What a row means. *meeting_site_id* is said only for ``id`` and ``address``, where nothing is guessed.

    *by* is ``name`` where one suggestion is clearly the best (the first), "" where none is or several are alike.
    *suggestions*: (meeting_site_id, score of 100), best first, :data:`MOST_SUGGESTIONS` or as many as are equally good;
    none for a certain match.
    """

    row_number: int
    meeting_site_id: int | None
    by: str
    suggestions: tuple[tuple[int, int], ...] = ()

    @property
    def likely(self) -> int | None:
        """The site to offer first for confirmation: only where one is clearly the best."""
        return self.suggestions[0][0] if self.by == "name" else None


def match(rows: Iterable[Row], known: Iterable[Known], *, register: Register | None = None) -> tuple[Match, ...]:
    """One match for each row, in the order of the rows. *register*: that of the same sites, where one is kept."""
    sites = list(known)
    ids = _owned((one.meeting_site_id, text.strip()) for one in sites for text in one.ids)
    addresses = _owned((one.meeting_site_id, address(text)) for one in sites for text in one.addresses)
    register = register or Register(_names(sites))
    found = []
    for row in rows:
        own = ids.get(row.external_id.strip(), frozenset())
        written = addresses.get(address(row.address), frozenset())
        if not written and "@" in row.external_id:
            written = addresses.get(address(row.external_id), frozenset())
        if len(own) == 1:
            found.append(Match(row.number, min(own), "id"))
        elif len(written) == 1:
            found.append(Match(row.number, min(written), "address"))
        else:
            # an id or an address that several sites share narrows nothing down for certain, but it is worth saying
            shared = dict.fromkeys(own or written, 100)
            found.append(_suggested(row.number, {**register.alike(row.name, row.own_name), **shared}))
    return tuple(found)


def _names(known: Iterable[Known]) -> tuple[tuple[int, str], ...]:
    return tuple((one.meeting_site_id, name) for one in known for name in one.names)


@lru_cache(maxsize=4)
def _kept(names: tuple[tuple[int, str], ...]) -> Register:
    return Register(names)


def kept_register(known: Iterable[Known]) -> Register:
    """The names of *known* taken apart, kept for the next time: of 3,355 sites that takes two seconds, and a person goes
    through the rows page by page."""
    return _kept(_names(known))


def _owned(pairs: Iterable[tuple[int, str]]) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for site, text in pairs:
        if text:
            found[text].add(site)
    return {text: frozenset(sites) for text, sites in found.items()}


def address(text: str) -> str:
    """An address as it is compared: without its scheme, letter case and blanks."""
    return _SCHEMES.sub("", text.strip()).casefold()


def _suggested(number: int, scores: Mapping[int, int]) -> Match:
    best = sorted(
        ((score, site) for site, score in scores.items() if score >= LEAST), key=lambda one: (-one[0], one[1])
    )
    clear = bool(best) and best[0][0] >= LIKELY and (len(best) == 1 or best[1][0] <= best[0][0] - AHEAD)
    most = max(MOST_SUGGESTIONS, min(MOST_ALIKE, sum(score == best[0][0] for score, _ in best)))
    return Match(number, None, "name" if clear else "", tuple((site, score) for score, site in best[:most]))


class Register:
    """The names of all sites, indexed by their words, so that a row is compared only with those that share some."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self._names = [name for site, text in dict.fromkeys(names) if (name := named(site, text))]
        self._words: dict[str, list[int]] = defaultdict(list)
        self._shorts: dict[str, list[int]] = defaultdict(list)
        self._glued: dict[str, list[int]] = defaultdict(list)
        self._slips: dict[str, set[str]] = defaultdict(set)
        for place, name in enumerate(self._names):
            for word in set(name.words):
                self._words[word].append(place)
            self._glued[name.glued].append(place)
            for short in name.shorts:
                self._shorts[short].append(place)
        for word in self._words:
            for slip in slips(word):
                self._slips[slip].add(word)
        # a word that stands in a name twice may be hit twice: «Tân Tân Lập»
        self._needed = [len(name.words) / max(Counter(name.words).values()) for name in self._names]
        self._known: dict[tuple[str, str], dict[int, int]] = {}

    def alike(self, text: str, own_name: str = "") -> dict[int, int]:
        """The sites whose name looks like *text*, or like what the device called itself, with their scores."""
        key = text, own_name
        kept = self._known.get(key)
        if kept is None:
            if len(self._known) >= _MOST_KEPT:  # a register may be kept for days
                self._known.clear()
            found: dict[int, int] = {}
            for variant in dict.fromkeys((BRACKETS.sub(" ", text), text, own_name)):
                if variant.strip():
                    for site, score in self._alike(said(variant)):
                        found[site] = max(score, found.get(site, 0))
            kept = self._known[key] = found
        return kept

    def _alike(self, row: Said) -> Iterable[tuple[int, int]]:
        hits: Counter[int] = Counter()
        for word in set(row.words):
            near = {other for slip in slips(word) for other in self._slips.get(slip, ())} | {word}
            for other in near:
                hits.update(self._words.get(other, ()))
        close = {place for place, number in hits.items() if number * 2 > self._needed[place]}
        close.update(place for word in row.words for place in self._shorts.get(word, ()))
        close.update(place for run in row.runs for place in self._glued.get(run, ()))
        for place in close:
            name = self._names[place]
            if score := alike(row, name):
                yield name.site, score
