"""A password that was handed over opens nothing but the page on which it is changed."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts.models import User
from tests import make


@pytest.mark.parametrize("address", ["/", "/search?q=nghe+an", "/help", "/meetings", "/directory/sites"])
def test_every_page_leads_to_the_change_of_a_password_good_once(browser: Any, secretary: User, address: str) -> None:
    secretary.must_change_password = True
    make.done()
    page = browser(secretary).get(address)
    assert (page.status_code, page.location) == (303, "/accounts/password")


def test_the_page_itself_opens_and_says_why_one_is_there(browser: Any, secretary: User) -> None:
    secretary.must_change_password = True
    make.done()
    page = browser(secretary).get("/accounts/password")
    assert page.status_code == 200
    assert "Mật khẩu được giao chỉ dùng một lần" in page.words


def test_whoever_chose_the_password_is_told_nothing_of_that(browser: Any, secretary: User) -> None:
    make.done()
    page = browser(secretary).get("/accounts/password")
    assert "chỉ dùng một lần" not in page.words
