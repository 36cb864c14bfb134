"""The bounds held: who may make one more letter leave, to whom, about what. See ``limits`` for the numbers.

Presses are counted in a table of their own, not by the letters: a letter that is sent again is no new letter, and
what the worker writes after a press is written later than the next press.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa

from meetings.database import db, rows_changed
from meetings.errors import Refused, Spent
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.official import dates
from meetings.post import limits
from meetings.post.limits import Setting
from meetings.post.models import PostSetting, Press

_LOCK: Final = 0x71756F74  # of PostgreSQL: of two presses at one time the second counts the first
SYSTEM: Final = "system"
"""Key of the product itself: what it writes of its own accord follows from facts, and is bounded by them."""


class Presser(Protocol):
    """Whoever presses: a user or the holder of a private link."""

    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Held:
    """To which addresses of many a letter may leave now, how many have to wait, and until when the first of them."""

    free: frozenset[str]
    later: int
    again_at: datetime | None


def setting(which: Setting) -> int:
    """The value in force."""
    return settings()[which]


def settings() -> Mapping[Setting, int]:
    """All values in force."""
    changed = {row.name: row.value for row in db.session.scalars(sa.select(PostSetting))}
    return {which: changed.get(which.value, limits.RANGES[which].usual) for which in Setting}


def change(which: Setting, value: int, *, by: str, at: datetime) -> PostSetting | None:
    """Set *which* to *value*; None where it stands so already."""
    if not limits.fits(which, value):
        span = limits.RANGES[which]
        raise Refused(
            _("Enter a number from %(least)s to %(most)s.", least=span.least, most=span.most),
            field=which.value,
            status=422,
        )
    if setting(which) == value:
        return None
    made = db.session.merge(PostSetting(name=which.value, value=value, changed_by=by[:200], changed_at=at))
    db.session.flush()
    return made


def hold_to(actor: Presser, address: str, kind: str, root: str, now: datetime) -> None:
    """Count one press of *actor* that makes a letter of *kind* leave to *address*, about the meeting *root* ("" for none).

    Raises :class:`Refused` with when it is possible again; the press is then not counted, for nothing of the caller's
    transaction is kept. The product itself is not bounded.
    """
    if actor.key == SYSTEM:
        return
    _one_at_a_time()
    address, bounds = address.strip().lower(), settings()
    _hold_person(actor, kind, root, now, bounds)
    for which in (Setting.ADDRESS_HOUR, Setting.ADDRESS_DAY):
        _hold(which, bounds, now, Press.address == address, told=address)
    _count(now, [{"made_by": actor.key, "kind": kind, "root": root, "address": address}])


def hold_to_many(actor: Presser, addresses: Collection[str], kind: str, root: str, now: datetime) -> Held:
    """As :func:`hold_to` for one press that writes to many: counted once for *actor* and the meeting, and once for each
    address that is free. Raises :class:`Refused` when none is."""
    wanted = {address.strip().lower() for address in addresses}
    if actor.key == SYSTEM or not wanted:
        return Held(frozenset(wanted), 0, None)
    _one_at_a_time()
    bounds = settings()
    _hold_person(actor, kind, root, now, bounds)
    taken: dict[str, datetime] = {}
    for which in (Setting.ADDRESS_HOUR, Setting.ADDRESS_DAY):
        for address, at in _full(sorted(wanted), bounds[which], which, now):
            taken[address] = max(at, taken.get(address, at))
    free, again_at = wanted - taken.keys(), min(taken.values(), default=None)
    if not free and again_at is not None:
        raise _refused(
            ngettext(
                "%(num)s recipient has had as many letters as one may have for now. It is possible again from %(at)s.",
                "All %(num)s recipients have had as many letters as they may have for now. "
                "It is possible again from %(at)s.",
                len(wanted),
                at=dates.moment_short(again_at, locale()),
            )
        )
    rows = [{"made_by": actor.key, "kind": kind, "root": root, "address": ""}]
    _count(now, rows + [{"made_by": "", "kind": "", "root": "", "address": address} for address in sorted(free)])
    return Held(frozenset(free), len(taken), again_at)


def sweep(now: datetime) -> int:
    """Forget presses that no bound counts any more; returns how many."""
    old = sa.delete(Press).where(Press.at < now - limits.DAY)
    return rows_changed(old.execution_options(synchronize_session=False))


def _hold_person(actor: Presser, kind: str, root: str, now: datetime, bounds: Mapping[Setting, int]) -> None:
    _hold(Setting.PERSON_HOUR, bounds, now, Press.made_by == actor.key)
    if root:
        _hold(Setting.MEETING_DAY, bounds, now, Press.root == root, Press.kind == kind, told=root)


def _hold(
    which: Setting, bounds: Mapping[Setting, int], now: datetime, *counted: sa.ColumnElement[bool], told: str = ""
) -> None:
    most, window = bounds[which], limits.WINDOWS[which]
    query = sa.select(Press.at).where(*counted, Press.at > now - window).order_by(Press.at.desc())
    again_at = limits.free_at(db.session.scalar(query.offset(most - 1).limit(1)), window, now)
    if again_at is not None:
        raise _refused(_sentence(which, most, told, dates.moment_short(again_at, locale())))


def _full(addresses: list[str], most: int, which: Setting, now: datetime) -> list[tuple[str, datetime]]:
    """Those of *addresses* that have had *most* letters in the window, and when each is free again."""
    window, found = limits.WINDOWS[which], []
    for start in range(0, len(addresses), 500):
        times: dict[str, list[datetime]] = {}
        query = sa.select(Press.address, Press.at).where(
            Press.address.in_(addresses[start : start + 500]), Press.at > now - window
        )
        for address, at in db.session.execute(query.order_by(Press.at.desc())):
            times.setdefault(address, []).append(at)
        for address, pressed in times.items():
            again_at = limits.free_at(pressed[most - 1] if len(pressed) >= most else None, window, now)
            if again_at is not None:
                found.append((address, again_at))
    return found


def _sentence(which: Setting, most: int, told: str, at: str) -> str:
    match which:
        case Setting.ADDRESS_HOUR:
            return ngettext(
                "%(address)s has been sent %(num)s letter within an hour, the most that is allowed. "
                "It is possible again from %(at)s.",
                "%(address)s has been sent %(num)s letters within an hour, the most that is allowed. "
                "It is possible again from %(at)s.",
                most,
                address=told,
                at=at,
            )
        case Setting.ADDRESS_DAY:
            return ngettext(
                "%(address)s has been sent %(num)s letter within a day, the most that is allowed. "
                "It is possible again from %(at)s.",
                "%(address)s has been sent %(num)s letters within a day, the most that is allowed. "
                "It is possible again from %(at)s.",
                most,
                address=told,
                at=at,
            )
        case Setting.MEETING_DAY:
            return ngettext(
                "Of this kind %(num)s letter has been sent by hand for %(meeting)s within a day, the most that is allowed. "
                "It is possible again from %(at)s.",
                "Of this kind %(num)s letters have been sent by hand for %(meeting)s within a day, the most that is allowed. "
                "It is possible again from %(at)s.",
                most,
                meeting=told,
                at=at,
            )
        case _:
            return ngettext(
                "You have sent letters by hand %(num)s time within an hour, the most that is allowed. "
                "It is possible again from %(at)s.",
                "You have sent letters by hand %(num)s times within an hour, the most that is allowed. "
                "It is possible again from %(at)s.",
                most,
                at=at,
            )


def _refused(sentence: str) -> Refused:
    return Spent(sentence)


def _one_at_a_time() -> None:
    """On SQLite a writer is alone anyway."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _count(now: datetime, rows: list[dict[str, Any]]) -> None:
    sweep(now)
    db.session.execute(sa.insert(Press), [{"at": now, **row} for row in rows])
