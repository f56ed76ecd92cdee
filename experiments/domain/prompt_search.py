"""One step of a search for a better system prompt: what the optimiser is told, what it says, and whether it is an improvement.

The loop is our design after AloLab in When Correct Isn't Usable (2026), whose rounds, batches and prompts are not known to us.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .seeds import rng

#: What the search starts from: role, contract, one filled example.
START = """You solve problems. Reply with one JSON object and nothing else, like this:
{"reasoning": "20 + 5 = 25", "answer": 25}"""
MOST_WORDS = 400
#: Task accuracy may fall by so much and no more.
MOST_LOST = 0.02
#: Validity at which there is nothing left to gain.
ENOUGH = 0.99
_EXAMPLES = 2
_LONGEST = 600
_PROMPT = re.compile(r"<prompt>(.*?)</prompt>", re.DOTALL)
_DIAGNOSIS = re.compile(r"<diagnosis>(.*?)</diagnosis>", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One reply of the target. `failure` is the kind of what cannot be used, "" for none; `joint` is right and valid at once."""

    problem: str
    question: str
    text: str
    valid: bool
    right: bool
    joint: bool
    failure: str


@dataclass(frozen=True)
class Scores:
    """Of n replies: how many are right and valid at once, how many valid, how many right in whatever form."""

    joint: int
    valid: int
    right: int
    n: int

    @classmethod
    def of(cls, replies: Sequence[Reply]) -> "Scores":
        counts = (sum(getattr(reply, name) for reply in replies) for name in ("joint", "valid", "right"))
        return cls(*counts, len(replies))

    def __str__(self) -> str:
        return f"{self.joint} usable, {self.valid} valid, {self.right} right of {self.n}"

    @property
    def is_enough(self) -> bool:
        return self.valid >= ENOUGH * self.n

    def improves_on(self, other: "Scores") -> bool:
        """More usable replies, or as many and more valid ones; task accuracy falls by at most 2 points. Of the same problems."""
        gains = (self.joint, self.valid) > (other.joint, other.valid)
        return gains and other.right - self.right <= MOST_LOST * self.n + 1e-9


@dataclass(frozen=True)
class Proposal:
    """What the optimiser came back with. `complaint` says why there is no prompt to try."""

    prompt: str
    diagnosis: str
    complaint: str = ""


def split(keys: Sequence[str], seed: int, n_val: int, n_test: int) -> tuple[list[str], list[str], list[str]]:
    """TRAIN, VAL and TEST without a problem in common, at random; TRAIN is what the others leave."""
    mixed = [keys[i] for i in rng("prompt search", seed).permutation(len(keys))]
    return mixed[n_val + n_test :], mixed[:n_val], mixed[n_val : n_val + n_test]


def batch(train: Sequence[str], seed: int, number: int, size: int) -> list[str]:
    """The TRAIN problems of a round, without repetition."""
    return [train[i] for i in rng("prompt search", seed, number).choice(len(train), min(size, len(train)), replace=False)]


def report(prompt: str, replies: Sequence[Reply], history: Sequence[tuple[str, Scores]]) -> str:
    """What the optimiser reads. `history` are the last prompts with their scores, the oldest first."""
    kinds = Counter(reply.failure for reply in replies if reply.failure)
    good = [reply for reply in replies if reply.joint]
    counts = "\n".join(f"- {kind}: {n}" for kind, n in kinds.most_common()) or "- none"
    bad = [reply for kind, _ in kinds.most_common(4) for reply in [each for each in replies if each.failure == kind][:_EXAMPLES]]
    tried = "\n\n".join(f"{scores}:\n<tried>\n{text}\n</tried>" for text, scores in history[-3:]) or "none yet"
    return _REPORT.format(
        prompt=prompt,
        scores=Scores.of(replies),
        counts=counts,
        failures="\n\n".join(f"{reply.failure}\n{_shown(reply)}" for reply in bad) or "none",
        successes="\n\n".join(map(_shown, good[:_EXAMPLES])) or "none",
        history=tried,
        most=MOST_WORDS,
    )


def read_proposal(text: str, current: str) -> Proposal:
    """The last prompt between its tags, unless it cannot be used."""
    diagnosis = " ".join(found[1].split()) if (found := _DIAGNOSIS.search(text)) else ""
    prompts = [prompt.strip() for prompt in _PROMPT.findall(text)]
    if not prompts or not prompts[-1]:
        return Proposal("", diagnosis, "the optimiser gave no prompt between <prompt> and </prompt>")
    if (n := len(prompts[-1].split())) > MOST_WORDS:
        return Proposal("", diagnosis, f"the optimiser's prompt has {n} words, more than {MOST_WORDS}")
    if prompts[-1] == current.strip():
        return Proposal("", diagnosis, "the optimiser gave the same prompt again")
    return Proposal(prompts[-1], diagnosis)


def _shown(reply: Reply) -> str:
    return f"Problem: {reply.question[:_LONGEST]}\nReply: {reply.text[:_LONGEST]}"


_REPORT = """A small language model must answer problems in a strict form: its whole reply is one JSON object with the fields \
"reasoning" (a string) and "answer" (a string or a number). You improve its system prompt.

Its system prompt now:
<current>
{prompt}
</current>

With it, of the replies to a batch of problems: {scores}.

Replies that cannot be used, by kind:
{counts}

Examples of them:
{failures}

Replies that are right and usable:
{successes}

The last prompts that were tried, with what they came to:
{history}

Find out why replies fail and write a better system prompt of at most {most} words. It must not mention these problems. Reply \
in this form:
<diagnosis>one line for each kind of failure</diagnosis>
<prompt>the whole new system prompt</prompt>"""
