"""How the product says no. The sentence is for the person who asked, whole and in her language."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A rule says no. *message* is a whole sentence (or a lazy one); *field* names the form field it belongs to."""

    def __init__(self, message: Any, field: str | None = None, status: int = 409) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status


class NotFound(Refused):
    """There is no such thing, or none that this person may know of: both read the same."""

    def __init__(self, message: Any) -> None:
        super().__init__(message, status=404)


class Forbidden(Refused):
    """The person is known, the thing is known, and she may not."""

    def __init__(self, message: Any) -> None:
        super().__init__(message, status=403)


class Spent(Refused):
    """Allowed, but not so often in so short a time: nothing was tried in vain, it is only to wait."""

    def __init__(self, message: Any) -> None:
        super().__init__(message, status=429)


class Gone(Refused):
    """A private link that no longer opens anything. *phone* is the number to ring, the only thing still told."""

    def __init__(self, message: Any, phone: str = "") -> None:
        super().__init__(message, status=410)
        self.phone = phone


class NotYet(Gone):
    """A private link that opens nothing so far: what stands behind it has not been sent out."""
