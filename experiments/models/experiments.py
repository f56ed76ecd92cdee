"""The editable plan."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from .datasets import Dataset
from .exact import ExactJSONField
from .language_models import LanguageModel
from .prompts import Variant
from .tags import Tagged
from .teams import Membership, Team


class ExperimentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What the user may know of; None is the program itself. Whoever sees an experiment sees everything made of it."""
        if user is None or user.can_administer:
            return self.all()
        of_their_teams = Q(visibility=Experiment.Visibility.TEAM, team__in=Membership.objects.filter(user=user).values("team"))
        return self.filter(Q(visibility=Experiment.Visibility.LAB) | Q(owner=user) | of_their_teams)

    def as_open_as(self, experiment: "Experiment"):
        """Those seen by everyone who sees this one."""
        visibility = Experiment.Visibility(experiment.visibility)
        open_to_all = Q(visibility=Experiment.Visibility.LAB) | Q(pk=experiment.pk)
        if visibility == Experiment.Visibility.TEAM:
            open_to_all |= Q(visibility=visibility, team=experiment.team_id)
        elif visibility == Experiment.Visibility.OWNER and experiment.owner:
            return self.visible_to(experiment.owner)
        return self.filter(open_to_all)


class Experiment(Tagged):
    """What to ask of whom, and how to judge it. A run freezes a copy; editing never changes a past run.

    Its team bears what its runs cost. Who sees it is another matter: `visibility`, which its runs follow.
    """

    class Visibility(models.TextChoices):
        LAB = "lab", "The whole lab"
        TEAM = "team", "The team"
        OWNER = "owner", "Only its owner"

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    study = models.CharField(max_length=50, default="best_of_n")
    study_params = ExactJSONField(default=dict)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="experiments")
    max_problems = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    variants = models.ManyToManyField(Variant, related_name="experiments")
    language_models = models.ManyToManyField(LanguageModel, related_name="experiments")
    decoding = ExactJSONField(default=dict)
    grader = models.CharField(max_length=50)
    grader_params = ExactJSONField(default=dict)
    verifiers = ExactJSONField(default=list, help_text="[{name, params}]")
    repeats = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    seed = models.BigIntegerField(default=0)
    spending_cap = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0)], help_text="A run pauses before it costs more"
    )
    reuses_answers = models.BooleanField(default=False, help_text="Take what an earlier run was given to the same request")
    archived = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="experiments")
    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.LAB, db_default=Visibility.LAB, help_text="Who sees it"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(visibility="team") | Q(team__isnull=False), name="experiment_of_a_team_has_one")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiment", args=[self.pk])

    def duplicate(self, owner) -> "Experiment":
        """A copy under the next free name."""
        copies = (f"{self.name} (copy{'' if i == 1 else f' {i}'})" for i in range(1, 10_000))
        name = next(name for name in copies if not Experiment.objects.filter(name=name).exists())
        variants, language_models = list(self.variants.all()), list(self.language_models.all())
        copy = Experiment.objects.get(pk=self.pk)
        copy.pk, copy.name, copy.owner, copy.archived = None, name, owner, False
        if owner and not Team.objects.offered_to(owner).filter(pk=copy.team_id).exists():
            # Somebody else's team neither pays for the copy nor sees it.
            copy.team = None
            if copy.visibility == self.Visibility.TEAM:
                copy.visibility = self.Visibility.OWNER
        copy._state.adding = True
        copy.save()
        copy.variants.set(variants)
        copy.language_models.set(language_models)
        return copy
