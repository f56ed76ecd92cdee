"""A study's cells with their strategies' options filled in: studies know strategies by name only."""

from collections.abc import Sequence
from dataclasses import replace

from ..domain.types import ConditionSpec, Decoding, Plugin
from ..strategies.base import strategies
from ..studies.base import Study


def lay_out(study: Study, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
    """The design, each strategy with those of the offered options that it has. What uses an oracle says so in its label.

    Raises InvalidInput as the study's `lay_out` does, and for a strategy or an option that does not exist.
    """
    return [_complete(cell) for cell in study.lay_out(language_models, variants, decoding)]


def _complete(cell: ConditionSpec) -> ConditionSpec:
    known = strategies.get(cell.strategy.name).model_fields
    named = {next((name for name in names.split("|") if name in known), None): value for names, value in cell.offered.items()}
    params = {name: value for name, value in named.items() if name} | cell.strategy.params
    method = strategies.build(cell.strategy.name, params)
    label = cell.label.replace("{strategy}", method.label)
    says_so = not method.uses_oracle or "oracle" in label.lower()
    label = label if says_so else f"{label[:290]} (oracle)"
    return replace(cell, label=label[:300], strategy=Plugin(cell.strategy.name, params), offered={})
