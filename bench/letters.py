"""3,355 letters of 88 kB, composed and sent, each way beside its floor and the plain one: medians of one run.

.venv/bin/python -m bench.letters [rounds]

What is sent goes to ``smtp-sink`` on the loopback; the floor is ``smtp-source`` to the same sink, which composes and keeps
nothing, so beside it stands what composes and sends. The product's whole road (the letters of a meeting in a database, each
marked and kept in a commit of its own with synchronous=FULL) is printed below it: what it costs more is the price of
knowing the fate of every letter. Both tools come with Debian's package postfix.

All ways are timed in turn in each round, since neighbours on the machine come and go; trust the ratios. Ends with 1 where a
target is missed or the tools are.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP as BY_SMTP
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench import scheduling as desk
from bench._far import ROUND_TRIP
from bench.scheduling import middle, target
from config import Config
from meetings import clock, create_app
from meetings.accounts import queries as account_queries
from meetings.accounts import services as accounts
from meetings.accounts.rules import Role
from meetings.adapters.mail import Closed, Fate, Outcome, Parcel, Smtp
from meetings.database import db
from meetings.directory.loader import load
from meetings.directory.models import Contact
from meetings.invitations import asking, letters
from meetings.post import carry, queries
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.post.services import Enclosed, Ticket
from meetings.scheduling import queries as meetings
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MeetingType, Secrecy, Status
from meetings.units import queries as units

ENCLOSED = 60_000
PLAIN = 60
"""Letters of a round in the ways that take a thousand times as long as it needs; a letter costs what a letter costs."""
FAR = 40
"""Letters of a round over a line of ten milliseconds."""
TOOLS = ("smtp-sink", "smtp-source")


def tool(name: str) -> str:
    """Where *name* is; Debian keeps it where only root looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/lib/postfix/sbin:/sbin") or ""


# ------------------------------------------------------------------ a meeting and its letters


@contextmanager
def house() -> Iterator[tuple[Flask, list[int]]]:
    """The application on a database on the disk, and the ids of the letters to every site of the country."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"INSTANCE": folder, "SECRET_KEY": "x" * 40, "PUBLIC_URL": "https://hop.bdps.example"}
        app = create_app(Config.from_environ({**os.environ, "DATABASE_URL": "", "MAIL_URL": "", **environ}))
        with app.app_context():
            db.create_all()
            load()
            ids = written()
            synchronous = db.session.connection().exec_driver_sql("PRAGMA synchronous").scalar()
            assert synchronous == 2, "the floor is beaten honestly or not at all"
            db.session.rollback()
            yield app, ids
            db.session.remove()
            db.engine.dispose()


def written() -> list[int]:
    """A letter to each site of one meeting, by the product's own words, with a file of 60 kB."""
    unit = units.by_code("G09", clock.today())
    assert unit is not None
    user = accounts.create_user("tk@bdps.example", "Thư ký", "mat khau dai", role=Role.SECRETARY, unit=unit)
    details = scheduling.Details(
        "Hội nghị trực tuyến toàn quốc sơ kết công tác sáu tháng", MeetingType.REVIEW, False, "", Secrecy.ORDINARY, "Ông",
        "Lê Minh Khang", "Bộ trưởng", 120, "Lãnh đạo đơn vị", None, "", "",
    )  # fmt: skip
    actor = account_queries.actor_of(user)
    meeting = scheduling.begin(details, unit, user, actor=actor)
    scheduling.add_sites(meeting, [*meetings.province_sites(), *meetings.all_commune_sites()], actor=actor)
    meeting.starts_at = clock.now() + timedelta(days=20)
    meeting.ends_at, meeting.reply_by = meeting.starts_at + timedelta(hours=2), meeting.starts_at - timedelta(days=3)
    meeting.status = Status.SCHEDULED
    db.session.flush()
    sha256 = post.keep(random.Random(60).randbytes(ENCLOSED), letters.DOCX)
    enclosed = (Enclosed(sha256, letters.file_name(meeting), letters.DOCX),)
    post.hand_in_all(drafts(meeting, enclosed))
    db.session.commit()
    return list(db.session.scalars(sa.select(Letter.id).order_by(Letter.id)))


def drafts(meeting: Meeting, enclosed: tuple[Enclosed, ...]) -> Iterator[post.Draft]:
    words = asking.wording_of(meeting)
    for number, site in enumerate(meetings.sites_of(meeting), 1):
        contact = Contact(name="Nguyễn Thị Đầu Mối", email=f"diemcau{number}@tinh.example", locale="vi")
        yield letters.to_site(meeting, site, contact, words, Ticket("m", number, 1), enclosed, version=0)


def again() -> None:
    """All letters wait once more, as if none had left."""
    db.session.execute(
        sa.update(Letter).values(
            status=LetterStatus.WAITING,
            attempts=0,
            first_tried_at=None,
            tried_at=None,
            settled_at=None,
            next_at=clock.now(),
        )
    )
    db.session.commit()
    db.session.remove()
    db.session.connection().exec_driver_sql("SELECT 1")
    db.session.rollback()


# ------------------------------------------------------------------ the plain way


def plain(letter: Letter) -> EmailMessage:
    """The same letter as the documentation of Python puts one together."""
    body, file = queries.readable(letter), letter.enclosures[0]
    message = EmailMessage()
    message["From"] = HeaderAddress(letter.sender_name, addr_spec=letter.sender_address)
    message["To"] = HeaderAddress(letter.to_name, addr_spec=letter.to_address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.key}@bdps.example>"
    message.set_content(body.text)
    message.add_alternative(body.html, subtype="html")
    message.add_alternative(body.calendar, subtype="calendar", params={"method": "REQUEST"})
    maintype, subtype = file["content_type"].split("/")
    message.add_attachment(queries.enclosure(file["sha256"]), maintype=maintype, subtype=subtype, filename=file["name"])
    return message


def plainly_sent(port: int, found: list[Letter]) -> None:
    """A connection for each letter, as web frameworks do it."""
    for letter in found:
        with smtplib.SMTP("127.0.0.1", port) as line:
            line.send_message(plain(letter))


# ------------------------------------------------------------------ the sink, and a long line to it


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _until_it_answers(port: int) -> None:
    for _try in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise SystemExit(f"nothing answers at port {port}")


@contextmanager
def sink() -> Iterator[int]:
    """A port behind which every letter is taken and forgotten."""
    port = _free_port()
    whom = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([tool("smtp-sink"), *whom, f"127.0.0.1:{port}", "1024"])
    try:
        _until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def far(port: int) -> Iterator[int]:
    """The same sink, ten milliseconds away."""
    there = _free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench._far", str(there), str(port)])
    try:
        _until_it_answers(there)
        yield there
    finally:
        process.terminate()
        process.wait()


class Often(Smtp):
    """Our own mailer with a connection for each letter."""

    def carry(self, parcel: Parcel) -> Outcome | Closed:
        outcome = super().carry(parcel)
        self.close()
        return outcome


# ------------------------------------------------------------------ measuring


def timed(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    act()
    return clock() - began


def row(what: str, seconds: float, letters: int, floor: float | None = None) -> None:
    """A line of the table: a letter's share of *seconds*, how many a second that makes, and that beside *floor* a second."""
    beside = "" if floor is None else f"{letters / seconds / floor:9.2f} x"
    print(f"  {what:<74}{seconds / letters * 1000:9.3f} ms{letters / seconds:10,.0f} /s{beside}")


def grown(act: Callable[[], object]) -> float:
    """By how many megabytes this process was ever larger during *act* than before it."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark is set back to where the water stands
    before = _memory("VmRSS")
    act()
    return max(0.0, _memory("VmHWM") - before)


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def in_armfuls(ids: list[int]) -> Iterator[Letter]:
    """The letters, as many at a time in memory as the product holds there."""
    for start in range(0, len(ids), carry.ARMFUL):
        yield from db.session.scalars(sa.select(Letter).where(Letter.id.in_(ids[start : start + carry.ARMFUL])))
        db.session.expunge_all()


def composing(ids: list[int], rounds: int) -> int:
    """Composes all of them both ways; returns how large one is."""
    found = [queries.letter(id) for id in ids[:PLAIN]]
    size = len(queries.eml(found[0], hide=False))

    def ours() -> None:
        for letter in in_armfuls(ids):
            queries.eml(letter, hide=False)

    def plainly() -> None:
        for letter in found:
            plain(letter).as_bytes(policy=BY_SMTP)

    took: dict[str, list[float]] = {"ours": [], "plain": []}
    growth = grown(ours)
    for _round in range(rounds):
        took["ours"].append(timed(ours, time.process_time))
        took["plain"].append(timed(plainly, time.process_time))
    own, other = middle(took["ours"]) / len(ids), middle(took["plain"]) / len(found)
    print(f"\nComposing (time of the processor), letters of {size / 1000:.0f} kB")
    row(f"plain: EmailMessage and as_bytes (of {len(found)} letters a round)", other, 1)
    row("ours, the rows read from the database as well", own, 1, 1 / other)
    target("composed, times the rate of the plain way", other / own, least=4)
    target("peak growth while all are composed, MB", growth, most=8)
    db.session.rollback()
    return size


def sending(ids: list[int], rounds: int, size: int, port: int) -> None:
    """Sends them by every way in turn."""
    many = len(ids)
    found = [queries.letter(id) for id in ids[:PLAIN]]
    parcels = [Parcel(one.key, one.sender_address, one.to_address, queries.eml(one, hide=False)) for one in found]
    source = [tool("smtp-source"), "-s1", "-d", f"-l{size}", f"-m{many}", "-fdiemcau@bdps.example",
              "-tdiemcau@tinh.example", f"127.0.0.1:{port}"]  # fmt: skip
    db.session.expunge_all()
    db.session.rollback()

    def whole(mailer: Smtp, letters: int | None = None) -> None:
        again()
        if letters is not None:
            db.session.execute(sa.update(Letter).where(Letter.id > ids[letters - 1]).values(status=LetterStatus.SENT))
            db.session.commit()
        began = time.perf_counter()
        done = carry.carry_due(mailer, clock.now(), seconds=3600)
        took.setdefault(f"{type(mailer).__name__} {letters or many}", []).append(time.perf_counter() - began)
        assert done == (letters or many), done
        mailer.close()

    def bare() -> None:
        mailer = Smtp("127.0.0.1", port)
        mailer.open()
        for _again in range(many // len(parcels)):
            for parcel in parcels:
                mailer.carry(parcel)
        mailer.close()

    def composed() -> None:
        mailer = Smtp("127.0.0.1", port)
        mailer.open()
        for one in in_armfuls(ids):
            data = queries.eml(one, hide=False)
            outcome = mailer.carry(Parcel(one.key, one.sender_address, one.to_address, data))
            assert isinstance(outcome, Outcome) and outcome.fate is Fate.ACCEPTED, outcome
        mailer.close()
        db.session.rollback()

    took: dict[str, list[float]] = {}
    whole(Smtp("127.0.0.1", port), 100)
    growth = 0.0
    for _round in range(rounds):
        took.setdefault("floor", []).append(
            timed(lambda: subprocess.run(source, check=True, stdout=subprocess.DEVNULL))
        )
        growth = max(growth, grown(lambda: whole(Smtp("127.0.0.1", port))))
        took.setdefault("bare", []).append(timed(bare))
        took.setdefault("composed", []).append(timed(composed))
        took.setdefault("plain", []).append(timed(lambda: plainly_sent(port, found)))
        whole(Often("127.0.0.1", port), 400)
    middles = {name: middle(times) for name, times in took.items()}
    floor, ours = many / middles["floor"], many / middles[f"Smtp {many}"]
    each, plainly = 400 / middles["Often 400"], len(found) / middles["plain"]
    print(f"\nSending {many:,} letters to smtp-sink on the loopback (time of the wall); beside smtp-source")
    row("floor: smtp-source -s1 -d, one connection, nothing composed or kept", middles["floor"], many, floor)
    row("plain: EmailMessage, a connection each", middles["plain"], len(found), floor)
    row("our road with a connection each (400 letters)", middles["Often 400"], 400, floor)
    row(
        "our mailer alone, one connection, nothing composed or kept",
        middles["bare"],
        many // len(parcels) * len(parcels),
        floor,
    )
    row("ours: read and composed, sent over one connection", middles["composed"], many, floor)
    row("our whole road: marked and kept as well, one commit a letter", middles[f"Smtp {many}"], many, floor)
    sent = many / middles["composed"]
    target("composed and sent, times the rate of a connection each, the plain way", sent / plainly, least=3)
    target("composed and sent, beside smtp-source of the same size", sent / floor, least=0.5)
    target("the whole road, times the rate of a connection each, the plain way", ours / plainly, least=3)
    target("the whole road, times its own rate with a connection each", ours / each, least=1)
    target("peak growth while all are sent, MB", growth, most=8)


def far_away(ids: list[int], rounds: int, port: int) -> None:
    """A few letters over a line of ten milliseconds: there round trips are all that counts."""
    found = [queries.letter(id) for id in ids[:FAR]]
    parcels = [Parcel(one.key, one.sender_address, one.to_address, queries.eml(one, hide=False)) for one in found]
    db.session.rollback()
    took: dict[str, list[float]] = {"plain": [], "each": [], "one": []}

    def carried(mailer: Smtp) -> None:
        for parcel in parcels:
            assert isinstance(mailer.carry(parcel), Outcome)
        mailer.close()

    with far(port) as there:
        for _round in range(rounds):
            took["plain"].append(timed(lambda: plainly_sent(there, found)))
            took["each"].append(timed(lambda: carried(Often("127.0.0.1", there))))
            took["one"].append(timed(lambda: carried(Smtp("127.0.0.1", there))))
    db.session.rollback()
    plainly = len(found) / middle(took["plain"])
    print(f"\nThe same sink {ROUND_TRIP * 1000:.0f} ms away, {FAR} letters; beside the plain way")
    row("plain: EmailMessage, a connection each", middle(took["plain"]), FAR, plainly)
    row("our mailer with a connection each", middle(took["each"]), FAR, plainly)
    row("our mailer, one connection", middle(took["one"]), FAR, plainly)
    target("sent from afar, times the rate of a connection each", middle(took["plain"]) / middle(took["one"]), least=3)


def main(rounds: int) -> int:
    missing = [name for name in TOOLS if not tool(name)]
    with house() as (_app, ids):
        size = composing(ids, rounds)
        if missing:
            print(f"\nNOT MEASURED: sending. {' and '.join(missing)} missing: as root, apt-get install postfix")
            return 1
        with sink() as port:
            sending(ids, rounds, size, port)
            far_away(ids, rounds, port)
    return int(desk.failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
