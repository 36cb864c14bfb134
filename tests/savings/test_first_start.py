"""What the first start of an installation brings with it."""

from __future__ import annotations

from flask import Flask

from meetings.savings import queries
from meetings.savings.norms import DEFAULTS


def test_the_first_start_brings_the_norms_with_the_units(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
    assert len(queries.norms()) == len(DEFAULTS)
