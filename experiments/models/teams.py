"""Teams: who works together, sees the same experiments, and shares caps."""

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

from .access import User


class TeamQuerySet(models.QuerySet):
    def of(self, user: User):
        """Teams the user belongs to."""
        return self.filter(memberships__user=user)

    def led_by(self, user: User):
        return self.filter(memberships__user=user, memberships__role=Membership.Role.LEAD)

    def managed_by(self, user: User):
        """Teams whose members and caps the user may change: a lead's own, an administrator's every one."""
        return self.all() if user.can_administer else self.led_by(user)

    def offered_to(self, user: User):
        """Teams that the user may share an experiment with."""
        return (self.all() if user.can_administer else self.of(user)).filter(archived=False)


class Team(models.Model):
    """People who share experiments. Its caps are on all runs of its experiments together; empty is none of its own."""

    name = models.CharField(max_length=100, unique=True)
    daily_spending_cap = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)])
    monthly_spending_cap = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)])
    attempts_at_once = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Of all its runs, over all workers"
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    archived = models.BooleanField(default=False, help_text="Takes no new experiments; its own stay shared")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("team", args=[self.pk])

    @property
    def team(self) -> "Team":
        """What the audit log calls the team of a thing."""
        return self


class Membership(models.Model):
    """One person in one team. Leads also manage its members and may lower its caps."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        LEAD = "lead", "Lead"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        ordering = ["team", "user__username"]
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="member_once_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
