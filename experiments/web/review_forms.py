"""What a review set is made from, and what one verdict is made of."""

from django import forms

from ..domain.errors import InvalidInput
from ..models import Condition, HumanVerdict, ReviewItem, ReviewSet, User
from ..reports.review_choosing import MOST_ITEMS, WAYS, Wish
from ..reports.review_sets import read_rubric
from ..reports.review_verdicts import LONGEST_NOTE

LARGEST_SEED = 2**32 - 1


class ReviewSetForm(forms.Form):
    """Which texts are reviewed, and how. `wish` and `shown` are what the report floor makes a set from."""

    name = forms.CharField(max_length=200, required=False, help_text="Empty names it after its conditions")
    how = forms.ChoiceField(label="Choose", choices=[(name, way.label) for name, way in WAYS.items()], initial="all")
    at_most = forms.IntegerField(
        label="At most", min_value=1, max_value=MOST_ITEMS, required=False, help_text="Drawn at random; empty takes all found"
    )
    texts_per_attempt = forms.IntegerField(
        label="Texts per attempt", min_value=0, max_value=1000, initial=1, help_text="The strategy's choice first; 0 takes all"
    )
    kind = forms.ChoiceField(label="Show", choices=ReviewSet.Kind.choices, initial=ReviewSet.Kind.SINGLE)
    seed = forms.IntegerField(
        min_value=0, max_value=LARGEST_SEED, initial=0, help_text="Of the draw, of the order, and of the sides of pairs"
    )
    instructions = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}), help_text="What the reviewers should know"
    )
    rubric = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Clarity: 1-5"}),
        help_text="A criterion per line with its scale, to be scored besides the verdict",
    )
    is_blind = forms.BooleanField(
        label="Blind", required=False, initial=True, help_text="Hides condition, model and the grader's verdict from reviewers"
    )
    shows_target = forms.BooleanField(label="Show the target", required=False, help_text="Reviewers see the right answer")
    is_timed = forms.BooleanField(
        label="Measure the time", required=False, help_text="Stores the seconds that each verdict took; reviewers are told"
    )

    def __init__(self, conditions: list[str], *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.conditions = conditions

    def clean_rubric(self) -> list[dict]:
        try:
            return read_rubric(self.cleaned_data["rubric"])
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from None

    @property
    def wish(self) -> Wish:
        fields = self.cleaned_data
        return Wish(
            tuple(self.conditions),
            fields["how"],
            fields["kind"] == ReviewSet.Kind.PAIRS,
            fields["texts_per_attempt"],
            fields["at_most"],
            fields["seed"],
        )

    @property
    def shown(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("instructions", "rubric", "is_blind", "shows_target", "is_timed")}

    @property
    def set_name(self) -> str:
        runs = sorted({int(name.partition(".")[0]) for name in self.conditions})
        return self.cleaned_data["name"] or f"Review of run{'s' if runs[1:] else ''} {', '.join(map(str, runs))}"


class VerdictForm(forms.Form):
    """One reviewer's verdict of one item; the scores' fields are the rubric's."""

    note = forms.CharField(required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))
    seconds = forms.FloatField(required=False, min_value=0, max_value=1e6, widget=forms.HiddenInput)

    def __init__(self, item: ReviewItem, said: HumanVerdict | None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        review_set = item.review_set
        self.fields["verdict"] = forms.ChoiceField(choices=[(each, each) for each in review_set.allowed_verdicts])
        self.fields["note"].initial = said.note if said else ""
        self.criteria = review_set.rubric
        for each in self.criteria:
            places = [(place, place) for place in range(each["low"], each["high"] + 1)]
            self.fields[f"score_{each['key']}"] = forms.TypedChoiceField(
                label=each["title"],
                choices=places,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                initial=said.scores.get(each["key"]) if said else None,
            )

    @property
    def rubric(self) -> list[forms.BoundField]:
        return [self[f"score_{each['key']}"] for each in self.criteria]

    @property
    def scores(self) -> dict[str, int | None]:
        return {each["key"]: self.cleaned_data[f"score_{each['key']}"] for each in self.criteria}


class FileForm(forms.Form):
    """A filled-in file."""

    file = forms.FileField(label="Filled-in CSV or XLSX")
    reviewer = forms.CharField(max_length=150, required=False, help_text="Whose verdicts these are; empty takes the file's word")


def conditions_in(query, user: User) -> list[str]:
    """Conditions' names out of `?arm=12.key` and `?run=12`, for all of a run's that the user may know of."""
    runs = [run for run in query.getlist("run") if run.isdecimal() and len(run) < 10]
    of_runs = Condition.objects.visible_to(user).filter(run__in=runs).order_by("run_id", "position").values_list("run_id", "key")
    return list(dict.fromkeys([*query.getlist("arm"), *(f"{run}.{key}" for run, key in of_runs)]))
