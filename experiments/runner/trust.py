"""Keys and the addresses that may be asked, as people change them: done and written down, the key itself never."""

from collections.abc import Iterable
from typing import Any

from ..inference import admission, consents, keys
from ..inference.base import Backend
from ..inference.base_urls import normal_url
from ..models import AuditEntry

Action = AuditEntry.Action


def store_key(by, name: str, key: str, base_url: str) -> None:
    """Raises InvalidInput as `keys.store`."""
    keys.store(name, key, base_url)
    AuditEntry.objects.record(by, Action.KEY_STORED, f"the key “{name}”", base_url=base_url)


def forget_key(by, name: str) -> None:
    keys.forget(name)
    AuditEntry.objects.record(by, Action.KEY_FORGOTTEN, f"the key “{name}”")


def allow_address(by, base_url: str, variables: Iterable[str]) -> None:
    """Let the address be asked, and the keys in these environment variables be sent there. Raises InvalidInput."""
    variables = list(variables)
    consents.allow_private(base_url)
    for variable in variables:
        consents.allow_key(variable, base_url)
    AuditEntry.objects.record(by, Action.ADDRESS_ALLOWED, normal_url(base_url), variables=", ".join(variables))


def withdraw_address(by, base_url: str) -> None:
    """Take back everything that was allowed for the address."""
    consents.withdraw(base_url)
    AuditEntry.objects.record(by, Action.ADDRESS_WITHDRAWN, normal_url(base_url))


def admit(by, backend: Backend, *, consent: bool) -> dict[str, Any]:
    """As `admission.admit`; where the user allowed something by it, that is written down."""
    reason = backend.consent_needed()
    known = admission.admit(backend, by_administrator=by.can_administer, consent=consent)
    if reason:
        AuditEntry.objects.record(by, Action.ADDRESS_ALLOWED, backend.label, reason=reason)
    return known
