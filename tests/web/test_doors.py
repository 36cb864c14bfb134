"""How a request comes in and goes out: headers, refusals, failures, and what each leaves in the database."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request

from meetings.accounts.access import public
from meetings.accounts.models import User
from meetings.clock import now
from meetings.database import db
from meetings.errors import Gone, Refused
from meetings.journal.models import Heartbeat
from meetings.web import doors
from tests import make


def traces() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Heartbeat.name).order_by(Heartbeat.name)))


@pytest.fixture
def behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a view of the test's own behind an address of the product: ``behind("POST", view)`` gives the address."""

    def put(method: str, view: Any) -> str:
        for rule in app.url_map.iter_rules():
            marks = getattr(app.view_functions[rule.endpoint], "who_may_see", "")
            if method in (rule.methods or ()) and not rule.arguments and marks == "public":
                usual = app.view_functions[rule.endpoint]

                def put_in(usual: Any = usual) -> Any:
                    return view() if request.method == method else usual()

                monkeypatch.setitem(app.view_functions, rule.endpoint, public(put_in))
                return rule.rule
        raise AssertionError(f"no public address takes {method}")

    return put


def writes(name: str = "trace") -> None:
    db.session.add(Heartbeat(name=name, at=now()))
    db.session.flush()


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/healthz", "/static/app.css", "/m/" + "A" * 38])
def test_every_answer_carries_the_headers_that_keep_it_safe(client: Any, path: str) -> None:
    answer = client.get(path)
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_page_is_kept_by_nobody_and_a_style_sheet_may_be(client: Any) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/static/app.css").headers.get("Cache-Control", "")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(secretary: User, client: Any) -> None:
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"email": secretary.email, "password": make.PASSWORD})
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("diemcau="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_over_https_the_browser_is_told_to_stay_there(client: Any) -> None:
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    assert "Strict-Transport-Security" in client.get("/sign-in", base_url="https://hop.example").headers


# ------------------------------------------------------------------ bodies that are no text


@pytest.mark.parametrize(
    "typed", ["a%ED%A0%80b", "%ed%a0%80", "%C3", "%A1", "%E1%BB", "%C0%80", "%F4%90%80%80", "%E1%C3%A1"]
)
def test_a_form_that_is_not_utf_8_is_refused(client: Any, behind: Any, typed: str) -> None:
    address = behind("POST", lambda: pytest.fail(f"read as {request.form['a']!r}"))
    client.get("/sign-in")
    data = f"csrf_token={client.token}&a={typed}".encode()
    answer = client.post(address, data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400 and "Không đọc được yêu cầu này." in answer.words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%25ED%25A0%2580", "%ED%A0%80"),
        ("%E1%BB%87+%c3%a1+%F0%9F%98%80", "ệ á 😀"),
        ("%EF%BF%BF", "\uffff"),
        ("", ""),
    ],
)
def test_a_form_of_whatever_text_is_read(client: Any, behind: Any, typed: str, read: str) -> None:
    address = behind("POST", lambda: request.form["a"])
    client.get("/sign-in")
    data = f"csrf_token={client.token}&a={typed}".encode()
    answer = client.post(address, data=data, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, read)


# ------------------------------------------------------------------ what is not there or not so


def test_a_page_that_is_not_there_says_so(client: Any) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404 and "Không tìm thấy trang này." in answer.words


def test_a_page_asked_for_in_the_wrong_way_says_so(client: Any) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405 and answer.soup.find("h1")


def test_an_error_page_speaks_the_readers_language(client: Any) -> None:
    client.set_cookie("locale", "en", domain="localhost")
    assert "There is no such page." in client.get("/no-such-page").words


def test_a_program_is_answered_in_json(client: Any) -> None:
    answer = client.get("/no-such-page", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json == {"error": "Không tìm thấy trang này."}
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize("host", ["evil.example", "hop.example.evil.example", "hop.example:99999", "", "a b"])
def test_a_name_we_do_not_answer_to_is_refused(client: Any, host: str) -> None:
    client.look = False
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["hop.example", "127.0.0.1:8000", "localhost"])
def test_our_own_names_are_answered_to(client: Any, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/meetings/%ff%fe",
        "/m/%ed%a0%80",
        "/meetings/%00",
        "/search?q=%00",
        "/meetings/HN%00",
        "/search?q=%ff",
        "/" + "a" * 9000,
    ],
)
def test_an_odd_address_is_refused_and_breaks_nothing(secretary: User, browser: Any, path: str) -> None:
    answer = browser(secretary, look=False).get(path)
    assert answer.status_code < 500


def test_fifty_megabytes_are_refused_before_they_are_read(secretary: User, browser: Any) -> None:
    client = browser(secretary)
    data = {"file": (io.BytesIO(b"x" * 50_000_000), "big.xlsx"), "csrf_token": "x"}
    answer = client.post("/directory/import", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413 and "10 MB" in answer.words


def test_a_flood_of_small_fields_is_refused(client: Any) -> None:
    client.look = False
    answer = client.post("/sign-in", data="&".join(f"f{i}=" + "x" * 400 for i in range(30_000)).encode(),
                         content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert 400 <= answer.status_code < 500


# ------------------------------------------------------------------ forms


def test_a_form_without_its_token_is_refused_and_changes_nothing(behind: Any, client: Any) -> None:
    path = behind("POST", lambda: (writes(), "written")[1])
    answer = client.post(path, data={"a": "b"}, with_token=False)
    assert answer.status_code == 400
    assert "tải lại" in answer.words.lower()
    assert traces() == []


def test_a_form_with_the_token_of_somebody_else_is_refused(behind: Any, browser: Any) -> None:
    other = browser()
    other.get("/sign-in")
    path = behind("POST", lambda: (writes(), "written")[1])
    answer = browser().post(path, data={"csrf_token": other.token}, with_token=False)
    assert answer.status_code == 400 and traces() == []


def test_a_form_without_its_token_is_refused_in_json_too(behind: Any, client: Any) -> None:
    path = behind("POST", lambda: "written")
    answer = client.post(path, data={}, with_token=False, headers={"Accept": "application/json"})
    assert answer.status_code == 400 and answer.json["error"]


# ------------------------------------------------------------------ the commit at the door


def test_a_request_that_succeeded_commits(behind: Any, client: Any) -> None:
    client.look = False
    assert client.post(behind("POST", lambda: (writes(), "written")[1])).status_code == 200
    assert traces() == ["trace"]


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500])
def test_a_request_that_did_not_succeed_commits_nothing(behind: Any, client: Any, status: int) -> None:
    client.look = False
    assert client.post(behind("POST", lambda: (writes(), ("no", status))[1])).status_code == status
    assert traces() == []


def test_a_refusal_is_shown_with_its_status_and_commits_nothing(behind: Any, client: Any) -> None:
    def refuses() -> str:
        writes()
        raise Refused("Cuộc họp đã bắt đầu.", status=409)

    answer = client.post(behind("POST", refuses))
    assert answer.status_code == 409 and "Cuộc họp đã bắt đầu." in answer.words
    assert traces() == []


def test_a_refusal_is_told_to_a_program_in_json(behind: Any, client: Any) -> None:
    def refuses() -> str:
        raise Refused("Cuộc họp đã bắt đầu.", status=409)

    path = behind("POST", refuses)
    client.get("/sign-in")
    answer = client.post(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (409, {"error": "Cuộc họp đã bắt đầu."})


def test_what_must_be_kept_even_if_refused_is_kept_and_nothing_else(behind: Any, client: Any) -> None:
    def refuses() -> str:
        writes("lost")
        doors.even_if_refused(lambda: writes("kept"))
        raise Refused("Không được.")

    assert client.post(behind("POST", refuses)).status_code == 409
    assert traces() == ["kept"]


def test_a_failure_is_told_with_a_code_and_changes_nothing(
    behind: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(doors, "log", type("Log", (), {"exception": lambda self, *a, **k: told.append(k)})())

    def fails() -> str:
        writes()
        raise RuntimeError("a secret of the inside")

    path = behind("POST", fails)
    answer = client.post(path)
    assert answer.status_code == 500
    code = told[0]["code"]
    assert re.fullmatch("[0-9A-F]{4}", code) and code in answer.words
    assert "secret" not in answer.get_data(as_text=True) and "Traceback" not in answer.get_data(as_text=True)
    assert traces() == []


def test_a_failure_while_showing_is_told_with_a_code(behind: Any, client: Any) -> None:
    def fails() -> str:
        return str(1 / 0)

    path = behind("GET", fails)
    assert client.get(path).status_code == 500
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 500 and "ZeroDivision" not in json.dumps(answer.json)


# ------------------------------------------------------------------ private links


def test_a_failure_behind_a_private_link_does_not_log_the_link(
    app: Flask, client: Any, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(doors, "log", type("Log", (), {"exception": lambda self, *a, **k: told.append(k)})())
    meeting = make.meeting(status=make.Status.SCHEDULED, secretary=secretary)
    address = make.private(make.sites_of(meeting)[0])

    def fails(**_: Any) -> str:
        raise RuntimeError

    endpoint = next(r.endpoint for r in app.url_map.iter_rules() if r.rule == "/m/<token>")
    monkeypatch.setitem(app.view_functions, endpoint, public(fails))
    assert client.get(address).status_code == 500
    assert told[0]["path"] == "/m/…"
    assert address.split("/")[2] not in json.dumps(told, default=str)


def test_a_link_that_ended_says_whom_to_ring(behind: Any, client: Any) -> None:
    def gone() -> str:
        raise Gone("Liên kết này đã hết hiệu lực.", phone="024 000 1234")

    answer = client.get(behind("GET", gone))
    assert answer.status_code == 410
    assert "Liên kết này đã hết hiệu lực." in answer.words and "024 000 1234" in answer.words
