from __future__ import annotations

import json
from datetime import timedelta

import pytest
import structlog
from gunicorn.config import Config

from meetings import log
from meetings.links import PURPOSES


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    structlog.get_logger("worker").warning("letter held", site="Huế\nx")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["site"], said["level"]) == ("letter held", "Huế\nx", "warning")
    assert said["at"].endswith("Z")


def test_a_traceback_keeps_the_values_of_its_variables_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    token = "tO" + "kEn"
    try:
        raise ValueError("the reason")
    except ValueError:
        structlog.get_logger("web").exception("request failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "Traceback" in json.loads(line)["exception"]
    assert "the reason" in line
    assert token not in line


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_token_of_a_private_link_is_masked(purpose: str) -> None:
    assert log.masked(f"/{purpose}/geheim/reply") == f"/{purpose}/…/reply"
    assert log.masked(f"/{purpose}/geheim") == f"/{purpose}/…"
    assert log.masked(f"GET /{purpose}/geheim%2D1?a=1 HTTP/1.1") == f"GET /{purpose}/…?a=1 HTTP/1.1"
    assert log.masked(f'"https://hop.example/{purpose}/geheim.ics"') == f'"https://hop.example/{purpose}/…"'


def test_other_addresses_are_logged_as_they_are() -> None:
    for address in ("/meetings/HN-2026-0001", "/m", "/static/m.css", "m/geheim"):
        assert log.masked(address) == address


def test_a_link_is_masked_whichever_line_brings_it_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    said = structlog.get_logger("web")
    said.warning("GET /m/geheim", referer="https://hop.example/v/geheim")
    try:
        raise ValueError("no room at /j/geheim")
    except ValueError:
        said.exception("failed")
    written = capsys.readouterr().err
    assert "geheim" not in written and "/m/…" in written and "/v/…" in written


def test_the_servers_own_lines_keep_no_link(caplog: pytest.LogCaptureFixture) -> None:
    quiet = Config()
    quiet.set("accesslog", "-")
    server = log.ServerLog(quiet)
    server.access_log.addHandler(caplog.handler)
    server.error_log.addHandler(caplog.handler)
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": "/m/geheim/reply?a=1", "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": "/m/geheim/reply",
        "HTTP_REFERER": "https://hop.example/j/geheim",
    }  # fmt: skip
    answer = type("Answer", (), {"status": "200 OK", "sent": 1, "headers": [("Location", "/j/geheim")]})()
    asked = type("Request", (), {"headers": [("REFERER", "https://hop.example/j/geheim")]})()
    server.access(answer, asked, environ, timedelta(seconds=1))
    server.warning("Invalid request %s", "/m/geheim")
    try:
        raise ValueError("/v/geheim")
    except ValueError:
        server.exception("Error handling request %s", "/m/geheim")
    assert len(caplog.records) == 3
    shown = [caplog.handler.format(record) for record in caplog.records]
    assert not [line for line in shown if "geheim" in line] and "/m/…/reply" in shown[0]
