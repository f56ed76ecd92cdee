"""The wall of texts being written and just finished, one card for each place on it."""

from dataclasses import dataclass

from ..models import Attempt, Grade, Run, Sample, WorkerDraft
from ..statistics.text_measures import n_sentences, n_words
from ..treatments.base import Cap, treatments

PLACES = 24
# A card shows about this much; of a text still being written, its end.
SHOWN_CHARACTERS = 180
# Generated problems often begin alike and differ in their last words.
QUESTION_CHARACTERS = 17


@dataclass(frozen=True)
class Filling:
    """How much of the length that was asked for a text has taken."""

    length: int
    cap: Cap

    @property
    def is_over(self) -> bool:
        return self.length > self.cap.most

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.length / self.cap.most))


@dataclass(frozen=True)
class Card:
    """One text. `state` is "writing", "ungraded" or the grade's verdict; `tokens` are counted when it is finished.

    A text keeps its place from the first token to its verdict: (attempt, index) counted through the run, modulo PLACES.
    """

    place: int
    attempt: int
    index: int
    problem: str
    question: str
    text: str
    tokens: int | None
    state: str
    extracted: str = ""
    filling: Filling | None = None


def wall(run: Run) -> list[Card]:
    """The cards in order of their places. Texts being written come before finished ones, newer before older."""
    drafts = [] if run.is_finished else WorkerDraft.objects.filter(run=run)
    being_written = [(draft.worker_id, text) for draft in drafts for text in draft.texts]
    newest = list(run.samples.exclude(purpose=Sample.Purpose.JUDGE).defer("logprobs").order_by("-id")[: 2 * PLACES])
    own_grades = Grade.objects.filter(sample__in=newest, grader=run.config["grader"]["key"])
    grades = {grade.sample_id: grade for grade in own_grades}
    shown = {text["attempt"] for _, text in being_written} | {sample.attempt_id for sample in newest}
    attempts = run.attempts.select_related("problem").in_bulk(shown)

    caps = _caps(run)
    places: dict[int, Card] = {}
    for worker_id, text in being_written:
        attempt = attempts[text["attempt"]]
        # What a worker was writing that lost the attempt, nobody writes any more.
        if attempt.worker_id == worker_id:
            card = _card_of_draft(run, attempt, text, caps)
            places.setdefault(card.place, card)
    for sample in newest:
        card = _card_of_sample(run, attempts[sample.attempt_id], sample, grades.get(sample.pk), caps)
        places.setdefault(card.place, card)
    return [places[place] for place in sorted(places)]


def _caps(run: Run) -> dict[int, Cap]:
    """Condition -> the length that its treatment asks for, where it asks for one."""
    found = {}
    for spec in run.config["conditions"]:
        if treatment := spec.get("treatment"):
            found[spec["key"]] = treatments.build(treatment["name"], treatment["params"]).cap
    by_key = run.conditions.values_list("pk", "key") if any(found.values()) else ()
    return {pk: found[key] for pk, key in by_key if found.get(key)}


def _filling(cap: Cap | None, lengths: dict[str, int]) -> Filling | None:
    return Filling(lengths[cap.unit], cap) if cap and cap.unit in lengths else None


def _card_of_draft(run: Run, attempt: Attempt, text: dict, caps: dict[int, Cap]) -> Card:
    filling = _filling(caps.get(attempt.condition_id), text.get("lengths", {}))
    return _card(run, attempt, text["index"], text["text"][-SHOWN_CHARACTERS:], None, "writing", filling=filling)


def _card_of_sample(run: Run, attempt: Attempt, sample: Sample, grade: Grade | None, caps: dict[int, Cap]) -> Card:
    state = grade.verdict if grade else "failed" if sample.finish_reason == Sample.FinishReason.FAILED else "ungraded"
    start = (sample.text or sample.error)[:SHOWN_CHARACTERS]
    extracted = (grade.extracted or "") if grade else ""
    text = sample.whole_text
    lengths = {"words": n_words(text), "sentences": n_sentences(text), "tokens": sample.completion_tokens}
    filling = _filling(caps.get(attempt.condition_id), lengths)
    return _card(run, attempt, sample.index, start, sample.completion_tokens, state, extracted, filling)


def _card(
    run: Run,
    attempt: Attempt,
    index: int,
    text: str,
    tokens: int | None,
    state: str,
    extracted: str = "",
    filling: Filling | None = None,
) -> Card:
    samples_per_attempt = max(1, run.n_samples_planned // max(1, run.n_attempts))
    place = (attempt.position * samples_per_attempt + index) % PLACES
    question = _end_of(attempt.problem.question)
    return Card(place, attempt.pk, index, attempt.problem.key, question, text, tokens, state, extracted, filling)


def _end_of(question: str) -> str:
    """One line: the whole question if it is short, else its last words."""
    line = " ".join(question.split())
    if len(line) <= QUESTION_CHARACTERS:
        return line
    end = line[-QUESTION_CHARACTERS:]
    return f"… {end.split(' ', 1)[-1]}"
