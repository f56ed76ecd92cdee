"""Problems, in named, versioned and never changing lists."""

import hashlib
import json
from collections.abc import Iterable

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from ..domain.errors import InvalidInput
from ..domain.types import ProblemDraft, Target
from .exact import ExactJSONField
from .one_at_a_time import wait_for_turn
from .tags import Tagged


class DatasetQuerySet(models.QuerySet):
    def latest_versions(self):
        """The newest version of every name."""
        newer = self.model.objects.filter(name=models.OuterRef("name"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(newer))

    @transaction.atomic
    def store(
        self, name: str, drafts: Iterable[ProblemDraft], *, source: str, source_params: dict, description: str = "", author=None
    ) -> "Dataset":
        """Save the drafts as the next version of `name`, whole or not at all. Raises InvalidInput if there are none."""
        wait_for_turn(f"next version of dataset {name}")
        previous = self.filter(name=name).order_by("-version").first()
        dataset = self.create(
            name=name,
            version=previous.version + 1 if previous else 1,
            description=description,
            source=source,
            source_params=source_params,
            author=author,
            n_problems=0,
        )
        content = hashlib.sha256()
        batch: list[Problem] = []
        for position, draft in enumerate(drafts):
            problem = Problem.from_draft(dataset, position, draft)
            content.update(problem.content_hash.encode())
            batch.append(problem)
            if len(batch) >= 500:
                Problem.objects.bulk_create(batch)
                dataset.n_problems += len(batch)
                batch = []
        Problem.objects.bulk_create(batch)
        dataset.n_problems += len(batch)
        if not dataset.n_problems:
            raise InvalidInput(f"“{name}” has no problems: nothing was saved.")
        dataset.content_hash = content.hexdigest()
        dataset.save(update_fields=["n_problems", "content_hash"])
        if previous:
            dataset.tags.set(previous.tags.all())
        return dataset


class Dataset(Tagged):
    """One version of a named list of problems. Immutable once stored; a change is a new version."""

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    source = models.CharField(max_length=50)
    source_params = ExactJSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)
    n_problems = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="dataset_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("dataset", args=[self.pk])


class Problem(models.Model):
    """One question with its target."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="problems")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    question = models.TextField()
    answers = ExactJSONField(default=list)
    choices = ExactJSONField(default=list)
    metadata = ExactJSONField(default=dict)
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["dataset", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="problem_key_once"),
            models.UniqueConstraint(fields=["dataset", "position"], name="problem_position_once"),
        ]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def from_draft(cls, dataset: Dataset, position: int, draft: ProblemDraft) -> "Problem":
        parts = [draft.key, draft.question, draft.answers, draft.choices, draft.metadata]
        content = json.dumps(parts, sort_keys=True, default=str)
        return cls(
            dataset=dataset,
            position=position,
            key=draft.key,
            question=draft.question,
            answers=list(draft.answers),
            choices=list(draft.choices),
            metadata=draft.metadata,
            content_hash=hashlib.sha256(content.encode()).hexdigest(),
        )

    @property
    def slots(self) -> dict[str, str]:
        """What a prompt template may use of this problem; the target is not among it."""
        lettered = "\n".join(f"{chr(65 + i)}. {choice}" for i, choice in enumerate(self.choices))
        plain = {name: str(value) for name, value in self.metadata.items() if isinstance(value, str | int | float)}
        return {**plain, "question": self.question, "choices": lettered}

    @property
    def identity(self) -> str:
        """What makes it the same problem in another version of its dataset."""
        return Problem.identify(self.question, self.answers)

    @staticmethod
    def identify(question: str, answers: list[str]) -> str:
        return hashlib.sha256(repr((question, answers)).encode()).hexdigest()

    @property
    def target(self) -> Target:
        return Target(answers=tuple(self.answers), choices=tuple(self.choices), metadata=self.metadata)
