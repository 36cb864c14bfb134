"""Scenario 12, made worse: whatever a mail gateway does to the links of our letters, the database stays as it was.

It asks for every link with HEAD and three times with GET, opens it in a browser that runs scripts, waits, and presses every
button once without choosing anything. Nothing may be answered, seen, used up or sent by that.
"""

from __future__ import annotations

import html
import os
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Error, Page

from meetings import clock, worker
from meetings.accounts.models import User
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.directory.models import Site
from meetings.invitations import approval, calendar_links
from meetings.minutes import blocks, handing, life
from meetings.minutes import services as minutes
from meetings.minutes.content import Concluded
from meetings.official.working_days import STANDARD
from meetings.scheduling import moving
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e.installation import answer, until
from tests.e2e.post import Letter
from tests.minutes.conftest import close_roll

Open = Callable[..., Page]
PROVE = os.environ.get("PROVE") == "1"
HERE = "http://hop.example"
LINK = re.compile(re.escape(HERE) + r"/[^\s\"'<>\\]*")
DEEPER = ("/reply", "/roster", "/line-test", "/check-in")
WAIT = 5000 if PROVE else 500


def day(days: int, hour: int = 8) -> datetime:
    """An hour of a working day so many days from now."""
    return clock.instant(STANDARD.add_working_days(clock.today(), days), datetime(2026, 1, 1, hour).time())


def carry(app: Flask) -> None:
    make.done()
    while worker.tick(app):
        pass


@pytest.fixture
def secretary(app: Flask) -> User:
    return make.user(Role.SECRETARY)


def sent(app: Flask, secretary: User, in_days: int, sites: Sequence[Site] | None = None) -> Meeting:
    """A conference whose invitations have left."""
    starts = clock.wall(day(in_days)).strftime("%Y-%m-%d %H:%M")
    if PROVE and sites is None:
        sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON)]
    meeting = make.meeting(
        starts=starts, reply_by=None, rehearsal_at=day(in_days - 1, 14), secretary=secretary, sites=sites
    )
    approval.release(meeting, day(in_days - 3, 17), actor=actor_of(secretary))
    carry(app)
    return meeting


def lived(app: Flask, secretary: User) -> set[str]:
    """Letters of every kind, and the links that stand in them or are given beside them."""
    hoa = actor_of(secretary)
    meeting = sent(app, secretary, 14)
    moving.reschedule(meeting, day(15, 14), 195, "Chủ tọa dự phiên họp Chính phủ", actor=hoa)
    carry(app)
    for end in (moving.postpone, moving.cancel):
        other = sent(app, secretary, 20)
        end(other, "Ứng phó với bão số 12", actor=hoa)
        carry(app)
    for ahead in (timedelta(days=5), timedelta(0), timedelta(hours=-1)):  # the rungs of the ladder, one after another
        assert meeting.reply_by is not None and meeting.starts_at is not None
        with clock.stood_at((meeting.reply_by if ahead >= timedelta(0) else meeting.starts_at) - abs(ahead)):
            make.done()
            worker.chase()
            make.done()
    carry(app)
    handed_out(secretary)
    feed = calendar_links.address(calendar_links.make(None, actor=hoa))
    carry(app)
    handed_in(secretary)
    carry(app)
    return {feed}


def handed_out(secretary: User) -> None:
    """The conclusions of a conference that was held, on their way to the minister."""
    hoa, head = actor_of(secretary), actor_of(make.user(Role.APPROVER))
    begun = clock.wall(clock.now() - timedelta(days=3)).strftime("%Y-%m-%d %H:%M")
    held = make.meeting(status=Status.CLOSED, starts=begun, secretary=secretary, reply_by=None)
    close_roll(held)
    record = minutes.start(held, actor=hoa)
    blocks.add(record, Concluded("Dùng chung hạ tầng họp trực tuyến."), actor=hoa)
    life.submit(record, actor=hoa)
    life.approve(record, actor=head)
    leader = make.person("Lê Minh Khang")
    handing.issue(record, handing.Numbers(), [leader], [], actor=clerk())


def clerk() -> Actor:
    return actor_of(make.user(Role.RECORDS_CLERK))


def handed_in(secretary: User) -> None:
    """A draft that waits for its approval."""
    starts = clock.wall(day(18)).strftime("%Y-%m-%d %H:%M")
    draft = make.meeting(starts=starts, reply_by=None, rehearsal_at=day(17, 14), secretary=secretary)
    approval.submit(draft, day(15, 17), actor=actor_of(secretary))


def links_in(letter: Letter) -> set[str]:
    """Every address in any part of a letter: words, page, calendar, attachments that are text."""
    found: set[str] = set()
    for part in letter.message.walk():
        if part.get_content_maintype() in ("text", "application") and not part.is_multipart():
            octets = part.get_payload(decode=True)
            text = octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""
            found |= {html.unescape(link).rstrip(".,;)") for link in LINK.findall(re.sub(r"\r?\n[ \t]", "", text))}
    return found


def dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def hammered(url: str) -> None:
    """HEAD, and GET three times."""
    for method in ("HEAD", "GET", "GET", "GET"):
        status, _ = answer(url, method)
        assert status in (200, 302, 303, 410), (method, url, status)


def pressed(page: Page, url: str) -> int:
    """Open, wait, jump to its end, press every button once: as a hand would, and by script where that does not go."""
    opened(page, url)
    page.wait_for_timeout(WAIT)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    buttons = page.locator("button, input[type=submit], summary")
    count = buttons.count()
    for number in range(count):
        if number:
            opened(page, url)
        button = buttons.nth(number)
        if button.is_visible() and button.is_enabled():
            button.click(timeout=5000)
        else:
            button.evaluate("button => button.click()")
        page.wait_for_timeout(150)
    return count


def opened(page: Page, url: str) -> None:
    """The page, also where the button before is still on its way elsewhere."""
    for attempt in range(3):
        try:
            page.goto(url)
            return
        except Error as fault:
            cut_short = "ERR_ABORTED" in str(fault) or "interrupted by another navigation" in str(fault)
            assert cut_short and attempt < 2, fault


@pytest.mark.only("sqlite")
def test_a_hostile_scanner_leaves_the_database_as_it_was(
    app: Flask, instance: Path, served: str, secretary: User, open_browser: Open
) -> None:
    links = lived(app, secretary)
    letters = [Letter.read(path) for path in sorted((instance / "outbox").rglob("*.eml"))]
    kinds: dict[str, str] = {}  # one link of each kind of letter and of page
    for letter in letters:
        for link in links_in(letter):
            links.add(link)
            kinds.setdefault(f"{letter.path.name.partition('-')[0]} {re.sub(r'/[A-Za-z0-9_-]{24,}', '/…', link)}", link)
    print(len(letters), "letters,", len(links), "links,", sorted(kinds))
    told = {kind.partition(" ")[0] for kind in kinds}
    assert {"invitation", "change", "postponement", "cancellation", "reminder", "conclusions", "approval"} <= told, told
    doors = {link.removeprefix(HERE).split("/")[1] for link in links}
    assert {"m", "j", "v", "c", "meetings"} <= doors, doors
    make.done()
    db.session.remove()
    before = dump(instance / "house.db")

    begun = time.monotonic()
    for link in links:
        hammered(link.replace(HERE, served))
    chosen = links if PROVE else set(kinds.values())
    site_page = kinds[f"change {HERE}/m/…"]  # of the conference that is still to be held
    page = open_browser(served)
    buttons = 0
    for link in [*sorted(chosen), *(site_page + deeper for deeper in DEEPER)]:
        if "/c/" not in link:  # a file for a calendar program, no page
            buttons += pressed(page, link.replace(HERE, served))
    print(f"{len(chosen)} pages, {buttons} buttons in {time.monotonic() - begun:.0f} s")
    assert buttons >= 15
    assert dump(instance / "house.db") == before

    # a person turns the wheel: that is a hint that the page was seen, and the only one
    opened(page, site_page.replace(HERE, served))
    page.mouse.wheel(0, 400)
    until("the hint did not arrive", lambda: dump(instance / "house.db") != before, 20)
    changed = set(dump(instance / "house.db")) - set(before)
    assert {re.match(r'INSERT INTO "(\w+)"', line)[1] for line in changed} == {
        "invitation",
        "journal_change",
        "journal_entry",
        "journal_number",
        "journal_payload",
    }


@pytest.mark.prove
@pytest.mark.only("sqlite")
def test_a_gateway_that_opens_every_link_of_a_national_conference_changes_nothing(
    app: Flask, instance: Path, served: str, secretary: User
) -> None:
    """Scenario 12 to the letter: all 3,355 messages, HEAD and GET, every fourth link twice."""
    province = make.units()[make.NGHE_AN]
    sent(app, secretary, 14, [make.site(make.unit(f"7{n:04d}", parent=province)) for n in range(3355)])
    letters = [Letter.read(path) for path in sorted((instance / "outbox").rglob("*.eml"))]
    links = [link for letter in letters for link in sorted(links_in(letter))]
    assert len(letters) == 3355 and len(links) == len(set(links)) == 2 * 3355  # the page of the site, the way in
    asked = [(link, method) for link in links for method in ("HEAD", "GET")]
    asked += [(link, "GET") for link in links[::4]]
    random.Random(12).shuffle(asked)
    make.done()
    db.session.remove()
    before = dump(instance / "house.db")
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as gateway:
        told = Counter(gateway.map(lambda one: answer(one[0].replace(HERE, served), one[1])[0], asked))
    print(f"{len(asked):,} requests in {time.monotonic() - begun:.0f} s: {dict(told)}")
    assert set(told) == {200}
    assert dump(instance / "house.db") == before
