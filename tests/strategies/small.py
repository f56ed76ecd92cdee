"""Every strategy of the registry at a small size: what comes later is taken along by itself."""

from experiments.domain.registry import Options
from experiments.models import Experiment
from experiments.strategies.base import strategies
from tests.factories import make_experiment


def small_options(method: type[Options], most: int) -> dict[str, int]:
    """Its counts, limits of tokens apart, cut down to `most` where the default is more."""
    fields = method.model_fields.items()
    return {name: most for name, field in fields if type(field.default) is int and field.default > most and "tokens" not in name}


def make_experiment_with_all_strategies(
    most: int = 4, problems: int = 1, overrides: dict[str, dict] | None = None, **fields
) -> Experiment:
    """A condition for each registered strategy. `overrides` are further options by strategy."""
    options = {each.name: small_options(each, most) | (overrides or {}).get(each.name, {}) for each in strategies}
    asked = {name for method, params in options.items() for name in strategies.build(method, params).verifiers_used}
    study_params = {"strategies": sorted(set(options) - {"pool"}), "budgets": [most], "pool_n": most, "overrides": options}
    return make_experiment(
        study="test_time_compute",
        study_params=study_params,
        problems=problems,
        verifiers=[{"name": name, "params": {}} for name in sorted(asked | {"mean_logprob"})],
        **fields,
    )
