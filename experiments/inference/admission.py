"""Whether a language model may be saved: the one door for the pages and the API."""

from typing import Any

from ..domain.errors import InvalidInput
from .base import Backend


class ConsentNeeded(InvalidInput):
    """An administrator has to allow something first."""


def admit(backend: Backend, *, by_administrator: bool, consent: bool) -> dict[str, Any]:
    """The backend's fingerprint, once everything it needs is there and allowed. Loads and asks nothing.

    `consent` is an administrator's word that what the backend wants is allowed; nobody else's counts.
    Raises ConsentNeeded, InvalidInput or PermanentInferenceError.
    """
    if reason := backend.consent_needed():
        if not by_administrator:
            raise ConsentNeeded(f"{reason} An administrator has to save this model.")
        if not consent:
            raise ConsentNeeded(f"{reason} Confirm that you allow it, or allow the address under Keys.")
        backend.give_consent()
    backend.check()
    return backend.fingerprint()
