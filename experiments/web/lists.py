"""What each list page can show, filter by and sort by."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from ..inference.base import backends
from ..models import Dataset, Experiment, LanguageModel, Prompt, Run, Team, User
from ..studies.base import studies
from .listing import Column, Filter, Link, Listing, Share, tag_filter, tags_column

MOST_CHOICES = 500


def _named(rows: Callable[[User], QuerySet], label: str = "name"):
    return lambda user: rows(user).order_by(label).values_list("pk", label)[:MOST_CHOICES]


def _dataset_names(user: User):
    return ((name, name) for name in Dataset.objects.order_by("name").values_list("name", flat=True).distinct())


def _study(experiment: Experiment) -> Link | str:
    """Its label, leading to its documentation; a study that is not installed any more has only its name."""
    if experiment.study not in studies.names():
        return experiment.study
    return Link(studies.get(experiment.study).label, reverse("docs_plugin", args=["studies", experiment.study]))


_PEOPLE = _named(lambda user: User.objects.all(), "username")

RUNS = Listing(
    "runs",
    "runs",
    (
        Column(
            "run",
            "Run",
            lambda run: Link(str(run), run.get_absolute_url(), mark="pilot" if run.is_pilot else ""),
            "link",
            "pk",
        ),
        Column(
            "experiment",
            "Experiment",
            lambda run: Link(run.experiment.name, run.experiment.get_absolute_url()),
            "link",
            "experiment__name",
        ),
        Column("state", "State", lambda run: run, "state", "state"),
        Column("samples", "Samples", lambda run: Share(run.n_samples, run.n_samples_planned), "progress", "n_samples"),
        Column(
            "correct",
            "Correct",
            lambda run: Share(run.n_correct, run.n_graded),
            "of",
            "n_correct",
            is_numeric=True,
            term="correct",
        ),
        Column(
            "cut_off",
            "Cut off",
            lambda run: run.n_cut_off,
            "whole",
            "n_cut_off",
            is_first_choice=False,
            is_numeric=True,
            term="cut-off",
        ),
        Column(
            "tokens", "Tokens", lambda run: run.completion_tokens, "compact", "completion_tokens", is_numeric=True, term="tokens"
        ),
        Column("cost", "Money", lambda run: run.cost, "money", "cost", is_first_choice=False, is_numeric=True),
        Column(
            "time",
            "Busy",
            lambda run: timedelta(seconds=run.busy_seconds),
            "duration",
            "busy_seconds",
            is_first_choice=False,
            is_numeric=True,
        ),
        Column("study", "Study", lambda run: _study(run.experiment), "link", "experiment__study", is_first_choice=False),
        Column(
            "dataset",
            "Dataset",
            lambda run: Link(str(run.experiment.dataset), run.experiment.dataset.get_absolute_url()),
            "link",
            "experiment__dataset__name",
            is_first_choice=False,
        ),
        Column("started_by", "Started by", lambda run: run.started_by, "text", "started_by__username", is_first_choice=False),
        Column("planned", "Planned", lambda run: run.created_at, "time", "created_at"),
        Column("finished", "Finished", lambda run: run.finished_at, "time", "finished_at", is_first_choice=False),
        tags_column(),
        Column("basket", "Compare", lambda run: run, "basket", term="basket"),
    ),
    (
        Filter("state", "State", lambda user: [(value, label.lower()) for value, label in Run.State.choices], "state"),
        Filter("experiment", "Experiment", _named(lambda user: Experiment.objects.visible_to(user)), "experiment"),
        Filter("dataset", "Dataset", _dataset_names, "experiment__dataset__name"),
        Filter("model", "Model", _named(lambda user: LanguageModel.objects.all()), "conditions__language_model"),
        Filter("person", "Started by", _PEOPLE, "started_by"),
        tag_filter("runs"),
    ),
    ("experiment__name", "tags__name", "notes__text"),
)

EXPERIMENTS = Listing(
    "experiments",
    "experiments",
    (
        Column("experiment", "Experiment", lambda row: Link(row.name, row.get_absolute_url(), row.description), "link", "name"),
        Column("study", "Study", _study, "link", "study"),
        Column("dataset", "Dataset", lambda row: Link(str(row.dataset), row.dataset.get_absolute_url()), "link", "dataset__name"),
        Column("runs", "Runs", lambda row: row.n_runs, "whole", "n_runs", is_numeric=True),
        Column("last_run", "Last run", lambda row: row.last_run_at, "time", "last_run_at", is_first_choice=False),
        Column("owner", "Owner", lambda row: row.owner, "text", "owner__username", is_first_choice=False),
        Column("team", "Team", lambda row: row.team, "text", "team__name", is_first_choice=False),
        Column("seen_by", "Seen by", lambda row: row.get_visibility_display(), "text", "visibility", is_first_choice=False),
        Column("changed", "Changed", lambda row: row.updated_at, "time", "updated_at"),
        tags_column(),
    ),
    (
        Filter("study", "Study", lambda user: studies.choices(), "study"),
        Filter("dataset", "Dataset", _dataset_names, "dataset__name"),
        Filter("model", "Model", _named(lambda user: LanguageModel.objects.all()), "language_models"),
        Filter("owner", "Owner", _PEOPLE, "owner"),
        Filter(
            "team",
            "Team",
            _named(lambda user: Team.objects.filter(experiments__in=Experiment.objects.visible_to(user)).distinct()),
            "team",
        ),
        tag_filter("experiments"),
    ),
    ("name", "description", "tags__name"),
)

PROMPTS = Listing(
    "prompts",
    "prompts",
    (
        Column("prompt", "Prompt", lambda row: Link(row.name, row.get_absolute_url(), row.description), "link", "name"),
        Column("variants", "Variants", lambda row: row.n_variants, "whole", "n_variants", is_numeric=True),
        Column("edited", "Last edited", lambda row: row.edited_at, "time", "edited_at"),
        Column("created", "Created", lambda row: row.created_at, "time", "created_at", is_first_choice=False),
        tags_column(),
    ),
    (tag_filter("prompts"),),
    ("name", "description", "variants__name", "tags__name"),
)

DATASETS = Listing(
    "datasets",
    "datasets",
    (
        Column(
            "dataset",
            "Dataset",
            lambda row: Link(row.name, row.get_absolute_url(), row.description, f"v{row.version}"),
            "link",
            "name",
        ),
        Column("source", "Source", lambda row: row.source, "text", "source"),
        Column("problems", "Problems", lambda row: row.n_problems, "whole", "n_problems", is_numeric=True),
        Column(
            "experiments",
            "Experiments",
            lambda row: row.n_experiments,
            "whole",
            "n_experiments",
            is_first_choice=False,
            is_numeric=True,
        ),
        Column("author", "By", lambda row: row.author or "Assay", "text", "author__username"),
        Column("stored", "Stored", lambda row: row.created_at, "time", "created_at"),
        tags_column(),
    ),
    (
        Filter(
            "source",
            "Source",
            lambda user: (
                (name, name) for name in Dataset.objects.order_by("source").values_list("source", flat=True).distinct()
            ),
            "source",
        ),
        Filter("author", "By", _PEOPLE, "author"),
        tag_filter("datasets"),
    ),
    ("name", "description", "tags__name"),
)

LANGUAGE_MODELS = Listing(
    "language_models",
    "models",
    (
        Column("model", "Model", lambda row: Link(row.name, row.get_absolute_url()), "link", "name"),
        Column("backend", "Backend", lambda row: _backend(row), "link", "backend"),
        Column("parameters", "Parameters", lambda row: row.n_parameters, "compact", "n_parameters", is_numeric=True),
        Column("experiments", "Experiments", lambda row: row.n_experiments, "whole", "n_experiments", is_numeric=True),
        Column("added", "Added", lambda row: row.created_at, "time", "created_at"),
    ),
    (Filter("backend", "Backend", lambda user: backends.choices(), "backend"),),
    ("name",),
)


def _backend(row: LanguageModel) -> Link | str:
    if row.backend not in backends.names():
        return row.backend
    return Link(backends.get(row.backend).label, reverse("docs_plugin", args=["backends", row.backend]))


def runs(user: User) -> QuerySet:
    # The frozen copy may hold long texts, and no cell shows them.
    return (
        Run.objects.visible_to(user).defer("config").select_related("experiment__dataset", "started_by").prefetch_related("tags")
    )


def experiments(user: User) -> QuerySet:
    rows = Experiment.objects.visible_to(user).select_related("dataset", "owner", "team").prefetch_related("tags")
    return rows.annotate(n_runs=Count("runs", distinct=True), last_run_at=Max("runs__created_at"))


def prompts() -> QuerySet:
    rows = Prompt.objects.prefetch_related("tags")
    return rows.annotate(n_variants=Count("variants__name", distinct=True), edited_at=Max("variants__created_at"))


def datasets(user: User) -> QuerySet:
    rows = Dataset.objects.latest_versions().select_related("author").prefetch_related("tags")
    return rows.annotate(n_experiments=_experiments_seen_by(user))


def language_models(user: User) -> QuerySet:
    return LanguageModel.objects.annotate(n_experiments=_experiments_seen_by(user))


def _experiments_seen_by(user: User) -> Count:
    return Count("experiments", filter=Q(experiments__in=Experiment.objects.visible_to(user).values("pk")), distinct=True)


LISTS = (EXPERIMENTS, RUNS, PROMPTS, DATASETS, LANGUAGE_MODELS)
