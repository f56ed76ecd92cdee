"""Who did what: one row for everything a person set going, stopped, changed or took away. Rows are only ever added."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.urls import reverse

from ..domain.errors import InvalidInput
from . import clock
from .runs import Run
from .teams import Team


class Origin(NamedTuple):
    """Where what is being done comes from. `who` names the doer where no user is at hand."""

    who: str
    address: str = ""


_origin: ContextVar[Origin | None] = ContextVar("audit_origin", default=None)


@contextmanager
def coming_from(who: str, address: str = "") -> Iterator[None]:
    """What is recorded inside came from there: a request's middleware says so; elsewhere it is the command line."""
    token = _origin.set(Origin(who, address))
    try:
        yield
    finally:
        _origin.reset(token)


class AuditQuerySet(models.QuerySet):
    def record(self, user, action: str, about: models.Model | str, **details) -> "AuditEntry":
        """Add what was done, now, inside the caller's transaction if there is one.

        `user` is None where nobody is signed in; `about` is a row, or words for what has none. `details` are a few plain
        values, never a key and never text of a conversation.
        """
        origin = _origin.get() or Origin(f"command line ({getpass.getuser()})")
        return self.create(
            at=clock.now(),
            user=user,
            who=user.get_username() if user else origin.who,
            action=AuditEntry.Action(action),
            address=origin.address,
            details=details,
            **_columns_of(about),
        )

    def forget_before(self, moment: datetime) -> int:
        """Retention's verb, the only one that takes entries away. Returns how many were older than `moment`."""
        return super(AuditQuerySet, self.filter(at__lt=moment)).delete()[0]

    def update(self, **fields) -> int:
        raise InvalidInput("The audit log is only added to: its entries cannot be changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise InvalidInput("The audit log is only added to: entries leave it by the retention rules alone.")


def known_actions() -> list[tuple[str, str]]:
    # Asked late, so that a new kind of action is no change of the table.
    return AuditEntry.Action.choices


class AuditEntry(models.Model):
    """One thing a person did. It keeps names beside the links, so that it can be read when what it tells of is gone."""

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
        RUN_STARTED = "run_started", "Started a run"
        RUN_PAUSED = "run_paused", "Paused a run"
        RUN_RESUMED = "run_resumed", "Resumed a run"
        RUN_CANCELLED = "run_cancelled", "Stopped a run"
        RUN_IMPORTED = "run_imported", "Imported a run"
        RUN_CAP_CHANGED = "run_cap_changed", "Changed a run's cap"
        ATTEMPTS_FREED = "attempts_freed", "Freed attempts"
        REGRADING_STARTED = "regrading_started", "Marked a run's answers again"
        REGRADING_STOPPED = "regrading_stopped", "Stopped marking again"
        SCORING_STARTED = "scoring_started", "Scored a run's samples"
        SCORING_STOPPED = "scoring_stopped", "Stopped scoring"
        EXPORTED = "exported", "Exported"
        ARCHIVED = "archived", "Put into the archive"
        UNARCHIVED = "unarchived", "Took out of the archive"
        DELETED = "deleted", "Deleted"
        KEY_STORED = "key_stored", "Stored a key"
        KEY_FORGOTTEN = "key_forgotten", "Removed a key"
        ADDRESS_ALLOWED = "address_allowed", "Allowed an address"
        ADDRESS_WITHDRAWN = "address_withdrawn", "Withdrew an address"
        TOKEN_CREATED = "token_created", "Created an API token"
        TOKEN_REVOKED = "token_revoked", "Revoked an API token"
        PASSWORD_CHANGED = "password_changed", "Changed a password"
        LINK_ISSUED = "link_issued", "Issued a login link"
        PERSON_ADDED = "person_added", "Added a person"
        PERSON_CHANGED = "person_changed", "Changed a person"
        TEAM_ADDED = "team_added", "Added a team"
        TEAM_CHANGED = "team_changed", "Changed a team"
        SHARED = "shared", "Changed who sees an experiment"
        BACKED_UP = "backed_up", "Made a backup"
        RESTORED = "restored", "Restored a backup"
        RETAINED = "retained", "Applied the retention rules"
        RULES_CHANGED = "rules_changed", "Changed the retention rules"

    at = models.DateTimeField(help_text="By the database's clock")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audit_entries", db_index=False
    )
    who = models.CharField(max_length=200, help_text="The user's name then, or where it came from without one")
    action = models.CharField(max_length=30, choices=known_actions)
    about_kind = models.CharField(max_length=30, blank=True)
    about_id = models.BigIntegerField(null=True)
    about_label = models.CharField(max_length=300)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="audit_entries", db_index=False)
    team = models.ForeignKey(
        Team, null=True, on_delete=models.SET_NULL, related_name="audit_entries", db_index=False, help_text="Whose thing it was"
    )
    details = models.JSONField(default=dict)
    address = models.CharField(max_length=60, blank=True, help_text="Of the request")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"]),
            models.Index(fields=["action", "-id"]),
            models.Index(fields=["run", "-id"]),
            models.Index(fields=["team", "-id"]),
            models.Index(fields=["at"]),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.who}: {self.get_action_display()} ({self.about_label})"

    def save(self, *args, **kwargs) -> None:
        """Refuses what is there already: nothing in the log is changed."""
        if not self._state.adding:
            raise InvalidInput("The audit log is only added to: its entries cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise InvalidInput("The audit log is only added to: entries leave it by the retention rules alone.")

    @property
    def about_url(self) -> str:
        """Of the page of what it is about, which may be gone; empty where there is none."""
        page = {"run": "run", "experiment": "experiment", "team": "team", "dataset": "dataset", "prompt": "prompt"}
        name = page.get(self.about_kind)
        return reverse(name, args=[self.about_id]) if name and self.about_id else ""

    @property
    def details_in_words(self) -> list[tuple[str, str]]:
        """Each with its name; of a change both what was and what is."""
        return [(name.replace("_", " "), _in_words(value)) for name, value in self.details.items()]


def _in_words(value) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(map(_in_words, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(each)}" for name, each in value.items() if each != "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == "" else str(value)


def _columns_of(about: models.Model | str) -> dict:
    if isinstance(about, str):
        return {"about_label": about[:300]}
    run = about if isinstance(about, Run) else getattr(about, "run", None)
    team = run.experiment.team if run else getattr(about, "team", None)
    named = {"about_kind": about._meta.model_name, "about_id": about.pk, "about_label": str(about)[:300]}
    return {**named, "run": run, "team": team}
