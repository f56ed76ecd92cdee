"""A run's frozen config as working objects. Execution reads this and never the editable experiment."""

from dataclasses import dataclass

from ..domain.errors import InvalidInput
from ..domain.types import Decoding, Demonstration, Question, Target
from ..graders.base import Grader, graders
from ..inference.base import Backend, backends
from ..models import Attempt, Problem, Run, Scoring
from ..strategies.base import Strategy, strategies
from ..treatments.rendering import as_demonstration, rendered, target_with_companions
from ..verifiers.base import Verifier, verifiers


@dataclass(frozen=True)
class FrozenCondition:
    """How attempts of one condition are made."""

    key: str
    language_model: str
    decoding: Decoding
    strategy: Strategy
    wording: dict[str, str]
    treatment: dict | None
    run_seed: int
    demonstrations: tuple[Demonstration, ...] = ()
    other_wordings: tuple[dict[str, str], ...] = ()
    ring: tuple[dict, ...] = ()

    def question(self, problem: Problem) -> Question:
        """The problem in this condition's wording, without its target."""
        texts = (problem.slots, problem.choices, problem.metadata, self.wording)
        around = (self.run_seed, self.demonstrations, self.other_wordings, self.ring)
        return rendered(problem.key, *texts, self.treatment, *around)

    def target(self, problem: Problem, question: Question) -> Target:
        """For graders: the problem's own, and those of the problems that are asked in the same prompt."""
        return target_with_companions(problem.target, question, self.ring)


class FrozenRun:
    """Everything attempts of one run share. Raises UnknownName or InvalidInput where a plug-in has gone since.

    With a scoring its verifier takes the place of the run's.
    """

    def __init__(self, run: Run, scoring: Scoring | None = None):
        config = run.config
        latest = (scoring or run).config
        entries = {each["name"]: each for source in (latest, config) for each in source["language_models"]}
        self.pk = run.pk
        self.seed = run.seed
        self.grader: Grader = graders.build(config["grader"]["name"], config["grader"]["params"])
        self.grader_key: str = config["grader"]["key"]
        self.verifiers: dict[str, Verifier] = {
            each["key"]: verifiers.build(each["name"], each["params"]) for each in latest["verifiers"]
        }
        self.backends: dict[str, Backend] = {
            name: backends.build(each["backend"], each["params"]).told(each["truth"]) for name, each in entries.items()
        }
        prompts = {each["variant"]: each for each in config["prompts"]}
        self._conditions = {
            each["key"]: FrozenCondition(
                key=each["key"],
                language_model=each["language_model"],
                decoding=Decoding.model_validate(each["decoding"]),
                strategy=strategies.build(each["strategy"]["name"], each["strategy"]["params"]),
                wording=prompts[each["variant"]],
                treatment=each.get("treatment"),
                run_seed=run.seed,
                demonstrations=tuple(as_demonstration(each) for each in config.get("demonstrations", ())),
                other_wordings=tuple(wording for name, wording in prompts.items() if name != each["variant"]),
                ring=tuple(config.get("ring", ())),
            )
            for each in config["conditions"]
        }

    def verifier_called(self, name: str) -> str:
        """The key of the verifier with this key or, where only one is called so, this name. Raises InvalidInput."""
        if name in self.verifiers:
            return name
        keys = [key for key, verifier in self.verifiers.items() if verifier.name == name]
        if len(keys) != 1:
            found = "does not have" if not keys else "has several of"
            raise InvalidInput(f"The strategy asks for scores by “{name}”, which the run {found}.")
        return keys[0]

    @property
    def judges(self) -> frozenset[str]:
        """The language models that verifiers ask by name."""
        return frozenset(verifier.judge for verifier in self.verifiers.values() if verifier.judge)

    @property
    def measures(self) -> frozenset[str]:
        """The numbers about a text that the verifiers read."""
        return frozenset().union(*(verifier.measures for verifier in self.verifiers.values()))

    def condition_of(self, attempt: Attempt) -> FrozenCondition:
        return self._conditions[attempt.condition.key]

    def language_model_of(self, condition: str) -> str:
        """Of the condition with this key."""
        return self._conditions[condition].language_model

    @property
    def largest_pool(self) -> int:
        """Texts of one attempt, at most."""
        return max(each.strategy.samples_per_attempt for each in self._conditions.values())

    def conditions_of(self, language_model: str) -> list[FrozenCondition]:
        return [each for each in self._conditions.values() if each.language_model == language_model]
