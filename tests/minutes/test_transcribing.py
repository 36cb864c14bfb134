"""Transcripts and recordings on their way into the minutes: a person says who speaks, reads, takes back; the chair forbids."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Speech
from meetings import adapters, worker
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.adapters import speech
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.journal.models import Entry
from meetings.minutes import blocks, life, queries, recordings, transcribing, transcript_queries
from meetings.minutes.models import Record, Recording, Statement, Transcript
from meetings.minutes.recording_rules import HEAD, Fault, RecordingStatus, kind_of, retry_at
from meetings.overview import history
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Secrecy
from meetings.web import bodies
from tests import make
from tests.conftest import Clock
from tests.listener import HEARD, Listener
from tests.pages import Client

TEAMS = """WEBVTT

00:00:10.000 --> 00:00:14.000
<v Lê Minh Khang>Tôi tuyên bố khai mạc hội nghị.</v>

00:40:00.000 --> 00:40:05.000
<v Diem cau Nghe An>Nghệ An đề nghị hướng dẫn &amp; giao chỉ tiêu.</v>

00:40:06.000 --> 00:40:09.000
<v Diem cau Nghe An>Xin hết.</v>

00:41:00.000 --> 00:41:02.000
<v Nguyễn Văn Lộc (Sở Nội vụ)>Tôi bổ sung một ý.</v>

00:42:00.000 --> 00:42:02.000
<v Phiên dịch>Thank you.</v>
"""
MP3 = b"ID3\x04" + bytes(range(256)) * 1200


def place(meeting: Meeting, more: str = "") -> str:
    return f"/meetings/{meeting.code}/minutes/transcripts{more}"


@pytest.fixture
def loc(held: Meeting) -> Delegate:
    """Somebody on the roster of Nghệ An."""
    there = make.sites_of(held)[0]
    made = Delegate(
        meeting_site_id=there.id, position=1, honorific="Ông", name="Nguyễn Văn Lộc", title="Giám đốc Sở Nội vụ"
    )
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def taken(begun: Record, loc: Delegate, hoa: Actor) -> Transcript:
    """A transcript of Teams that counts from the opening."""
    return transcribing.take(begun.meeting, TEAMS.encode(), "Hop.vtt", begun.meeting.starts_at, actor=hoa)


def facts(meeting: Meeting) -> list[str]:
    rows = db.session.scalars(sa.select(Entry).where(Entry.root == meeting.code).order_by(Entry.id))
    return [history.told(row) for row in rows if row.fact.startswith(("transcript.", "recording."))]


def said(record: Record) -> list[tuple[int, str, str, str, bool]]:
    """(agenda item, speaker, site, text, machine-made) of all statements."""
    rows = queries.written(record)
    return [
        (place, one.speaker, one.site, one.text, one.machine_made)
        for place, item in enumerate(rows.items, 1)
        for one in rows.said(item)
    ]


def chosen(page: Any, name: str) -> str:
    """What stands chosen for the voice *name*."""
    field = next(
        one for one in page.soup.find_all("fieldset") if one.legend and one.legend.get_text(strip=True) == name
    )
    return str(field.find("input", checked=True)["value"])


def test_a_clerk_takes_a_file_says_who_speaks_and_puts_it_below_what_is_written(
    browser: Callable[..., Client], begun: Record, loc: Delegate, secretary: User, hoa: Actor
) -> None:
    meeting, client = begun.meeting, browser(secretary)
    item = queries.written(begun).items[0]  # the opening took until 08:50
    db.session.add(Statement(item_id=item.id, position=1, text="Viết tay.", speaker="Bà Hoa"))
    there = make.sites_of(meeting)[0]
    form = {"t-file": (io.BytesIO(TEAMS.encode()), "Họp.vtt"), "t-day": "10/12/2026", "t-at": "08:00:00"}
    page = client.submit(place(meeting), form)
    assert page.status_code == 200 and "Đã nhận bản gỡ băng" in page.words
    path = page.request.path
    # suggestions: the chair by name, the site by likeness, the delegate by the roster; nothing counts yet
    assert chosen(page, "Lê Minh Khang") == "chair"
    assert chosen(page, "Diem cau Nghe An") == f"s-{there.id}"
    assert chosen(page, "Nguyễn Văn Lộc (Sở Nội vụ)") == f"d-{loc.id}"
    assert chosen(page, "Phiên dịch") == "later"
    assert "Đưa toàn bộ vào" not in client.get(path).words, "nobody settled: nothing to choose"
    assert client.post(f"{path}/place", data={"all": "yes"}).status_code == 422
    voices = {voice.name: voice.id for voice in db.session.query(Transcript).one() and transcript_queries.voices(
        db.session.query(Transcript).one())}  # fmt: skip
    page = client.submit(path, {f"v-{voices['Phiên dịch']}": "out"}, form="voices")
    assert "Đã xác định 4 người nói" in page.words
    keys = [box["value"] for box in page.soup.find_all("input", {"name": "passage"})]
    assert len(keys) == 3, "the interpreter is left out"
    page = client.submit(path, {"passage": keys[1:]}, form="place")
    assert "Đã đưa 2 ý kiến vào biên bản" in page.words
    db.session.expire_all()
    stands = said(begun)
    assert stands[0][3] == "Viết tay."
    assert [row[1:] for row in stands[1:]] == [
        ("", there.name, "Nghệ An đề nghị hướng dẫn & giao chỉ tiêu. Xin hết.", True),
        ("Ông Nguyễn Văn Lộc, Giám đốc Sở Nội vụ", there.name, "Tôi bổ sung một ý.", True),
    ]
    assert db.session.query(Statement).filter_by(delegate_id=loc.id, meeting_site_id=there.id).count() == 1
    editor = client.get(f"/meetings/{meeting.code}/minutes?item={item.id}")
    assert "do máy ghi – chưa đọc lại" in editor.words
    # all of it: what stands there is not put in twice
    assert "Đã đưa 1 ý kiến" in client.submit(path, {"all": "yes"}, form="place").words
    assert "Đưa toàn bộ vào" not in client.get(path).words
    assert client.post(f"{path}/place", data={"all": "yes"}).status_code == 422
    raw = client.get(f"{path}/file").get_data()
    assert raw == TEAMS.encode(), "the file is kept as it came"
    again = client.submit(place(meeting), {**form, "t-file": (io.BytesIO(TEAMS.encode()), "x.vtt")})
    assert again.status_code == 422, "the same file is taken once"
    assert any("Đã đưa 2 ý kiến của bản gỡ băng “Họp.vtt”" in line for line in facts(meeting))


def settled(one: Transcript, hoa: Actor) -> None:
    from meetings.minutes.voice_offers import Settled

    transcribing.settle(one, [Settled(v.id, speaker=v.name) for v in transcript_queries.voices(one)], actor=hoa)


def everything(one: Transcript) -> set[int]:
    return {turn.position for turn in transcript_queries.turns(one)}


def test_what_nobody_has_read_is_taken_back_and_never_submitted(taken: Transcript, begun: Record, hoa: Actor) -> None:
    settled(taken, hoa)
    assert transcribing.place(taken, begun, everything(taken), actor=hoa) == 4
    with pytest.raises(Refused, match="4 ý kiến do máy ghi|4 statements were written"):
        life.submit(begun, actor=hoa)
    row = next(row for row in db.session.query(Statement) if "khai mạc" in row.text)
    page = blocks.Page(id=row.id, edition=row.edition, item=row.item)
    blocks.save(begun, page, blocks.Spoken(row.text + " Mời các đại biểu.", speaker=row.speaker), actor=hoa)
    assert transcribing.take_back(taken, begun, actor=hoa) == 3
    assert [(text, machine) for _i, _s, _p, text, machine in said(begun)] == [
        ("Tôi tuyên bố khai mạc hội nghị. Mời các đại biểu.", False)
    ], "what a person has read stays"
    assert transcribing.place(taken, begun, everything(taken), actor=hoa) == 3, "and is not put in once more"
    assert transcribing.withdraw(taken, actor=hoa) == 3
    with pytest.raises(Refused):
        transcribing.place(taken, begun, everything(taken), actor=hoa)
    assert len(said(begun)) == 1
    life.submit(begun, actor=hoa)
    other = transcribing.take(begun.meeting, TEAMS.encode(), "x.vtt", begun.meeting.starts_at, actor=hoa)
    settled(other, hoa)
    with pytest.raises(Refused):  # submitted minutes are changed by nobody
        transcribing.place(other, begun, everything(other), actor=hoa)


def test_the_clock_decides_under_which_agenda_item_and_voices_can_be_taken_back(
    taken: Transcript, begun: Record, hoa: Actor
) -> None:
    from meetings.minutes.voice_offers import Settled

    items = transcript_queries.headings(taken.meeting, begun)
    before = [passage.item for passage in transcript_queries.passages(taken, items)]
    transcribing.set_time(taken, taken.started_at + timedelta(hours=9), actor=hoa)
    last = len(items) - 1
    assert last not in before and {passage.item for passage in transcript_queries.passages(taken, items)} == {last}
    settled(taken, hoa)
    voice = transcript_queries.voices(taken)[0]
    assert transcribing.settle(taken, [Settled(voice.id, taken_back=True)], actor=hoa) == 1
    with pytest.raises(Refused) as refused:
        transcribing.place(taken, begun, everything(taken), actor=hoa)
    assert refused.value.status == 422 and not said(begun)


# ------------------------------------------------------------------ forbidden


def test_a_meeting_that_forbids_it_takes_nothing_and_stops_what_is_under_way(
    browser: Callable[..., Client],
    taken: Transcript,
    begun: Record,
    hoa: Actor,
    secretary: User,
    approver: User,
    heard: Any,
) -> None:
    meeting = begun.meeting
    settled(taken, hoa)
    one = heard.hand_in(meeting, hoa)
    make.done()
    page = browser(approver).submit(
        place(meeting), {"allowed": "no", "decided_by": "Ông Lê Minh Khang"}, form="decision"
    )
    assert "Ông Lê Minh Khang đã quyết định không ghi âm" in page.words and "t-file" not in page.text
    db.session.expire_all()
    assert (one.status, one.fault) == (RecordingStatus.CALLED_OFF, Fault.FORBIDDEN)
    assert heard.work() == 0 and not heard.listener.asked
    assert one.deleted_at is not None and not recordings.path_of(one).exists(), "its file is deleted"
    client = browser(secretary)
    form = {
        "t-file": (io.BytesIO(b"WEBVTT\n\n00:01.000 --> 00:02.000\nx"), "x.vtt"),
        "t-day": "10/12/2026",
        "t-at": "08:00",
    }
    refused = client.post(place(meeting), data=form)
    assert refused.status_code == 409 and "không ghi âm" in refused.words
    sound = {"r-file": (io.BytesIO(MP3), "x.mp3"), "r-day": "10/12/2026", "r-at": "08:00"}
    assert client.post(place(meeting).replace("transcripts", "recordings"), data=sound).status_code == 409
    with pytest.raises(Refused):
        transcribing.place(taken, begun, everything(taken), actor=hoa)
    draft = client.get(place(meeting, f"/{taken.id}"))
    assert draft.status_code == 200, "the draft can still be looked at"
    assert not draft.soup.select("form[action$='/voices'], .decide-bar"), "and nothing more is done with it"
    assert client.post(place(meeting, f"/{taken.id}/voices")).status_code == 409
    assert any("Ông Lê Minh Khang không cho phép ghi âm" in line for line in facts(meeting))
    recordings.decide(meeting, True, "Ông Khang", "Công văn 12", actor=hoa)
    assert transcribing.place(taken, begun, everything(taken), actor=hoa) == 4


def test_a_meeting_for_internal_use_is_forbidden_until_the_chair_allows_it(held: Meeting, hoa: Actor) -> None:
    held.secrecy = Secrecy.INTERNAL
    with pytest.raises(Refused) as refused:
        transcribing.take(held, TEAMS.encode(), "x.vtt", now(), actor=hoa)
    assert "lưu hành nội bộ" in str(refused.value.message)
    recordings.decide(held, True, "Ông Lê Minh Khang", "", actor=hoa)
    assert transcribing.take(held, TEAMS.encode(), "x.vtt", now(), actor=hoa).id


# ------------------------------------------------------------------ recordings


class House:
    """This installation with a speech-to-text service."""

    def __init__(self, app: Flask, listener: Listener) -> None:
        self.app, self.listener = app, listener

    def hand_in(self, meeting: Meeting, who: Actor, data: bytes = MP3, name: str = "Họp.mp3") -> Recording:
        return recordings.take_whole(meeting, name, io.BytesIO(data), meeting.starts_at or now(), actor=who)

    def work(self) -> int:
        """One pass of the worker; returns how many were asked."""
        db.session.commit()
        done = worker.recordings.hear(self.app)
        worker.recordings.sweep(self.app)
        db.session.expire_all()
        return done


@pytest.fixture
def heard(app: Flask, instance: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    listener = Listener()
    monkeypatch.setattr(speech, "_LOOK", 0.02)
    monkeypatch.setitem(app.extensions, "listener", speech.Service(listener.url, "whisper", wait=2, connect=0.5))
    changed = {**adapters.config().__dict__, "speech": Speech(listener.url, "whisper"), "recording_most": 4_000_000}
    monkeypatch.setitem(app.extensions, "config", type(adapters.config())(**changed))
    yield House(app, listener)
    listener.stop()


def test_a_recording_comes_in_pieces_from_where_it_stopped_and_is_written_down(
    browser: Callable[..., Client], heard: House, begun: Record, secretary: User
) -> None:
    meeting, client = begun.meeting, browser(secretary)
    url = place(meeting).replace("transcripts", "recordings")

    def send(at: int, end: int, id: int | None = None) -> Any:
        fields = {"r-day": "10/12/2026", "r-at": "08:00:00", "at": str(at), "size": str(len(MP3))}
        fields |= {"id": str(id)} if id else {}
        return client.post(url, data={**fields, "r-file": (io.BytesIO(MP3[at:end]), "Họp.mp3")}).get_json()

    first = send(0, 100_000)
    assert (first["at"], first["to"]) == (100_000, "")
    assert send(200_000, 300_000, first["id"])["at"] == 100_000, "a piece that leaves a hole is left aside"
    # the line broke; the same file is chosen again and goes on from there
    resumed = send(0, 100_000)
    assert (resumed["id"], resumed["at"]) == (first["id"], 100_000)
    last = send(100_000, len(MP3), first["id"])
    assert last["at"] == len(MP3) and last["to"].endswith(f"/recordings/{first['id']}")
    page = client.get(last["to"])
    assert "chờ chuyển thành văn bản" in page.words
    assert heard.work() == 1
    assert heard.listener.files == [MP3]
    one = db.session.query(Recording).one()
    assert (one.status, one.fault, len(one.sha256)) == (RecordingStatus.HEARD, "", 64)
    made = db.session.query(Transcript).one()
    assert [turn.text for turn in transcript_queries.turns(made)] == ["Kính thưa các đồng chí.", "Tôi xin báo cáo."]
    assert json.loads(transcript_queries.file_of(made)) == HEARD
    assert client.get(last["to"] + "/state").get_json()["done"]
    assert (
        client.post(
            url, data={"r-file": (io.BytesIO(MP3), "x.mp3"), "r-day": "10/12/2026", "r-at": "08:00"}
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("data", "why", "status"),
    [
        (b"", "Tệp", 422),
        (b"%PDF-1.7 no sound", "không phải tệp ghi âm", 422),
        (MP3 + b"\0" * 4_000_000, "Tệp quá lớn", 413),
    ],
)  # fmt: skip
@pytest.mark.only("sqlite")
def test_a_recording_that_cannot_be_taken_says_why(
    browser: Callable[..., Client], heard: House, held: Meeting, secretary: User, data: bytes, why: str, status: int
) -> None:
    form = {"r-file": (io.BytesIO(data), "x.mp3"), "r-day": "10/12/2026", "r-at": "08:00"}
    page = browser(secretary).submit(place(held), form)
    assert page.status_code == status and why in page.words


@pytest.mark.only("sqlite")
def test_a_full_disk_is_said_before_and_while_it_fills(
    browser: Callable[..., Client],
    heard: House,
    held: Meeting,
    secretary: User,
    hoa: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "LARGE", 1_000)
    monkeypatch.setattr(bodies, "free", lambda _where: 10)
    form = {"r-file": (io.BytesIO(MP3), "x.mp3"), "r-day": "10/12/2026", "r-at": "08:00"}
    page = browser(secretary).post(place(held).replace("transcripts", "recordings"), data=form)
    assert page.status_code == 507 and "đã đầy" in page.words
    with pytest.raises(Refused) as refused:
        heard.hand_in(held, hoa)
    assert refused.value.status == 507
    assert not list(recordings.where().iterdir())
    monkeypatch.undo()
    with (recordings.where() / f"body-{held.code}-4000000-x7").open("wb") as file:
        file.truncate(1_500_000)
    assert "Đã nhận 1,4 MB trong 3,8 MB" in browser(secretary).get(place(held)).words, "how much has come in so far"


@pytest.mark.parametrize(
    ("answer", "fault", "tried_again"),
    [
        ((500, b'{"error": {"message": "out of memory"}}'), Fault.BROKEN, True),
        ((503, b""), Fault.BUSY, True),
        ((400, b"no such model"), Fault.REFUSED, False),
        ((413, b""), Fault.TOO_LARGE, False),
        ((200, b'{"segments": [{"start": 0'), Fault.ODD_ANSWER, False),
        ((200, b"<html>sign in</html>"), Fault.ODD_ANSWER, False),
        ((200, b'{"text": "", "segments": []}'), Fault.NO_WORDS, False),
    ],
)  # fmt: skip
@pytest.mark.only("sqlite")
def test_what_the_service_could_not_do_is_told_in_its_words_and_tried_again_where_that_helps(
    heard: House, held: Meeting, hoa: Actor, clock: Clock, answer: tuple[int, bytes], fault: Fault, tried_again: bool
) -> None:
    heard.listener.answer = lambda: answer
    one = heard.hand_in(held, hoa)
    assert heard.work() == 1
    assert one.fault == fault and (one.status is RecordingStatus.WAITING) is tried_again
    if not tried_again:
        assert one.status is RecordingStatus.FAILED and heard.work() == 0
        recordings.again(one, actor=hoa)
    else:
        assert heard.work() == 0, "not before its time"
        clock.forward(minutes=2)
    heard.listener.answer = lambda: (200, b"WEBVTT\n\n00:01.000 --> 00:02.000\nxin ch\xc3\xa0o")
    assert heard.work() == 1
    assert (one.status, one.fault) == (RecordingStatus.HEARD, "")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("forbidden", [True, False])
def test_a_recording_that_is_called_off_while_it_is_heard_leaves_nothing(
    heard: House, held: Meeting, hoa: Actor, app: Flask, forbidden: bool
) -> None:
    one = heard.hand_in(held, hoa)
    id, its = held.id, one.id
    db.session.commit()

    def forbid() -> tuple[int, bytes]:
        with app.app_context():
            if forbidden:
                recordings.decide(db.session.get(Meeting, id), False, "Ông Khang", "", actor=hoa)
            else:
                recordings.call_off(db.session.get(Recording, its), actor=hoa)
            db.session.commit()
        return 200, json.dumps(HEARD).encode()

    heard.listener.answer = forbid
    assert heard.work() == 1
    assert one.status is RecordingStatus.CALLED_OFF and one.deleted_at is not None
    assert not db.session.query(Transcript).count() and not list(recordings.where().iterdir())


@pytest.mark.only("sqlite")
def test_files_go_when_their_days_are_over_and_strays_with_them(
    heard: House, held: Meeting, hoa: Actor, clock: Clock
) -> None:
    one = heard.hand_in(held, hoa)
    half = recordings.begin(held, "y.wav", 9_999, b"RIFF\0\0\0\0WAVE", now(), actor=hoa)
    recordings.add_piece(half, 0, b"RIFF\0\0\0\0WAVE", actor=hoa)
    heard.work()
    assert recordings.path_of(one).exists() and recordings.path_of(half).exists()
    clock.forward(days=3)
    heard.work()
    assert half.fault == Fault.NEVER_CAME and not recordings.path_of(half).exists()
    clock.forward(days=28)
    heard.work()
    assert one.deleted_at is not None and not recordings.path_of(one).exists()
    assert any("Đã xóa tệp ghi âm “Họp.mp3”" in line for line in facts(held))


def test_a_worker_that_was_killed_or_sent_home_leaves_the_recording_to_the_next(
    heard: House, held: Meeting, hoa: Actor
) -> None:
    one = heard.hand_in(held, hoa)
    db.session.commit()
    heard.listener.answer = lambda: "silence"
    assert worker.recordings.hear(heard.app, lambda: True) == 1
    db.session.expire_all()
    assert (one.status, one.attempts) == (RecordingStatus.WAITING, 0), "to go home is no fault of the file"
    one.status = RecordingStatus.ASKED  # as a worker that was killed left it
    heard.listener.answer = lambda: (200, json.dumps(HEARD).encode())
    assert heard.work() == 1 and one.status is RecordingStatus.HEARD


def test_without_a_service_the_page_says_so(
    browser: Callable[..., Client], held: Meeting, secretary: User, administrator: User
) -> None:
    page = browser(secretary).get(place(held))
    assert "chưa cấu hình dịch vụ chuyển tiếng nói" in page.words and "r-file" not in page.text
    settings = browser(administrator).get("/settings/speech")
    assert settings.status_code == 200 and "Đặt SPEECH_URL" in settings.words


def test_the_first_bytes_say_what_a_file_is_and_patience_grows() -> None:
    heads = {
        b"ID3\x03": "mp3", b"\xff\xfb\x90": "mp3", b"\xff\xf3": "mp3", b"fLaC": "flac", b"OggS": "ogg",
        b"\x1aE\xdf\xa3\x01\0\0\0\x42\x82\x84webm": "webm", b"RIFF\0\0\0\0WAVE": "wav", b"\0\0\0\x20ftypM4A ": "m4a",
        b"\0\0\0\x20ftypisom": "mp4", b"RIFF\0\0\0\0AVI ": "", b"\0\0\0\x20ftypheic": "", b"\xff\xff": "mp3",
        b"\xff\xd8\xff\xe0": "", b"<html>": "", b"": "",
    }  # fmt: skip
    assert {head: kind_of(head) for head in heads} == heads
    at = make.at("2026-12-10 08:00")
    waits = [retry_at(n, at) for n in range(1, 6)]
    assert waits[-1] is None and waits[:-1] == sorted(one for one in waits if one) and HEAD
