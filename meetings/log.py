"""The log of the processes: one line of JSON for each event, on standard error.

Whoever reads a log must not be able to open what stands in it: the tokens of private links are covered in everything that
is written, whichever line brought them there.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from gunicorn.glogging import Logger

_LINK: Final = re.compile(r"/([mjvtc])/[^/\s?#\"'<>\\]+", re.ASCII)


def masked(text: str) -> str:
    """*text* with the tokens of private links covered: ``/m/…/reply``."""
    return _LINK.sub(r"/\1/…", text)


def _covered(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = masked(value)
    return event


class _Stderr:
    """Standard error as it is when a line is written, not as it was when the log was set up."""

    def __call__(self, *args: object) -> structlog.WriteLogger:
        stream: TextIO = sys.stderr
        return structlog.WriteLogger(stream)


def configure() -> None:
    """One line for each event. A traceback comes without the values of its variables: they are people's data and links."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _covered,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_Stderr(),
    )


class _Masking(logging.Filter):
    """Covers the links of a line that another library writes, in its words and in its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


class ServerLog(Logger):
    """The log of the web server (``gunicorn --logger-class meetings.log.ServerLog``), access log included."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            if not any(isinstance(one, _Masking) for one in logger.filters):
                logger.addFilter(_Masking())
