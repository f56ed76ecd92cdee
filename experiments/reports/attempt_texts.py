"""Every text of an attempt but the judges', with who it goes on from: what trees and chains are drawn from."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..models import Attempt, Grade, Run, Sample, VerifierScore


@dataclass(frozen=True)
class AttemptText:
    """One text. `parent` is the pk of the text it goes on from or answers, None for a first one.

    `text` leaves out the prefix; `verdict` is the grade's, "" for a text that was not handed in; `scores` are by verifier.
    """

    pk: int
    index: int
    parent: int | None
    purpose: str
    text: str
    n_tokens: int = 0
    failed: bool = False
    error: str = ""
    verdict: str = ""
    extracted: str = ""
    scores: dict[str, float] = field(default_factory=dict)


def attempt_texts(run: Run, attempt: Attempt) -> list[AttemptText]:
    """In the order in which they were asked for, which puts parents before their children; by three queries."""
    rows = attempt.samples.exclude(purpose=Sample.Purpose.JUDGE).order_by("index")
    samples = list(rows.values_list("pk", "index", "parent_id", "purpose", "text", "completion_tokens", "finish_reason", "error"))
    keys = [pk for pk, *_ in samples]
    grades = _grades(run, keys)
    scores = defaultdict(dict)
    for score in VerifierScore.objects.filter(sample__in=keys, score__isnull=False).order_by("verifier"):
        scores[score.sample_id][score.verifier] = score.score
    return [
        AttemptText(
            pk,
            index,
            parent,
            purpose,
            text,
            n_tokens,
            finish == Sample.FinishReason.FAILED,
            error,
            *grades.get(pk, ("", "")),
            scores[pk],
        )
        for pk, index, parent, purpose, text, n_tokens, finish, error in samples
    ]


def _grades(run: Run, keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Sample -> verdict and what was taken as the answer, by the run's own grader."""
    own = Grade.objects.filter(sample__in=keys, grader=run.config["grader"]["key"])
    return {pk: (verdict, extracted or "") for pk, verdict, extracted in own.values_list("sample_id", "verdict", "extracted")}
