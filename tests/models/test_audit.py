"""The audit log: what it keeps, and that nothing takes it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.domain.errors import InvalidInput
from experiments.models import AuditEntry
from experiments.models.audit import coming_from

from ..factories import make_run, make_user

pytestmark = pytest.mark.django_db
Action = AuditEntry.Action


def test_an_entry_names_who_did_what_to_which_run():
    user, run = make_user(name="ada"), make_run()
    entry = AuditEntry.objects.record(user, Action.RUN_CANCELLED, run, attempts=3)
    entry.refresh_from_db()
    assert (entry.user, entry.who, entry.run, entry.about_kind, entry.about_id) == (user, "ada", run, "run", run.pk)
    assert entry.details == {"attempts": 3}
    assert abs(entry.at - timezone.now()) < timedelta(minutes=1)


def test_an_entry_stays_readable_without_its_user():
    user = make_user(name="ada")
    AuditEntry.objects.record(user, Action.KEY_STORED, "the key “lab”")
    user.delete()
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.who, entry.about_label) == (None, "ada", "the key “lab”")


def test_without_a_user_it_names_where_it_came_from():
    assert AuditEntry.objects.record(None, Action.BACKED_UP, "the database").who.startswith("command line (")
    with coming_from("nobody signed in", "10.0.0.7"):
        entry = AuditEntry.objects.record(None, Action.SIGN_IN_FAILED, "ada")
    assert (entry.who, entry.address) == ("nobody signed in", "10.0.0.7")


def test_an_unknown_action_is_refused():
    with pytest.raises(ValueError, match="danced"):
        AuditEntry.objects.record(None, "danced", "on the table")


def test_entries_are_only_ever_added():
    entry = AuditEntry.objects.record(None, Action.BACKED_UP, "the database")
    entry.who = "somebody else"
    changes = [
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(who="somebody else"),
        lambda: AuditEntry.objects.all().delete(),
    ]
    for change in changes:
        with pytest.raises(InvalidInput, match="only added to"):
            change()
    assert AuditEntry.objects.get().who.startswith("command line")


def test_retention_takes_the_old_ones_away():
    entry = AuditEntry.objects.record(None, Action.BACKED_UP, "the database")
    assert AuditEntry.objects.forget_before(entry.at) == 0
    assert AuditEntry.objects.forget_before(entry.at + timedelta(seconds=1)) == 1
    assert not AuditEntry.objects.exists()
