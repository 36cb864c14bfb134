"""Điểm Cầu: online meetings for government offices, from the booking to the minutes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

from config import BadConfig, Config

ROOT = Path(__file__).resolve().parent.parent
MAX_BODY = 10 * 1024 * 1024


def create_app(config: Config) -> Flask:
    """An application for *config*, ready to serve, to work and to be migrated."""
    from meetings import adapters, commands, i18n, links, log, sealed, worker
    from meetings.accounts import access
    from meetings.attendance.door import Door
    from meetings.clock import now
    from meetings.database import db, prepare
    from meetings.journal import services as journal
    from meetings.overview import pages
    from meetings.web import assets, bodies, doors, templating
    from meetings.worker import errands

    log.configure()
    _folder(config.instance)
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "meetings" / "web" / "static"),
        instance_path=str(config.instance),
    )
    app.request_class = bodies.Request
    app.config.update(
        SECRET_KEY=config.secret_key,
        SECRET_KEY_FALLBACKS=[key for key, until in config.older_keys if now() < until],
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config.database_url),
        SESSION_COOKIE_NAME="diemcau",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=config.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=20_000,
        TRUSTED_HOSTS=_hosts(config),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # behind a proxy of a closed network the referrer is often stripped
        TESTING=config.testing,
    )
    app.extensions["config"] = config
    if config.https:
        from werkzeug.middleware.proxy_fix import ProxyFix

        # mypy sees a method; Flask's own way to stand something before an application is to put it in its place
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    links.use(config.secret_key, config.older_keys)
    sealed.use(config.secret_key, [key for key, _until in config.older_keys])
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    journal.follow(worker.FOLLOW_UPS)
    errands.take_over([errands.Errand(*one) for one in pages.ERRANDS])
    adapters.plug_in(app, config)
    doors.install(app)
    access.install(app)
    assets.install(app)
    CSRFProtect(app)
    templating.install(app, i18n, assets.asset_url)
    pages.register(app)
    commands.register(app)
    app.wsgi_app = Door(app)  # type: ignore[method-assign]  # as above
    return app


def _engine_options(url: str) -> dict[str, object]:
    # an error of the database goes to the log with its statement, and the values are people's numbers and addresses
    pool: dict[str, object] = {"pool_size": 40, "max_overflow": 10, "hide_parameters": True}
    return pool if url.startswith("sqlite") else {**pool, "pool_size": 20, "pool_pre_ping": True}


def _hosts(config: Config) -> list[str] | None:
    """Host names this installation answers to, any other is refused; None for a trial on every address of its machine.

    No link is ever made from the name that a request brings: letters carry PUBLIC_URL.
    """
    loopback = {"127.0.0.1", "localhost", "[::1]"}
    bound = {config.host} - {"0.0.0.0", "::"}
    if not bound and config.public_host in loopback:
        return None
    return sorted(loopback | bound | {config.public_host, urlsplit(config.public_url).netloc})


def _folder(path: Path) -> None:
    """The folder of the installation, which holds names, addresses and the key: for its owner alone."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise BadConfig(f"INSTANCE: the folder {path} cannot be made ({fault.strerror})") from fault
