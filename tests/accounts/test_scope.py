"""An administrator administers her own units, and whoever belongs to them."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts import queries, services
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Role
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
    assert answer.status_code == 404, "she may not even know of him"
    again = queries.by_email(administrator.email)
    assert again is not None and again.active and again.password_hash == kept


def test_an_administrator_of_a_province_takes_back_no_role_of_another(
    browser: Any, of_the_province: User, stranger: User
) -> None:
    held = queries.grants_of(stranger)[0]
    answer = browser(of_the_province).post(f"/accounts/users/{stranger.id}/revoke", data={"grant": held.id})
    assert answer.status_code == 404
    assert len(queries.grants_of(stranger)) == 1


def test_an_administrator_of_a_province_lists_and_opens_only_whoever_belongs_to_it(
    browser: Any, of_the_province: User, administrator: User, site_officer: User, stranger: User
) -> None:
    without = make.user(name="Chưa Có Vai")
    there = browser(of_the_province)
    page = there.get("/accounts/users")
    assert site_officer.email in page.words and of_the_province.email in page.words
    assert there.get(f"/accounts/users/{site_officer.id}").status_code == 200
    for hidden in (administrator, stranger, without):
        assert hidden.email not in page.words
        assert there.get(f"/accounts/users/{hidden.id}").status_code == 404
        sent = {"role": Role.SECRETARY.value, "unit": make.NGHE_AN}
        assert there.post(f"/accounts/users/{hidden.id}", data=sent).status_code == 404
        assert there.post(f"/accounts/users/{hidden.id}/password", data={}).status_code == 404
        assert there.get(f"/accounts/users/{hidden.id}/details").status_code == 404
    everybody = browser(administrator).get("/accounts/users").words
    assert all(user.email in everybody for user in (administrator, site_officer, stranger, without))


def test_whoever_serves_two_provinces_is_known_to_both_and_taken_over_by_neither(
    browser: Any, of_the_province: User, stranger: User, units: dict[str, Any]
) -> None:
    services.grant(stranger, Role.SITE_OFFICER, units[make.KIM_LIEN], actor=SYSTEM)
    there = browser(of_the_province)
    page = there.get(f"/accounts/users/{stranger.id}")
    assert page.status_code == 200
    assert len(page.soup.select("form[action$='/revoke']")) == 1, "only the role in her own units can be taken back"
    assert not page.soup.select("form[action$='/password'], form[action$='/active'], a[href$='/details']")
    assert there.get(f"/accounts/users/{stranger.id}/details").status_code == 403
    assert there.post(f"/accounts/users/{stranger.id}/details", data={"name": "Khác"}).status_code == 403
    kept = stranger.password_hash
    assert there.post(f"/accounts/users/{stranger.id}/password", data={}).status_code == 403
    again = queries.by_email(stranger.email)
    assert again is not None and again.password_hash == kept


def test_taking_the_last_role_back_ends_at_the_list(browser: Any, of_the_province: User, site_officer: User) -> None:
    there = browser(of_the_province)
    held = queries.grants_of(site_officer)[0]
    answer = there.post(f"/accounts/users/{site_officer.id}/revoke", data={"grant": held.id})
    assert (answer.status_code, answer.location) == (303, "/accounts/users")
    page = there.get("/accounts/users")
    assert page.status_code == 200 and site_officer.email not in page.words


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
