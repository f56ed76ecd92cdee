"""The form of a language model: what all have in common, and the options of the backend chosen."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse_lazy

from ..domain.errors import AssayError, InvalidOption
from ..inference import key_files
from ..inference.admission import ConsentNeeded
from ..inference.base import Backend, backends
from ..models import LanguageModel, User
from ..runner.trust import admit
from .option_forms import OptionsForm


class LanguageModelForm(forms.ModelForm):
    backend = forms.ChoiceField(label="Backend", help_text="What answers")
    consent = forms.BooleanField(label="I allow this", required=False)

    class Meta:
        model = LanguageModel
        fields = ["name", "backend", "n_parameters"]
        labels = {"n_parameters": "Parameters"}
        help_texts = {"n_parameters": "Number of weights, for FLOPs; empty takes it from the model where it tells"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["backend"].choices = backends.choices()


class BackendForm(OptionsForm):
    """The options of one backend. Choosing one that `fills_in` asks the server for the form with the others filled in."""

    def __init__(self, plugin: type[Backend], data: QueryDict | None = None, params: dict | None = None):
        key_files.refresh()
        super().__init__(plugin, data, prefix=f"backend-{plugin.name}", params=params)
        self.is_remote = plugin.is_remote
        address = reverse_lazy("language_model_options")
        for described in self.describe():
            if described.fills_in:
                self.fields[described.name].widget.attrs |= {"hx-post": address, "hx-target": "#backend-options"}


def filled_in(plugin: type[Backend], data: QueryDict) -> BackendForm:
    """What was entered, and over it what is usual for the choice just made."""
    given = {name: data.get(f"backend-{plugin.name}-{name}") for name in plugin.model_fields}
    usual = plugin.usual_params(given)
    form = BackendForm(plugin, params=usual)
    form.initial = {name: value for name, value in given.items() if name not in usual and value is not None}
    return form


class LanguageModelEditor:
    """Everything the page edits, as one: valid and saved together or not at all.

    Where models were picked from an endpoint's list, `picked`, one entry is made for each. `notes` are what to tell once it
    is saved.
    """

    def __init__(self, user: User, data: QueryDict | None = None, instance: LanguageModel | None = None):
        self._user = user
        self._before = instance and (instance.backend, instance.params)
        self.form = LanguageModelForm(data, instance=instance, initial=None if instance else {"backend": backends.names()[0]})
        chosen = self.form["backend"].value()
        self.plugin = backends.get(chosen if chosen in backends.names() else backends.names()[0])
        self.picked = data.getlist("picked") if data and self.plugin.is_remote else []
        if self.picked:
            data = data.copy()
            data[f"backend-{self.plugin.name}-model"] = self.picked[0]
        params = instance.params if instance and instance.backend == self.plugin.name else None
        self.options = BackendForm(self.plugin, data, params)
        self.asks_consent = "consent" in self.form.data
        self.notes: list[str] = []

    def save(self) -> list[LanguageModel]:
        """The stored entries, or none, with the reason in the forms."""
        if not all([self.form.is_valid(), self.options.is_valid()]):
            return []
        try:
            with transaction.atomic():
                return [self._store(model) for model in self.picked] if len(self.picked) > 1 else [self._store()]
        except InvalidOption as error:
            self.options.add_error(error.option, str(error))
        except ConsentNeeded as error:
            self.asks_consent = self._user.can_administer
            self.form.add_error(None, str(error))
        except (AssayError, ValidationError) as error:
            self.form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        return []

    def _store(self, model: str | None = None) -> LanguageModel:
        """One entry, under a name of its own where it is one of several models."""
        entered = self.form.cleaned_data
        entry, params = self.form.instance, self.options.params
        if model is not None:
            entry = LanguageModel(name=f"{entered['name']} {model}", backend=self.plugin.name)
            params = {**params, "model": model}
        backend = backends.build(self.plugin.name, params)
        known = admit(self._user, backend, consent=entered["consent"])
        if self._before != (self.plugin.name, params):
            entry.truth = None
        entry.params = params
        entry.n_parameters = entered["n_parameters"] or known.get("n_parameters")
        entry.full_clean(exclude=["params", "truth"])
        entry.save()
        self.notes.extend([note] if (note := backend.note()) and note not in self.notes else [])
        return entry
