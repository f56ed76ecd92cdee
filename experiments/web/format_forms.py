"""What the format page edits: a task's grammar, and what its formats are tried on."""

import json
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse

from ..domain.errors import InvalidInput
from ..domain.formats.format import Format
from ..domain.formats.grammar import Grammar
from ..domain.types import Demonstration
from ..models import Dataset, Problem
from ..treatments.rendering import rendered
from .option_forms import OptionsForm
from .prompt_forms import PreviewForm

_MOST_SHOTS = 20
_BEGINNING = {"problem": "1", "n": "3", "seed": "0", "shots": "1", "marks": "on"}
#: An answer is a label and a few words; the same one each time.
_DECODING = {"temperature": 0, "max_tokens": 10}


class TrialForm(PreviewForm):
    """What the formats are tried on."""

    n = forms.IntegerField(label="Formats", min_value=1, max_value=12, help_text="Drawn at random, beside the original")
    seed = forms.IntegerField(label="Seed", min_value=0, help_text="Another one draws other formats")
    shots = forms.IntegerField(label="Shots", min_value=0, max_value=_MOST_SHOTS, help_text="Solved problems shown first")
    instruction = forms.CharField(
        label="Instruction",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2, "wide": True}),
        help_text="Stands first; lists of labels in it, such as “A or B”, are renumbered with the options",
    )
    marks = forms.BooleanField(label="Show whitespace", required=False, help_text="· blank, → tab, ⏎ line break")

    @property
    def obstacles(self) -> list[str]:
        return [f"{self.fields[name].label or name}: {error}" for name, errors in self.errors.items() for error in errors]


class Written(NamedTuple):
    """The problem in one format, or why it cannot be put in it."""

    title: str
    differs: str
    text: str
    obstacle: str


class FormatEditor:
    """The page's two forms as one."""

    def __init__(self, entered: QueryDict):
        data = entered.copy()
        if "grammar-shown" not in data:
            for name, value in _BEGINNING.items():
                data.setdefault(name, value)
        self.form = TrialForm(data)
        self.problem, self.number, self.n_problems = self.form.chosen()
        self.options = OptionsForm(Grammar, data, prefix="grammar", params=_fitting(self.problem))

    @property
    def dataset(self) -> Dataset | None:
        """The chosen one, also while another field is wrong."""
        return self.form.cleaned_data.get("dataset") or (self.problem.dataset if self.problem else None)

    @cached_property
    def grammar(self) -> Grammar | None:
        """What was entered, None where it is not valid."""
        if self.options.is_bound and not self.options.is_valid():
            return None
        return Grammar.model_validate(self.options.params)

    @property
    def obstacles(self) -> list[str]:
        """Sentences that say what is wrong with what was entered."""
        named = {name: field.label for name, field in self.options.fields.items()}
        wrong = [f"{named.get(name, 'Grammar')}: {each}" for name, errors in self.options.errors.items() for each in errors]
        return self.form.obstacles + wrong

    @property
    def n_formats(self) -> int | None:
        return self.grammar.n_formats() if self.grammar else None

    def written(self) -> list[Written]:
        """The problem in the original format and in those that were drawn."""
        if self.obstacles or self.problem is None:
            return []
        grammar, chosen = self.grammar, self.form.cleaned_data
        formats = grammar.sampled(chosen["n"], chosen["seed"])
        titles = ["The original", *(f"Format {k}" for k in range(1, len(formats)))]
        return [
            Written(title, "" if k == 0 else format.describe(grammar.original), *self._written(grammar, format))
            for k, (title, format) in enumerate(zip(titles, formats, strict=True))
        ]

    def beginning(self) -> str:
        """The address of a new experiment with this grammar; empty while something is wrong."""
        if self.obstacles or self.problem is None:
            return ""
        chosen = self.form.cleaned_data
        params = {"grammar": self.grammar.model_dump(mode="json"), "instruction": chosen["instruction"], "shots": chosen["shots"]}
        asked = {
            "dataset": self.problem.dataset_id,
            "grader": "prefix_match",
            "study": "format_spread",
            "study_params": json.dumps(params),
            "decoding": json.dumps(_DECODING),
        }
        return f"{reverse('experiment_new')}?{urlencode(asked)}"

    def _written(self, grammar: Grammar, format: Format) -> tuple[str, str]:
        """(the user's message, why there is none)."""
        chosen = self.form.cleaned_data
        params = {
            "grammar": grammar.model_dump(),
            "format": format.model_dump(),
            "instruction": chosen["instruction"],
            "shots": chosen["shots"],
        }
        problem = self.problem
        try:
            texts = (problem.slots, problem.choices, problem.metadata, {"system": "", "template": ""})
            question = rendered(problem.key, *texts, {"name": "format", "params": params}, 0, self._shown())
        except InvalidInput as error:
            return "", str(error)
        text = question.messages[-1].content
        return (_marked(text) if chosen["marks"] else text), ""

    def _shown(self) -> list[Demonstration]:
        """The dataset's first other problems; a run draws its own."""
        others = self.problem.dataset.problems.exclude(pk=self.problem.pk).order_by("position")[:_MOST_SHOTS]
        return [Demonstration(each.key, each.slots, tuple(each.choices), tuple(each.answers)) for each in others]


def _fitting(problem: Problem | None) -> dict:
    """The usual grammar, with a list of options where the problem has choices."""
    if problem is None:
        return {}
    return {"enumerates": bool(problem.choices), "most_options": max(4, len(problem.choices))}


def _marked(text: str) -> str:
    return text.replace(" ", "·").replace("\t", "→\t").replace("\n", "⏎\n")
