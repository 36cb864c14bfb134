from __future__ import annotations

import json

import pytest
import structlog

from meetings import log


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
