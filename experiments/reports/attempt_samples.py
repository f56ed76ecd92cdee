"""The samples of one attempt as a reader sees them: what was asked, what came back, what was made of it."""

from dataclasses import dataclass

from ..domain.types import Question
from ..models import Attempt, Grade, Run, Sample, VerifierScore
from ..treatments.rendering import as_demonstration, rendered


@dataclass(frozen=True)
class ReadSample:
    """One sample with its judgement. The text is `before + answer + after`; `answer` is what the grader took, or empty."""

    sample: Sample
    grade: Grade | None
    scores: list[VerifierScore]
    before: str
    answer: str
    after: str

    @property
    def state(self) -> str:
        """The verdict, or "failed" or "ungraded" without one."""
        if self.grade:
            return self.grade.verdict
        return "failed" if self.sample.finish_reason == Sample.FinishReason.FAILED else "ungraded"


def samples_page(run: Run, attempt: Attempt, after_index: int, limit: int) -> tuple[list[ReadSample], bool]:
    """Up to `limit` samples with a higher index, in order, and whether there are more."""
    numbers = (
        attempt.samples.exclude(purpose=Sample.Purpose.JUDGE)
        .filter(index__gt=after_index)
        .order_by("index")
        .values_list("pk", flat=True)[: limit + 1]
    )
    wanted = list(numbers)
    samples = Sample.objects.filter(pk__in=wanted[:limit]).defer("logprobs").order_by("index")
    own_grades = Grade.objects.filter(sample__in=wanted[:limit], grader=run.config["grader"]["key"])
    grades = {grade.sample_id: grade for grade in own_grades}
    scores: dict[int, list[VerifierScore]] = {}
    for score in VerifierScore.objects.filter(sample__in=wanted[:limit]).order_by("verifier"):
        scores.setdefault(score.sample_id, []).append(score)
    read = [_read(sample, grades.get(sample.pk), scores.get(sample.pk, [])) for sample in samples]
    return read, len(wanted) > limit


def _read(sample: Sample, grade: Grade | None, scores: list[VerifierScore]) -> ReadSample:
    answer = grade.extracted if grade and grade.extracted else ""
    # Graders read from the end, so the last occurrence is the one that was taken. A normalised answer may not occur at all.
    start = sample.text.rfind(answer) if answer else -1
    if start < 0:
        return ReadSample(sample, grade, scores, sample.text, "", "")
    end = start + len(answer)
    return ReadSample(sample, grade, scores, sample.text[:start], answer, sample.text[end:])


def asked_question(run: Run, attempt: Attempt) -> Question:
    """What was asked in the attempt, from the frozen wording and the problem."""
    condition = next(each for each in run.config["conditions"] if each["key"] == attempt.condition.key)
    wording = next(each for each in run.config["prompts"] if each["id"] == attempt.condition.variant_id)
    problem = attempt.problem
    texts = (problem.slots, problem.choices, problem.metadata, wording)
    shown = [as_demonstration(each) for each in run.config.get("demonstrations", ())]
    others = [each for each in run.config["prompts"] if each is not wording]
    return rendered(problem.key, *texts, condition.get("treatment"), run.seed, shown, others, run.config.get("ring", ()))


def rendered_prompt(question: Question) -> list[tuple[str, str]]:
    """(role, text) of every message that was sent; a set of prompts in order."""
    told = [(message.role, message.content) for message in question.messages]
    for number, prompt in enumerate(question.alternatives, start=2):
        told += [(f"{message.role}, prompt {number} of the set", message.content) for message in prompt]
    return told
