"""What people said about a problem's own label: that it is suspect, or wrong."""

from django.conf import settings
from django.db import models

from .datasets import Problem


class ProblemMark(models.Model):
    """One person's latest mark. It holds for the same question with the same answers in every version of the dataset."""

    class Kind(models.TextChoices):
        SUSPECT = "suspect", "suspect"
        WRONG = "wrong", "wrong"
        FINE = "fine", "looked at and fine"

    identity = models.CharField(max_length=64, help_text="Of the question and its answers, see Problem.identity")
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="marks", help_text="Where it was seen")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    note = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["identity", "author"], name="problem_mark_once_per_person")]

    def __str__(self) -> str:
        return f"{self.problem} is {self.kind}"
