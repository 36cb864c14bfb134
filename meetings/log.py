"""The log of the processes: one line of JSON for each event, on standard error."""

from __future__ import annotations

import sys
from typing import TextIO

import structlog


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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_Stderr(),
    )
