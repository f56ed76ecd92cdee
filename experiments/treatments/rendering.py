"""A problem in the words that a condition puts it in: rendered first, treated then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..domain import templating
from ..domain.seeds import derive_seed
from ..domain.types import HIDDEN, Demonstration, Message, Question
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
) -> Question:
    """The question without its target. `wording` has "system" and "template"; `treatment` is a plug-in's name and params.
    `others` are the wordings of the run's other variants.

    The treatment's seed is the same for one problem in the whole run, whatever model and wording it is put to.
    """
    shown = {name: value for name, value in metadata.items() if name != HIDDEN}
    question = Question(key, _messages(wording, slots), tuple(choices), shown, dict(slots))
    if treatment is None:
        return question
    plugin = treatments.build(treatment["name"], treatment["params"])
    question = replace(question, demonstrations=tuple(demonstrations[: plugin.n_demonstrations]))
    if plugin.reads_other_variants:
        question = replace(question, alternatives=tuple(_messages(other, slots) for other in others))
    return plugin.apply(question, derive_seed(run_seed, "treatment", key))


def _messages(wording: Mapping[str, str], slots: Mapping[str, str]) -> tuple[Message, ...]:
    system = [Message("system", templating.render(wording["system"], slots))] if wording["system"] else []
    return (*system, Message("user", templating.render(wording["template"], slots)))


def as_demonstration(frozen: Mapping[str, Any]) -> Demonstration:
    """From a run's frozen config."""
    return Demonstration(frozen["key"], frozen["slots"], tuple(frozen["choices"]), tuple(frozen["answers"]))
