"""Spending caps: whether one more call could cross one, seen before the call leaves."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from ..domain.errors import AssayError
from ..models import Call, Run, Spending, Team

# Any number that nothing else in this database locks by.
_LOCK = 7_310_441


class CapReached(AssayError):
    """The next call could cost more than a cap leaves; the message names the cap, what is spent and what is needed."""


@dataclass(frozen=True)
class Obstacle:
    """Why a call may not leave now. `may_pass`: calls under way hold back more than they are likely to cost."""

    sentence: str
    may_pass: bool


@dataclass
class _Cap:
    """One cap on one run's calls, with what counts towards it."""

    words: str
    remedy: str
    most: float
    spent: float
    reserved: float


class Caps:
    """The caps as they stand in this transaction. The rows that are let through in it count towards the later ones."""

    def __init__(self):
        self._caps: dict[int, list[_Cap]] = {}
        self._shared: dict[tuple, _Cap] = {}

    def obstacle_to(self, call: Call) -> Obstacle | None:
        """What stands in the call's way. If nothing does, the most it may cost is taken from what the caps leave."""
        if not call.most_cost:
            return None
        if call.run_id not in self._caps:
            self._caps[call.run_id] = self._caps_on(call.run_id)
        caps = self._caps[call.run_id]
        for cap in caps:
            if cap.spent + cap.reserved + call.most_cost > cap.most:
                return Obstacle(_sentence(cap, call.most_cost), may_pass=cap.spent + call.most_cost <= cap.most)
        for cap in caps:
            cap.reserved += call.most_cost
        return None

    def _caps_on(self, run_id: int) -> list[_Cap]:
        run = Run.objects.select_related("started_by", "experiment__team").get(pk=run_id)
        caps = []
        if run.spending_cap is not None:
            spent = Spending.objects.filter(run=run).totals()
            caps.append(_Cap("This run's spending cap", "Raise it", run.spending_cap, *spent))
        user, today = run.started_by, Spending.objects.today()
        if user and (most := daily_cap_of(user)) is not None:
            caps.append(self._share(("user", user.pk), f"The spending cap of {user} a day", most, today.by_user(user.pk)))
        caps += self._caps_of_team(run.experiment.team)
        if (most := settings.ASSAY_DAILY_SPENDING_CAP) is not None:
            caps.append(self._share(("lab",), "The lab's spending cap a day", most, today))
        return caps

    def _caps_of_team(self, team: Team | None) -> list[_Cap]:
        if team is None:
            return []
        spending = Spending.objects.by_team(team.pk)
        of_day, of_month = f"The spending cap of the team {team} a day", f"The spending cap of the team {team} a month"
        caps = []
        if (most := team.daily_spending_cap) is not None:
            caps.append(self._share(("team", team.pk), of_day, most, spending.today()))
        if (most := team.monthly_spending_cap) is not None:
            caps.append(self._share(("team's month", team.pk), of_month, most, spending.this_month(), until="next month"))
        return caps

    def _share(self, key: tuple, words: str, most: float, spending, until: str = "tomorrow") -> _Cap:
        """One object for all the runs that a cap is on."""
        if key not in self._shared:
            self._shared[key] = _Cap(words, f"Raise it or wait until {until}", most, *spending.totals())
        return self._shared[key]


def daily_cap_of(user) -> float | None:
    """What the user's runs may cost a day: their own cap, else the lab's for everybody, else None."""
    own = user.daily_spending_cap
    return settings.ASSAY_DAILY_SPENDING_CAP_PER_USER if own is None else own


def _sentence(cap: _Cap, needed: float) -> str:
    return (
        f"{cap.words} is {cap.most:g}: {cap.spent:.4g} is spent, and the next call may cost up to {needed:.4g}. "
        f"{cap.remedy}, then resume the run."
    )


def keep_other_workers_out() -> None:
    """Until this transaction ends, so that two workers do not give away the same money. SQLite has one writer anyway.

    To be called before anything else is locked: whoever waits here must hold nothing that the other one wants.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
