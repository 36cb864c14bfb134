"""Who may see what: every route is asked for by every role, and what was not granted is denied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from meetings.accounts.access import declared
from meetings.accounts.models import User
from meetings.accounts.rules import PERMISSIONS, Role
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.pages import Client

GROWN_UP = range(200, 500)
"""An answer that is a decision: never 500, whatever was asked."""
BETWEEN_THEM = {Role.SECRETARY, Role.ADMINISTRATOR, Role.APPROVER, Role.FINANCE, Role.SITE_OFFICER}
"""Who between them may do everything there is to do: they ask both kinds of database, the others one."""


def rules(app: Flask) -> Iterator[Rule]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint != "static":
            yield rule


def address(app: Flask, rule: Rule, meeting: Meeting) -> str:
    """The address of *rule* for *meeting*, with believable values in its places."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name == "token":
            values[name] = make.private(make.sites_of(meeting)[0]).rpartition("/")[2]
        elif name == "code":
            values[name] = meeting.code if "/meetings/" in rule.rule else make.NGHE_AN
        elif isinstance(converter, IntegerConverter):
            values[name] = 1
        elif isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
        else:
            values[name] = "details"
    with app.test_request_context():
        return rule.build(values)[1]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    return make.meeting(status=Status.SCHEDULED)


def test_some_roles_may_do_everything_between_them() -> None:
    assert not [permission for permission, granted in PERMISSIONS.items() if not granted & BETWEEN_THEM]


def test_every_view_says_who_may_see_it(app: Flask) -> None:
    known = {*PERMISSIONS, "public", "link", "signed-in"}
    silent = [rule.rule for rule in rules(app) if declared(app.view_functions[rule.endpoint]) not in known]
    assert not silent, f"closed to everybody, because they say nothing: {silent}"


def test_a_view_that_says_nothing_is_closed(app: Flask, browser: Callable[..., Client], administrator: User) -> None:
    endpoint = next(rule.endpoint for rule in rules(app) if "GET" in (rule.methods or ()) and not rule.arguments)
    said = app.view_functions[endpoint]
    app.view_functions[endpoint] = lambda: "open"
    try:
        path = next(rule.rule for rule in rules(app) if rule.endpoint == endpoint)
        assert browser(administrator).get(path).status_code == 403
    finally:
        app.view_functions[endpoint] = said


def test_nobody_without_an_account_sees_a_page_that_asks_for_one(app: Flask, client: Client, meeting: Meeting) -> None:
    faults = []
    client.get("/sign-in")
    for rule in rules(app):
        says = declared(app.view_functions[rule.endpoint])
        for method in methods(rule):
            if says in ("public", "link"):
                continue
            answer = client.open(address(app, rule, meeting), method=method)
            if not (answer.status_code == 303 and answer.location.startswith("/sign-in")):
                faults.append(f"{method} {rule.rule} answered {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=() if role in BETWEEN_THEM else pytest.mark.only("sqlite")) for role in Role]
)
def test_a_role_sees_what_was_granted_to_it_and_nothing_else(
    app: Flask, browser: Callable[..., Client], meeting: Meeting, role: Role
) -> None:
    who = make.user(role, make.NATION if role is Role.ADMINISTRATOR else make.MINISTRY)
    client = browser(who)
    faults = []
    for rule in rules(app):
        says = declared(app.view_functions[rule.endpoint])
        if rule.endpoint in ("accounts.sign_out", "health.readyz"):  # no worker beats here
            continue  # walked through last of all, or the rest would be asked by nobody
        for method in methods(rule):
            answer = client.open(address(app, rule, meeting), method=method)
            if answer.status_code not in GROWN_UP:
                faults.append(f"{method} {rule.rule} answered {answer.status_code}")
            elif says in PERMISSIONS and role not in PERMISSIONS[says] and answer.status_code != 403:
                faults.append(f"{method} {rule.rule} needs {says} and answered {answer.status_code}")
            elif says in PERMISSIONS and role in PERMISSIONS[says] and answer.status_code == 303:
                if str(answer.location).startswith("/sign-in"):
                    faults.append(f"{method} {rule.rule} is granted by {says} and asked to sign in")
    assert not faults, "\n".join(faults)


def test_a_secretary_of_another_province_opens_no_page_of_a_meeting_she_is_not_in(
    app: Flask, browser: Callable[..., Client], meeting: Meeting, stranger: User
) -> None:
    client = browser(stranger)
    faults = []
    for rule in rules(app):
        if "/meetings/<code>" not in rule.rule.replace("string:", ""):
            continue
        for method in methods(rule):
            answer = client.open(address(app, rule, meeting), method=method)
            if answer.status_code not in (403, 404):
                faults.append(f"{method} {rule.rule} answered {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("token", ["x", "a" * 30, "ấ" * 30, "a" * 5000, "..", "%00", "%ff%fe"], ids=range(7))
def test_a_made_up_link_opens_nothing(app: Flask, client: Client, meeting: Meeting, token: str) -> None:
    client.get("/sign-in")
    faults = []
    for rule in rules(app):
        if "token" not in rule.arguments:
            continue
        path = rule.rule.replace("<token>", token)
        for method in methods(rule):
            answer = client.open(path, method=method)
            if answer.status_code not in (400, 404, 405, 410, 414, 429, 308):
                faults.append(f"{method} {path[:60]} answered {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.only("sqlite")  # it is refused before the database is asked
def test_a_form_without_its_token_is_refused_everywhere(
    app: Flask, browser: Callable[..., Client], meeting: Meeting, secretary: User
) -> None:
    client = browser(secretary)
    faults = []
    for rule in rules(app):
        if "POST" in (rule.methods or ()):
            answer = client.open(address(app, rule, meeting), method="POST", with_token=False)
            if answer.status_code not in (400, 403, 404):
                faults.append(f"POST {rule.rule} answered {answer.status_code}")
    assert not faults, "\n".join(faults)
