"""What the prompt editor's page is told: the bench that all columns share, and the fields of each column."""

import random

from django import forms
from django.db.models import Q

from ..domain import templating
from ..graders.base import graders
from ..inference.base import backends
from ..models import Dataset, LanguageModel, Problem, Prompt, Variant
from .prompt_forms import PreviewForm

#: Further variants are shown when they are chosen.
SHOWN_AT_FIRST = 3
LAYOUTS = {"qa": "Q: … A: …", "lines": "Question: … Answer: …", "arrow": "… → …"}
_WRITTEN = {"qa": "Q: {}\nA: {}\n\n", "lines": "Question: {}\nAnswer: {}\n\n", "arrow": "{} → {}\n"}


class BenchForm(PreviewForm):
    """On what the wordings are tried: the problem, the language model and how its answer is drawn and marked."""

    language_model = forms.ModelChoiceField(LanguageModel.objects.none(), required=False, empty_label=None)
    grader = forms.ChoiceField(required=False)
    max_tokens = forms.IntegerField(min_value=1, max_value=4096, required=False, initial=128)
    temperature = forms.FloatField(min_value=0, max_value=5, required=False, initial=0.8)
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, initial=1)
    accepts_cost = forms.BooleanField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        entries = LanguageModel.objects.filter(archived=False)
        writing = [entry.pk for entry in entries if backends.get(entry.backend).writes]
        self.fields["language_model"].queryset = entries.filter(pk__in=writing)
        self.fields["grader"].choices = [("", "Not marked"), *graders.choices()]

    def value_of(self, name: str):
        """What was entered, or what stands there at first."""
        entered = self.cleaned_data.get(name) if self.is_valid() else None
        return self.fields[name].initial if entered is None else entered

    def model(self) -> LanguageModel | None:
        return self.value_of("language_model") or self.fields["language_model"].queryset.first()

    def why_not_free(self) -> str:
        """Why the trial may cost money, as a sentence; empty for a model that is computed here."""
        entry = self.model()
        if entry is None or not backends.get(entry.backend).is_remote:
            return ""
        return f"“{entry}” is remote: its endpoint may charge for every trial."


class ExamplesForm(forms.Form):
    """Problems of the dataset to be shown in the prompt, found by words or drawn at random."""

    find = forms.CharField(required=False)
    draw = forms.IntegerField(min_value=1, max_value=20, required=False)
    draw_seed = forms.IntegerField(min_value=0, required=False)
    layout = forms.ChoiceField(choices=LAYOUTS.items(), required=False)

    def found(self, dataset: Dataset) -> list[Problem]:
        """At most 20, in the dataset's order."""
        wanted = self.cleaned_data if self.is_valid() else {}
        problems = dataset.problems.all()
        if words := wanted.get("find"):
            problems = problems.filter(Q(question__icontains=words) | Q(key__icontains=words))
        if n := wanted.get("draw"):
            keys = list(problems.values_list("pk", flat=True))
            drawn = random.Random(wanted.get("draw_seed") or 0).sample(keys, min(n, len(keys)))
            return list(problems.filter(pk__in=drawn))
        return list(problems[:20])

    def written(self, problem: Problem) -> str:
        """The question with its choices and its answer, as template text."""
        layout = (self.cleaned_data.get("layout") if self.is_valid() else "") or "qa"
        asked = "\n".join(filter(None, [problem.question, problem.slots["choices"]]))
        return templating.literal(_WRITTEN[layout].format(asked, problem.answers[0] if problem.answers else ""))


class ShownForm(forms.Form):
    """Which variants stand side by side."""

    def __init__(self, data, prompt: Prompt):
        super().__init__(data)
        self.variants = prompt.variants.latest_versions().select_related("prompt").order_by("pk")
        self.fields["shown"] = forms.ModelMultipleChoiceField(self.variants, required=False)

    def chosen(self) -> list[Variant]:
        """The newest versions of those that were chosen, by any of their versions, or the first few."""
        every = list(self.variants)
        keys = [int(key) for key in self.data.getlist("shown") if key.isdigit()]
        names = set(
            Variant.objects.filter(pk__in=keys, prompt__in=[each.prompt_id for each in every]).values_list("name", flat=True)
        )
        return [each for each in every if each.name in names] or every[:SHOWN_AT_FIRST]


class NameForm(forms.Form):
    """A variant's name that no other variant of the prompt has."""

    name = forms.CharField(max_length=100)

    def __init__(self, name: str, prompt: Prompt):
        super().__init__({"name": name})
        self.prompt = prompt

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if self.prompt.variants.filter(name=name).exists():
            raise forms.ValidationError(f"“{self.prompt}” has a variant “{name}” already. Choose another name.")
        return name

    def checked(self) -> tuple[str, str]:
        """(the name, what is wrong with it)."""
        if self.is_valid():
            return self.cleaned_data["name"], ""
        return "", self.errors["name"][0]
