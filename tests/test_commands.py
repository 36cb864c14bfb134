from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from config import BadConfig, Config
from meetings import create_app


def installation(folder: Path, **environ: str) -> Flask:
    return create_app(Config.from_environ({"INSTANCE": str(folder), "SECRET_KEY": "k" * 40, **environ}))


def test_the_folder_of_an_installation_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "instance"
    installation(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadConfig, match="INSTANCE: the folder .*/file/instance cannot be made"):
        installation(tmp_path / "file" / "instance")


@pytest.mark.parametrize("command", [["list-meetings"], ["prepare"], ["export-meeting", "HN-2026-0001", "--to", "x"]])
def test_a_command_on_a_database_without_tables_says_what_to_run(tmp_path: Path, command: list[str]) -> None:
    said = installation(tmp_path).test_cli_runner().invoke(args=command)
    assert said.exit_code == 1
    assert "flask --app wsgi db upgrade" in said.output
    assert "Traceback" not in said.output


def test_a_command_on_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "diemcau.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "diemcau.db").execute("SELECT * FROM sqlite_master")
    said = installation(tmp_path).test_cli_runner().invoke(args=["list-meetings"])
    assert (said.exit_code, "not a database" in said.output) == (1, True)


@pytest.mark.parametrize(
    ("environ", "name", "status"),
    [
        ({}, "10.0.0.5:8000", 400),
        ({"HOST": "10.0.0.5"}, "10.0.0.5:8000", 200),
        ({"HOST": "0.0.0.0"}, "10.0.0.5:8000", 200),
        ({"HOST": "0.0.0.0", "PUBLIC_URL": "https://hop.tinh.example"}, "10.0.0.5:8000", 400),
        ({"HOST": "0.0.0.0", "PUBLIC_URL": "https://hop.tinh.example"}, "hop.tinh.example", 200),
        ({"HOST": "0.0.0.0", "PUBLIC_URL": "https://hop.tinh.example"}, "127.0.0.1:8000", 200),
    ],
)
def test_a_name_that_the_installation_does_not_bear_is_refused(
    tmp_path: Path, environ: dict[str, str], name: str, status: int
) -> None:
    page = installation(tmp_path, **environ).test_client().get("/healthz", headers={"Host": name})
    assert page.status_code == status
