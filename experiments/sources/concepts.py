"""Eight concepts, each told at five lengths, with a question and a rule for the answer that go with the length."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from ..domain.concept_rules import LEVELS, key_of, rule_for
from ..domain.types import HIDDEN, ProblemDraft
from .base import Source, sources

_TEXTS = Path(__file__).with_name("concept_texts.toml")
_PROBES = ("What is {about}?", "Describe {about} briefly.", "Explain {about}.", "Explain {about} in detail.")
_LAST_PROBE = "Give a comprehensive account of {about}."


@sources.register("concepts", label="Concepts at five lengths")
class Concepts(Source):
    """Forty problems for the study of compression: a text, a question about it, and a rule for the answer.

    After CDCT: Separating Constraint Compliance from Semantic Accuracy, 2025; the texts are ours. The rule is the one that
    judges hold the answer against. Words that a full answer has are kept with the target, for the grader “Expected words”.
    """

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """Concept by concept, the shortest text first."""
        for name, concept in tomllib.loads(_TEXTS.read_text(encoding="utf-8")).items():
            for level, text, probe in zip(LEVELS, concept["texts"], (*_PROBES, _LAST_PROBE), strict=True):
                question = f"Text: {text}\n\n{probe.format(about=concept['about'])}\n\n{rule_for(level).text}"
                yield ProblemDraft(
                    key=key_of(name, level),
                    question=question,
                    answers=(),
                    metadata={"cluster": name, "level": level, "text": text, HIDDEN: {"expected_words": concept["keywords"]}},
                )
