"""An archive becomes a run again, whole or not at all."""

from array import array
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.db import IntegrityError, transaction

from ...domain.errors import InvalidInput
from ...models import (
    AuditEntry,
    Call,
    Dataset,
    Problem,
    ProblemMark,
    Prompt,
    Regrading,
    Run,
    Scoring,
    Spending,
    User,
    Variant,
    clock,
)
from ...models.calls import day_of
from . import matching
from .identity import fingerprint, restored_before
from .inserting import Inserting, store_one
from .reading import Archive, Cells, wrong_line
from .shapes import ReviewColumns, RunConfig, ScoringConfig, misfit
from .tables import TABLES

_TABLES = {table.name: table for table in TABLES}
_PAUSED = "It was restored from an archive. What is left of it is asked from here when somebody resumes it."


@dataclass(frozen=True)
class Restored:
    """The run, and sentences about what became of its parts."""

    run: Run
    notes: list[str]


def restore_run(file: Path | BinaryIO, user: User | None, *, again: bool = False) -> Restored:
    """Make a run of an archive. `again` also takes one that is here already.

    Nothing is asked of a model: a run that had not ended is paused and belongs to `user`. Its calls come along, and what
    they cost counts towards the run's own cap, but towards nobody's cap a day. Raises InvalidInput saying what is wrong
    with the file, with the member and the line.
    """
    archive = Archive(file)
    archive.check()
    origin = {"archive_of": archive.manifest.run.number, "assay": archive.manifest.assay}
    try:
        with transaction.atomic():
            restored = _Restoring(archive, user).restore(again)
            AuditEntry.objects.record(user, AuditEntry.Action.RUN_IMPORTED, restored.run, **origin)
    except IntegrityError:
        raise InvalidInput("Something of the same name was made meanwhile. Nothing was restored: do it again.") from None
    return restored


class _Restoring:
    """One restoration, inside a transaction."""

    def __init__(self, archive: Archive, user: User | None):
        self._archive = archive
        self._user = user
        self._is_copy = False
        self._notes = [*archive.manifest.left_out, *archive.warnings]
        self._rows = Inserting(archive)

    def restore(self, again: bool) -> Restored:
        cells = self._only_line("run")
        self._check_run(cells, again)
        config = cells["config"]
        dataset = self._dataset(config)
        self._problem_marks()
        self._wordings()
        conditions = list(self._archive.rows(_TABLES["conditions"]))
        self._check_conditions(conditions, config)
        frozen = {each["name"]: each for each in config["language_models"]}
        names = dict.fromkeys(each["language_model"] for _, each in conditions)
        entries = {name: matching.language_model_for(frozen[name], self._notes.append) for name in names}
        variants = {each["variant"]: self._rows.keys["variants"][each["variant"] - 1] for _, each in conditions}
        experiment = matching.experiment_for(
            config, dataset, set(variants.values()), {entry.pk for entry in entries.values()}, self._user, self._notes.append
        )
        places = {each["key"]: variants[each["variant"]] for _, each in conditions}
        of_name = {each["variant"]: places[each["key"]] for each in config["conditions"]}
        config["experiment"]["id"], config["dataset"]["id"] = experiment.pk, dataset.pk
        for prompt in config["prompts"]:
            prompt["id"] = of_name.get(prompt["variant"])
        run = self._run(cells, experiment)
        self._work(run, {name: entry.pk for name, entry in entries.items()})
        self._calls(run)
        self._reviews(run)
        if people := sorted(self._rows.unknown_people):
            self._notes.append(f"Nobody here is called {', '.join(people)}: what they did stands without a name.")
        return Restored(run, self._notes)

    def _only_line(self, name: str) -> Cells:
        found = [cells for _, cells in self._archive.rows(_TABLES[name])]
        if len(found) != 1:
            raise InvalidInput(f"{_TABLES[name].member} holds {len(found)} lines and must hold one. Nothing was restored.")
        return found[0]

    def _check_run(self, cells: Cells, again: bool) -> None:
        if words := misfit(RunConfig, cells["config"]):
            raise wrong_line(_TABLES["run"], 1, f"config: {words}")
        wanted = self._archive.manifest.fingerprint
        if fingerprint(cells["config"], cells["seed"], cells["created_at"]) != wanted:
            raise InvalidInput("The archive's fingerprint is not that of its run: the file was changed. Nothing was restored.")
        known = restored_before(wanted, cells["created_at"])
        self._is_copy = known is not None
        if known and not again:
            raise InvalidInput(f"The run is here already: it is run {known.pk}. Nothing was restored.")

    def _check_conditions(self, conditions: list[tuple[int, Cells]], config: dict[str, Any]) -> None:
        frozen = {each["key"]: each["language_model"] for each in config["conditions"]}
        models = {each["name"] for each in config["language_models"]}
        for line, cells in conditions:
            if frozen.get(cells["key"]) != cells["language_model"] or cells["language_model"] not in models:
                raise wrong_line(_TABLES["conditions"], line, "it is not what the run's config says of this condition")
        if len(conditions) != len(config["conditions"]):
            raise InvalidInput("conditions.jsonl lacks conditions of the run's config. Nothing was restored.")

    def _dataset(self, config: dict[str, Any]) -> Dataset:
        cells = self._only_line("dataset")
        if cells["content_hash"] != config["dataset"]["content_hash"]:
            raise InvalidInput("dataset.jsonl is not the dataset of the run's config. Nothing was restored.")
        for known in matching.datasets_like(cells):
            keys = self._keys_of_same_problems(known)
            if keys is not None:
                self._rows.keys["problems"] = keys
                if str(known) != f"{cells['name']} v{cells['version']}":
                    self._notes.append(f"The dataset “{cells['name']} v{cells['version']}” is “{known}” here.")
                return known
        dataset = self._rows.make(_TABLES["dataset"], 1, cells)
        dataset.name = matching.free_name(Dataset, cells["name"], version=cells["version"])
        if dataset.name != cells["name"]:
            self._notes.append(f"The dataset is called “{dataset}”, for another one has its name.")
        store_one(dataset)
        self._tag(dataset, cells)
        self._rows.insert("problems", dataset=dataset)
        return dataset

    def _keys_of_same_problems(self, dataset: Dataset) -> array | None:
        """Of the dataset's problems in the order of the lines; None where any of them differs."""
        columns = [field.name for field in _TABLES["problems"].plain]
        stored = dataset.problems.order_by("pk").iterator()
        keys = array("q")
        for _, cells in self._archive.rows(_TABLES["problems"]):
            problem = next(stored, None)
            if problem is None or any(getattr(problem, name) != cells[name] for name in columns):
                return None
            keys.append(problem.pk)
        return None if next(stored, None) else keys

    def _problem_marks(self) -> None:
        """A mark that a person made here stays as it is."""
        for line, cells in self._archive.rows(_TABLES["problem_marks"]):
            mark = self._rows.make(_TABLES["problem_marks"], line, cells)
            mark.identity = Problem.objects.get(pk=mark.problem_id).identity
            same = ProblemMark.objects.filter(identity=mark.identity, author=mark.author_id)
            if mark.author_id is None:
                same = same.filter(kind=mark.kind, note=mark.note)
            if not same.exists():
                store_one(mark)

    def _wordings(self) -> None:
        """Prompts and variants: those that are here already, and what is missing."""
        prompts = list(self._archive.rows(_TABLES["prompts"]))
        variants = list(self._archive.rows(_TABLES["variants"]))
        keys = {"prompts": array("q"), "variants": array("q")}
        self._rows.keys |= keys
        for line, cells in prompts:
            wordings = [each for _, each in variants if each["prompt"] == line]
            prompt = matching.prompt_like(cells["name"], wordings)
            if prompt is None:
                prompt = self._rows.make(_TABLES["prompts"], line, cells)
                prompt.name = matching.free_name(Prompt, cells["name"])
                if prompt.name != cells["name"]:
                    self._notes.append(f"The prompt is called “{prompt}”, for another one has its name.")
                store_one(prompt)
                self._tag(prompt, cells)
            keys["prompts"].append(prompt.pk)
        for line, cells in variants:
            place = {"prompt": keys["prompts"][cells["prompt"] - 1], "name": cells["name"], "version": cells["version"]}
            variant = Variant.objects.filter(**place).first()
            if variant is None:
                variant = self._rows.make(_TABLES["variants"], line, cells)
                variant.parent_id = cells["parent"] and keys["variants"][cells["parent"] - 1]
                variant.content_hash = Variant.hash_of(variant.system, variant.template)
                store_one(variant)
            elif (variant.system, variant.template) != (cells["system"], cells["template"]):
                raise wrong_line(_TABLES["variants"], line, "it repeats an earlier version with other words")
            keys["variants"].append(variant.pk)

    def _run(self, cells: Cells, experiment) -> Run:
        run = self._rows.make(_TABLES["run"], 1, cells, experiment=experiment)
        if not run.is_finished:
            run.state, run.reason, run.started_by = Run.State.PAUSED, _PAUSED, self._user
        store_one(run)
        self._tag(run, cells)
        return run

    def _work(self, run: Run, entries: dict[str, int]) -> None:
        rows = self._rows

        def name_model(line: int, cells: Cells, values: dict[str, Any]) -> None:
            values["language_model_id"] = entries[cells["language_model"]]

        def note_copy(line: int, cells: Cells, values: dict[str, Any]) -> None:
            # The sample it is a copy of is in another run, perhaps not here: a copy of itself is a copy still.
            rows.note("samples", "reused_from", line, line if cells["reused_from"] is True else None)

        rows.insert("text_removals", run=run)
        rows.insert("conditions", name_model, run=run)
        rows.insert("attempts", run=run)
        rows.insert("samples", note_copy, run=run)
        rows.link("samples", "parent", "samples")
        rows.link("samples", "reused_from", "samples")
        rows.link("attempts", "chosen", "samples")
        rows.insert("grades", run=run)
        rows.insert("verifier_scores")
        rows.insert("findings", run=run)
        rows.insert("notes", run=run)
        rows.insert("regradings", _at_rest(Regrading.State), run=run)
        rows.insert("scorings", _at_rest(Scoring.State, ScoringConfig), run=run)

    def _calls(self, run: Run) -> None:
        """With the sums by day. Caps a day are about what is spent from here, so no day of them is today."""
        yesterday = day_of(clock.now()) - timedelta(days=1)
        spent: dict[date, float] = defaultdict(float)

        def book(line: int, cells: Cells, values: dict[str, Any]) -> None:
            if cells["state"] == Call.State.SENT:
                raise ValueError("state is one of a call that is under way")
            spent[min(day_of(cells["sent_at"]), yesterday)] += cells["cost"]
            if self._is_copy:
                values["key"] = uuid4().hex

        self._rows.insert("calls", book, run=run)
        Spending.objects.bulk_create(Spending(run=run, day=day, cost=cost) for day, cost in sorted(spent.items()))

    def _reviews(self, run: Run) -> None:
        def name_conditions(line: int, cells: Cells, values: dict[str, Any]) -> None:
            if words := misfit(ReviewColumns, {name: cells[name] for name in ReviewColumns.model_fields}):
                raise ValueError(words)
            values["conditions"] = [f"{run.pk}.{key}" for key in cells["conditions"]]

        self._rows.insert("review_sets", name_conditions)
        for name in ("review_items", "review_files", "human_verdicts"):
            self._rows.insert(name)

    @staticmethod
    def _tag(thing: Dataset | Prompt | Run, cells: Cells) -> None:
        thing.tag(",".join(cells["tags"]))


def _at_rest(states, shape=None):
    def check(line: int, cells: Cells, values: dict[str, Any]) -> None:
        if cells["state"] in (states.QUEUED, states.RUNNING):
            raise ValueError("state is one of work that goes on")
        if shape and (words := misfit(shape, cells["config"])):
            raise ValueError(f"config: {words}")

    return check
