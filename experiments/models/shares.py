"""Shares: how many attempts of one person's or one team's runs may be under way at once, over all workers together.

A share bounds what is leased, so it holds for local models and remote endpoints alike; what an endpoint bears at once is
its own limit. Runs that wait for a share go on by themselves as attempts end.
"""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from .attempts import Attempt
from .runs import Run


@dataclass(frozen=True)
class Share:
    """One share on a run. `kind` is "person" or "team", `owner` their number, `runs` those that it is on."""

    kind: str
    owner: int
    name: str
    most: int
    runs: QuerySet[Run]

    @cached_property
    def n_under_way(self) -> int:
        """Attempts with a lease that holds. Through the runs at work, which are few."""
        at_work = self.runs.filter(state__in=[Run.State.RUNNING, Run.State.PAUSED])
        keys = list(at_work.values_list("pk", flat=True))
        return Attempt.objects.filter(run__in=keys, state=Attempt.State.RUNNING, lease_until__gt=Now()).count()

    @property
    def room(self) -> int:
        return max(0, self.most - self.n_under_way)

    @property
    def in_words(self) -> str:
        return f"{self.n_under_way} of {self.name}’s {self.most} attempts at once are under way"


def shares_of(run: Run) -> list[Share]:
    """Those on this run, the person's before the team's."""
    person, team = run.started_by, run.experiment.team
    found = []
    if person and (most := most_at_once(person)) is not None:
        found.append(Share("person", person.pk, str(person), most, Run.objects.filter(started_by=person)))
    if team and team.attempts_at_once is not None:
        found.append(Share("team", team.pk, str(team), team.attempts_at_once, Run.objects.filter(experiment__team=team)))
    return found


def full_share(run: Run) -> Share | None:
    """The share that the run waits for, if it waits for one."""
    return next((share for share in shares_of(run) if not share.room), None)


def most_at_once(person) -> int | None:
    """The person's own share, else the lab's for everybody, else None."""
    return settings.ASSAY_ATTEMPTS_AT_ONCE_PER_USER if person.attempts_at_once is None else person.attempts_at_once
