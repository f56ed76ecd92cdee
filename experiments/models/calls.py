"""The ledger: every call that left for a paid endpoint, and what was spent on which day."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Sum
from django.utils import timezone

from . import clock
from .attempts import Attempt
from .exact import ExactCharField, ExactJSONField, ExactTextField
from .runs import Run
from .workers import Worker


class CallQuerySet(models.QuerySet):
    def under_way(self):
        """Calls of which only the beginning is known."""
        return self.filter(state=Call.State.SENT)

    def give_up(self) -> int:
        """Book calls whose worker died under them at the most they may have cost. Returns how many there were."""
        lost = 0
        for call in self.under_way():
            fields = {"state": Call.State.LOST, "cost": call.most_cost, "usage_is_estimated": True}
            note = "The worker died while the call was under way; it is booked at the most it may have cost."
            if Call.objects.under_way().filter(pk=call.pk).update(note=note, **fields):
                Spending.objects.book(call.run_id, day_of(call.sent_at), call.most_cost, -call.most_cost)
                Run.objects.filter(pk=call.run_id).update(cost=F("cost") + call.most_cost)
                lost += 1
        return lost


class Call(models.Model):
    """One try of one sample. A row is there before the call leaves, so that a killed worker's calls are known by name.

    Costs are in the currency of the language model's prices. Holds no key, no header and no text of the conversation.
    """

    class State(models.TextChoices):
        SENT = "sent", "Under way"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "Failed"
        ABANDONED = "abandoned", "Stopped by Assay"
        LOST = "lost", "Lost with its worker"

    key = models.CharField(max_length=32, unique=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="calls", db_index=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="calls")
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, db_index=False)
    language_model = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=32)
    occurrence = models.PositiveIntegerField(help_text="Of the first draw it is for")
    occurrences = ExactJSONField(default=list, help_text="Of all draws it is for: several where they share a call")
    try_number = models.PositiveIntegerField(help_text="From 1, inside one worker's request for the sample")
    state = models.CharField(max_length=10, choices=State.choices)
    sent_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    status = models.PositiveIntegerField(null=True, help_text="HTTP's")
    request_id = ExactCharField(max_length=200, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    usage_is_estimated = models.BooleanField(default=False)
    most_cost = models.FloatField(default=0, help_text="Upper bound, known before the call left")
    cost = models.FloatField(default=0)
    is_cut = models.BooleanField(default=False, help_text="Text had begun to arrive and broke off")
    note = ExactTextField(blank=True)

    #: Not stored: it may leave only while its worker leases the attempt.
    needs_lease = False

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "id"]),
            models.Index(fields=["worker"], condition=models.Q(state="sent"), name="call_under_way"),
        ]

    def __str__(self) -> str:
        return f"call {self.key}"


class SpendingQuerySet(models.QuerySet):
    def book(self, run_id: int, day: date, cost: float, reserved: float) -> None:
        """Add to what a run spent on calls of that day, and to what those under way may still cost."""
        place = {"run_id": run_id, "day": day}
        self.get_or_create(**place)
        self.filter(**place).update(cost=F("cost") + cost, reserved=F("reserved") + reserved)

    def totals(self) -> tuple[float, float]:
        """(spent, reserved for calls under way)."""
        sums = self.aggregate(cost=Sum("cost"), reserved=Sum("reserved"))
        return sums["cost"] or 0.0, max(sums["reserved"] or 0.0, 0.0)

    def by_user(self, user_id: int):
        return self.filter(run__started_by=user_id)

    def by_team(self, team_id: int):
        return self.filter(run__experiment__team=team_id)

    def this_month(self):
        return self.filter(day__gte=day_of(clock.now()).replace(day=1))

    def today(self):
        return self.filter(day=day_of(clock.now()))


class Spending(models.Model):
    """What one run spent on one day: the ledger's sums, kept with it in the same transaction, for caps to look at."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="spending", db_index=False)
    day = models.DateField(help_text="In the lab's time zone")
    cost = models.FloatField(default=0)
    reserved = models.FloatField(default=0, help_text="The most that calls under way may cost")

    objects = SpendingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "day"], name="spending_once_per_run_and_day")]
        indexes = [models.Index(fields=["day"])]
        verbose_name_plural = "spending"

    def __str__(self) -> str:
        return f"{self.cost} on {self.day}"


def day_of(at: datetime) -> date:
    return timezone.localdate(at)
