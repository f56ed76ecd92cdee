"""What can be found, kind by kind. Texts that models wrote are not searched: there may be millions, and runs have filters."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from ..models import Dataset, Experiment, LanguageModel, Note, Problem, Prompt, Run, Tag, User, Variant
from ..reports.glossary import glossary
from ..statistics.selectors.family import SELECTORS
from .docs import FAMILIES
from .words import Words


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of things. `find` takes who asks, the words, a tag or an empty text, and how many are wanted."""

    name: str
    title: str
    find: Callable[[User, Words, str, int], list[Hit]]


@dataclass(frozen=True)
class Rows:
    """Rows of a table, found by what their `fields` contain; those whose first field begins with the first word come first."""

    rows: Callable[[User], QuerySet]
    fields: tuple[str, ...]
    hit: Callable[[object], Hit]
    is_ranked: bool = True
    is_tagged: bool = False

    def __call__(self, user: User, words: Words, tag: str, limit: int) -> list[Hit]:
        if tag and not self.is_tagged:
            return []
        rows = self.rows(user)
        for word in words.each:
            wanted = reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.fields))
            # Tags and notes are many to one row: through the keys each row comes once.
            rows = rows.filter(pk__in=rows.model.objects.filter(wanted).values("pk")) if self.is_tagged else rows.filter(wanted)
        if tag:
            rows = rows.filter(tags__name=tag)
        return [self.hit(row) for row in rows.order_by(*self._order(words))[:limit]]

    def _order(self, words: Words) -> list:
        if not (self.is_ranked and words):
            return ["-pk"]
        name, first = self.fields[0], words.each[0]
        begins = Case(
            When(**{f"{name}__istartswith": first}, then=Value(0)),
            When(**{f"{name}__icontains": first}, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return [begins, "-pk"]


def _experiments(row: Experiment) -> Hit:
    return Hit(row.name, row.get_absolute_url(), "archived" if row.archived else "", row.description)


def _runs(user: User, words: Words, tag: str, limit: int) -> list[Hit]:
    """By number, by the experiment's name or by tag, newest first."""
    numbers = [word.lstrip("#") for word in words.each if word.lower() != "run"]
    if len(numbers) == 1 and numbers[0].isdecimal() and len(numbers[0]) < 10 and not tag:
        rows = _run_rows(user).filter(pk=numbers[0])
        if found := [_run(row) for row in rows]:
            return found
    return Rows(_run_rows, ("experiment__name", "tags__name"), _run, is_ranked=False, is_tagged=True)(user, words, tag, limit)


def _run_rows(user: User) -> QuerySet:
    return Run.objects.visible_to(user).defer("config").select_related("experiment")


def _run(row: Run) -> Hit:
    return Hit(f"{row}: {row.experiment.name}", row.get_absolute_url(), row.get_state_display().lower())


def _variant(row: Variant) -> Hit:
    url = reverse("variant", args=[row.prompt_id, row.pk])
    return Hit(f"{row.prompt.name} / {row.name}", url, f"v{row.version}", f"{row.system}\n{row.template}")


def _problem(row: Problem) -> Hit:
    # The list of problems goes on after a position, so that the one found stands first on its page.
    url = row.dataset.get_absolute_url() + (f"?after={row.position - 1}" if row.position else "")
    return Hit(f"{row.dataset.name}: {row.key}", url, f"v{row.dataset.version}", row.question)


def _problem_rows(user: User) -> QuerySet:
    newest = Dataset.objects.latest_versions().filter(archived=False)
    return Problem.objects.filter(dataset__in=newest.values("pk")).select_related("dataset")


def _notes(user: User) -> QuerySet:
    return Note.objects.filter(run__in=Run.objects.visible_to(user).values("pk"))


def _note(row: Note) -> Hit:
    return Hit(f"Note on run {row.run_id}", f"{reverse('run', args=[row.run_id])}#notes", str(row.author or ""), row.text)


def _tags(user: User, words: Words, tag: str, limit: int) -> list[Hit]:
    rows = Rows(Tag.objects.visible_to, ("name",), lambda row: Hit(row.name, f"{reverse('search')}?tag={row.name}"))
    return [] if tag else rows(user, words, "", limit)


def _documentation(user: User, words: Words, tag: str, limit: int) -> list[Hit]:
    """Pages of plug-ins and selectors, those whose name fits before those whose text does."""
    if tag:
        return []
    found = []
    for selector in SELECTORS.values():
        name = selector.name_with("a verifier")
        if words.fit(f"{name} selectors {selector.description}"):
            hit = Hit(name, f"{reverse('docs')}#selectors", "selectors", selector.description)
            found.append((not words.fit(name), hit))
    for family in FAMILIES:
        for plugin in family.registry:
            text = inspect.getdoc(plugin) or ""
            if words.fit(f"{plugin.label} {plugin.name} {family.title} {text}"):
                hit = Hit(plugin.label, reverse("docs_plugin", args=[family.address, plugin.name]), family.title.lower(), text)
                found.append((not words.fit(f"{plugin.label} {plugin.name}"), hit))
    return [hit for _, hit in sorted(found, key=lambda pair: pair[0])][:limit]


def _terms(user: User, words: Words, tag: str, limit: int) -> list[Hit]:
    if tag:
        return []
    fitting = [term for term in glossary().values() if words.fit(f"{term.title} {term.sentence}")]
    fitting.sort(key=lambda term: not words.fit(term.title))
    return [Hit(term.title, reverse("docs_term", args=[term.name]), "glossary", term.sentence) for term in fitting[:limit]]


def _dataset(row: Dataset) -> Hit:
    return Hit(row.name, row.get_absolute_url(), f"v{row.version}", row.description)


def _prompt(row: Prompt) -> Hit:
    return Hit(row.name, row.get_absolute_url(), "archived" if row.archived else "", row.description)


def _language_model(row: LanguageModel) -> Hit:
    return Hit(row.name, row.get_absolute_url(), row.backend.replace("_", " "))


KINDS = [
    Kind(
        "experiments",
        "Experiments",
        Rows(Experiment.objects.visible_to, ("name", "description", "tags__name"), _experiments, is_tagged=True),
    ),
    Kind("runs", "Runs", _runs),
    Kind(
        "prompts",
        "Prompts",
        Rows(lambda user: Prompt.objects.all(), ("name", "description", "tags__name"), _prompt, is_tagged=True),
    ),
    Kind(
        "variants",
        "Wordings",
        Rows(
            lambda user: Variant.objects.latest_versions().select_related("prompt"),
            ("name", "prompt__name", "system", "template"),
            _variant,
        ),
    ),
    Kind(
        "datasets",
        "Datasets",
        Rows(lambda user: Dataset.objects.latest_versions(), ("name", "description", "tags__name"), _dataset, is_tagged=True),
    ),
    Kind("problems", "Problems", Rows(_problem_rows, ("question", "key"), _problem, is_ranked=False)),
    Kind("models", "Models", Rows(lambda user: LanguageModel.objects.all(), ("name", "backend"), _language_model)),
    Kind("notes", "Notes", Rows(_notes, ("text",), _note, is_ranked=False)),
    Kind("tags", "Tags", _tags),
    Kind("methods", "Methods", _documentation),
    Kind("terms", "Glossary", _terms),
]


def found_by_kind(
    user: User, words: Words, limit: int, tag: str = "", kinds: list[str] | None = None
) -> list[tuple[Kind, list[Hit]]]:
    """What fits and the user may know of, in at most one query a kind; kinds without a hit are left out.

    No words and no tag find nothing.
    """
    if not words and not tag:
        return []
    wanted = [kind for kind in KINDS if not kinds or kind.name in kinds]
    return [(kind, hits) for kind in wanted if (hits := kind.find(user, words, tag, limit))]
