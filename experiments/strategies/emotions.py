"""What HEART says between two answers: an emotional phrase, another emotion in each round."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import Question
from .dialogue import Chain, DialogueLoop, Reply

CRITICAL = ("anger", "disgust", "fear", "sadness")
ENCOURAGING = ("happiness", "surprise")
EMOTIONS = CRITICAL + ENCOURAGING


class EmotionalLoop(DialogueLoop):
    """Answer, hear a phrase, answer again. HEART: Emotionally-driven test-time scaling of Language Models, 2025."""

    depth: int = Field(7, ge=1, le=64, title="Answers per chain (depth)", description="7 is one for each emotion after the first")
    schedule: Literal["cycle", "random", "alternate", "single", "neutral", "reflection", "resample"] = Field(
        "cycle",
        title="Schedule",
        description=(
            "Which emotion each round has: the six in turn, one at random, critical and encouraging ones by turns, or always the "
            "same. The last three are controls: the same words in a neutral tone, a call to reflect, and the bare question again"
        ),
    )
    emotion: Literal["anger", "disgust", "fear", "sadness", "happiness", "surprise"] = Field(
        "happiness", title="Single emotion", description="Where the schedule is “single”"
    )
    phrases: Literal[1] = Field(1, title="Phrases", description="Version of the list of phrases")

    async def reply(self, question: Question, chain: Chain, lab: Lab) -> Reply:
        if self.schedule == "resample":
            return Reply("", cue="resample")
        draw = rng(lab.seed, "heart", chain.number, len(chain.replies))
        tone = self._tone(len(chain.replies), draw)
        known = phrases(self.phrases)[tone]
        return Reply(f"{known[draw.integers(len(known))]}\n\n{AGAIN}", cue=tone)

    def _tone(self, n_before: int, draw) -> str:
        """Of the reply after so many others."""
        turn, is_odd = divmod(n_before, 2)
        tones = {
            "cycle": EMOTIONS[n_before % len(EMOTIONS)],
            "random": EMOTIONS[draw.integers(len(EMOTIONS))],
            "alternate": ENCOURAGING[turn % len(ENCOURAGING)] if is_odd else CRITICAL[turn % len(CRITICAL)],
            "single": self.emotion,
        }
        return tones.get(self.schedule, self.schedule)


@cache
def phrases(version: int) -> dict[str, list[str]]:
    """Tone -> phrases."""
    return tomllib.loads(Path(__file__).with_name("heart_phrases.toml").read_text())[str(version)]


AGAIN = "Reconsider the question and answer it again, in the form that was asked for."
