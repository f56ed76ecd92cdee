"""Remind the model to be brief while it is writing."""

import re
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..domain.lab import Lab
from ..domain.types import FinishReason, Outcome, Purpose, Question, Sample
from .base import Strategy, strategies

_CLOSED = "</think>"


@strategies.register("concise_hint", label="ConciseHint")
class ConciseHint(Strategy):
    """A short reminder is written into the model's own reasoning again and again, less often the longer it gets.

    ConciseHint: Boosting Efficient Reasoning via Continuous Concise Hints during Generation, 2025. The text is asked for in
    chunks of alpha + beta * length tokens; length is all that has been read and written so far, prompt and hints included, as
    in the released code. Each hint goes into the newest chunk, early ones near its beginning, later ones towards its end. The
    answer is graded without them. Wrapping the hint as a turn of the user in the model's own chat format is left out, for that
    takes tokens that no prompt may contain.

    Every hint has the model read the rest of its chunk again, which counts as cost. It misleads where chunks alone change the
    text: compare with no hints in the same chunks.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"continues"})
    groups: ClassVar[dict[str, tuple[str, ...]]] = {
        "Interval": ("interval_tokens", "growth", "longest_tokens", "most_chunks"),
        "Hints": ("hint", "place", "most_hints"),
    }

    interval_tokens: int = Field(128, ge=1, le=4096, title="Interval (alpha)", description="Tokens of the first chunk")
    growth: float = Field(
        0.2, ge=0, le=2, title="Growth (beta)", description="Tokens a chunk is longer for each token so far; 0 keeps the interval"
    )
    longest_tokens: int = Field(1024, ge=1, le=32768, title="Longest interval", description="No chunk has more tokens")
    most_chunks: int = Field(24, ge=1, le=1000, title="Chunks", description="The last of so many is written to the end")
    hint: Literal["concise", "neutral", "none"] = Field(
        "concise", title="Hint", description="To be concise, a neutral one of equal length, or none in the same chunks"
    )
    place: Literal["adaptive", "end"] = Field(
        "adaptive", title="Place", description="Further back in longer chunks, or always at the end of the chunk"
    )
    most_hints: int = Field(0, ge=0, le=1000, title="Hints at most", description="0 is no limit; 1 hints once")

    @property
    def samples_per_attempt(self) -> int:
        return self.most_chunks

    @property
    def samples_at_once(self) -> int:
        return 1

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        hint, tau, left = HINTS[self.hint], self.interval_tokens, lab.decoding.max_tokens
        text, sample = "", None
        chunks: list[int] = []
        n_hints = 0
        while True:
            is_last = len(chunks) + 1 == self.most_chunks
            decoding = lab.decoding.model_copy(update={"max_tokens": left if is_last else min(tau, left)})
            (sample,) = await lab.generate(
                question.messages, decoding=decoding, parent=sample, prefix=text, inserted=hint, purpose=Purpose.STEP
            )
            chunks.append(sample.usage.completion_tokens)
            left -= sample.usage.completion_tokens
            if sample.finish_reason != FinishReason.LENGTH or left <= 0 or is_last:
                break
            place = self._place(text, sample.text, tau) if not self.most_hints or n_hints < self.most_hints else None
            n_read = sample.usage.prompt_tokens + sample.usage.completion_tokens
            if place is None:
                text += sample.text
            else:
                text += sample.text[:place] + hint + sample.text[place:]
                n_hints += 1
                n_read += round(len(hint) / CHARACTERS_PER_TOKEN)
            tau = self.interval(n_read)
        lab.hand_in(sample)
        return Outcome(sample, _told(sample, chunks, n_hints))

    def interval(self, length: int) -> int:
        """Tokens of the next chunk after so many tokens."""
        return max(1, min(self.longest_tokens, int(self.interval_tokens + self.growth * length)))

    def _place(self, before: str, chunk: str, tau: int) -> int | None:
        """Where in the newest chunk the hint goes, None where it goes nowhere."""
        if self.hint == "none" or is_closing(before + chunk):
            return None
        return len(chunk) if self.place == "end" else place_of_hint(chunk, tau)


def place_of_hint(chunk: str, tau: int) -> int | None:
    """Behind the first full stop or comma before a blank, looked for from a share of the chunk on; None where there is none."""
    found = re.compile(r"[.,](?= )").search(chunk, int(share_skipped(tau) * len(chunk)))
    return found.end() if found else None


def share_skipped(tau: int) -> float:
    """Of a chunk of so many tokens, before a hint is placed: none of a short one, most of a long one."""
    return min(max(tau - 128, 0) / 1024, 0.8)


def is_closing(text: str) -> bool:
    """Whether the thinking has ended, or the text breaks off inside the tag that ends it."""
    return _CLOSED in text or any(text.endswith(_CLOSED[:n]) for n in range(1, len(_CLOSED)))


def _told(sample: Sample, chunks: list[int], n_hints: int) -> dict[str, Any]:
    stopped = {FinishReason.STOP: "ended", FinishReason.LENGTH: "token limit", FinishReason.FAILED: "a text failed"}
    return {"stopped": stopped[sample.finish_reason], "chunks": chunks, "hints": n_hints, "tokens": sum(chunks)}


#: For the tokens of a hint that the model has not read yet.
CHARACTERS_PER_TOKEN = 4

HINTS = {
    "concise": " (Note: keep it concise.)",
    "neutral": " (Note: the sky is blue.)",
    "none": "",
}
