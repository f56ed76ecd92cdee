"""The wall of texts being written and just finished, one card for each place on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..models import Attempt, Draft, Grade, Run, Sample

PLACES = 24
# A card shows about this much; of a text still being written, its end.
SHOWN_CHARACTERS = 180


@dataclass(frozen=True)
class Card:
    """One text. `state` is "writing", "ungraded" or the grade's verdict; `place` counts from 0 and never moves.

    A text keeps its place from the first token to its verdict: (attempt, index) counted through the run, modulo PLACES.
    """

    place: int
    attempt: int
    index: int
    problem: str
    question: str
    text: str
    tokens: int
    state: str
    extracted: str = ""
    cut_off: bool = False

    @property
    def is_writing(self) -> bool:
        return self.state == "writing"


def wall(run: Run) -> list[Card]:
    """The cards in order of their places. Texts being written come before finished ones, newer before older."""
    draft = Draft.objects.filter(run=run).first() if not run.is_finished else None
    being_written = draft.texts if draft else []
    newest = list(run.samples.select_related("attempt__problem").defer("logprobs").order_by("-id")[: 2 * PLACES])
    own_grades = Grade.objects.filter(sample__in=newest, grader=run.config["grader"]["key"])
    grades = {grade.sample_id: grade for grade in own_grades}
    attempts = Attempt.objects.select_related("problem").in_bulk({text["attempt"] for text in being_written})

    places: dict[int, Card] = {}
    for card in _cards_of_drafts(run, being_written, attempts):
        places.setdefault(card.place, card)
    for sample in newest:
        card = _card_of_sample(run, sample, grades.get(sample.pk))
        places.setdefault(card.place, card)
    return [places[place] for place in sorted(places)]


def _cards_of_drafts(run: Run, being_written: Iterable[dict], attempts: dict[int, Attempt]) -> Iterable[Card]:
    for text in being_written:
        # The attempt may have been taken away since the draft was written.
        if attempt := attempts.get(text["attempt"]):
            end = text["text"][-SHOWN_CHARACTERS:]
            yield _card(run, attempt, text["index"], end, text["tokens"], "writing")


def _card_of_sample(run: Run, sample: Sample, grade: Grade | None) -> Card:
    state = grade.verdict if grade else "failed" if sample.finish_reason == Sample.FinishReason.FAILED else "ungraded"
    start = (sample.text or sample.error)[:SHOWN_CHARACTERS]
    extracted = (grade.extracted or "") if grade else ""
    cut_off = sample.finish_reason == Sample.FinishReason.LENGTH
    return _card(run, sample.attempt, sample.index, start, sample.completion_tokens, state, extracted, cut_off)


def _card(run: Run, attempt: Attempt, index: int, text: str, tokens: int, state: str, extracted="", cut_off=False) -> Card:
    samples_per_attempt = max(1, run.n_samples_planned // max(1, run.n_attempts))
    place = (attempt.position * samples_per_attempt + index) % PLACES
    question = attempt.problem.question
    return Card(place, attempt.pk, index, attempt.problem.key, question, text, tokens, state, extracted, cut_off)
