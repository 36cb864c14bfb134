"""Finding an hour for thousands of sites, and holding it: each way beside its floor and the others', medians of one run.

.venv/bin/python -m bench.scheduling [rounds]

A year of bookings is made up: 3,400 sites and 20 leaders with 100,000 of them, 14,980 and 20 with 441,000. All
ways are timed in turn in each round, by the time of the processor (of PostgreSQL's as well): a neighbour on the machine is
no part of them. Trust the ratios. Ends with 1 where a target is missed.
"""

from __future__ import annotations

import gc
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench._verdict import line, status, target
from config import Config
from meetings import clock, create_app
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Person, Site
from meetings.official.working_days import STANDARD
from meetings.scheduling import clashes, finder, holding, slots
from meetings.scheduling.models import GUARDS, LONGEST, Booking, Meeting, MeetingPerson, MeetingSite, OfficeSpan
from meetings.scheduling.rules import MeetingType, Status
from meetings.units.models import Unit, UnitKind
from tests import postgres

SMALL, LARGE = (3_400, 100_000), (14_980, 441_000)
LEADERS = 20
LENGTH = 120
NOBODY = Actor("user:1", "Bench", 1, (), "vi")
middle = statistics.median


# ------------------------------------------------------------------ the clock and the table


def interleaved(rounds: int, clock: Callable[[], float], **ways: Callable[[], object]) -> dict[str, float]:
    """Median seconds of each way, all of them done in turn in every round; once before, unmeasured."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _round in range(rounds):
        for name, way in ways.items():
            gc.collect()
            gc.disable()  # as timeit does: whose turn it is to collect the garbage of all is chance
            began = clock()
            way()
            took[name].append(clock() - began)
            gc.enable()
    return {name: middle(times) for name, times in took.items()}


# ------------------------------------------------------------------ a year of bookings


@dataclass
class House:
    """The application on a database with a year of bookings, and the meeting that looks for an hour."""

    app: Flask
    days: list[date]  # those that are worked
    meeting: int

    @property
    def window(self) -> tuple[date, date]:
        """Thirty of them."""
        return self.days[60], self.days[89]


@contextmanager
def house(url: str, size: tuple[int, int]) -> Iterator[House]:
    sites, bookings = size
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{Path(folder) / 'bench.db'}"
        environ = {**os.environ, "INSTANCE": folder, "SECRET_KEY": "x" * 40, "DATABASE_URL": url}
        app = create_app(Config.from_environ(environ))
        with app.app_context():
            db.create_all()
            first = date(clock.today().year + 1, 1, 1)
            days = [day for n in range(365) if STANDARD.is_working(day := first + timedelta(days=n))]
            meeting = furnished(sites)
            booked = made_up(days, sites, bookings)
            for start in range(0, len(booked), 20_000):
                db.session.connection().execute(sa.insert(Booking), booked[start : start + 20_000])
            db.session.commit()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
            yield House(app, days, meeting)
            db.session.remove()
            db.engine.dispose()


def furnished(sites: int) -> int:
    """A unit, its sites and leaders, one meeting that took all other hours and one that asks, whose id it is."""
    words = {"search_key": "", "sort_key": ""}
    unit = Unit(code="00", name="Bench", full_name="Bench", kind=UnitKind.COMMUNE, type="xã", path="/1/",
                valid_from=date(2025, 7, 1))  # fmt: skip
    her = User(email="b@x.example", name="Bench", password_hash="", created_at=clock.now())
    db.session.add_all([unit, her])
    db.session.flush()
    insert = db.session.connection().execute
    insert(sa.insert(Site), [{"id": n, "code": str(n), "unit_id": unit.id, "name": str(n), "place": "", **words}
                             for n in range(1, sites + 1)])  # fmt: skip
    insert(sa.insert(Person), [{"id": n, "unit_id": unit.id, "name": str(n), "calendar_kept": True, **words}
                               for n in range(1, LEADERS + 1)])  # fmt: skip
    made = [
        Meeting(code=code, uid=code, title="Bench", type=MeetingType.REVIEW, organiser_id=unit.id, secretary_id=her.id,
                status=Status.DRAFT, minutes_long=LENGTH, created_at=clock.now(), changed_at=clock.now())
        for code in ("OTHERS", "ASKS")
    ]  # fmt: skip
    db.session.add_all(made)
    # one span of ten hours: 33 quarter hours a day to begin two hours at, 990 in thirty days
    db.session.add(OfficeSpan(begins=wall_time(7, 30), ends=wall_time(17, 30)))
    db.session.flush()
    asks = made[1].id
    insert(sa.insert(MeetingSite), [
        {"meeting_id": asks, "site_id": n, "unit_id": unit.id, "name": str(n), "unit_name": "", "position": n,
         "added_at": clock.now()} for n in range(1, sites + 1)
    ])  # fmt: skip
    insert(sa.insert(MeetingPerson), [{"meeting_id": asks, "person_id": n, "required": True}
                                      for n in range(1, LEADERS + 1)])  # fmt: skip
    return asks


def made_up(days: list[date], sites: int, bookings: int) -> list[dict[str, Any]]:
    """Four meetings a year of everybody, the rest by chance; a resource is never taken twice at once."""
    chance = random.Random(20261217)
    half_days = [clock.instant(day, opens) for day in days for opens in (wall_time(7, 30), wall_time(13, 0))]
    national = range(41, len(half_days), len(half_days) // 4)
    resources = [("site_id", n) for n in range(1, sites + 1)] + [("person_id", n) for n in range(1, LEADERS + 1)]
    free = [n for n in range(len(half_days)) if n not in set(national)]
    each, more = divmod(bookings - 4 * len(resources), len(resources))
    rows = []
    for number, (column, id) in enumerate(resources):
        for n in [*list(national)[:4], *chance.sample(free, each + (number < more))]:
            starts = half_days[n] + timedelta(minutes=0 if n in national else 15 * chance.randrange(5))
            ends = starts + timedelta(minutes=chance.choice((60, 90, 120, 150)))
            row = {"meeting_id": 1, "site_id": None, "person_id": None, "starts_at": starts, "ends_at": ends}
            rows.append({**row, column: id, "exclusive": True})
    assert len(rows) == bookings
    # in the order in which they are made: some days to some weeks before
    return sorted(rows, key=lambda row: row["starts_at"] - timedelta(days=chance.randrange(3, 30)))


# ------------------------------------------------------------------ (a) ranking 990 starts


FETCH = (
    "SELECT coalesce(site_id, -person_id), room_id, starts_at, ends_at FROM booking "
    "WHERE starts_at < ? AND starts_at > ? AND ends_at > ?"
)


@dataclass
class Ranking:
    """What is asked of a house, and the ways to answer it."""

    house: House
    question: slots.Question
    needs: Sequence[clashes.Wanted]
    meeting: Meeting

    @classmethod
    def on(cls, house: House) -> Ranking:
        with house.app.app_context():
            meeting = db.session.get_one(Meeting, house.meeting)
            needs = clashes.wanted(meeting)
            question = finder.find(meeting, cls._search(house)).question
            db.session.expunge_all()
        assert len(slots.starts(question)) == 990
        return cls(house, question, needs, meeting)

    @staticmethod
    def _search(house: House) -> finder.Search:
        return finder.Search(*house.window, LENGTH, margin=0)

    @property
    def _span(self) -> tuple[datetime, datetime]:
        first, last = self.house.window
        return clock.instant(first, wall_time(0)), clock.instant(last, wall_time(0)) + timedelta(hours=26)

    def fetch(self) -> list[tuple[int, int | None, int, int]]:
        low, high = (int(at.timestamp()) for at in self._span)
        return bare().execute(FETCH, (high, low - int(LONGEST.total_seconds()), low)).fetchall()

    def ours(self) -> list[slots.Slot]:
        return slots.best(self.question, finder.booked(self.meeting, self.needs, *self._span), (), 5, apart=True)

    def whole(self) -> finder.Found:
        return finder.find(self.meeting, self._search(self.house))


def bare() -> Any:
    """The driver's own connection."""
    return db.session.connection().connection.driver_connection


def ranking(house: House, rounds: int) -> None:
    asked = Ranking.on(house)
    took = interleaved(rounds, time.process_time, fetch=asked.fetch, ours=asked.ours, whole=asked.whole)
    rows = asked.fetch()
    print(
        f"\n990 starts, {len(asked.needs):,} resources, {bookings_in():,} bookings a year, {len(rows):,} in the window"
    )
    line("floor: the bare fetch of the window's rows", took["fetch"], took["fetch"])
    line("ours: fetch and ranking", took["ours"], took["fetch"])
    line("ours with all around it: sites, what is not known, heat-map", took["whole"], took["fetch"])
    naive = beside_naive(asked, rows, took["fetch"])
    target("ranking beside the fetch", took["ours"] / took["fetch"], most=3)
    target("the naive loop beside ranking", naive / took["ours"], least=100)


def growth(houses: Sequence[House], rounds: int) -> None:
    """The two sizes in turn, so that what slows the machine down for a while slows both."""
    asked = [Ranking.on(house) for house in houses]
    sizes, ways = [], {}
    for one in asked:
        with one.house.app.app_context():
            sizes.append((len(one.needs), bookings_in(), len(one.fetch())))

        def there(one: Ranking = one) -> None:
            with one.house.app.app_context():
                one.ours()

        ways[f"{len(one.needs):,} resources, {sizes[-1][2]:,} bookings in the window"] = there
    took = interleaved(rounds, time.process_time, **ways)
    (small, large), (few, many) = took.values(), (size[2] for size in sizes)
    print("\nRanking 990 starts as the country grows")
    for what, seconds in took.items():
        line(what, seconds, small)
    target(
        "growth: exponent over the bookings in the window", math.log(large / small) / math.log(many / few), most=1.05
    )


def bookings_in() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


def beside_naive(asked: Ranking, rows: list[tuple[int, int | None, int, int]], floor: float) -> float:
    """The ways of others on some of the starts, and what all 990 of them would take."""
    starts = slots.starts(asked.question)[::30]
    raw = bare()
    resources = [id if kind == "site" else -id for kind, id in (need.resource for need in asked.needs)]
    length = LENGTH * 60
    counted: list[int] = []

    def naive() -> None:
        """For each start, for each resource: is one of its bookings in the way?"""
        of: dict[int, list[tuple[int, int]]] = {}
        for resource, _room, begin, end in rows:
            of.setdefault(resource, []).append((begin, end))
        counted.clear()
        for start in starts:
            counted.append(
                sum(any(b < start + length and e > start for b, e in of.get(resource, ())) for resource in resources)
            )

    def by_start() -> None:
        """One bounded statement a start."""
        for start in starts:
            raw.execute(FETCH, (start + length, start - int(LONGEST.total_seconds()), start)).fetchall()

    def by_room() -> None:
        """One statement for each site at each start, as MRBS asks: one start of 990."""
        for resource in resources:
            if resource > 0:
                raw.execute(
                    "SELECT 1 FROM booking WHERE starts_at < ? AND ends_at > ? AND site_id = ?",
                    (starts[0] + length, starts[0], resource),
                ).fetchall()

    took = interleaved(3, time.process_time, naive=naive, by_start=by_start, by_room=by_room)
    number_of = {resource: number for number, resource in enumerate(resources)}
    tally = slots.tallies(asked.question, starts, [(number_of[r], b, e) for r, _room, b, e in rows])
    assert counted == [t.sites + t.people for t in tally], "the naive loop counts otherwise"
    line("one statement a start (33 of 990 timed, x 30)", took["by_start"] * 30, floor)
    line("naive loop: each start, each resource (33 of 990 timed, x 30)", took["naive"] * 30, floor)
    line("MRBS: a statement for each site at each start (1 of 990, x 990)", took["by_room"] * 990, floor)
    return took["naive"] * 30


# ------------------------------------------------------------------ (b) one start


def one_start(house: House, rounds: int) -> None:
    meeting = db.session.get_one(Meeting, house.meeting)
    hours = [clock.instant(day, wall_time(8 + 2 * (n % 4))) for n, day in enumerate(house.days[5::12][:20])]
    spans = [(at, at + timedelta(minutes=LENGTH)) for at in hours]
    said = [statements(lambda at=at, end=end: clashes.collisions(meeting, at, end, NOBODY), "ends_at >")[0]
            for at, end in spans]  # fmt: skip
    statement, values = said[0][0], [of for _statement, of in said]
    raw = bare()
    columns, _from, _where = statement.partition("FROM booking")
    sites = frozenset(range(1, 3356))
    bounded = "FROM booking WHERE starts_at < ? AND starts_at > ? AND ends_at > ?"
    among = f"FROM booking WHERE site_id IN ({','.join('?' * len(sites))}) AND starts_at < ? AND ends_at > ?"
    seconds = [(int(at.timestamp()), int(end.timestamp())) for at, end in spans]
    overlapping = [(end, at - int(LONGEST.total_seconds()), at) for at, end in seconds]
    asked = [(*sites, end, at) for at, end in seconds]

    def ours() -> list[list[int]]:
        return [
            [site for (site,) in raw.execute(f"SELECT site_id {bounded}", of) if site in sites] for of in overlapping
        ]

    def theirs() -> list[list[int]]:
        return [[site for (site,) in raw.execute(f"SELECT site_id {among}", of)] for of in asked]

    busy = ours()
    assert list(map(sorted, busy)) == list(map(sorted, theirs()))
    took = interleaved(
        rounds,
        time.process_time,
        nothing=lambda: [raw.execute("SELECT 1").fetchall() for _n in range(200)],
        ours=lambda: [ours() for _n in range(10)],
        theirs=theirs,
        details=lambda: [raw.execute(statement, of).fetchall() for _n in range(10) for of in values],
        their_details=lambda: [raw.execute(f"{columns} {among}", of).fetchall() for of in asked],
        whole=lambda: [clashes.collisions(meeting, *span, NOBODY) for span in spans],
    )
    floor = took["ours"] / 200
    print(
        f"\nWhich of 3,355 sites are busy at one start ({middle(map(len, busy)):.0f} are; mean of 20 starts of the year)"
    )
    line("SELECT 1", took["nothing"] / 200, floor)
    line("ours: what overlaps, by the bounded index, then who of it is asked", floor, floor)
    line("site_id IN (3,355 ids)", took["theirs"] / 20, floor)
    line("ours, with all that is told of each: the product's own statement", took["details"] / 200, floor)
    line("site_id IN (3,355 ids), with all that is told of each", took["their_details"] / 20, floor)
    line("ours with all around it: what is needed, names, organisers", took["whole"] / 20, floor)
    target("site_id IN (…) beside ours", took["theirs"] / 20 / floor, least=40)
    told = took["their_details"] / (took["details"] / 10)
    print(f"         the same with all that is told of each{told:29.2f}   (reading what was found is its floor)")


def statements(act: Callable[[], object], part: str) -> list[tuple[str, Any]]:
    """The statements on bookings with *part* in them that *act* gives to the driver."""
    seen: list[tuple[str, Any]] = []

    def see(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "FROM booking" in statement and part in statement:
            seen.append((statement, values))

    sa.event.listen(db.engine, "before_cursor_execute", see)
    act()
    sa.event.remove(db.engine, "before_cursor_execute", see)
    assert seen, "the product asks otherwise now"
    return seen


# ------------------------------------------------------------------ (c) booking everybody


def wanted_rows(house: House, starts_at: datetime, sites: int) -> list[dict[str, Any]]:
    return [
        {"meeting_id": house.meeting, "site_id": n, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2),
         "exclusive": True} for n in range(1, sites + 1)
    ]  # fmt: skip


def put_in(rows: list[dict[str, Any]]) -> Callable[[], None]:
    def act() -> None:
        db.session.connection().execute(sa.insert(Booking), rows)
        db.session.commit()

    return act


def take_out(house: House) -> None:
    db.session.execute(sa.delete(Booking).where(Booking.meeting_id == house.meeting))
    db.session.commit()


def guarded(on: bool) -> None:
    """Put the guards of the database there, or take them away."""
    dialect = db.engine.dialect.name
    without = {
        "sqlite": ("DROP TRIGGER booking_put_in", "DROP TRIGGER booking_changed"),
        "postgresql": tuple(f"ALTER TABLE booking DROP CONSTRAINT ex_booking_{of}" for of in ("site", "person")),
    }
    for statement in GUARDS[dialect] if on else without[dialect]:
        db.session.connection().exec_driver_sql(statement)
    db.session.commit()


def worked() -> float:
    """The processor's time of this process and of its PostgreSQL so far."""
    own = time.process_time()
    if db.engine.dialect.name == "sqlite":
        return own
    backend = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
    ticks = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
    return own + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def booking(house: House, rounds: int, sites: int) -> dict[str, float]:
    """Median seconds of the clock for one meeting of everybody at a free hour (Sunday): bare, guarded, by the product."""
    sunday = house.days[70] + timedelta(days=6 - house.days[70].weekday())
    rows = wanted_rows(house, clock.instant(sunday, wall_time(9, 0)), sites)
    took: dict[str, list[float]] = {name: [] for name in ("bare", "guarded", "whole")}
    took |= {f"{name} cpu": [] for name in took}
    act = put_in(rows)

    def timed(name: str, deed: Callable[[], object]) -> None:
        cpu, began = worked(), time.perf_counter()
        deed()
        took[name].append(time.perf_counter() - began)
        took[f"{name} cpu"].append(worked() - cpu)
        take_out(house)

    def whole() -> None:
        meeting = db.session.get_one(Meeting, house.meeting)
        at = rows[0]["starts_at"]
        holding.take(meeting, actor=NOBODY, span=(at, at + timedelta(hours=2)))
        db.session.commit()

    # putting an exclusion constraint there means indexing the year again: first all rounds with it, then without
    by_turns = db.engine.dialect.name == "sqlite"
    for _round in range(rounds):
        timed("guarded", act)
        timed("whole", whole)
        if by_turns:
            guarded(False)
            timed("bare", act)
            guarded(True)
    if not by_turns:
        guarded(False)
        for _round in range(rounds):
            timed("bare", act)
        guarded(True)
    return {name: middle(times) for name, times in took.items()}


def show_booking(what: str, took: dict[str, float]) -> None:
    print(f"\n{what}")
    for of, kind in (("", "by the clock on the wall"), (" cpu", "the processor's time of both sides")):
        line(f"floor: the inserts alone, the guard taken away ({kind})", took["bare" + of], took["bare" + of])
        line(f"ours: with the guard of the database ({kind})", took["guarded" + of], took["bare" + of])
        line(f"ours with all around it: sweep, check, names ({kind})", took["whole" + of], took["bare" + of])


def plans(house: House) -> None:
    """What PostgreSQL reads when it is asked for an hour: never the index of the exclusion constraint."""
    meeting = db.session.get_one(Meeting, house.meeting)
    first, last = house.window
    at = clock.instant(house.days[70], wall_time(9, 0))
    asked = [
        ("one start", lambda: clashes.collisions(meeting, at, at + timedelta(hours=2), NOBODY), "ends_at >"),
        ("the window", lambda: finder.find(meeting, finder.Search(first, last, LENGTH)), "ends_at >"),
    ]
    for known in (True, False):
        if not known:
            db.session.connection().exec_driver_sql("DELETE FROM pg_statistic WHERE starelid = 'booking'::regclass")
        for what, act, part in asked:
            statement, values = statements(act, part)[0]
            plan = [row[0] for row in db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", values)]
            state = "with statistics" if known else "without statistics"
            node = next(row.strip().removeprefix("-> ") for row in plan if "Scan" in row)
            print(f"  plan of {what}, {state}: {node.partition('  (')[0]}")
            target(f"reads of an exclusion index for {what}, {state}", sum("ex_booking" in row for row in plan), most=0)
    db.session.rollback()


def main(rounds: int) -> int:
    with house("", SMALL) as small:
        ranking(small, rounds)
        one_start(small, rounds)
        took = booking(small, rounds, 3355)
        show_booking("SQLite: 3,355 sites booked in one transaction", took)
        target("with the trigger beside the inserts alone", took["guarded cpu"] / took["bare cpu"], most=1.6)
        with house("", LARGE) as large:
            growth([small, large], rounds * 2)
    with postgres.running() as server, house(server.create("bench"), SMALL) as there:
        took = booking(there, rounds, 3400)
        show_booking("PostgreSQL: 3,400 sites and their constraint in one transaction (fsync off)", took)
        target("seconds with the exclusion constraint", took["guarded cpu"], most=0.5)
        plans(there)
    return status()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
