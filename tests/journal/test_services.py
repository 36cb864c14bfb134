"""One record is the audit log and what is still to do, in one transaction; seals show whether the log was touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.clock import now
from meetings.database import db
from meetings.journal import changes, queries, record, record_each, rules, services
from meetings.journal.models import Delivery, Entry, Payload, Seal
from tests import make


@dataclass(frozen=True)
class Thing:
    """Something a fact can be about."""

    journal_subject: str = "thing:1"
    journal_root: str = "HN-2026-0001"


def greet(entry: Entry) -> None:
    """A follow-up."""


def count(entry: Entry) -> None:
    """Another."""


@pytest.fixture
def followed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two things follow from ``thing.done``, nothing from anything else."""
    monkeypatch.setattr(services, "_follow_ups", {})
    services.follow({"thing.done": [greet, count]})
    yield


def number(kind: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def sealed(entries: int, seals: int = 3) -> None:
    """*seals* batches of *entries* each."""
    for batch in range(seals):
        for i in range(entries):
            record("thing.done", Thing(f"thing:{batch}-{i}"), actor=SYSTEM, number=i, batch=batch)
        db.session.commit()
        assert services.seal() == entries
        db.session.commit()


# ------------------------------------------------------------------ recording


def test_a_fact_is_written_with_its_details_and_what_is_to_do_about_it(followed: None) -> None:
    actor = Actor.link(7, "Ông Trần Đầu Mối")
    record("thing.done", Thing(), actor=actor, reason="Đổi giờ", count=3)
    db.session.commit()
    db.session.expire_all()
    entry = db.session.scalars(sa.select(Entry)).one()
    assert (entry.fact, entry.subject, entry.root) == ("thing.done", "thing:1", "HN-2026-0001")
    assert (entry.actor, entry.actor_name) == (actor.key, "Ông Trần Đầu Mối")
    assert entry.details == {"reason": "Đổi giờ", "count": 3}
    assert entry.digest == rules.digest(entry.details)
    todo = db.session.scalars(sa.select(Delivery)).all()
    assert sorted(d.follow_up for d in todo) == sorted(services.name_of(f) for f in (greet, count))
    assert all(d.due_at == entry.at and d.done_at is None for d in todo)


def test_a_roll_back_takes_the_fact_and_everything_to_do_about_it(followed: None) -> None:
    record("thing.done", Thing(), actor=SYSTEM, count=3)
    record_each("thing.done", [Thing()], actor=SYSTEM, details=[{"count": 3}])
    db.session.rollback()
    assert (number(Entry), number(Payload), number(Delivery)) == (0, 0, 0)


def test_a_fact_and_what_it_is_about_are_kept_or_lost_together(followed: None) -> None:
    made = make.user(Role.SECRETARY)
    db.session.commit()
    made.name = "Tên Mới"
    record("thing.done", Thing(), actor=SYSTEM)
    db.session.add(Delivery(entry_id=404_404, follow_up="x", due_at=now()))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()
    db.session.rollback()
    assert made.name != "Tên Mới" and number(Entry) == 0


def test_nothing_follows_from_a_fact_without_follow_ups(followed: None) -> None:
    record("thing.seen", Thing(), actor=SYSTEM)
    assert (number(Entry), number(Payload), number(Delivery)) == (1, 0, 0)


def test_what_follows_can_be_put_off(followed: None) -> None:
    later = now() + timedelta(hours=2)
    record("thing.done", Thing(), actor=SYSTEM, due_at=later)
    assert queries.due(now(), 10) == []
    assert len(queries.due(later, 10)) == 2


def test_thousands_are_recorded_as_one_by_one(followed: None) -> None:
    things = [Thing(f"thing:{i}") for i in range(300)]
    record_each("thing.done", things, actor=SYSTEM, details=[{"number": i} if i else {} for i in range(300)])
    entries = db.session.scalars(sa.select(Entry).order_by(Entry.id)).all()
    assert [(e.subject, e.details) for e in entries] == [(f"thing:{i}", {"number": i} if i else {}) for i in range(300)]
    assert all(e.digest == rules.digest(e.details) for e in entries)
    assert number(Delivery) == 600
    assert list(queries.faults()) == []


def test_none_are_recorded_without_a_statement(followed: None) -> None:
    record_each("thing.done", [], actor=SYSTEM, details=[])
    assert number(Entry) == 0


def test_details_for_fewer_subjects_than_there_are_is_a_fault(followed: None) -> None:
    with pytest.raises(ValueError, match="shorter"):
        record_each("thing.done", [Thing(), Thing()], actor=SYSTEM, details=[{}])


def test_details_are_kept_as_plain_values(followed: None) -> None:
    starts = make.at("2026-12-10 08:00")
    details = {"at": starts, "on": date(2026, 12, 10), "role": Role.LEADER, "list": (1, {"x": starts}), "none": None}
    entry = record("thing.seen", Thing(), actor=SYSTEM, **details)
    db.session.commit()
    db.session.expire_all()
    assert entry.details == {
        "at": "2026-12-10T01:00:00+00:00",
        "on": "2026-12-10",
        "role": "leader",
        "list": [1, {"x": "2026-12-10T01:00:00+00:00"}],
        "none": None,
    }
    assert entry.digest == rules.digest(entry.details)


def test_a_very_long_name_is_cut_and_not_refused(followed: None) -> None:
    entry = record("thing.seen", Thing(), actor=Actor.link(7, "Đ" * 500))
    db.session.commit()
    assert entry.actor_name == "Đ" * 200


def test_the_journal_of_a_meeting_is_its_own(followed: None) -> None:
    for root in ("HN-2026-0001", "HN-2026-0001", "HN-2026-0002", ""):
        record("thing.done", Thing(journal_root=root), actor=SYSTEM)
    assert [e.id for e in queries.of("HN-2026-0001")] == [2, 1]
    assert [e.id for e in queries.of("HN-2026-0001", newest_first=False, limit=1)] == [1]
    assert len(queries.of("HN-2026-0001", fact="thing")) == 2 and not queries.of("HN-2026-0001", fact="th%")
    assert len(queries.about("thing:1")) == 4
    assert queries.waiting("HN-2026-0001") == 4


# ------------------------------------------------------------------ seals


def test_an_untouched_journal_has_no_faults(followed: None) -> None:
    sealed(4)
    record("thing.done", Thing(), actor=SYSTEM)
    assert list(queries.faults()) == []
    seals = db.session.scalars(sa.select(Seal).order_by(Seal.id)).all()
    assert [s.entries for s in seals] == [4, 4, 4]
    assert [s.previous for s in seals] == [rules.GENESIS, seals[0].digest, seals[1].digest]


def test_what_is_sealed_is_not_sealed_again(followed: None) -> None:
    sealed(4, seals=1)
    assert services.seal() == 0
    assert number(Seal) == 1


def test_a_long_journal_is_sealed_batch_by_batch(followed: None) -> None:
    for _ in range(7):
        record("thing.seen", Thing(), actor=SYSTEM)
    assert [services.seal(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert list(queries.faults()) == []


OTHERS = {
    "at": make.at("2026-12-11 08:00"),
    "fact": "thing.undone",
    "actor": "user:666",
    "subject": "thing:other",
    "root": "HN-2026-9999",
    "digest": "0" * 64,
}


@pytest.mark.parametrize("column", [*OTHERS])
def test_a_changed_entry_is_told(followed: None, column: str) -> None:
    sealed(4)
    db.session.execute(sa.update(Entry).where(Entry.id == 6).values({column: OTHERS[column]}))
    db.session.commit()
    told = list(queries.faults())
    assert any("Seal 2" in sentence for sentence in told)
    assert not any("Seal 1" in sentence or "Seal 3" in sentence for sentence in told)


def test_a_deleted_entry_is_told(followed: None) -> None:
    sealed(4)
    for kind in (Payload, Delivery):
        db.session.execute(sa.delete(kind).where(kind.entry_id == 6))
    db.session.execute(sa.delete(Entry).where(Entry.id == 6))
    db.session.commit()
    assert list(queries.faults()) == ["Seal 2 does not fit its entries."]


def test_an_entry_put_in_afterwards_is_told(followed: None) -> None:
    sealed(4)
    record("thing.seen", Thing(), actor=SYSTEM).seal_id = 2
    db.session.commit()
    assert list(queries.faults()) == ["Seal 2 does not fit its entries."]


@pytest.mark.parametrize("column", ["digest", "previous", "entries"])
def test_a_changed_seal_is_told(followed: None, column: str) -> None:
    sealed(4)
    db.session.execute(sa.update(Seal).where(Seal.id == 2).values({column: 5 if column == "entries" else "5" * 64}))
    db.session.commit()
    assert "Seal 2 does not fit its entries." in list(queries.faults())


def test_a_seal_made_anew_over_changed_entries_does_not_fit_the_next(followed: None) -> None:
    sealed(4)
    db.session.execute(sa.update(Entry).where(Entry.id == 6).values(actor="user:666"))
    seal = db.session.get_one(Seal, 2)
    entries = db.session.scalars(sa.select(Entry).where(Entry.seal_id == 2).order_by(Entry.id))
    seal.digest = rules.chained(seal.previous, map(services._line, entries))
    db.session.commit()
    assert list(queries.faults()) == ["Seal 3 does not fit its entries."]


def test_a_seal_taken_out_with_its_entries_is_told(followed: None) -> None:
    sealed(4)
    mine = sa.select(Entry.id).where(Entry.seal_id == 2)
    for kind in (Payload, Delivery):
        db.session.execute(sa.delete(kind).where(kind.entry_id.in_(mine)))
    db.session.execute(sa.delete(Entry).where(Entry.seal_id == 2))
    db.session.execute(sa.delete(Seal).where(Seal.id == 2))
    db.session.commit()
    assert list(queries.faults()) == ["Seal 3 does not fit its entries."]


def test_changed_details_are_told(followed: None) -> None:
    sealed(4)
    db.session.execute(sa.update(Payload).where(Payload.entry_id == 6).values(data={"number": 7}))
    db.session.commit()
    assert list(queries.faults()) == ["Entry 6 does not fit its details."]


def test_details_put_beside_an_entry_that_had_none_are_told(followed: None) -> None:
    entry = record("thing.seen", Thing(), actor=SYSTEM)
    db.session.add(Payload(entry_id=entry.id, data={"said": "nothing of the kind"}))
    db.session.commit()
    assert list(queries.faults()) == [f"Entry {entry.id} does not fit its details."]


def test_purged_details_leave_a_whole_journal(followed: None) -> None:
    sealed(4)
    before = db.session.get_one(Entry, 6).digest
    db.session.execute(sa.delete(Payload).where(Payload.entry_id == 6))
    db.session.commit()
    db.session.expire_all()
    entry = db.session.get_one(Entry, 6)
    assert entry.details == {} and entry.digest == before
    assert before == rules.digest({"number": 1, "batch": 1}), "whoever holds the details can still prove them"
    assert list(queries.faults()) == []


# --- change numbers --------------------------------------------------------------------------------------------------


def test_a_transaction_raises_the_number_of_each_root_once_and_names_what_it_was_about(app: Flask) -> None:
    other = "HN-2026-0002"
    for number in range(3):
        record("thing.done", Thing(f"thing:{number}"), actor=SYSTEM)
    record("thing.done", Thing("thing:9", other), actor=SYSTEM)
    assert changes.of("HN-2026-0001") == 0, "numbered before it was committed"
    make.done()
    assert (changes.of("HN-2026-0001"), changes.of(other)) == (1, 1)
    record_each("thing.done", [Thing("thing:5"), Thing("thing:6")], actor=SYSTEM, details=[{}, {}])
    make.done()
    assert changes.since("HN-2026-0001", 0) == {"thing:0", "thing:1", "thing:2", "thing:5", "thing:6"}
    assert changes.since("HN-2026-0001", 1) == {"thing:5", "thing:6"}
    assert changes.since("HN-2026-0001", 2) == set()
    assert changes.since("HN-2026-0001", 3) is None, "a number of the future, as after a restore"


def test_what_is_rolled_back_is_not_numbered_and_a_savepoint_goes_with_the_whole(app: Flask) -> None:
    record("thing.done", Thing(), actor=SYSTEM)
    db.session.rollback()
    make.done()
    assert changes.of(Thing().journal_root) == 0
    with db.session.begin_nested():
        record("thing.done", Thing(), actor=SYSTEM)
    assert changes.of(Thing().journal_root) == 0
    make.done()
    assert changes.of(Thing().journal_root) == 1


def test_too_many_to_name_say_only_that_a_great_deal_changed(app: Flask) -> None:
    things = [Thing(f"thing:{n}") for n in range(changes.MOST_NAMED + 1)]
    record_each("thing.done", things, actor=SYSTEM, details=[{}] * len(things))
    make.done()
    assert changes.since(Thing().journal_root, 0) is None
    record("thing.done", Thing(), actor=SYSTEM)
    make.done()
    assert changes.since(Thing().journal_root, 1) == {"thing:1"}
