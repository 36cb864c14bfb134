"""Where a reader is sent: to pages of ours only."""

from __future__ import annotations

import pytest
from flask import Flask

from meetings.web.addresses import came_from, ours


@pytest.mark.parametrize("address", ["/", "/meetings/HN-2026-0147", "/meetings?q=giao+ban&page=2", "/m/abc#list"])
def test_a_path_of_ours_is_kept(address: str) -> None:
    assert ours(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example/", "javascript:x", "/a\nb"],
)
def test_what_a_browser_takes_elsewhere_is_no_path_of_ours(address: str) -> None:
    assert ours(address) == ""


@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        ("http://localhost/meetings?view=upcoming", "/meetings?view=upcoming"),
        ("http://localhost//elsewhere.example", ""),
        ("http://elsewhere.example/meetings", ""),
        ("", ""),
    ],
)
def test_only_a_page_of_ours_is_returned_to(app: Flask, referrer: str, page: str) -> None:
    with app.test_request_context("/", headers={"Referer": referrer}):
        assert came_from() == page
