"""What came back. Rows are inserted when finished and never changed; selections and statistics are derived."""

import struct

from django.db import models
from django.db.models import F, Q

from ..domain import types
from .attempts import Attempt
from .exact import ExactCharField, ExactJSONField, ExactTextField
from .runs import Run
from .workers import Worker


class Sample(models.Model):
    """One generated text. (attempt, request_hash, occurrence) is its place in the journal."""

    class FinishReason(models.TextChoices):
        STOP = types.FinishReason.STOP.value, "stop"
        LENGTH = types.FinishReason.LENGTH.value, "cut off"
        FAILED = types.FinishReason.FAILED.value, "failed"

    class Purpose(models.TextChoices):
        ANSWER = types.Purpose.ANSWER.value, "answer"
        STEP = types.Purpose.STEP.value, "step"
        ROLLOUT = types.Purpose.ROLLOUT.value, "rollout"
        FEEDBACK = types.Purpose.FEEDBACK.value, "feedback"
        JUDGE = types.Purpose.JUDGE.value, "judge"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="samples", db_index=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="samples", db_index=False)
    request_hash = models.CharField(max_length=32)
    occurrence = models.PositiveIntegerField()
    index = models.PositiveIntegerField(help_text="Place inside the attempt, in the order asked; judges count for themselves")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.ANSWER)
    verifier = models.CharField(max_length=100, blank=True, help_text="The verifier that asked for a judge's text")
    seed = models.BigIntegerField(help_text="Of this draw; what local models draw with")
    seed_sent = models.BigIntegerField(null=True, help_text="What a remote endpoint was told; samples of one call share it")
    choice = models.PositiveIntegerField(default=0, help_text="Place among the answers of its call")
    prefix = ExactTextField(blank=True, help_text="How the answer began before the text went on from it")
    text = ExactTextField(blank=True)
    inserted = ExactTextField(blank=True, help_text="What the strategy wrote into the prefix; no part of the answer")
    reasoning = ExactTextField(blank=True, help_text="What was thought before the answer, where it is shown")
    refusal = ExactTextField(blank=True, help_text="The model's words where it declines through its own channel")
    finish_reason = models.CharField(max_length=8, choices=FinishReason.choices)
    endpoint_finish_reason = ExactCharField(max_length=100, blank=True, help_text="As the endpoint put it")
    stop_string = ExactCharField(max_length=200, blank=True, help_text="The stop string that ended the text")
    error = ExactTextField(blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, db_index=False)
    reused_from = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+", help_text="The sample it is a copy of"
    )
    prompt_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    usage_is_estimated = models.BooleanField(default=False, help_text="The endpoint did not tell the tokens")
    n_calls = models.PositiveIntegerField(default=1, help_text="Tries that left, the failed ones included")
    cost = models.FloatField(default=0, help_text="Of all tries, in the currency of the prices")
    request_id = ExactCharField(max_length=200, blank=True, help_text="The endpoint's name for the call that was answered")
    logprobs = models.BinaryField(null=True, help_text="float32, little-endian, one per completion token")
    tokens = models.BinaryField(null=True, help_text="Ids as int32, little-endian, one per completion token")
    mean_logprob = models.FloatField(null=True)
    measures = ExactJSONField(default=dict, help_text="Further numbers about the text, by name")
    seconds_to_first_token = models.FloatField(default=0)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(help_text="When it was stored")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "request_hash", "occurrence"], name="sample_once_in_journal"),
        ]
        indexes = [
            models.Index(fields=["run", "id"]),
            # Without these two, whatever deletes a sample would look through all others for those that refer to it.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="sample_by_parent"),
            models.Index(fields=["reused_from"], condition=Q(reused_from__isnull=False), name="sample_by_origin"),
        ]

    def __str__(self) -> str:
        return f"sample {self.pk}"

    @property
    def whole_text(self) -> str:
        """The answer as it stands, as graders and readers see it."""
        return types.whole_text(self.prefix, self.text, self.inserted)

    @property
    def token_logprobs(self) -> tuple[float, ...] | None:
        return Sample.unpack_logprobs(self.logprobs)

    @staticmethod
    def pack_logprobs(values: tuple[float, ...] | None) -> bytes | None:
        return None if values is None else struct.pack(f"<{len(values)}f", *values)

    @staticmethod
    def unpack_logprobs(packed: bytes | memoryview | None) -> tuple[float, ...] | None:
        return None if packed is None else struct.unpack(f"<{len(packed) // 4}f", packed)

    @staticmethod
    def pack_tokens(ids: tuple[int, ...] | None) -> bytes | None:
        return None if ids is None else struct.pack(f"<{len(ids)}i", *ids)

    @staticmethod
    def unpack_tokens(packed: bytes | memoryview | None) -> tuple[int, ...] | None:
        return None if packed is None else struct.unpack(f"<{len(packed) // 4}i", packed)


class VerifierScore(models.Model):
    """A verifier's score of a sample; None where it could not score. `verifier` is the plug-in with its options."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="verifier_scores", db_index=False)
    verifier = models.CharField(max_length=100)
    score = models.FloatField(null=True)
    details = ExactJSONField(default=dict, help_text="How it came about, numbers by name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample", "verifier"], name="score_once")]

    def __str__(self) -> str:
        return f"{self.verifier} of {self.sample_id}"


class Grade(models.Model):
    """A grader's judgement of a sample. `grader` names the plug-in, its version and options."""

    class Verdict(models.TextChoices):
        CORRECT = types.Verdict.CORRECT.value, "correct"
        WRONG = types.Verdict.WRONG.value, "wrong"
        UNPARSED = types.Verdict.UNPARSED.value, "no answer found"
        TRUNCATED = types.Verdict.TRUNCATED.value, "cut off"
        TIMED_OUT = types.Verdict.TIMED_OUT.value, "grader timed out"
        FAILED = types.Verdict.FAILED.value, "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="grades", db_index=False)
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="grades", db_index=False)
    grader = models.CharField(max_length=100)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    score = models.FloatField(null=True)
    extracted = ExactTextField(null=True)
    canonical = ExactTextField(null=True)
    explanation = ExactTextField(blank=True)
    details = ExactJSONField(default=dict, help_text="What else the grader found, by name")
    seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "grader"], name="grade_once"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0, score__lte=1), name="grade_score_in_unit_interval"),
        ]
        indexes = [models.Index(fields=["run", "id"])]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.grader}"


class Draft(models.Model):
    """What workers of release 0.1 write, one row per run. Kept so that they can go on beside newer ones; nobody reads it."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="draft", primary_key=True)
    revision = models.PositiveIntegerField(default=0)
    texts = ExactJSONField(default=list, help_text="[{attempt, problem, index, text}]")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of run {self.run_id}"


class WorkerDraftQuerySet(models.QuerySet):
    def overwrite(self, run_id: int, worker_id: int, texts: list[dict]) -> None:
        """What the worker is writing for the run now."""
        if not self.filter(run=run_id, worker=worker_id).update(texts=texts, revision=F("revision") + 1):
            self.create(run_id=run_id, worker_id=worker_id, texts=texts, revision=1)

    def clear(self) -> int:
        """Nobody writes these any more. The rows stay: the sum of a run's revisions must never go down."""
        return self.exclude(texts=[]).update(texts=[], revision=F("revision") + 1)


class WorkerDraft(models.Model):
    """The texts a worker is writing for a run right now: one small row, overwritten a few times a second, worth nothing after."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="drafts")
    revision = models.PositiveIntegerField(default=0)
    texts = ExactJSONField(default=list, help_text="[{attempt, problem, index, text, lengths}]")

    objects = WorkerDraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "worker"], name="draft_once_per_run_and_worker")]

    def __str__(self) -> str:
        return f"draft of run {self.run_id} by worker {self.worker_id}"


class Finding(models.Model):
    """A result as of the last refresh: sentence, estimates with n and interval, figure."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=100)
    title = ExactCharField(max_length=300)
    sentence = ExactTextField()
    estimates = ExactJSONField(default=dict)
    figure = ExactJSONField(null=True)
    details = ExactJSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="finding_once_per_run")]

    def __str__(self) -> str:
        return self.title
