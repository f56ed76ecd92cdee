"""reasoning-gym's own judgement of its own tasks."""

import json
from functools import lru_cache
from typing import Any

from ..domain import exact_json
from ..domain.normal_forms import canonical, unwrap
from ..domain.types import HIDDEN, Question, Target
from .base import Extraction, graders, quoted
from .extracting import ExtractingGrader


@graders.register("reasoning_gym_score", label="reasoning-gym's own score")
class ReasoningGymScore(ExtractingGrader):
    """The task's `score_answer`. A partial score is kept, and is wrong. Needs problems made by reasoning-gym."""

    can_hang = True
    fallback = "whole"

    @classmethod
    def prepare(cls) -> None:
        import reasoning_gym  # noqa: F401

    def extract(self, text: str, question: Question) -> Extraction:
        found = self.find(text)
        # Case is kept: some tasks ask for capitals.
        form = canonical(found.text, case_sensitive=True) if found else None
        return Extraction.of(found if form else None, form, "No answer found.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        made_by = target.metadata.get(HIDDEN, {}).get("reasoning_gym")
        if not made_by:
            return 0.0, "The problem was not made by reasoning-gym, so its score is not defined; choose another grader."
        task = _task(made_by["task"], json.dumps(made_by["config"], sort_keys=True))
        entry = exact_json.unpack(made_by["entry"])
        score = 0.0
        for answer in dict.fromkeys((extraction.answer, unwrap(extraction.answer))):
            try:
                score = max(score, min(1.0, float(task.score_answer(answer, entry))))
            except Exception as error:
                # Several tasks parse the answer without care; what they cannot read is not a right answer.
                return score, f"score_answer of {made_by['task']} could not read it ({type(error).__name__})."
        return score, f"score_answer of {made_by['task']} gives {score:.4g}; the target is {quoted(*target.answers)}."


@lru_cache(maxsize=32)
def _task(name: str, config: str) -> Any:
    """The task with the options its problems were made with; building one can be slow."""
    from reasoning_gym import create_dataset

    return create_dataset(name, **exact_json.unpack(json.loads(config)))
