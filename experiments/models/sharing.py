"""Whose an experiment is and who sees it: the one verb that changes it."""

from django.db import transaction

from ..domain.errors import InvalidInput
from .access import User
from .audit import AuditEntry
from .experiments import Experiment
from .teams import Team


def may_share(user: User, experiment: Experiment) -> bool:
    """Its owner, the leads of its team and administrators decide who sees an experiment."""
    if user.can_administer:
        return True
    leads = experiment.team_id is not None and Team.objects.led_by(user).filter(pk=experiment.team_id).exists()
    return user.can_edit and (experiment.owner_id == user.pk or leads)


@transaction.atomic
def share(experiment: Experiment, user: User, team: Team | None, visibility: str) -> None:
    """Say whose the experiment is and who sees it; its runs follow. Raises InvalidInput for what the user may not decide."""
    if (team, visibility) == (experiment.team, experiment.visibility):
        return
    if not may_share(user, experiment):
        raise InvalidInput("Its owner, a lead of its team or an administrator decides who sees an experiment: ask one of them.")
    if team and team != experiment.team and not Team.objects.offered_to(user).filter(pk=team.pk).exists():
        raise InvalidInput("Choose a team that you are in and that is not archived.")
    if visibility == Experiment.Visibility.TEAM and team is None:
        raise InvalidInput("Choose the team that is to see the experiment.")
    if visibility == Experiment.Visibility.OWNER and experiment.owner is None:
        raise InvalidInput("Nobody owns this experiment, so only administrators would see it: share it with a team.")
    before = {"team": str(experiment.team or ""), "visibility": experiment.visibility}
    experiment.team, experiment.visibility = team, visibility
    experiment.save(update_fields=["team", "visibility"])
    after = {"team": str(team or ""), "visibility": str(visibility)}
    AuditEntry.objects.record(user, AuditEntry.Action.SHARED, experiment, before=before, after=after)
