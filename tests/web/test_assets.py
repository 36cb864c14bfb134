"""Static files as they are sent."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from meetings.web.assets import STATIC, asset_url
from tests.pages import Client

pytestmark = pytest.mark.only("sqlite")


def test_a_text_is_sent_packed_to_who_can_unpack_it_and_kept_for_ever_under_its_version(
    app: Flask, client: Client
) -> None:
    with app.test_request_context():
        address = asset_url("minutes.css")
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert plain.get_data() == gzip.decompress(packed.get_data()) == (STATIC / "minutes.css").read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert len(packed.get_data()) == packed.content_length < plain.content_length / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for one in (plain, packed):
        assert "immutable" in one.headers["Cache-Control"] and "Accept-Encoding" in one.headers["Vary"]
    for stale in ("/static/minutes.css", "/static/minutes.css?v=0000000000"):
        assert "immutable" not in client.get(stale).headers["Cache-Control"], "an old page must not keep a new script"


def test_a_part_of_a_file_is_a_part_of_it_as_it_is(client: Client) -> None:
    part = client.get("/static/phone.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert part.get_data() == (STATIC / "phone.js").read_bytes()[:10]


def test_a_script_names_another_by_the_address_that_pages_name_it_by_or_it_would_run_twice(
    app: Flask, client: Client
) -> None:
    with app.test_request_context():
        inner, outer = asset_url("app.js"), asset_url("sending.js")
    for encoding in ("identity", "gzip"):
        sent = client.get(outer, headers={"Accept-Encoding": encoding}).get_data()
        text = (gzip.decompress(sent) if encoding == "gzip" else sent).decode()
        assert f'from "./{inner.removeprefix("/static/")}"' in text
        assert '.js"' not in text, "every import has its version"
