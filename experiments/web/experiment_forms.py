"""The experiment form: the plan's own fields, and one options form for each plug-in chosen in them."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from ..domain.errors import AssayError
from ..domain.registry import Registry
from ..domain.types import Decoding
from ..graders.base import graders
from ..models import Dataset, Experiment, LanguageModel, Variant
from ..runner.planning import decoding_from, plan_run
from ..runner.size import PlanSize, size_of_design
from ..studies.base import studies
from .option_forms import OptionsForm
from .verifier_rows import VerifierRows

#: The menus whose choice decides which options are shown.
FAMILIES: dict[str, Registry] = {"study": studies, "grader": graders}


class ExperimentForm(forms.ModelForm):
    study = forms.ChoiceField(label="Study", help_text="The question asked")
    grader = forms.ChoiceField(label="Grader", help_text="How an answer is judged against the target")

    class Meta:
        model = Experiment
        fields = [
            "name",
            "description",
            "dataset",
            "max_problems",
            "variants",
            "language_models",
            "study",
            "grader",
            "repeats",
            "seed",
            "spending_cap",
            "reuses_answers",
        ]
        labels = {
            "max_problems": "Problems at most",
            "language_models": "Models",
            "variants": "Prompt variants",
            "reuses_answers": "Reuse answers",
        }
        help_texts = {
            "max_problems": "The first ones of the dataset; empty takes all",
            "repeats": "Attempts per problem and condition",
            "seed": "The same seed asks for the same draws",
            "spending_cap": "A run pauses before it costs more, in the currency of the models' prices; empty is no cap",
            "reuses_answers": "Take what an earlier run was given to the same request; it costs nothing",
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "variants": forms.CheckboxSelectMultiple,
            "language_models": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["study"].choices = studies.choices()
        self.fields["grader"].choices = graders.choices()
        self.fields["dataset"].queryset = _offered_datasets(self.instance)
        self.fields["dataset"].empty_label = "Choose a dataset"
        self.fields["variants"].queryset = _offered_variants(self.instance)
        self.fields["variants"].label_from_instance = lambda variant: f"{variant.name} v{variant.version}"
        self.fields["language_models"].queryset = _offered_models(self.instance)

    @property
    def variants_by_prompt(self) -> list[tuple[str, list]]:
        """The check boxes under their prompts' names, in the order of the prompts."""
        prompts = dict(self.fields["variants"].queryset.values_list("pk", "prompt__name"))
        groups: dict[str, list] = {}
        for box in self["variants"]:
            groups.setdefault(prompts[box.data["value"].value], []).append(box)
        return list(groups.items())


class BeginningForm(forms.Form):
    """Where a new plan starts from: another page's `?study=` with its `study_params`, and `decoding`, both as JSON."""

    study = forms.CharField(required=False)
    study_params = forms.JSONField(required=False)
    decoding = forms.JSONField(required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and cleaned["study"]:
            try:
                plugin = studies.build(cleaned["study"], cleaned["study_params"])
                cleaned["study_params"] = plugin.model_dump(mode="json")
                cleaned["decoding"] = decoding_from(cleaned["decoding"] or {}).model_dump(mode="json")
            except AssayError as error:
                raise ValidationError(str(error)) from None
        return cleaned

    def plan(self) -> Experiment:
        """Not stored; an empty one where nothing was asked for, or nothing that there is."""
        if not self.is_valid() or not self.cleaned_data["study"]:
            return Experiment()
        return Experiment(**self.cleaned_data)


class ExperimentEditor:
    """Everything the page edits, as one: valid and saved together or not at all."""

    def __init__(self, data=None, instance: Experiment | None = None, initial: dict | None = None):
        instance = instance or Experiment()
        self.form = ExperimentForm(data, instance=instance, initial=initial)
        self.study = self._options("study", instance.study_params, data)
        self.grader = self._options("grader", instance.grader_params, data)
        self.decoding = OptionsForm(Decoding, data, prefix="decoding", params=instance.decoding)
        self.verifiers = VerifierRows(data, instance.verifiers)

    def _options(self, family: str, params: dict, data) -> OptionsForm:
        chosen = self.form[family].value()
        names = FAMILIES[family].names()
        name = chosen if chosen in names else names[0]
        stored = params if getattr(self.form.instance, family) == name else {}
        return OptionsForm(FAMILIES[family].get(name), data, prefix=f"{family}-{name}", params=stored)

    @property
    def new_choices(self) -> list[str]:
        """The menus in which another plug-in was chosen, so that its options have not been seen yet."""
        if not self.form.is_bound:
            return []
        unseen = [family for family in FAMILIES if not getattr(self, family).is_bound]
        return [*unseen, *(["verifier"] if self.verifiers.has_new else [])]

    def size(self) -> PlanSize | None:
        """What a run would come to, or None while the fields that decide it are not all filled in."""
        decisive = {"dataset", "max_problems", "variants", "language_models", "study", "repeats"}
        if decisive & self.form.errors.keys() or not (self.study.is_valid() and self.decoding.is_valid()):
            return None
        chosen = self.form.cleaned_data
        return size_of_design(
            studies.build(chosen["study"], self.study.params),
            language_models=[entry.name for entry in chosen["language_models"]],
            variants=[str(variant) for variant in chosen["variants"]],
            decoding=decoding_from(self.decoding.params),
            dataset=chosen["dataset"],
            max_problems=chosen["max_problems"],
            repeats=chosen["repeats"],
        )

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in (self.form, self.study, self.grader, self.decoding, self.verifiers)])

    def save(self, owner) -> Experiment | None:
        """The stored experiment, or None with the reason on the form if it could not be run as it stands."""
        experiment = self.form.instance
        experiment.study_params = self.study.params
        experiment.grader_params = self.grader.params
        experiment.decoding = self.decoding.params
        experiment.verifiers = self.verifiers.chosen
        is_new = experiment.pk is None
        if is_new:
            experiment.owner = owner
        try:
            with transaction.atomic():
                self.form.save()
                plan_run(experiment)
        except AssayError as error:
            if is_new:
                experiment.pk = None
            self.form.add_error(None, ValidationError(str(error)))
            return None
        return experiment


def _offered_datasets(experiment: Experiment) -> QuerySet:
    newest = Dataset.objects.latest_versions().filter(archived=False)
    return Dataset.objects.filter(Q(pk__in=newest) | Q(pk=experiment.dataset_id)).order_by("name", "-version")


def _offered_variants(experiment: Experiment) -> QuerySet:
    newest = Variant.objects.latest_versions().filter(prompt__archived=False)
    used = experiment.variants.all() if experiment.pk else Variant.objects.none()
    offered = Variant.objects.filter(Q(pk__in=newest) | Q(pk__in=used))
    return offered.select_related("prompt").order_by("prompt__name", "name", "-version")


def _offered_models(experiment: Experiment) -> QuerySet:
    used = experiment.language_models.all() if experiment.pk else LanguageModel.objects.none()
    return LanguageModel.objects.filter(Q(archived=False) | Q(pk__in=used)).order_by("name")
