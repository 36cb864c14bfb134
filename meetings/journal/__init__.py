"""Audit log and outbox in one: what happened, and what is still to do about it."""

from meetings.journal import changes, queries
from meetings.journal.models import Entry
from meetings.journal.services import plain, record, record_each, write

__all__ = ["Entry", "changes", "plain", "queries", "record", "record_each", "write"]
