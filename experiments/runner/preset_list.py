"""The presets by name: small enough for two cores and a few minutes, unless their description says more."""

from dataclasses import dataclass
from typing import Any

from .materials import CHOICES, CONCEPTS, SHORT_ANSWERS, SUMS, Material


@dataclass(frozen=True)
class Preset:
    """An experiment without what its material brings along. A `grader` of its own comes instead of the material's."""

    description: str
    study: str
    study_params: dict[str, Any]
    decoding: dict[str, Any]
    material: Material = SUMS
    max_problems: int | None = None
    grader: str = ""
    verifiers: tuple[str, ...] = ()


_SOME_WORDS = {"temperature": 0.8, "max_tokens": 64}
_STEPS = {"separators": ["\n"], "step_tokens": 16, "max_steps": 6}
_FEELINGS = [{"schedule": schedule, "depth": 6} for schedule in ("cycle", "neutral", "resample")]

PRESETS: dict[str, Preset] = {
    "demo": Preset(
        "Two-term sums, best of 16: how far does a tiny model get when it may answer 16 times?",
        "best_of_n",
        {"n": 16},
        {"temperature": 0.8, "max_tokens": 48},
        verifiers=("mean_logprob",),
    ),
    "brevity": Preset(
        "What is saved, and what lost, by asking for at most ten words?",
        "brevity",
        {"words": 10, "n": 4},
        _SOME_WORDS,
        SHORT_ANSWERS,
        max_problems=60,
    ),
    "format_spread": Preset(
        "Multiple choice in 40 formats that mean the same: how far does accuracy move?",
        "format_spread",
        {"n_formats": 40, "shots": 5, "instruction": "Choose the right answer."},
        {"temperature": 0.0, "max_tokens": 10},
        CHOICES,
        max_problems=60,
        grader="prefix_match",
    ),
    "posix": Preset(
        "Misspelt or wrapped: how much does an answer depend on which prompt of the same meaning is asked?",
        "posix",
        {"prompts": 6},
        {"temperature": 0.0, "max_tokens": 12},
        CHOICES,
        max_problems=30,
    ),
    "perturbations": Preset(
        "Typing errors, words misheard and more words than needed: what does noise in the question cost?",
        "perturbations",
        {"rates": [10, 40], "n": 2},
        _SOME_WORDS,
        SHORT_ANSWERS,
        max_problems=40,
    ),
    "structured_output": Preset(
        "Sums answered as JSON: how many replies are right and valid at once, in five ways of asking?",
        "structured_output",
        {},
        {"temperature": 0.8, "max_tokens": 96},
        grader="json_contract",
    ),
    "distractors": Preset(
        "Random documents, or an irrelevant chat, before the question: what do texts that do not help cost?",
        "distractors",
        {"amounts": [1, 4], "n": 2},
        _SOME_WORDS,
        SHORT_ANSWERS,
        max_problems=30,
    ),
    "rest": Preset(
        "Two or four sums in one prompt: what is left of the accuracy on single ones, and at which position?",
        "rest",
        {"levels": [2, 4]},
        _SOME_WORDS,
    ),
    "stress": Preset(
        "More and more pressure in the system message: is there a best amount of it?",
        "stress",
        {"sentences": 2},
        _SOME_WORDS,
        SHORT_ANSWERS,
        max_problems=30,
    ),
    "step_length": Preset(
        "Worked sums with longer and longer workings: does length alone make for better answers?",
        "step_length",
        {"levels": [-1, 0, 2, 4]},
        {"temperature": 0.8, "max_tokens": 160},
        max_problems=30,
    ),
    "cdct": Preset(
        "Texts about eight concepts, cut to five lengths: do answers keep to the length asked for?",
        "cdct",
        {},
        {"temperature": 0.8, "max_tokens": 192},
        CONCEPTS,
    ),
    "concise_hint": Preset(
        "Reminders to be brief while a model is writing: what do they save, and what of that would any words do?",
        "concise_hint",
        {"interval_tokens": 16},
        {"temperature": 0.8, "max_tokens": 96},
        SHORT_ANSWERS,
        max_problems=40,
    ),
    "cot_or_direct": Preset(
        "Sums answered step by step and at once: does reasoning pay for a tiny model?",
        "cot_or_direct",
        {"n": 4},
        {"temperature": 0.8, "max_tokens": 128},
    ),
    "strategies": Preset(
        "Eight ways of spending 256 tokens on a sum, each against best-of-N that has cost as much.",
        "test_time_compute",
        {
            "strategies": [
                *("self_consistency", "step_best_of_n", "beam_search", "dvts"),
                *("mcts", "particle_filter", "revisions", "self_refine"),
            ],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 48,
            **_STEPS,
        },
        _SOME_WORDS,
        verifiers=("mean_logprob",),
    ),
    "temperatures": Preset(
        "Temperature and top-p, for a single sample, a vote and two searches over steps.",
        "test_time_compute",
        {
            "strategies": ["step_best_of_n", "beam_search"],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 16,
            **_STEPS,
            "temperatures": [0.6, 0.8, 1.0],
            "top_ps": [0.6, 0.9, 1.0],
        },
        _SOME_WORDS,
        verifiers=("mean_logprob",),
    ),
    "loops": Preset(
        "Repair, self-refine and HEART with its controls, beside independent repeats; width against depth.",
        "test_time_compute",
        {
            "strategies": ["repair", "repair_oracle", "self_refine", "heart", "heart_oracle"],
            "pool_n": 16,
            "overrides": {
                "repair": [{"chains": 1, "depth": 6}, {"chains": 2, "depth": 3}, {"chains": 3, "depth": 2}],
                "repair_oracle": {"depth": 6},
                "self_refine": {"depth": 6},
                "heart": _FEELINGS,
                "heart_oracle": _FEELINGS,
            },
        },
        {"temperature": 0.8, "max_tokens": 32},
        verifiers=("mean_logprob",),
    ),
    "stopping": Preset(
        "Drawing until the vote is settled, until an answer is good enough, and pruning answers that begin badly.",
        "test_time_compute",
        {
            "strategies": ["adaptive_consistency", "stop_at_score", "restart_question", "early_pruning"],
            "budgets": [16],
            "pool_n": 32,
            "overrides": {"early_pruning": {"tokens": 16}},
        },
        _SOME_WORDS,
        verifiers=("mean_logprob",),
    ),
}
