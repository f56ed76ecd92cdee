"""Carrying out the retention rules: what is old goes, a page of rows at a time, and the audit log says how much it was."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from ..models import Attempt, AuditEntry, LoginLink, PromptDraft, RetentionRule, Trial, clock
from . import tidying_logs, tidying_texts

PAGE = 500
# Between two pages, so that a worker that waits to write gets its turn.
PAUSE_SECONDS = 0.02

Subject = RetentionRule.Subject


@dataclass(frozen=True)
class Broom:
    """How one subject is swept. `goes` and `stays` are for the page; `unit` is what is counted.

    `count` tells how many are older than a moment; `sweep` removes them page by page and yields how many each page had.
    """

    unit: str
    goes: str
    stays: str
    count: Callable[[datetime], int]
    sweep: Callable[[datetime, RetentionRule], Iterator[int]]


@dataclass(frozen=True)
class Swept:
    """What a rule took, or would take."""

    rule: RetentionRule
    broom: Broom
    n: int


def preview() -> list[Swept]:
    """What the next tidying would take, rule by rule."""
    return [Swept(rule, BROOMS[rule.subject], BROOMS[rule.subject].count(_moment(rule))) for rule in _rules()]


def tidy(user=None) -> list[Swept]:
    """Carry out every rule and record it. What was removed before an error stays removed and is recorded too."""
    swept: list[Swept] = []
    try:
        for rule in _rules():
            broom, n = BROOMS[rule.subject], 0
            try:
                for taken in broom.sweep(_moment(rule), rule):
                    n += taken
                    time.sleep(PAUSE_SECONDS)
            finally:
                swept.append(Swept(rule, broom, n))
    finally:
        counts = {each.rule.subject: each.n for each in swept}
        AuditEntry.objects.record(user, AuditEntry.Action.RETAINED, "retention rules", **counts)
    return swept


def last_tidying() -> AuditEntry | None:
    return AuditEntry.objects.filter(action=AuditEntry.Action.RETAINED).order_by("-id").first()


def _rules() -> QuerySet:
    return RetentionRule.objects.filter(subject__in=BROOMS).order_by("subject")


def _moment(rule: RetentionRule) -> datetime:
    return clock.now() - timedelta(days=rule.days)


def _drafts(moment: datetime) -> QuerySet:
    return PromptDraft.objects.filter(saved_at__lt=moment)


def _trials(moment: datetime) -> QuerySet:
    """Those that cost nothing go whole; of the others the cost stays."""
    ended = Trial.objects.exclude(pk__in=Trial.objects.open().values("pk")).filter(created_at__lt=moment)
    return ended.filter(Q(cost=0) | ~Q(text="") | ~Q(messages=[]))


def _sweep_trials(page: QuerySet) -> None:
    page.filter(cost__gt=0).update(text="", messages=[], explanation="", reason="")
    page.filter(cost=0).delete()


def _links(moment: datetime) -> QuerySet:
    return LoginLink.objects.filter(Q(used_at__lt=moment) | Q(expires_at__lt=moment))


def _traces(moment: datetime) -> QuerySet:
    return Attempt.objects.filter(run__in=tidying_texts.sweepable_runs(moment)).exclude(trace={})


def _entries(moment: datetime) -> QuerySet:
    return AuditEntry.objects.filter(at__lt=moment)


def _by_pages(due: Callable[[datetime], QuerySet], take: Callable[[QuerySet], object]) -> dict:
    """`count` and `sweep` for rows: `due` are those to take, `take` takes a page of them."""

    def sweep(moment: datetime, rule: RetentionRule) -> Iterator[int]:
        last = 0
        while keys := list(due(moment).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE]):
            last = keys[-1]  # what is done is not looked at again
            with transaction.atomic():
                take(due(moment).filter(pk__in=keys))
            yield len(keys)

    return {"count": lambda moment: due(moment).count(), "sweep": sweep}


BROOMS: dict[str, Broom] = {
    Subject.PROMPT_DRAFTS: Broom(
        unit="drafts",
        goes="What somebody typed over a variant and did not save",
        stays="Saved variants",
        **_by_pages(_drafts, lambda page: page.delete()),
    ),
    Subject.TRIALS: Broom(
        unit="trials",
        goes="What the prompt editor's trials sent and got",
        stays="What they cost",
        **_by_pages(_trials, _sweep_trials),
    ),
    Subject.TRACES: Broom(
        unit="attempts",
        goes="The strategies' notes on how they came to their answers, of archived runs",
        stays="Answers, grades and costs; studies that read the notes keep the findings they have",
        **_by_pages(_traces, lambda page: page.update(trace={})),
    ),
    Subject.RUN_TEXTS: Broom(
        unit="samples",
        goes="Texts, their tokens and their logprobs, of archived runs",
        stays="Extracted answers, grades, scores, token counts, costs and the ledger",
        count=tidying_texts.count,
        sweep=tidying_texts.sweep,
    ),
    Subject.LOGIN_LINKS: Broom(
        unit="links",
        goes="Links that let nobody in any more",
        stays="Links that still work",
        **_by_pages(_links, lambda page: page.delete()),
    ),
    Subject.AUDIT_ENTRIES: Broom(
        unit="entries",
        goes="Who did what",
        stays="Nothing of the old entries",
        **_by_pages(_entries, lambda page: page.forget_before(clock.now())),
    ),
    Subject.REQUEST_LOG: Broom(
        unit="lines",
        goes="Lines of the file in ASSAY_REQUEST_LOG",
        stays="The samples themselves",
        count=tidying_logs.count,
        sweep=tidying_logs.sweep,
    ),
}
