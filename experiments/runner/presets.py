"""Experiments that are ready to run beside the demo, on its problems and its model."""

from typing import Any

from django.db import transaction

from ..models import Experiment
from . import demo


@transaction.atomic
def load_preset(name: str) -> Experiment:
    """The experiment of that name in PRESETS, or the demo, with all it needs. What is there already stays as it is."""
    basis = demo.load_demo()
    known = Experiment.objects.filter(name=name).first()
    if known:
        return known
    experiment = Experiment.objects.create(
        name=name,
        dataset=basis.dataset,
        **{field: getattr(basis, field) for field in ("grader", "grader_params", "verifiers", "decoding", "seed")}
        | PRESETS[name],
    )
    experiment.variants.set(basis.variants.all())
    experiment.language_models.set(basis.language_models.all())
    return experiment


def names() -> list[str]:
    return [demo.EXPERIMENT, *PRESETS]


#: Name -> what differs from the demo.
PRESETS: dict[str, dict[str, Any]] = {
    "strategies": {
        "description": "Eight ways of spending 256 tokens on a sum, each against best-of-N that has cost as much.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": [
                *("self_consistency", "step_best_of_n", "beam_search", "dvts"),
                *("mcts", "particle_filter", "revisions", "self_refine"),
            ],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 48,
            "separators": ["\n"],
            "step_tokens": 16,
            "max_steps": 6,
        },
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
    "brevity": {
        "description": "What is saved, and what lost, by asking for at most ten words?",
        "study": "brevity",
        "study_params": {"words": 10, "n": 4},
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
    "temperatures": {
        "description": "Temperature and top-p, for a single sample, a vote and two searches over steps.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": ["step_best_of_n", "beam_search"],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 16,
            "separators": ["\n"],
            "step_tokens": 16,
            "max_steps": 6,
            "temperatures": [0.6, 0.8, 1.0],
            "top_ps": [0.6, 0.9, 1.0],
        },
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
}
