"""Truth tests of endpoints: asked for on a page, taken by a worker, followed question by question."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from .exact import ExactJSONField, ExactTextField
from .language_models import LanguageModel
from .workers import Worker


class TruthTestQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for a worker or are under way."""
        return self.filter(state__in=[TruthTest.State.QUEUED, TruthTest.State.RUNNING])

    def request(self, entry: LanguageModel, user) -> "TruthTest":
        """The test of the model that is open, or else a new one."""
        try:
            with transaction.atomic():
                return self.create(language_model=entry, backend=entry.backend, params=entry.params, requested_by=user)
        except IntegrityError:
            return self.open().get(language_model=entry)

    def claim(self, worker_id: int) -> "TruthTest | None":
        """Take the oldest that waits; None if there is none or another worker won."""
        test = self.filter(state=TruthTest.State.QUEUED).select_related("language_model").first()
        fields = {"state": TruthTest.State.RUNNING, "worker_id": worker_id}
        if test is None or not self.filter(pk=test.pk, state=TruthTest.State.QUEUED).update(**fields):
            return None
        test.refresh_from_db()
        return test

    def give_up(self, worker_id: int) -> int:
        """End those of a worker that stopped, died or lost them. Nothing is asked again by itself: questions are paid."""
        reason = "Its worker stopped meanwhile or lost its connection. Test again."
        held = self.filter(worker=worker_id, state=TruthTest.State.RUNNING)
        return held.update(state=TruthTest.State.FAILED, reason=reason, finished_at=Now())


class TruthTest(models.Model):
    """One test of one language model, as it was set up when the test was asked for."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    language_model = models.ForeignKey(LanguageModel, on_delete=models.CASCADE, related_name="truth_tests", db_index=False)
    backend = models.CharField(max_length=50)
    params = ExactJSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = ExactTextField(blank=True, help_text="Why it failed, in words for the user")
    rows = ExactJSONField(default=list, help_text="The lines of the table so far")
    n_steps = models.PositiveIntegerField(default=0, help_text="Groups of questions there are; 0 while not known")
    n_steps_done = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = TruthTestQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["language_model"], condition=Q(state__in=["queued", "running"]), name="one_truth_test_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["language_model", "-id"])]

    def __str__(self) -> str:
        return f"truth test {self.pk} of {self.language_model}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def note_step(self, rows: list[dict], n_steps_done: int, n_steps: int) -> None:
        """These rows are known now."""
        self._change(rows=rows, n_steps_done=n_steps_done, n_steps=n_steps)

    def finish(self, report: dict) -> None:
        """Keep the report with the language model, unless that was changed meanwhile: then it is about something else."""
        with transaction.atomic():
            same = LanguageModel.objects.filter(pk=self.language_model_id, backend=self.backend, params=self.params)
            if same.update(truth=report):
                self._change(state=self.State.DONE, rows=report["rows"], finished_at=Now())
            else:
                self.fail("The model was changed meanwhile, so what was seen is not about it any more. Test again.")

    def fail(self, reason: str) -> None:
        self._change(state=self.State.FAILED, reason=reason, finished_at=Now())

    def _change(self, **fields) -> None:
        TruthTest.objects.filter(pk=self.pk, state=self.State.RUNNING).update(**fields)
        self.refresh_from_db()
