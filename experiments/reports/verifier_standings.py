"""What each verifier of a run came to: how many answers it scored, how often its scores say nothing, and what it cost."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, Min, Sum

from ..domain.errors import UnknownName
from ..models import Run, Sample, Scoring, VerifierScore
from ..statistics.estimates import Estimate
from ..statistics.intervals import wilson
from ..studies.wording import describe
from ..verifiers.base import verifiers


@dataclass(frozen=True)
class Spent:
    """On a verifier's questions, in sums."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class VerifierStanding:
    """One verifier. `missing` answers were looked at and have no score; in `flat` of the `pools` all scores are equal.

    `first_preferred` is how often a judge of pairs named the text shown first, None where it was not asked so.
    """

    key: str
    label: str
    params: dict
    scoring: Scoring | None
    answers: int
    scored: int
    missing: int
    pools: int
    flat: int
    judgements: int
    unread: int
    first_preferred: Estimate | None
    spent: Spent = field(default_factory=Spent)

    @property
    def seen(self) -> int:
        return self.scored + self.missing

    @property
    def cautions(self) -> list[str]:
        """In words, what to know before anything is chosen by its scores."""
        found = []
        if self.missing:
            found.append(f"{self.missing:,} of {self.seen:,} samples have no score by {self.label}; they are chosen last.")
        if self.flat and self.flat == self.pools:
            found.append(f"All scores are equal: selection by {self.label} is random.")
        elif self.flat:
            found.append(f"All scores are equal in {self.flat:,} of {self.pools:,} attempts: there, selection is random.")
        if self.unread:
            found.append(f"{self.unread:,} of {self.judgements:,} judgements did not come in the format and were left out.")
        if self.first_preferred is not None:
            share = describe(self.first_preferred)
            found.append(f"The text shown first was preferred in {share} of {self.first_preferred.n:,} games; 0.50 is fair.")
        return found


def verifier_standings(run: Run) -> list[VerifierStanding]:
    """Of the verifiers that the run was planned with, then of those that scored it later."""
    scorings = {scoring.key: scoring for scoring in run.scorings.all()}
    plugins = {each["key"]: each for each in run.config["verifiers"]}
    plugins |= {key: scoring.config["verifiers"][0] for key, scoring in scorings.items()}
    answers = Scoring(run=run).answers().count()
    counts = _counts(run)
    details = _details(run)
    spent = _spent(run)
    return [
        _standing(plugin, scorings.get(key), answers, counts.get(key, []), details.get(key, Counter()), spent.get(key, Spent()))
        for key, plugin in plugins.items()
    ]


def _standing(
    plugin: dict, scoring: Scoring | None, answers: int, pools: list[dict], details: Counter, spent: Spent
) -> VerifierStanding:
    compared = [pool for pool in pools if pool["n_scored"] > 1]
    games = details["first_preferred"] + details["second_preferred"]
    return VerifierStanding(
        key=plugin["key"],
        label=_label(plugin["name"]),
        params=plugin["params"],
        scoring=scoring,
        answers=answers,
        scored=sum(pool["n_scored"] for pool in pools),
        missing=sum(pool["n"] - pool["n_scored"] for pool in pools),
        pools=len(compared),
        flat=sum(pool["lowest"] == pool["highest"] for pool in compared),
        judgements=details["judgements"],
        unread=details["unread"],
        first_preferred=wilson(details["first_preferred"], games) if games else None,
        spent=spent,
    )


def _label(name: str) -> str:
    try:
        return verifiers.get(name).label
    except UnknownName:
        return name


def _counts(run: Run) -> dict[str, list[dict]]:
    """By verifier one row for each attempt, about its answers; unfinished texts may have scores too."""
    rows = (
        VerifierScore.objects.filter(sample__run=run, sample__grades__grader=run.config["grader"]["key"])
        .order_by()
        .values("verifier", attempt=F("sample__attempt"))
        .annotate(n=Count("pk"), n_scored=Count("score"), lowest=Min("score"), highest=Max("score"))
    )
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row["verifier"], []).append(row)
    return found


def _details(run: Run) -> dict[str, Counter]:
    """By verifier the sums of the numbers that stand beside its scores."""
    found: dict[str, Counter] = {}
    rows = VerifierScore.objects.filter(sample__run=run).exclude(details={}).values_list("verifier", "details")
    for verifier, numbers in rows.iterator():
        found.setdefault(verifier, Counter()).update(numbers)
    return found


def _spent(run: Run) -> dict[str, Spent]:
    rows = (
        Sample.objects.filter(run=run, purpose=Sample.Purpose.JUDGE)
        .order_by()
        .values_list("verifier")
        .annotate(Sum("n_calls"), Sum("prompt_tokens"), Sum("completion_tokens"), Sum("cost"))
    )
    return {verifier: Spent(*sums) for verifier, *sums in rows}
