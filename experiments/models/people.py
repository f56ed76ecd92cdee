"""The verbs that change people and teams. Each holds its rule, and each is written into the audit log."""

from typing import Any

from django.db import transaction

from ..domain.errors import InvalidInput
from .access import LoginLink, User
from .audit import AuditEntry
from .teams import Membership, Team

Action = AuditEntry.Action
#: What a lead may lower and only an administrator raise.
LIMITS = ("daily_spending_cap", "monthly_spending_cap", "attempts_at_once")


@transaction.atomic
def add_person(by: User | None, name: str, role: str) -> User:
    """A person without a password: a one-time link lets them in."""
    person = User.objects.create_user(name, role=role)
    AuditEntry.objects.record(by, Action.PERSON_ADDED, person, role=role)
    return person


@transaction.atomic
def change_person(by: User | None, person: User, **fields: Any) -> None:
    """Set the role, the access, or limits. Raises InvalidInput where nobody would be left to administer."""
    changes = _changes(person, fields)
    if not changes:
        return
    for name, value in fields.items():
        setattr(person, name, value)
    others = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).exclude(pk=person.pk)
    if changes.keys() & {"role", "is_active"} and not person.can_administer and not others.exists():
        raise InvalidInput("This is the last administrator. Make somebody else one first.")
    person.save(update_fields=list(changes))
    AuditEntry.objects.record(by, Action.PERSON_CHANGED, person, **changes)


@transaction.atomic
def issue_link(by: User | None, person: User, minutes: int) -> str:
    """A one-time way in; the secret is told this once."""
    AuditEntry.objects.record(by, Action.LINK_ISSUED, person)
    return LoginLink.objects.issue(person, minutes=minutes)


@transaction.atomic
def create_team(by: User, name: str) -> Team:
    team = Team.objects.create(name=name)
    AuditEntry.objects.record(by, Action.TEAM_ADDED, team)
    return team


@transaction.atomic
def change_team(by: User, team: Team, **fields: Any) -> None:
    """Set name, limits or the archive. Raises InvalidInput for what a lead may not."""
    changes = _changes(team, fields)
    if not changes:
        return
    if not by.can_administer:
        if others := sorted(changes.keys() - set(LIMITS)):
            raise InvalidInput(f"Only administrators change a team’s {' and '.join(others)}.")
        for name, (before, after) in changes.items():
            if before is not None and (after is None or after > before):
                words = Team._meta.get_field(name).verbose_name
                raise InvalidInput(f"A lead may lower the {words}, and only an administrator may raise it above {before:g}.")
    for name, value in fields.items():
        setattr(team, name, value)
    team.save(update_fields=list(changes))
    AuditEntry.objects.record(by, Action.TEAM_CHANGED, team, **changes)


@transaction.atomic
def set_member(by: User, team: Team, person: User, role: str | None) -> None:
    """Take the person in, change their role in the team, or with None take them out."""
    known = team.memberships.filter(user=person).first()
    before = known.role if known else None
    if before == role:
        return
    if role is None:
        known.delete()
    else:
        Membership.objects.update_or_create(team=team, user=person, defaults={"role": role})
    AuditEntry.objects.record(by, Action.TEAM_CHANGED, team, member=str(person), role=[before, role])


def _changes(row: User | Team, fields: dict[str, Any]) -> dict[str, list]:
    """[before, after] of what differs, as it is stored."""
    stored = type(row).objects.get(pk=row.pk)
    return {name: [getattr(stored, name), value] for name, value in fields.items() if getattr(stored, name) != value}
