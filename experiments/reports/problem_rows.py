"""One row per attempt: its problem and how its samples' answers cluster."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, FilteredRelation, Q, QuerySet

from ..models import Attempt, Grade, Run, Sample

#: Of a longer question the row shows this much of its start and of its end, where problems of one kind differ.
START_CHARACTERS, END_CHARACTERS = 30, 44
#: Votes between the right answer and the best wrong one within which a few more samples could turn the vote.
LOW_MARGIN = 2

#: What the rows can be narrowed to; the first is the default.
FILTERS = ("all", "disagree", "low_margin", "cut_off")

_NO_ANSWER = {
    Grade.Verdict.UNPARSED: "no answer",
    Grade.Verdict.TRUNCATED: "cut off",
    Grade.Verdict.TIMED_OUT: "grader timed out",
    Grade.Verdict.FAILED: "failed",
    None: "not graded yet",
}


@dataclass(frozen=True)
class Cluster:
    """Samples that gave the same answer, or none for the same reason. `verdict` is the grade's, "" before there is one."""

    label: str
    count: int
    share: float
    verdict: str
    has_answer: bool

    @property
    def is_correct(self) -> bool:
        return self.verdict == Grade.Verdict.CORRECT


@dataclass(frozen=True)
class ProblemRow:
    """`clusters` come largest first and add up to the samples stored. `vote_margin` is None while no sample has an answer.

    Both are of the samples so far; the attempt's own columns, which the filters use, are written when it ends.
    """

    attempt_id: int
    position: int
    problem: str
    condition: str
    question: str
    target: str
    state: str
    error: str
    n_samples: int
    clusters: tuple[Cluster, ...]
    pass_at_1: float | None
    vote_margin: int | None


def attempts_page(run: Run, after: int | None, limit: int, chosen: str = "all") -> tuple[list[Attempt], int | None]:
    """Up to `limit` attempts after a position, and the position to go on from, None at the end.

    `chosen` is one of FILTERS: "disagree" keeps attempts with several answers, "low_margin" those whose vote was close,
    "cut_off" those with texts that were cut off; all three see finished attempts only.
    """
    found = _filtered(run.attempts.select_related("problem", "condition"), chosen).order_by("position")
    if after is not None:
        found = found.filter(position__gt=after)
    page = list(found[: limit + 1])
    has_more = len(page) > limit
    return page[:limit], page[limit - 1].position if has_more else None


def _filtered(attempts: QuerySet[Attempt], chosen: str) -> QuerySet[Attempt]:
    conditions = {
        "all": Q(),
        "disagree": Q(n_answers__gte=2),
        "low_margin": Q(vote_margin__range=(-LOW_MARGIN, LOW_MARGIN)),
        "cut_off": Q(n_cut_off__gte=1),
    }
    return attempts.filter(conditions[chosen])


def problem_rows(run: Run, attempts: Sequence[Attempt]) -> list[ProblemRow]:
    """The attempts' rows in the order given, by one query. Hand in attempts with their problem and condition selected."""
    counts = (
        Sample.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
        .annotate(grade=FilteredRelation("grades", condition=Q(grades__grader=run.config["grader"]["key"])))
        .filter(Q(purpose=Sample.Purpose.ANSWER) | Q(grade__isnull=False))
        .order_by()
        .values_list("attempt_id", "grade__verdict", "grade__canonical")
        .annotate(count=Count("pk"))
    )
    by_attempt = defaultdict(list)
    for attempt, verdict, canonical, count in counts:
        by_attempt[attempt].append((verdict, canonical, count))
    return [_row(attempt, by_attempt[attempt.pk]) for attempt in attempts]


def _row(attempt: Attempt, counts: list[tuple]) -> ProblemRow:
    total = sum(count for *_, count in counts)
    clusters = [
        Cluster(
            label=_NO_ANSWER.get(verdict, "no answer") if canonical is None else canonical,
            count=count,
            share=count / total,
            verdict=verdict or "",
            has_answer=canonical is not None,
        )
        for verdict, canonical, count in counts
    ]
    clusters.sort(key=lambda cluster: (-cluster.count, not cluster.has_answer, cluster.label))
    n_correct = sum(cluster.count for cluster in clusters if cluster.is_correct)
    problem = attempt.problem
    return ProblemRow(
        attempt_id=attempt.pk,
        position=attempt.position,
        problem=problem.key,
        condition=attempt.condition.label,
        question=_shortened(problem.question),
        target=_shortened(" or ".join(str(answer) for answer in problem.answers)),
        state=attempt.state,
        error=attempt.error,
        n_samples=total,
        clusters=tuple(clusters),
        pass_at_1=n_correct / total if total else None,
        vote_margin=_vote_margin(clusters),
    )


def _vote_margin(clusters: list[Cluster]) -> int | None:
    """Votes for the right answer minus those for the best wrong one."""
    votes, right = Counter(), set()
    for cluster in clusters:
        if cluster.has_answer:
            votes[cluster.label] += cluster.count
            right |= {cluster.label} if cluster.is_correct else set()
    if not votes:
        return None
    best_right = max((votes[answer] for answer in right), default=0)
    return best_right - max((count for answer, count in votes.items() if answer not in right), default=0)


def _shortened(text: str) -> str:
    """One line, with its middle left out where it is long."""
    line = " ".join(text.split())
    if len(line) <= START_CHARACTERS + END_CHARACTERS:
        return line
    return f"{line[:START_CHARACTERS].rstrip()} … {line[-END_CHARACTERS:].lstrip()}"
