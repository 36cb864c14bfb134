"""An administrator administers her own units, and whoever belongs to them."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts import queries
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from tests import make


@pytest.fixture
def of_the_province(units: dict[str, Any]) -> User:
    return make.user(Role.ADMINISTRATOR, make.NGHE_AN, name="Quản Trị Tỉnh")


@pytest.mark.parametrize(("page", "data"), [("password", {}), ("active", {"active": "no"})])
def test_an_administrator_of_a_province_takes_no_account_of_the_country(
    browser: Any, of_the_province: User, administrator: User, page: str, data: dict[str, str]
) -> None:
    there = browser(of_the_province)
    kept = administrator.password_hash
    answer = there.post(f"/accounts/users/{administrator.id}/{page}", data=data)
    assert answer.status_code == 403
    again = queries.by_email(administrator.email)
    assert again is not None and again.active and again.password_hash == kept


def test_an_administrator_of_a_province_takes_back_no_role_of_another(
    browser: Any, of_the_province: User, stranger: User
) -> None:
    held = queries.grants_of(stranger)[0]
    answer = browser(of_the_province).post(f"/accounts/users/{stranger.id}/revoke", data={"grant": held.id})
    assert answer.status_code == 403
    assert len(queries.grants_of(stranger)) == 1


def test_an_administrator_gives_a_new_password_to_whoever_belongs_to_her_units(
    browser: Any, of_the_province: User, site_officer: User
) -> None:
    answer = browser(of_the_province).post(f"/accounts/users/{site_officer.id}/password", data={})
    assert answer.status_code == 200
    assert site_officer.name in answer.words


def test_the_list_of_users_says_every_role_in_one_question(browser: Any, administrator: User, stranger: User) -> None:
    page = browser(administrator).get("/accounts/users")
    assert "Hồ Chí Minh" in page.words and "Việt Nam" in page.words


def test_a_number_beyond_every_user_is_no_user(browser: Any, administrator: User) -> None:
    there = browser(administrator)
    for number in (2**31, 10**30):
        assert there.get(f"/accounts/users/{number}").status_code == 404
        assert there.post(f"/accounts/users/{number}/password", data={}).status_code == 404
