"""The join link: where it leads, when, and what whoever comes too early, too late or for nothing is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from config import BigBlueButton
from meetings import journal, links
from meetings.accounts.models import User
from meetings.adapters import platforms_of
from meetings.adapters.platforms import Capabilities, Failed, Occasion, Room, Seat, Why
from meetings.adapters.platforms.bigbluebutton import checksum
from meetings.database import db
from meetings.directory.models import Contact
from meetings.invitations import services as invitations
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSeries, MeetingSite, PlatformRoom
from meetings.scheduling.room_rules import RoomStatus
from meetings.scheduling.rules import Status
from meetings.worker import beside
from tests import make
from tests.adapters.test_platforms import SECRET, serving
from tests.conftest import Clock, settings
from tests.overview.conftest import everything
from tests.pages import Client

ROOM = "https://hop.example/147?a=1&b=2"


@pytest.fixture
def join(here: MeetingSite) -> str:
    here.meeting.platform_link = ROOM
    return make.joining(here)


class FakePlatform:
    """Makes rooms as it is told to: *says* is what it answers when the worker asks."""

    name = "bigbluebutton"
    capabilities = Capabilities(prepares=True, per_site_link=True)

    def __init__(self) -> None:
        self.says: Room | Failed | Exception = Room("room", {"created": "1"})
        self.asked: list[tuple[Occasion, Room | None]] = []

    def ensure_room(self, occasion: Occasion, known: Room | None) -> Room | Failed:
        self.asked.append((occasion, known))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def join_url(self, occasion: Occasion, room: Room | None, seat: Seat, **hours: Any) -> str:
        assert room is not None
        return f"https://bbb.example/{room.external_id}?c={room.details['created']}&s={seat.id}&l={seat.leads}"


@pytest.fixture
def platform(app: Flask) -> Iterator[FakePlatform]:
    fake, before = FakePlatform(), app.extensions["platforms"]
    app.extensions["platforms"] = {**before, fake.name: fake}
    yield fake
    app.extensions["platforms"] = before


@pytest.fixture
def prepared(app: Flask) -> Callable[[], int]:
    def work() -> int:
        db.session.commit()
        done = beside.prepare_rooms(app)
        db.session.rollback()
        db.session.expire_all()
        return done

    return work


# ------------------------------------------------------------------ the hours


def test_before_its_hour_the_link_says_when_the_room_opens_and_leads_nowhere(
    client: Client, here: MeetingSite, join: str, clock: Clock
) -> None:
    page = client.get(join)
    assert page.status_code == 200 and "hop.example" not in page.get_data(as_text=True)
    assert "Phòng họp chưa mở" in page.words and "tỉnh Nghệ An" in page.words
    assert "13 giờ 00" in page.words and "09/12/2026 để thử đường truyền lúc 14 giờ 00" in page.words
    assert "Refresh" not in page.headers
    assert not page.soup.select("a[href*='/m/']"), "who may join gets no further by it"
    clock.at("2026-12-10 06:59")
    page = client.get(join)
    assert "07 giờ 00" in page.words and "10/12/2026, trước giờ họp 60 phút" in page.words
    assert 20 <= int(page.headers["Refresh"]) < 40, "a minute before, the page asks by itself"
    clock.at("2026-12-10 07:00")
    assert client.get(join).location == ROOM


@pytest.mark.parametrize("at", ["2026-12-09 13:00", "2026-12-10 07:00", "2026-12-10 12:15"])
def test_inside_its_hours_the_link_leads_to_the_room_and_leaves_no_trace(
    client: Client, here: MeetingSite, join: str, clock: Clock, at: str
) -> None:
    clock.at(at)
    make.done()
    before = everything()
    for ask in (client.head, client.get, client.get, client.get):
        answer = ask(join)
        assert (answer.status_code, answer.location) == (303, ROOM)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in answer.headers
    client.options(join)
    assert client.post(join).status_code == 405
    assert everything() == before


@pytest.mark.parametrize(
    ("status", "at", "says"),
    [
        (Status.SCHEDULED, "2026-12-10 12:16", "Cuộc họp đã kết thúc"),
        (Status.CLOSED, "2026-12-10 11:00", "Cuộc họp đã kết thúc"),
        (Status.CANCELLED, "2026-12-10 07:30", "Cuộc họp đã hủy"),
        (Status.POSTPONED, "2026-12-10 07:30", "Cuộc họp đã hoãn"),
    ],
)
def test_a_meeting_that_is_over_or_off_says_so_and_whom_to_ring(
    client: Client, here: MeetingSite, join: str, clock: Clock, status: Status, at: str, says: str
) -> None:
    here.meeting.status = status
    clock.at(at)
    page = client.get(join)
    assert page.status_code == 200
    assert says in page.soup.h1.get_text() and "024 000 1234" in page.words
    assert "hop.example" not in page.get_data(as_text=True)


def test_a_meeting_in_session_lets_in_whoever_dropped_out_however_long_it_lasts(
    client: Client, here: MeetingSite, join: str, clock: Clock
) -> None:
    here.meeting.status = Status.IN_SESSION
    clock.at("2026-12-10 15:00")
    assert client.get(join).location == ROOM


def test_whose_room_is_not_named_is_told_so_and_who_dials_finds_the_string(
    client: Client, here: MeetingSite, join: str, clock: Clock
) -> None:
    clock.at("2026-12-10 07:30")
    here.meeting.platform_link = ""
    page = client.get(join)
    assert "Phòng họp chưa có đường dẫn" in page.words and "tel:0240001235" in page.get_data(as_text=True)
    here.meeting.dial_string = "147@10.1.2.3##1234"
    page = client.get(join)
    assert (
        "Quay số vào phòng họp" in page.words and page.soup.select_one("main code").get_text() == "147@10.1.2.3##1234"
    )


# ------------------------------------------------------------------ the same rules as the site's page


def _left(here: MeetingSite) -> None:
    db.session.query(Contact).filter_by(site_id=here.site_id).update({"valid_to": make.at("2026-12-02 08:00")})


@pytest.mark.parametrize(
    "undo",
    [
        lambda here: setattr(here, "removed_at", make.at("2026-12-01 08:00")),
        lambda here: setattr(make.invitation_of(here).link, "issue", 2),
        lambda here: setattr(make.invitation_of(here).link, "ended_at", make.at("2026-12-01 08:00")),
        lambda here: setattr(here.meeting, "ends_at", make.at("2026-12-01 08:00")),
        _left,
    ],
    ids=["removed site", "newer link", "link taken back", "seven days after", "officer left"],
)
def test_what_ends_the_sites_page_ends_its_join_link_in_the_same_words(
    client: Client, here: MeetingSite, join: str, link: str, clock: Clock, undo: Callable[[MeetingSite], None]
) -> None:
    clock.at("2026-12-10 07:30")
    assert client.get(join).location == ROOM
    undo(here)
    pages = [client.get(join), client.get(link)]
    assert [page.status_code for page in pages] == [410, 410]
    assert pages[0].words == pages[1].words and "024 000 1234" in pages[0].words
    for secret in (here.meeting.title, here.name, "hop.example"):
        assert secret not in pages[0].get_data(as_text=True)


def test_a_token_opens_only_what_it_was_made_for(
    client: Client, here: MeetingSite, join: str, link: str, clock: Clock
) -> None:
    clock.at("2026-12-10 07:30")
    id = make.invitation_of(here).link_id
    for purpose in ("m", "v", "t", "c"):
        assert client.get(f"/j/{links.token(purpose, id, 1)}").status_code == 410
    assert client.get(join.replace("/j/", "/m/")).status_code == 410
    assert client.get(f"/j/{links.token('j', id, 2)}").status_code == 410
    assert client.get(f"/j/{links.token('j', id + 1, 1)}").location == ROOM  # the other site's own


def test_who_guesses_join_links_is_told_to_wait_together_with_who_guesses_pages(
    client: Client, join: str, clock: Clock
) -> None:
    client.look = False
    clock.at("2026-12-10 07:30")
    answers = [client.get(f"/{'mj'[n % 2]}/{'x' * 30}{n:02d}").status_code for n in range(40)]
    assert answers[:29] == [410] * 29 and set(answers[29:]) == {429}
    assert client.get(join).status_code == 303


def test_a_letter_carries_the_join_link_and_whoever_reads_it_here_finds_it_covered(
    here: MeetingSite, join: str, link: str
) -> None:
    letter = invitations.reissue_link(make.invitation_of(here), actor=make.actor(here.meeting.secretary))
    assert letter is not None
    tokens = [address.rpartition("/")[2] for address in (make.joining(here), make.private(here))]
    carried = message_from_bytes(letter_box.eml(letter, hide=False))
    bodies = {part.get_content_type(): part.get_payload(decode=True) for part in carried.walk()}
    unfolded = {
        kind: (body or b"").replace(b"\r\n ", b"").decode() for kind, body in bodies.items() if kind.startswith("text/")
    }
    for kind in ("text/plain", "text/html", "text/calendar"):
        assert f"/j/{tokens[0]}" in unfolded[kind], kind
    shown = letter_box.readable(letter)
    covered = letter_box.eml(letter, hide=True).decode() + shown.text + shown.html + shown.calendar
    assert f"/j/{letter_box.HIDDEN}" in shown.text and not any(token in covered for token in tokens)


# ------------------------------------------------------------------ a platform that has to be asked


def test_the_link_waits_while_the_worker_prepares_the_room_and_then_leads_each_site_by_its_own_name(
    app: Flask, client: Client, here: MeetingSite, join: str, clock: Clock, platform: FakePlatform, prepared: Any
) -> None:
    here.meeting.platform = platform.name
    clock.at("2026-12-10 05:59")
    assert prepared() == 0
    clock.at("2026-12-10 07:00")
    page = client.get(join)
    assert "Đang chuẩn bị phòng họp" in page.words and platform.asked == [], "no platform is asked by a page"
    assert "Refresh" in page.headers and "Refresh" not in client.get(join + "?wait=no").headers
    assert prepared() == 1
    other = make.joining(make.sites_of(here.meeting)[1])
    assert client.get(join).location == f"https://bbb.example/room?c=1&s=site-{here.id}&l=False"
    assert client.get(other).location.endswith(f"s=site-{make.sites_of(here.meeting)[1].id}&l=False")
    (occasion, known), *_ = platform.asked
    assert occasion.key.startswith(here.meeting.code.lower()) and known is None
    assert prepared() == 0, "it is looked after once a minute"
    clock.forward(minutes=1)
    platform.says = Room("room", {"created": "2"})  # it had been empty, and was forgotten
    assert prepared() == 1 and platform.asked[-1][1] == Room("room", {"created": "1"})
    assert "c=2" in client.get(join).location
    assert [entry.fact for entry in journal.queries.of(here.meeting.code, fact="room")] == ["room.prepared"] * 2


def test_a_platform_that_fails_is_told_to_the_sites_and_to_those_who_can_help_and_tried_again(
    app: Flask,
    client: Client,
    browser: Any,
    here: MeetingSite,
    join: str,
    clock: Clock,
    platform: FakePlatform,
    prepared: Any,
    technician: User,
) -> None:
    meeting = here.meeting
    meeting.platform = platform.name
    clock.at("2026-12-10 07:30")
    platform.says = Failed(Why.UNREACHABLE)
    assert prepared() == 1
    page = client.get(join)
    assert "Chưa vào được phòng họp" in page.words and "tel:0240001235" in page.get_data(as_text=True)
    for who in (meeting.secretary, technician):
        words = browser(who).get(f"/meetings/{meeting.code}").words
        assert "Chưa tạo được phòng họp trên BigBlueButton: không kết nối được máy chủ." in words
        assert "dán đường dẫn của phòng đó" in words and "024 000 1235" in words
    board = browser(technician).get(f"/meetings/{meeting.code}/roll-call/live")
    assert "Chưa tạo được phòng họp trên BigBlueButton" in board.soup.select_one(".strip.warn a").parent.get_text()
    assert prepared() == 0
    platform.says = RuntimeError("nobody has thought of this")
    clock.forward(seconds=10)
    assert prepared() == 1
    platform.says = Failed(Why.BUSY, "HTTP 429", 300)
    clock.forward(seconds=20)
    assert prepared() == 1
    clock.forward(seconds=299)
    assert prepared() == 0, "it asked to be left alone for five minutes"
    platform.says = Room("room", {"created": "1"})
    clock.forward(seconds=1)
    assert prepared() == 1
    assert client.get(join).status_code == 303
    facts = [entry.fact for entry in journal.queries.of(meeting.code, fact="room")]
    assert facts == ["room.prepared", "room.failed"], "told once, however often it was tried"


def test_a_room_that_stands_is_entered_though_the_platform_stops_answering_us(
    client: Client, here: MeetingSite, join: str, clock: Clock, platform: FakePlatform, prepared: Any
) -> None:
    here.meeting.platform = platform.name
    clock.at("2026-12-10 07:30")
    assert prepared() == 1
    platform.says = Failed(Why.TOO_SLOW)
    for seconds in (60, 60, 60):
        clock.forward(seconds=seconds)
        prepared()
    assert client.get(join).status_code == 303, "people may be inside"
    platform.says = Failed(Why.ENDED, "forciblyEnded")
    clock.forward(minutes=2)
    prepared()
    assert "Chưa vào được phòng họp" in client.get(join).words


def test_a_room_that_moves_to_another_platform_takes_every_site_along_at_once(
    client: Client, browser: Any, here: MeetingSite, join: str, clock: Clock, platform: FakePlatform, prepared: Any
) -> None:
    meeting = here.meeting
    clock.at("2026-12-10 07:30")
    letters = db.session.query(Letter).count()
    desk = browser(meeting.secretary)
    path = f"/meetings/{meeting.code}"
    assert client.get(join).location == ROOM
    values = {"platform": platform.name, "platform_link": ROOM}
    assert "Đã lưu." in desk.submit(path, values, form="/room").words
    assert prepared() == 1
    assert "bbb.example" in client.get(join).location
    desk.submit(path, {"platform": "manual", "platform_link": "https://khac.example/9"}, form="/room")
    for site in make.sites_of(meeting):
        assert client.get(make.joining(site)).location == "https://khac.example/9"
    db.session.expire_all()
    assert db.session.query(PlatformRoom).one().status is RoomStatus.ENDED and prepared() == 0
    desk.submit(path, {"platform": platform.name}, form="/room")
    assert "Đang chuẩn bị" in client.get(join).words, "what was made before may be gone"
    assert prepared() == 1 and "bbb.example" in client.get(join).location
    assert desk.submit(path, {"platform": "zoom"}, form="/room").status_code == 422
    assert db.session.query(Letter).count() == letters


def test_an_answer_for_a_platform_that_was_left_meanwhile_is_dropped(
    here: MeetingSite, clock: Clock, platform: FakePlatform
) -> None:
    here.meeting.platform = platform.name
    clock.at("2026-12-10 07:30")
    db.session.flush()
    (wanted,) = rooms.due(make.clock.now())
    here.meeting.platform = "manual"
    rooms.keep(wanted, Room("room", {"created": "1"}), make.clock.now())
    assert db.session.query(PlatformRoom).count() == 0


def test_a_platform_that_the_settings_name_no_more_is_said_to_be_gone(
    client: Client, browser: Any, here: MeetingSite, join: str, clock: Clock
) -> None:
    here.meeting.platform = "bigbluebutton"
    clock.at("2026-12-10 07:30")
    assert "Chưa vào được phòng họp" in client.get(join).words
    desk = browser(here.meeting.secretary)
    assert "hệ thống này không còn được cài đặt" in desk.get(f"/meetings/{here.meeting.code}").words
    desk.submit(f"/meetings/{here.meeting.code}", {"platform_link": ROOM}, form="/room")
    assert client.get(join).location == ROOM


def test_a_platform_that_keeps_rooms_is_asked_as_soon_as_the_meeting_is_sent(
    here: MeetingSite, platform: FakePlatform, prepared: Any
) -> None:
    here.meeting.platform = platform.name
    platform.capabilities = Capabilities(prepares=True, ahead=True)
    assert prepared() == 1 and prepared() == 0


def test_the_whole_way_with_a_server_that_checks_every_signature_and_no_call_while_somebody_waits(
    app: Flask, client: Client, here: MeetingSite, join: str, clock: Clock, prepared: Any
) -> None:
    before = app.extensions["platforms"]
    here.meeting.platform = "bigbluebutton"
    clock.at("2026-12-10 07:00")
    try:
        with serving() as server:
            app.extensions["platforms"] = platforms_of(
                settings(Path(), "sqlite://", platforms=(BigBlueButton(server.url, SECRET),))
            )
            assert prepared() == 1
            asked = len(server.calls)
            addresses = [urlsplit(client.get(make.joining(site)).location) for site in make.sites_of(here.meeting)]
            assert len(server.calls) == asked, "a page asks nobody"
            for site, address in zip(make.sites_of(here.meeting), addresses, strict=True):
                query, _sep, signature = address.query.rpartition("&checksum=")
                assert checksum("join", query, SECRET) == signature
                values = dict(parse_qsl(query))
                assert (values["userID"], values["fullName"], values["role"]) == (
                    f"site-{site.id}",
                    site.name,
                    "VIEWER",
                )
                room = server.rooms[values["meetingID"]]
                assert values["createTime"] == room["createTime"]
        assert client.get(join).status_code == 303, "the server is away; the page does not wait for it"
    finally:
        app.extensions["platforms"] = before


def test_after_a_change_of_the_key_the_links_in_old_letters_open_until_their_grace_ends(
    app: Flask, client: Client, here: MeetingSite, join: str, link: str, clock: Clock
) -> None:
    clock.at("2026-12-10 07:20")
    old, until = app.extensions["config"].secret_key, make.at("2026-12-10 07:30")
    links.use("the key after the change, long enough", [(old, until)])
    try:
        assert client.get(join).location == ROOM
        page = client.get(link)
        assert make.joining(here) != join and page.soup.select_one(".room a.btn")["href"] == make.joining(here)
        assert client.submit(link + "/check-in", {"head_count": "3"}, follow=False).status_code == 303
        clock.at("2026-12-10 07:30")
        assert [client.get(address).status_code for address in (join, link)] == [410, 410]
        assert client.get(make.joining(here)).location == ROOM
    finally:
        links.use(old)


# ------------------------------------------------------------------ staff


def test_who_keeps_the_room_leads_it_and_enters_before_the_sites_and_others_do_not(
    client: Client,
    browser: Any,
    here: MeetingSite,
    join: str,
    clock: Clock,
    platform: FakePlatform,
    prepared: Any,
    leader: User,
    technician: User,
) -> None:
    path = f"/meetings/{here.meeting.code}/join"
    desk, reader = browser(here.meeting.secretary), browser(leader)
    assert desk.get(path).location == ROOM and reader.get(path).location.endswith("#video-room")
    here.meeting.platform = platform.name
    assert desk.get(path).location.endswith("#video-room")
    clock.at("2026-12-10 07:30")
    prepared()
    for who, leads in ((here.meeting.secretary, True), (technician, True), (leader, False)):
        assert browser(who).get(path).location == f"https://bbb.example/room?c=1&s=user-{who.id}&l={leads}"
    here.meeting.status = Status.CANCELLED
    assert browser(here.meeting.secretary).get(path).location.endswith("#video-room")


# ------------------------------------------------------------------ a series


def test_the_join_link_of_a_series_leads_to_the_date_that_is_on(
    client: Client, secretary: User, clock: Clock, series_of_three: list[Meeting]
) -> None:
    first = make.joining(make.sites_of(series_of_three[0])[0])
    for day, location in (
        ("07", "https://hop.example/0"),
        ("14", "https://hop.example/1"),
        ("21", "https://hop.example/2"),
    ):
        clock.at(f"2026-12-{day} 07:30")
        assert client.get(first).location == location
    clock.at("2026-12-15 09:00")
    assert "21/12/2026" in client.get(first).words
    clock.at("2026-12-20 07:30")
    make.invitation_of(make.sites_of(series_of_three[0])[0]).link.issue = 2
    assert client.get(first).status_code == 410, "taken back for the first date, it leads to none"
    make.invitation_of(make.sites_of(series_of_three[0])[0]).link.issue = 1
    clock.at("2026-12-28 09:30")
    assert "Cuộc họp đã kết thúc" in client.get(first).words
    clock.at("2026-12-28 09:31")
    assert client.get(first).status_code == 410


@pytest.fixture
def series_of_three(app: Flask, secretary: User) -> list[Meeting]:
    """Three Mondays from 7 December at 08:00, each with a room of its own."""
    made = [
        make.meeting(
            status=Status.SCHEDULED,
            secretary=secretary,
            starts=f"2026-12-{day} 08:00",
            minutes=90,
            platform_link=f"https://hop.example/{number}",
            rehearsal_at=None,
        )
        for number, day in enumerate(("07", "14", "21"))
    ]
    series = MeetingSeries(
        uid="series@hop.example",
        rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20261221",
        first_on=date(2026, 12, 7),
        starts=make.clock.wall(made[0].starts_at).time(),
        minutes_long=90,
        title=made[0].title,
        organiser_id=made[0].organiser_id,
        made_by="",
        made_at=make.clock.now() - timedelta(days=1),
    )
    db.session.add(series)
    db.session.flush()
    for one in made:
        one.series_id, one.series_on = series.id, make.clock.wall(one.starts_at).date()
    return made
