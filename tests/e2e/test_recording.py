"""A recording of a conference is sent from the browser in pieces; the line breaks, and it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from config import Speech
from meetings import adapters
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes.models import Recording
from meetings.minutes.recording_rules import RecordingStatus
from meetings.minutes.recordings import path_of
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide

Open = Callable[..., Page]
SOUND = b"ID3\x04" + bytes(range(256)) * 12_000  # three megabytes and some


@pytest.fixture
def page(app: Flask, served: str, open_browser: Open, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The transcripts of a meeting on a telephone, where a speech-to-text service is set up."""
    config = replace(adapters.config(), speech=Speech("http://127.0.0.1:9", "whisper-1"))
    monkeypatch.setitem(app.extensions, "config", config)
    monkeypatch.setitem(app.extensions, "listener", adapters.listener_of(config))
    hoa = make.user(Role.SECRETARY, email="hoa@bo.example")
    meeting = make.meeting(status=Status.CLOSED, secretary=hoa)
    code = meeting.code
    make.done()
    opened = open_browser(served, phone=True)
    journey.sign_in(opened, "hoa@bo.example", make.PASSWORD)
    opened.goto(f"/meetings/{code}/minutes/transcripts")
    return opened


def send(page: Page, file: Path) -> None:
    page.set_input_files("[name=r-file]", file)
    page.get_by_role("button", name=journey.vi("Send the recording")).click()


@pytest.mark.only("sqlite")
def test_a_recording_is_sent_in_pieces_and_goes_on_where_the_line_broke(page: Page, tmp_path: Path) -> None:
    file, none = tmp_path / "Họp.mp3", tmp_path / "none.mp3"
    file.write_bytes(SOUND)
    none.write_bytes(b"%PDF-1.7 no sound")
    # -- what is none is refused in a sentence that is read out, too
    send(page, none)
    told = page.locator("progress + p")
    expect(told).to_contain_text("không phải tệp ghi âm")
    expect(page.locator("#said")).to_contain_text("không phải tệp ghi âm")
    # -- nothing gets through after the first piece: it is said, and tried again
    sent: list[int] = []

    def breaking(route: Route) -> None:
        sent.append(1)
        route.continue_() if len(sent) == 1 else route.abort()

    page.route("**/recordings", breaking)
    send(page, file)
    expect(told).to_contain_text("Đường truyền bị gián đoạn")
    assert not inaccessible(page) and not too_wide(page)
    # -- she leaves the page and chooses the same file later: only what is missing is sent
    page.unroute("**/recordings")
    page.reload()
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    send(page, file)
    page.wait_for_url("**/recordings/*")
    assert len(posts) == 4, "the first piece again, by which the file is known, and three that were missing"
    one = db.session.query(Recording).one()
    assert one.status is RecordingStatus.WAITING
    assert path_of(one).read_bytes() == SOUND
