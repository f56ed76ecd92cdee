"""What may be wrong with a comparison, looked for without being asked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.types import Decoding
from ..models import Run
from .arms import Arm, Outcomes

#: Above this share of answers cut off or not understood, what is compared is also the format.
TOLERATED = 0.02
#: Shorter questions may stand in a prompt by chance.
_TELLING_CHARACTERS = 20
MANY_LOOKS = 20


@dataclass(frozen=True)
class Difference:
    """One respect in which the arms are set up differently, with each arm's setting as text."""

    aspect: str
    settings: tuple[str, ...]


def differences(arms: Sequence[Arm]) -> list[Difference]:
    """Every respect in which not all arms are alike."""
    settings = [_settings(arm) for arm in arms]
    names = dict.fromkeys(name for each in settings for name in each)
    rows = [Difference(name, tuple(each.get(name, "–") for each in settings)) for name in names]
    return [row for row in rows if len(set(row.settings)) > 1]


def warnings(arms: Sequence[Arm], outcomes: Sequence[Outcomes], n_shared: int, n_in_all: int) -> Iterator[str]:
    """Sentences, each a reason for care, in the order of their weight."""
    different = [row.aspect for row in differences(arms)]
    if "grader" in different:
        yield "The conditions were not marked by the same grader, so their numbers mean different things."
    if len(different) > 1:
        yield f"More than one thing differs ({', '.join(different)}): a difference cannot be put down to one of them."
    if n_shared < n_in_all:
        yield f"Only {n_shared} of {n_in_all} problems are finished under every condition; the others are left out."
    for arm, outcome in zip(arms, outcomes, strict=True):
        yield from _about(arm, outcome)
    yield from _about_looks(arms)


def _about(arm: Arm, outcome: Outcomes) -> Iterator[str]:
    for share, words in (
        (outcome.truncated, "were cut off before an answer"),
        (outcome.unparsed, "had no answer that was found"),
    ):
        if share > TOLERATED:
            yield f"{arm.label}: {share:.1%} of {outcome.n:,} answers {words}. They count as wrong."
    if outcome.failed:
        yield f"{arm.label}: {outcome.failed:.1%} of {outcome.n:,} answers failed or were judged too late. They count as wrong."
    if arm.spec["decoding"].get("temperature") == 0 and arm.n_samples > 1:
        yield f"{arm.label}: {arm.n_samples} samples at temperature 0 are one sample, repeated."
    elif equal := _n_equal(arm):
        yield f"{arm.label}: {equal:.0%} of the samples repeat a text of the same problem to the letter."
    if seeds := sum(_n_repeated([answer.seed for answer in answers]) for answers in arm.data.answers):
        yield f"{arm.label}: {seeds:,} samples share their seed with another sample of the same problem."
    if reused := sum(answer.is_reused for answers in arm.data.answers for answer in answers):
        yield f"{arm.label}: {reused:,} samples are copies from earlier runs, so they are no new evidence beside those."
    if leaked := _n_in_prompt(arm):
        yield f"{arm.label}: {leaked} of the problems stand in the prompt itself."


def _about_looks(arms: Sequence[Arm]) -> Iterator[str]:
    contents = {arm.run.config["dataset"]["content_hash"] for arm in arms}
    if len(contents) == 1:
        looks = Run.objects.filter(config__dataset__content_hash=contents.pop()).count()
        if looks > MANY_LOOKS:
            yield f"{looks} runs have looked at these problems: what was chosen for doing well on them does less well on others."


def _n_equal(arm: Arm) -> float:
    """The share of samples with the text of an earlier one of their pool."""
    told = [pool for pool in arm.pools if pool.texts is not None]
    n = sum(pool.n for pool in told)
    return sum(pool.n - len(set(pool.texts.tolist())) for pool in told) / n if n else 0.0


def _n_repeated(seeds: Sequence[int]) -> int:
    """How many have another one's seed."""
    return sum(n for n in Counter(seeds).values() if n > 1)


def _n_in_prompt(arm: Arm) -> int:
    variant = next(each for each in arm.run.config["prompts"] if each["variant"] == arm.spec["variant"])
    prompt = variant["system"] + variant["template"]
    questions = [asked.question for asked in arm.data.problems.values()]
    return sum(len(question) >= _TELLING_CHARACTERS and question in prompt for question in questions)


def _settings(arm: Arm) -> dict[str, str]:
    spec, config = arm.spec, arm.run.config
    variant = next(each for each in config["prompts"] if each["variant"] == spec["variant"])
    told = Decoding.model_validate(spec["decoding"]).model_dump(mode="json") if spec["decoding"] else {}
    decoding = {name: told.get(name, "not told") for name in Decoding.model_fields}  # an imported log tells nothing
    return {
        "language model": spec["language_model"],
        "prompt": f"{spec['variant']} ({variant['content_hash'][:8]})",
        **{Decoding.model_fields[name].title.lower(): str(value) for name, value in decoding.items()},
        "treatment": _written(spec["treatment"]["name"], spec["treatment"]["params"]) if spec.get("treatment") else "none",
        "strategy": _written(spec["strategy"]["name"], spec["strategy"]["params"]),
        "grader": config["grader"]["key"],
        "dataset": f"{config['dataset']['name']} v{config['dataset']['version']}",
    }


def _written(name: str, params: dict[str, Any]) -> str:
    return f"{name} ({', '.join(f'{key} {value}' for key, value in params.items())})" if params else name
