"""A problem in the words that a condition puts it in: rendered first, treated then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..domain import templating
from ..domain.errors import InvalidInput
from ..domain.seeds import derive_seed
from ..domain.types import HIDDEN, Demonstration, Message, Question, Target
from .base import treatments


def rendered(
    key: str,
    slots: Mapping[str, str],
    choices: Sequence[str],
    metadata: Mapping[str, Any],
    wording: Mapping[str, str],
    treatment: Mapping[str, Any] | None,
    run_seed: int,
    demonstrations: Sequence[Demonstration] = (),
    others: Sequence[Mapping[str, str]] = (),
    ring: Sequence[Mapping[str, Any]] = (),
) -> Question:
    """The question without its target. `wording` has "system" and "template"; `treatment` is a plug-in's name and params.
    `others` are the wordings of the run's other variants, `ring` the run's problems as frozen, in their order.

    The treatment's seed is the same for one problem in the whole run, whatever model and wording it is put to.
    """
    question = _question(key, slots, choices, metadata, wording)
    if treatment is None:
        return question
    plugin = treatments.build(treatment["name"], treatment["params"])
    question = replace(question, demonstrations=tuple(demonstrations[: plugin.n_demonstrations]))
    if plugin.reads_other_variants:
        question = replace(question, alternatives=tuple(_messages(other, slots) for other in others))
    if plugin.n_companions is not None:
        beside = [
            _question(each["key"], each["slots"], each["choices"], each["metadata"], wording)
            for each in companions_of(key, ring, plugin.n_companions)
        ]
        question = replace(question, companions=tuple(beside))
    return plugin.apply(question, derive_seed(run_seed, "treatment", key))


def companions_of(key: str, ring: Sequence[Mapping[str, Any]], n: int) -> list[Mapping[str, Any]]:
    """The `n` problems that follow in the ring, its beginning after its end. Raises InvalidInput for a ring that is too small."""
    if len(ring) <= n:
        raise InvalidInput(f"{n + 1} problems are to be asked in one prompt, and the run has only {len(ring)}.")
    place = next(place for place, each in enumerate(ring) if each["key"] == key)
    return [ring[(place + step) % len(ring)] for step in range(1, n + 1)]


def target_with_companions(target: Target, question: Question, ring: Sequence[Mapping[str, Any]]) -> Target:
    """The target beside those of the question's companions."""
    frozen = {each["key"]: each for each in ring}
    beside = [frozen[companion.key] for companion in question.companions or ()]
    targets = (Target(tuple(each["answers"]), tuple(each["choices"]), each["metadata"]) for each in beside)
    return replace(target, companions=tuple(targets))


def _question(
    key: str, slots: Mapping[str, str], choices: Sequence[str], metadata: Mapping[str, Any], wording: Mapping[str, str]
) -> Question:
    shown = {name: value for name, value in metadata.items() if name != HIDDEN}
    return Question(key, _messages(wording, slots), tuple(choices), shown, dict(slots))


def _messages(wording: Mapping[str, str], slots: Mapping[str, str]) -> tuple[Message, ...]:
    system = [Message("system", templating.render(wording["system"], slots))] if wording["system"] else []
    return (*system, Message("user", templating.render(wording["template"], slots)))


def as_demonstration(frozen: Mapping[str, Any]) -> Demonstration:
    """From a run's frozen config."""
    return Demonstration(frozen["key"], frozen["slots"], tuple(frozen["choices"]), tuple(frozen["answers"]))
