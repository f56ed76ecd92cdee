"""What an archive holds: one member a table, one line a row, and every column of it unless a reason is given.

Rows of the same archive are named by their line, people by their user name. A model or column that is added to the
database has to be added here, or left out with its reason; a test sees to that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Field, ForeignKey, Model, QuerySet

from ...models import (
    Attempt,
    Call,
    Condition,
    Dataset,
    Finding,
    Grade,
    HumanVerdict,
    Note,
    Problem,
    ProblemMark,
    Prompt,
    Regrading,
    ReviewFile,
    ReviewItem,
    ReviewSet,
    Run,
    Sample,
    Scoring,
    TextRemoval,
    User,
    Variant,
    VerifierScore,
)
from ...models.tags import Tagged

_THE_RUN = "it is the archive's only run"
_WORKERS = "which worker held it says nothing elsewhere"


@dataclass(frozen=True)
class Table:
    """`refers_to` names the member that a column's lines are in, `named` the columns that stand as a name or a mark.

    Rows are read in the order of their keys. Those that do not know their run are read by sample instead, for by key all
    of other runs' would have to be passed.
    """

    name: str
    model: type[Model]
    rows: Callable[["object"], QuerySet]
    refers_to: dict[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    left_out: dict[str, str] = field(default_factory=dict)
    is_read_by_sample: bool = False

    @property
    def member(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def has_tags(self) -> bool:
        return issubclass(self.model, Tagged)

    @cached_property
    def plain(self) -> list[Field]:
        """The columns that hold a value of their own."""
        return [each for each in self._columns if not isinstance(each, ForeignKey)]

    @cached_property
    def people(self) -> list[ForeignKey]:
        return [each for each in self._columns if isinstance(each, ForeignKey) and each.related_model is User]

    @cached_property
    def columns(self) -> frozenset[str]:
        """The names of everything in a line."""
        return frozenset([*(each.name for each in self._columns), *(["tags"] if self.has_tags else [])])

    @cached_property
    def _columns(self) -> list[Field]:
        fields = self.model._meta.concrete_fields
        return [each for each in fields if not each.primary_key and each.name not in self.left_out]


#: In the order in which a run is made of them: but for what an attempt chose, a line refers to members above its own or
#: to earlier lines. `rows` takes a `Scope`.
TABLES = (
    Table(
        "run",
        Run,
        lambda scope: Run.objects.filter(pk=scope.run.pk),
        left_out={
            "experiment": "the run holds the plan as it was frozen, and the editable one is made of that",
            "resume_at": "nothing goes on by itself where it is restored",
            "placed_at": "it is placed anew",
        },
    ),
    Table(
        "text_removals", TextRemoval, lambda scope: TextRemoval.objects.filter(run=scope.run), left_out={"archive": "a file here"}
    ),
    Table("dataset", Dataset, lambda scope: Dataset.objects.filter(pk=scope.dataset)),
    Table(
        "problems",
        Problem,
        lambda scope: Problem.objects.filter(dataset=scope.dataset),
        left_out={"dataset": "there is only one"},
    ),
    Table(
        "problem_marks",
        ProblemMark,
        lambda scope: ProblemMark.objects.filter(pk__in=scope.problem_marks),
        refers_to={"problem": "problems"},
        left_out={"identity": "it follows from the problem"},
    ),
    Table("prompts", Prompt, lambda scope: Prompt.objects.filter(variants__in=scope.variants).distinct()),
    Table(
        "variants",
        Variant,
        lambda scope: Variant.objects.filter(pk__in=scope.variants),
        refers_to={"prompt": "prompts", "parent": "variants"},
    ),
    Table(
        "conditions",
        Condition,
        lambda scope: scope.run.conditions,
        refers_to={"variant": "variants"},
        named=frozenset({"language_model"}),
        left_out={"run": _THE_RUN},
    ),
    Table(
        "attempts",
        Attempt,
        lambda scope: scope.run.attempts,
        refers_to={"condition": "conditions", "problem": "problems", "chosen": "samples"},
        left_out={"run": _THE_RUN, "worker": _WORKERS, "lease_until": _WORKERS},
    ),
    Table(
        "samples",
        Sample,
        lambda scope: scope.run.samples,
        refers_to={"attempt": "attempts", "parent": "samples"},
        named=frozenset({"reused_from"}),
        left_out={"run": _THE_RUN},
    ),
    Table("grades", Grade, lambda scope: scope.run.grades, refers_to={"sample": "samples"}, left_out={"run": _THE_RUN}),
    Table(
        "verifier_scores",
        VerifierScore,
        lambda scope: VerifierScore.objects.filter(sample__run=scope.run),
        refers_to={"sample": "samples"},
        is_read_by_sample=True,
    ),
    Table("findings", Finding, lambda scope: scope.run.findings, left_out={"run": _THE_RUN}),
    Table("notes", Note, lambda scope: scope.run.notes, left_out={"run": _THE_RUN}),
    Table(
        "regradings",
        Regrading,
        lambda scope: scope.run.regradings,
        left_out={"run": _THE_RUN, "worker": _WORKERS, "lease_until": _WORKERS},
    ),
    Table(
        "scorings",
        Scoring,
        lambda scope: scope.run.scorings,
        left_out={"run": _THE_RUN, "worker": _WORKERS, "lease_until": _WORKERS},
    ),
    Table(
        "calls",
        Call,
        lambda scope: scope.run.calls,
        refers_to={"attempt": "attempts"},
        left_out={"run": _THE_RUN, "worker": _WORKERS},
    ),
    Table("review_sets", ReviewSet, lambda scope: ReviewSet.objects.filter(pk__in=scope.review_sets)),
    Table(
        "review_items",
        ReviewItem,
        lambda scope: ReviewItem.objects.filter(review_set__in=scope.review_sets),
        refers_to={"review_set": "review_sets", "sample": "samples", "other": "samples"},
    ),
    Table(
        "review_files",
        ReviewFile,
        lambda scope: ReviewFile.objects.filter(review_set__in=scope.review_sets),
        refers_to={"review_set": "review_sets"},
    ),
    Table(
        "human_verdicts",
        HumanVerdict,
        lambda scope: HumanVerdict.objects.filter(item__review_set__in=scope.review_sets),
        refers_to={"item": "review_items", "file": "review_files"},
    ),
)

#: Tables with a way to a run that stay where they are, by the model's name.
LEFT_OUT = {
    "Draft": "texts that are being written; an archived run is at rest",
    "WorkerDraft": "texts that are being written; an archived run is at rest",
    "Batch": "how the work is spread over this installation's workers",
    "AuditEntry": "what people did in this installation stays in its audit log",
    "Spending": "the sums of the calls, which are in the archive; they are drawn up again where it is restored",
    "Run_tags": "in the run's line",
}
