"""Loops of refinement as timelines to draw: answer, what was said about it, next answer, and what changed between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.types import Purpose, Verdict
from ..domain.wording import Change, phrase_changes
from .attempt_texts import AttemptText


@dataclass(frozen=True)
class Round:
    """One answer. `changes` lead to it word by word from the answer before, None for the first; `turned` says what became of
    the verdict: "wrong turned right", "right turned wrong", or nothing. `feedback` was said about it, or `said` in the method's
    own words; `cue` is what kind of reply followed.
    """

    number: int
    answer: AttemptText
    changes: list[Change] | None
    turned: str
    is_chosen: bool
    feedback: AttemptText | None
    cue: str
    said: str

    @property
    def is_unchanged(self) -> bool:
        return self.changes is not None and all(change.kind == "same" for change in self.changes)


@dataclass(frozen=True)
class Chain:
    """`stopped` says why there are no more rounds, "" while there may be."""

    number: int
    rounds: list[Round]
    stopped: str


@dataclass(frozen=True)
class Chains:
    """All chains of an attempt. `kept` says why the answer handed in is this one; `closing` are texts that no chain holds, such
    as an answer written after reading all others.
    """

    chains: list[Chain]
    closing: list[AttemptText]
    kept: str


def is_chain(texts: Sequence[AttemptText]) -> bool:
    """Whether an answer was given after another one, or after something said about one."""
    return any(text.parent is not None and text.purpose in (Purpose.ANSWER, Purpose.FEEDBACK) for text in texts)


def draw_chains(texts: Sequence[AttemptText], chosen: int | None, trace: dict[str, Any]) -> Chains:
    """The chains of an attempt; `trace` is what the method recorded at its end, empty while it goes on."""
    told = [each if isinstance(each, dict) else {"answers": each} for each in trace.get("chains", [])]
    by_index = {text.index: text for text in texts}
    if told:
        answers = [[by_index[index] for index in each["answers"] if index in by_index] for each in told]
    else:
        answers = _by_parents(texts)
        told = [{} for _ in answers]
    feedback = {text.parent: text for text in texts if text.purpose == Purpose.FEEDBACK}
    held = {answer.pk for chain in answers for answer in chain}
    chains = [
        Chain(number, _rounds(chain, feedback, each, chosen), each.get("stopped", ""))
        for number, (chain, each) in enumerate(zip(answers, told, strict=True), start=1)
    ]
    replies = {chain.rounds[i].feedback.pk for chain in chains for i in range(len(chain.rounds)) if chain.rounds[i].feedback}
    closing = [text for text in texts if text.pk not in held | replies]
    return Chains(chains, closing, trace.get("kept") or trace.get("chosen_by", ""))


def _by_parents(texts: Sequence[AttemptText]) -> list[list[AttemptText]]:
    """Every first answer with those that go on from it, or from what was said about it."""
    by_pk = {text.pk: text for text in texts}
    chains: dict[int, list[AttemptText]] = {}
    first_of: dict[int, int] = {}
    for text in texts:
        parent = by_pk.get(text.parent)
        first_of[text.pk] = first_of.get(parent.pk, parent.pk) if parent else text.pk
        if text.purpose == Purpose.ANSWER:
            chains.setdefault(first_of[text.pk], []).append(text)
    return list(chains.values())


def _rounds(
    answers: Sequence[AttemptText], feedback: dict[int | None, AttemptText], told: dict[str, Any], chosen: int | None
) -> list[Round]:
    rounds: list[Round] = []
    cues, said = told.get("cues", []), told.get("said", [])
    for i, answer in enumerate(answers):
        before = answers[i - 1] if i else None
        rounds.append(
            Round(
                number=i + 1,
                answer=answer,
                changes=phrase_changes(before.text, answer.text) if before else None,
                turned=_turned(before, answer) if before else "",
                is_chosen=answer.pk == chosen,
                feedback=feedback.get(answer.pk),
                cue=cues[i] if i < len(cues) else "",
                said=said[i] if i < len(said) else "",
            )
        )
    return rounds


def _turned(before: AttemptText, after: AttemptText) -> str:
    """Of two graded answers."""
    was, became = (text.verdict == Verdict.CORRECT for text in (before, after))
    if not (before.verdict and after.verdict) or was == became:
        return ""
    return "wrong turned right" if became else "right turned wrong"
