"""Texts put before people, and what they said. A verdict is a fact that stays; a correction is a newer row."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from .exact import ExactJSONField
from .experiments import Experiment
from .results import Sample


class ReviewSetQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Review sets of which every text is of a run that the user may know of."""
        if user is None or user.can_administer:
            return self.all()
        hidden = Experiment.objects.exclude(pk__in=Experiment.objects.visible_to(user).values("pk")).values("pk")
        of_hidden = Q(sample__run__experiment__in=hidden) | Q(other__run__experiment__in=hidden)
        return self.exclude(Exists(ReviewItem.objects.filter(of_hidden, review_set=OuterRef("pk"))))


class ReviewSet(models.Model):
    """Which texts are to be judged, how they were chosen, and what the reviewers are shown and asked."""

    class Kind(models.TextChoices):
        SINGLE = "single", "One text at a time"
        PAIRS = "pairs", "Two texts of one problem, side by side"

    name = models.CharField(max_length=200)
    instructions = models.TextField(blank=True, help_text="What the reviewers should know")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SINGLE)
    conditions = ExactJSONField(help_text="What it was chosen from, as “run.key”")
    choice = ExactJSONField(help_text="How: {how, texts_per_attempt, at_most, n_found}")
    rubric = ExactJSONField(default=list, help_text="Criteria: [{key, title, low, high}]")
    is_blind = models.BooleanField(default=True, help_text="Reviewers see neither condition nor model nor the grader's verdict")
    shows_target = models.BooleanField(default=False, help_text="Reviewers see the right answer")
    is_timed = models.BooleanField(default=False, help_text="The page measures the seconds that each verdict takes")
    seed = models.BigIntegerField(help_text="Of the draw, of the order, and of the sides of pairs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewSetQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("review_set", args=[self.pk])

    @property
    def is_pairwise(self) -> bool:
        return self.kind == self.Kind.PAIRS

    @property
    def is_random(self) -> bool:
        """Whether what people say of it may speak for the conditions it was drawn from."""
        return self.choice["how"] == "all"

    @property
    def allowed_verdicts(self) -> list[str]:
        """What a reviewer may say, in the order of the buttons."""
        verdict = HumanVerdict.Verdict
        return (
            [verdict.LEFT, verdict.TIE, verdict.RIGHT, verdict.UNSURE]
            if self.is_pairwise
            else [
                verdict.CORRECT,
                verdict.WRONG,
                verdict.UNSURE,
            ]
        )

    def verdicts(self) -> "HumanVerdictQuerySet":
        return HumanVerdict.objects.filter(item__review_set=self)


class ReviewItem(models.Model):
    """One text, or two of one problem, in the order in which every reviewer gets them. Its number reveals no condition."""

    review_set = models.ForeignKey(ReviewSet, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="review_items", help_text="Of a pair, the left one")
    other = models.ForeignKey(Sample, null=True, on_delete=models.CASCADE, related_name="+", help_text="Of a pair, the right one")

    class Meta:
        ordering = ["review_set", "position"]
        constraints = [
            models.UniqueConstraint(fields=["review_set", "position"], name="review_position_once"),
            models.UniqueConstraint(fields=["review_set", "sample"], name="review_sample_once"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class ReviewFile(models.Model):
    """A filled-in file that was taken in."""

    review_set = models.ForeignKey(ReviewSet, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    taken_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    taken_in_at = models.DateTimeField(auto_now_add=True)
    counts = ExactJSONField(default=dict, help_text="Rows that were new, changed, unchanged, ...")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class HumanVerdictQuerySet(models.QuerySet):
    def newest(self):
        """Of every item and reviewer the last row, also where it takes a verdict back."""
        later = self.model.objects.filter(
            item=models.OuterRef("item"), reviewer=models.OuterRef("reviewer"), pk__gt=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(later))

    def current(self):
        """What counts: the newest row by each reviewer, unless it takes the verdict back."""
        return self.newest().exclude(verdict=HumanVerdict.Verdict.WITHDRAWN)


class HumanVerdict(models.Model):
    """What a reviewer said of an item, never changed or deleted. The newest row by a reviewer counts.

    `reviewer` is a name, for a file may come back from someone without an account; `given_by` is who entered it.
    """

    class Verdict(models.TextChoices):
        CORRECT = "correct", "correct"
        WRONG = "wrong", "wrong"
        UNSURE = "unsure", "unsure"
        LEFT = "left", "left is better"
        RIGHT = "right", "right is better"
        TIE = "tie", "as good as each other"
        WITHDRAWN = "withdrawn", "taken back"

    class Source(models.TextChoices):
        PAGE = "page", "review page"
        FILE = "file", "file"
        API = "api", "API"

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    reviewer = models.CharField(max_length=150)
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    note = models.TextField(blank=True)
    scores = ExactJSONField(default=dict, help_text="A whole number by the key of each criterion")
    seconds = models.FloatField(null=True, help_text="From showing the item to the verdict, where that is measured")
    source = models.CharField(max_length=4, choices=Source.choices)
    file = models.ForeignKey(ReviewFile, null=True, on_delete=models.RESTRICT, related_name="verdicts")
    row = models.PositiveIntegerField(null=True, help_text="In that file, its header being 1")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HumanVerdictQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(source="file") ^ Q(file=None), name="verdict_names_its_file"),
        ]
        indexes = [models.Index(fields=["item", "reviewer", "id"], name="verdict_by_reviewer")]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer}"

    def says(self, verdict: str, note: str, scores: dict[str, int]) -> bool:
        """Whether it says just that."""
        return (self.verdict, self.note, self.scores) == (verdict, note, scores)
