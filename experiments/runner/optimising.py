"""The search for a system prompt whose replies a program can use. Everything it asks is an ordinary run.

When Correct Isn't Usable: Structured Output Reliability in Small Language Models, 2026; the course of the loop is ours. Runs
are found again by what they ask, so that a search that was stopped goes on where it was when it is begun again.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from ..domain import templating
from ..domain.errors import InvalidInput
from ..domain.prompt_search import START, Reply, Scores, batch, read_proposal, report, split
from ..domain.types import ProblemDraft
from ..models import Dataset, Experiment, LanguageModel, Prompt, Run, Variant
from ..statistics.intervals import wilson
from ..statistics.paired import mcnemar_mid_p
from .planning import create_run

#: Rounds without a gain after which the search ends.
PATIENCE = 3
_TARGETLESS = ProblemDraft(key="report", question="", answers=("nobody knows",))


@dataclass(frozen=True)
class Sizes:
    """Problems of a round's batch, of VAL and of TEST, and the most rounds."""

    train: int = 30
    val: int = 50
    test: int = 50
    rounds: int = 10


@dataclass
class Search:
    """`finish` works on a run until it has ended; `say` is told each step in a sentence."""

    experiment: Experiment
    optimiser: LanguageModel
    finish: Callable[[Run], None]
    say: Callable[[str], None]
    seed: int = 0
    sizes: Sizes = field(default_factory=Sizes)

    def __post_init__(self):
        self._language_models = list(self.experiment.language_models.all())
        self._variants = list(self.experiment.variants.all())
        if len(self._language_models) != 1 or len(self._variants) != 1:
            raise InvalidInput("A search for a prompt needs an experiment with one language model and one prompt variant.")
        if self.experiment.grader != "json_contract":
            raise InvalidInput(f"“{self.experiment}” must use the grader “JSON contract”: it tells how replies fail.")
        self._problems = {each.key: each for each in self.experiment.dataset.problems.order_by("position")}
        self.train, self.val, self.test = split(list(self._problems), self.seed, self.sizes.val, self.sizes.test)
        if len(self.train) < self.sizes.train:
            needed = self.sizes.train + self.sizes.val + self.sizes.test
            raise InvalidInput(
                f"The dataset “{self.experiment.dataset}” has {len(self._problems)} problems. Batch, VAL and TEST have none in "
                f"common and need {needed}: take a larger dataset, or smaller parts."
            )

    def run(self) -> Variant:
        """The best prompt found, stored with every other that was accepted as versions of one variant."""
        self.say(
            f"TRAIN {len(self.train)}, VAL {len(self.val)}, TEST {len(self.test)} problems, none in common, seed {self.seed}."
        )
        prompt, scores = START, Scores.of(self._replies(START, self.val))
        kept = [(self._written("optimised", prompt), scores)]
        history, idle = [(prompt, scores)], 0
        self.say(f"Start: VAL {scores}.")
        for number in range(1, self.sizes.rounds + 1):
            if scores.is_enough or idle == PATIENCE:
                break
            proposal = read_proposal(self._asked(self._report(prompt, number, history), number), prompt)
            idle += 1
            if proposal.complaint:
                self.say(f"Round {number}: {proposal.complaint}.")
                continue
            reached = Scores.of(self._replies(proposal.prompt, self.val))
            history.append((proposal.prompt, reached))
            is_better = reached.improves_on(scores)
            self.say(f"Round {number}: VAL {reached}: {'accepted' if is_better else 'refused'}. {proposal.diagnosis}".strip())
            if is_better:
                idle = 0 if reached.joint > scores.joint else idle
                prompt, scores = proposal.prompt, reached
                kept.append((self._written("optimised", prompt), scores))
                self._describe(kept)
        end = _tested(self._replies(START, self.test), self._replies(prompt, self.test))
        self.say(end)
        self._describe(kept, end)
        return kept[-1][0]

    def _report(self, prompt: str, number: int, history: Sequence[tuple[str, Scores]]) -> str:
        return report(prompt, self._replies(prompt, batch(self.train, self.seed, number, self.sizes.train)), history)

    def _replies(self, prompt: str, keys: Sequence[str]) -> list[Reply]:
        """Of the target at temperature 0; a problem whose attempt failed is a reply that nobody can use."""
        known = [self._problems[key] for key in keys]
        drafts = [
            ProblemDraft(each.key, each.question, tuple(each.answers), tuple(each.choices), each.metadata) for each in known
        ]
        run = self._ended(
            "target",
            drafts,
            self._written("tried", prompt),
            self._language_models[0],
            decoding={**self.experiment.decoding, "temperature": 0},
            grader=self.experiment.grader,
            grader_params=self.experiment.grader_params,
        )
        rows = run.grades.values_list("sample__attempt__problem__key", "sample__text", "details")
        told = {key: (text, details) for key, text, details in rows}
        return [_reply(each.key, each.question, *told.get(each.key, ("", {}))) for each in known]

    def _asked(self, question: str, number: int) -> str:
        """What the optimiser writes; a report is never asked about twice with one seed, so rounds differ."""
        draft = ProblemDraft(_TARGETLESS.key, question, _TARGETLESS.answers)
        plain = Variant.objects.write(self._prompt(), "report", "", "{{ question }}")
        decoding = {"temperature": 0.7, "max_tokens": 2000}
        run = self._ended(
            "optimiser", [draft], plain, self.optimiser, decoding=decoding, grader="exact", seed=self.seed * 1000 + number
        )
        sample = run.samples.get()
        if sample.error:
            raise InvalidInput(f"The optimiser “{self.optimiser}” gave no answer: {sample.error}")
        return sample.text

    def _ended(
        self, role: str, drafts: list[ProblemDraft], variant: Variant, language_model: LanguageModel, seed: int = 0, **fields
    ) -> Run:
        """A completed run of one sample for each problem: the one there is, or else a new one."""
        asked = [role, seed, variant.pk, language_model.name, language_model.params, fields, [vars(each) for each in drafts]]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]
        name = f"{self.experiment.name[:120]}: prompt search, {role} {digest}"
        experiment = Experiment.objects.filter(name=name).first() or self._made(
            name, drafts, variant, language_model, seed, fields
        )
        run = experiment.runs.exclude(state__in=(Run.State.FAILED, Run.State.CANCELLED)).order_by("-pk").first()
        run = run or create_run(experiment, None)
        if run.state != Run.State.COMPLETED:
            self.finish(run)
            run.refresh_from_db()
        if run.state != Run.State.COMPLETED:
            raise InvalidInput(f"Run {run.pk} of the search is {run.state}. {run.reason} Begin again to go on.")
        return run

    @transaction.atomic
    def _made(
        self,
        name: str,
        drafts: list[ProblemDraft],
        variant: Variant,
        language_model: LanguageModel,
        seed: int,
        fields: dict[str, Any],
    ) -> Experiment:
        """Archived, with its dataset: it is a step on the way, not something to choose from."""
        dataset = Dataset.objects.store(name, drafts, source="prompt_search", source_params={"of": str(self.experiment.dataset)})
        Dataset.objects.filter(pk=dataset.pk).update(archived=True)
        experiment = Experiment.objects.create(
            name=name,
            description=f"A step of the search for a prompt for “{self.experiment}”.",
            dataset=dataset,
            study="best_of_n",
            study_params={"n": 1, "verifier": "length"},
            verifiers=[{"name": "length", "params": {}}],
            seed=seed,
            archived=True,
            spending_cap=self.experiment.spending_cap,
            owner=self.experiment.owner,
            team=self.experiment.team,
            visibility=self.experiment.visibility,
            **fields,
        )
        experiment.variants.set([variant])
        experiment.language_models.set([language_model])
        return experiment

    def _prompt(self) -> Prompt:
        name = f"{self.experiment.name[:120]}: prompts found, seed {self.seed}"
        return Prompt.objects.get_or_create(name=name)[0]

    def _written(self, name: str, prompt: str) -> Variant:
        """The version of that wording, the one there is or else the next: “tried” are all, “optimised” the accepted ones."""
        system, template = templating.literal(prompt), self._variants[0].template
        known = Variant.objects.filter(prompt=self._prompt(), name=name, system=system, template=template).first()
        return known or Variant.objects.write(self._prompt(), name, system, template)

    def _describe(self, kept: Sequence[tuple[Variant, Scores]], end: str = "") -> None:
        lines = [f"optimised v{variant.version}: VAL {scores}." for variant, scores in kept]
        Prompt.objects.filter(pk=self._prompt().pk).update(description="\n".join([*lines, *([end] if end else [])]))


def _tested(before: Sequence[Reply], after: Sequence[Reply]) -> str:
    """Both on the same problems, with 95% intervals of what is usable and McNemar's mid-p."""
    told = []
    for replies in (before, after):
        scores = Scores.of(replies)
        usable = wilson(scores.joint, scores.n)
        told.append(f"{scores}, usable {usable.value:.0%} [{usable.low:.0%}, {usable.high:.0%}]")
    pairs = [(first.joint, second.joint) for first, second in zip(before, after, strict=True)]
    p = mcnemar_mid_p(pairs.count((True, False)), pairs.count((False, True)))
    return f"TEST, asked once: at the start {told[0]}; with the best prompt {told[1]} (p = {p:.3f})."


def _reply(problem: str, question: str, text: str, details: dict) -> Reply:
    valid, right, joint = (bool(details.get(name)) for name in ("valid", "right", "right_strict"))
    return Reply(problem, question, text, valid, right, joint, details.get("failure", "no reply"))
