"""What an administrator types: ``flask --app wsgi …``. Each command commits once."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from flask.globals import app_ctx
from sqlalchemy.exc import DBAPIError

from meetings import worker as the_worker
from meetings.accounts import queries as users
from meetings.accounts import services as accounts
from meetings.accounts.rules import Role
from meetings.adapters import config
from meetings.attendance import listening
from meetings.clock import today
from meetings.database import db
from meetings.errors import Refused
from meetings.scheduling import queries as scheduling
from meetings.scheduling.rules import Status
from meetings.scheduling.ruling import load_default_rules
from meetings.units import queries as units
from meetings.worker.alone import only_worker


def register(app: Flask) -> None:
    for command in (
        work,
        prepare,
        load_units,
        create_user,
        demo,
        list_meetings,
        export_meeting,
        feeds,
        doctor,
        savings_examples,
    ):
        app.cli.add_command(command)


class Plain(click.Command):
    """What stops a command is said in a sentence: who types it is helped by no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            sys.exit(str(refused.message))
        except OSError as fault:
            sys.exit(f"{fault.filename or 'A file'}: {fault.strerror or fault}")
        except DBAPIError as fault:
            said = str(fault.orig).partition("\n")[0]
            sys.exit(f"The database cannot be used ({said}). Has flask --app wsgi db upgrade been run?")


@click.command("worker", cls=Plain)
@click.option("--once", is_flag=True, help="Carry out everything due and end.")
@with_appcontext
def work(once: bool) -> None:
    """Do what follows from what was recorded, and carry the letters."""
    with only_worker(config().instance) as mine:
        if not mine and config().database_url.startswith("sqlite"):
            sys.exit("Another worker is at work on this installation.")
        if once:
            click.echo(f"{the_worker.until_nothing_is_due(app_ctx.app)} done")
        else:
            the_worker.run(app_ctx.app)


@click.command("prepare", cls=Plain)
@with_appcontext
def prepare() -> None:
    """What ./run.sh does before it serves: the units where there are none, an administrator where there is nobody."""
    if not units.provinces(today()):
        _load()
    load_default_rules()  # an installation that was updated has none yet
    if users.nobody_yet():
        email, password = f"admin@{config().mail_from.partition('@')[2]}", secrets.token_urlsafe(9)
        nation = units.by_code("VN", today())
        if nation is None:
            sys.exit("There is no unit with the code VN: run flask --app wsgi load-units.")
        accounts.create_user(email, "Administrator", password, role=Role.ADMINISTRATOR, unit=nation, must_change=True)
        click.echo(f"First start. Sign in at {config().public_url}\n    as {email}\n    with {password}")
        click.echo("    (the password is shown this once, and has to be changed at the first sign-in)")
    db.session.commit()


@click.command("load-units", cls=Plain)
@with_appcontext
def load_units() -> None:
    """Load the units of the state with their standard sites; a second time changes nothing."""
    _load()
    db.session.commit()


def _load() -> None:
    from meetings.directory.loader import load
    from meetings.savings.norming import load_default_norms

    click.echo(load())
    load_default_norms()  # finance finds them under /savings/norms before the first meeting is held
    load_default_rules()


@click.command("create-user", cls=Plain)
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([r.value for r in Role]))
@click.option("--unit", "code", required=True, help="Code of the unit; VN is the whole country.")
@with_appcontext
def create_user(email: str, name: str, role: str, code: str) -> None:
    """Let a person in; the password is read from standard input."""
    password = sys.stdin.readline().rstrip("\n")
    unit = units.by_code(code, today())
    if unit is None:
        sys.exit(f"There is no unit with the code {code}.")
    user = accounts.create_user(email, name, password, role=Role(role), unit=unit)
    db.session.commit()
    click.echo(f"{user.email}: {role} of {unit.full_name}")


@click.command("demo", cls=Plain)
@with_appcontext
def demo() -> None:
    """Add a believable data set: an invented body, invented people, three conferences."""
    from meetings.overview.demo import make

    click.echo(make())
    db.session.commit()


@click.command("list-meetings", cls=Plain)
@click.option("--status", type=click.Choice([s.value for s in Status]))
@with_appcontext
def list_meetings(status: str | None) -> None:
    """The meetings, one a line, the code first."""
    for meeting in scheduling.all_meetings(Status(status) if status else None):
        starts = meeting.starts_at.isoformat(timespec="minutes") if meeting.starts_at else "-"
        click.echo(f"{meeting.code}\t{meeting.status.value}\t{starts}\t{meeting.title}")


@click.command("export-meeting", cls=Plain)
@click.argument("code")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def export_meeting(code: str, folder: Path) -> None:
    """Write the case file of a meeting into a folder, with a manifest of SHA-256 sums."""
    from meetings.overview import case_file

    meeting = scheduling.by_code(code)
    if meeting is None:
        sys.exit(f"There is no meeting with the code {code}.")
    for name in case_file.write(meeting, folder):
        click.echo(name)


@click.command("feeds", cls=Plain)
@with_appcontext
def feeds() -> None:
    """What to write into Jitsi's and BigBlueButton's settings, so that they report who is connected (docs/attendance.md)."""
    click.echo(f'Jitsi, Prosody:    api_prefix = "{config().public_url}/feeds/jitsi"')
    click.echo(f'                   api_headers = {{ ["Authorization"] = "Bearer {listening.bearer()}"; }}')
    click.echo(f"BigBlueButton:     callbackURL = {listening.hook_url()}")


@click.command("savings-examples", cls=Plain)
def savings_examples() -> None:
    """Print the worked examples of the savings and a national conference, as they stand in docs/savings.md."""
    from meetings.adapters.distance import Place, great_circle_km
    from meetings.directory.catalogue import listed
    from meetings.savings.examples import HOST, Province, printed
    from meetings.units.models import UnitKind

    at = {
        unit.code: (unit.name, Place(unit.latitude or 0.0, unit.longitude or 0.0))
        for unit in listed()
        if unit.kind is UnitKind.PROVINCE
    }
    _name, host = at[HOST]
    for line in printed(
        [Province(code, name, round(great_circle_km(place, host))) for code, (name, place) in at.items()]
    ):
        click.echo(line)


@click.command("doctor", cls=Plain)
@with_appcontext
def doctor() -> None:
    """Check configuration, database, disk and mail: a sentence for each fault, and exit code 1. Norms that are not verified
    or have no value are listed too, and are no fault."""
    from meetings.overview.health import faults, notes

    found = list(faults())
    for sentence in notes():
        click.echo(sentence)
    for sentence in found:
        click.echo(sentence)
    if found:
        sys.exit(1)
    click.echo("Everything is in order.")
