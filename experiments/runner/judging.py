"""What is thought of a stored sample: verifier scores without the target, a grade against it."""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence

from ..domain.types import FinishReason, Question, Sample, Target, Verdict
from ..graders.base import Mark
from ..graders.isolation import GradingPool
from ..graders.marking import marked
from ..models import Grade, VerifierScore
from ..models import Sample as SampleRow
from ..verifiers.base import PoolVerifier
from .frozen import FrozenRun
from .judging_lab import JudgingLab
from .recording import Recorder

Pairs = Sequence[tuple[SampleRow, Sample]]


class Judge:
    """Scores and grades one attempt's samples and stores both; what is stored already is not judged again."""

    def __init__(self, run: FrozenRun, question: Question, target: Target, recorder: Recorder, pool: GradingPool):
        self._run = run
        self._question = question
        self._target = target
        self._recorder = recorder
        self._pool = pool
        self._scores: dict[tuple[int, str], asyncio.Future[tuple[float | None, list[Sample]]]] = {}
        self._stored_scores: dict[tuple[int, str], float | None] = {}
        self._grades: dict[int, asyncio.Future[Grade]] = {}
        self._stored_grades: dict[int, Grade] = {}

    def remember(self, scores: list[VerifierScore], grades: list[Grade]) -> None:
        """What an earlier worker stored."""
        self._stored_scores = {(score.sample_id, score.verifier): score.score for score in scores}
        self._stored_grades = {grade.sample_id: grade for grade in grades if grade.grader == self._run.grader_key}

    async def score(self, row: SampleRow, sample: Sample, lab) -> None:
        """By every verifier that looks at one text at a time."""
        keys = [key for key, verifier in self._run.verifiers.items() if not isinstance(verifier, PoolVerifier)]
        await asyncio.gather(*(self._score_of(key, row, sample, lab) for key in keys))

    async def score_pool(self, pairs: Pairs, lab) -> None:
        """By every verifier that compares the answers of the attempt, all of which are there now."""
        for key, verifier in self._run.verifiers.items():
            if isinstance(verifier, PoolVerifier) and any((row.pk, key) not in self._stored_scores for row, _ in pairs):
                scores, view = await self._compare(key, pairs, lab)
                facts = [
                    VerifierScore(sample=row, verifier=key, score=score, details=view.notes_on(sample))
                    for (row, sample), score in zip(pairs, scores, strict=True)
                ]
                await asyncio.gather(*(self._recorder.store(fact.sample.run_id, fact) for fact in facts))

    async def verify(self, name: str, pairs: Pairs, lab) -> tuple[list[float | None], list[Sample]]:
        """The scores by the verifier of this name or key, and the samples that it asked for."""
        key = self._run.verifier_called(name)
        if not isinstance(self._run.verifiers[key], PoolVerifier):
            found = await asyncio.gather(*(self._score_of(key, row, sample, lab) for row, sample in pairs))
            return [score for score, _ in found], [each for _, asked in found for each in asked]
        scores, view = await self._compare(key, pairs, lab)
        return scores, view.asked

    async def _compare(self, key: str, pairs: Pairs, lab) -> tuple[list[float | None], JudgingLab]:
        """The scores by a pool verifier, and the lab it worked in."""
        verifier = self._run.verifiers[key]
        good = [sample for _, sample in pairs if sample.finish_reason != FinishReason.FAILED]
        view = JudgingLab(lab, key, verifier, None)
        scores = dict(zip((sample.key for sample in good), await verifier.score_pool(self._question, good, view), strict=True))
        return [_finite(scores.get(sample.key)) for _, sample in pairs], view

    async def _score_of(self, key: str, row: SampleRow, sample: Sample, lab) -> tuple[float | None, list[Sample]]:
        """Found once, whoever asks."""
        if (row.pk, key) not in self._scores:
            self._scores[row.pk, key] = asyncio.ensure_future(self._find_score(key, row, sample, lab))
        return await asyncio.shield(self._scores[row.pk, key])

    async def _find_score(self, key: str, row: SampleRow, sample: Sample, lab) -> tuple[float | None, list[Sample]]:
        if sample.finish_reason == FinishReason.FAILED and (row.pk, key) not in self._stored_scores:
            await self._recorder.store(row.run_id, VerifierScore(sample=row, verifier=key, score=None))
            return None, []
        # A stored score is found again out of stored samples, which says what it cost.
        verifier = self._run.verifiers[key]
        view = JudgingLab(lab, key, verifier, sample)
        score = _finite(await verifier.score(self._question, sample, view))
        if (row.pk, key) in self._stored_scores:
            return self._stored_scores[row.pk, key], view.asked
        fact = VerifierScore(sample=row, verifier=key, score=score, details=view.notes_on(sample))
        await self._recorder.store(row.run_id, fact)
        return score, view.asked

    async def grade(self, row: SampleRow) -> Grade:
        """Found once, whoever asks."""
        if row.pk not in self._grades:
            self._grades[row.pk] = asyncio.ensure_future(self._find_grade(row))
        return await asyncio.shield(self._grades[row.pk])

    async def _find_grade(self, row: SampleRow) -> Grade:
        if row.pk in self._stored_grades:
            return self._stored_grades[row.pk]
        mark, seconds = await self._mark(row)
        grade = Grade(
            run_id=row.run_id,
            sample=row,
            grader=self._run.grader_key,
            verdict=mark.verdict.value,
            score=mark.score,
            extracted=mark.extracted,
            canonical=mark.canonical,
            explanation=mark.explanation,
            details=mark.details,
            seconds=seconds,
        )
        await self._recorder.store(row.run_id, grade)
        return grade

    async def read(self, row: SampleRow) -> str | None:
        """The canonical answer in a text that is not handed in; nothing is stored."""
        return (await self._mark(row))[0].canonical

    async def _mark(self, row: SampleRow) -> tuple[Mark, float]:
        finish_reason = FinishReason(row.finish_reason)
        return await marked(self._pool, self._run.grader, row.whole_text, finish_reason, self._question, self._target)

    def summary(self, rows: list[SampleRow]) -> dict:
        """The attempt's columns from `n_samples` on, of the answers that were handed in and are all graded."""
        grades = [self._grades[row.pk].result() for row in rows]
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


def _finite(score: float | None) -> float | None:
    """NaN and infinities are no scores."""
    return score if score is not None and math.isfinite(score) else None
