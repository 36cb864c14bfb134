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
        address = asset_url("phone.js")
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert plain.get_data() == gzip.decompress(packed.get_data()) == (STATIC / "phone.js").read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert len(packed.get_data()) == packed.content_length < plain.content_length / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for one in (plain, packed):
        assert "immutable" in one.headers["Cache-Control"] and "Accept-Encoding" in one.headers["Vary"]
    for stale in ("/static/phone.js", "/static/phone.js?v=0000000000"):
        assert "immutable" not in client.get(stale).headers["Cache-Control"], "an old page must not keep a new script"


def test_a_part_of_a_file_is_a_part_of_it_as_it_is(client: Client) -> None:
    part = client.get("/static/phone.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert part.get_data() == (STATIC / "phone.js").read_bytes()[:10]
