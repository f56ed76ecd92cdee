"""What is thought of a stored sample: verifier scores without the target, a grade against it."""

from collections import Counter

from ..domain.types import FinishReason, Question, Target, Verdict
from ..graders.isolation import GradingPool
from ..models import Grade, Sample, VerifierScore
from .frozen import FrozenRun
from .recording import Recorder


class Judge:
    """Scores and grades one attempt's samples and stores both; what is stored already is not judged again."""

    def __init__(self, run: FrozenRun, question: Question, target: Target, recorder: Recorder, pool: GradingPool):
        self._run = run
        self._question = question
        self._target = target
        self._recorder = recorder
        self._pool = pool
        self._scored: set[tuple[int, str]] = set()
        self._grades: dict[int, Grade] = {}

    def remember(self, scores: list[VerifierScore], grades: list[Grade]) -> None:
        """What an earlier worker stored."""
        self._scored = {(score.sample_id, score.verifier) for score in scores}
        self._grades = {grade.sample_id: grade for grade in grades if grade.grader == self._run.grader_key}

    async def score(self, row: Sample, sample, lab) -> None:
        for key, verifier in self._run.verifiers.items():
            if (row.pk, key) not in self._scored:
                value = await verifier.score(self._question, sample, lab) if sample.finish_reason != FinishReason.FAILED else None
                await self._recorder.store(row.run_id, VerifierScore(sample=row, verifier=key, score=value))

    async def grade(self, row: Sample) -> None:
        if row.pk in self._grades:
            return
        finish_reason = FinishReason(row.finish_reason)
        mark, seconds = await self._pool.mark(self._run.grader, row.text, finish_reason, self._question, self._target)
        grade = Grade(
            run_id=row.run_id,
            sample=row,
            grader=self._run.grader_key,
            verdict=mark.verdict.value,
            score=mark.score,
            extracted=mark.extracted,
            canonical=mark.canonical,
            explanation=mark.explanation,
            seconds=seconds,
        )
        await self._recorder.store(row.run_id, grade)
        self._grades[row.pk] = grade

    def summary(self, rows: list[Sample]) -> dict:
        """The attempt's columns from `n_samples` on."""
        grades = [self._grades[row.pk] for row in rows]
        votes = Counter(grade.canonical for grade in grades if grade.canonical is not None)
        right = {grade.canonical for grade in grades if grade.verdict == Verdict.CORRECT}
        best_right = max((votes[answer] for answer in votes if answer in right), default=0)
        best_wrong = max((votes[answer] for answer in votes if answer not in right), default=0)
        return {
            "n_samples": len(rows),
            "n_correct": sum(grade.verdict == Verdict.CORRECT for grade in grades),
            "n_cut_off": sum(row.finish_reason == FinishReason.LENGTH for row in rows),
            "n_unparsed": sum(grade.verdict == Verdict.UNPARSED for grade in grades),
            "n_answers": len(votes),
            "vote_margin": best_right - best_wrong if votes else None,
        }
