"""Questions that come with Assay, written for it: small facts and small sums that a tiny model gets right now and then.

Each has the kind of source its fact was checked against. Some multiple-choice ones have `hard_negatives`: short passages near
the topic that neither contain nor imply the answer.
"""

import json
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..domain.types import ProblemDraft
from .base import Source, sources

TOPICS = ("everyday_science", "geography", "language", "arithmetic", "logic_and_time")

_FOLDER = Path(__file__).parent / "items"


@sources.register("shipped_items", label="Questions that come with Assay")
class ShippedItems(Source):
    """Five topics taking turns, so that the first problems of the dataset are a fair part of it."""

    topic: Literal["all", *TOPICS] = Field("all", title="Topic", description="What the questions are about")
    kind: Literal["all", "multiple_choice", "short_answer"] = Field(
        "all", title="Kind", description="Choose among three to five answers, or answer with a word or a number"
    )

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        by_topic = [list(self._of(topic)) for topic in TOPICS if self.topic in ("all", topic)]
        return (draft for draft in chain.from_iterable(zip_longest(*by_topic)) if draft)

    def _of(self, topic: str) -> Iterator[ProblemDraft]:
        for line in (_FOLDER / f"{topic}.jsonl").read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if self.kind in ("all", item["kind"]):
                yield _draft(item, topic)


def _draft(item: dict, topic: str) -> ProblemDraft:
    metadata = {"topic": topic}
    metadata |= {name: item[name] for name in ("kind", "difficulty", "source", "hard_negatives") if name in item}
    return ProblemDraft(item["id"], item["question"], tuple(item["answers"]), tuple(item.get("choices", ())), metadata)
