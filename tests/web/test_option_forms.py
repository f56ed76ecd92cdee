"""Forms that build themselves from any plug-in's options."""

from typing import Literal

import pytest
from django.forms import CheckboxSelectMultiple
from django.http import QueryDict
from pydantic import Field, field_validator

from experiments.domain.registry import Options
from experiments.domain.types import Decoding
from experiments.graders.base import graders
from experiments.inference.base import backends
from experiments.sources.base import sources
from experiments.strategies.base import strategies
from experiments.studies.base import studies
from experiments.verifiers.base import verifiers
from experiments.web.option_fields import flat_fields, option_fields, shown_options
from experiments.web.option_forms import OptionsForm

PLUGINS = [plugin for family in (studies, strategies, graders, verifiers, backends, sources) for plugin in family]


class Sample(Options):
    """Every kind of option."""

    n: int = Field(16, ge=1, le=10_000, title="Samples", description="Per problem")
    share: float = Field(0.5, gt=0, lt=1, title="Share")
    loud: bool = Field(True, title="Loud")
    mode: Literal["first", "last_one"] = Field("first", title="Mode")
    level: Literal[1, 2] = Field(1, title="Level")
    marker: str = Field("Answer:", title="Marker")
    limit: int | None = Field(None, ge=1, title="Limit")
    stop: tuple[str, ...] = Field((), title="Stop")
    ks: tuple[int, ...] = Field((), title="Values of k")
    rules: dict[str, int] = Field({}, title="Rules")
    must: int = Field(title="Must")

    @field_validator("marker")
    @classmethod
    def _not_x(cls, marker):
        if marker == "x":
            raise ValueError("x is taken")
        return marker


def filled(form: OptionsForm, **changes: str) -> OptionsForm:
    """The form as a browser would send it back, with some fields typed over; None leaves a check box empty."""
    data = QueryDict(mutable=True)
    for field in form:
        value = changes.get(field.name, field.value())
        if isinstance(value, list | tuple):
            data.setlist(field.html_name, value)
        elif value is not None and value is not False:
            data[field.html_name] = "on" if value is True else str(value)
    return type(form)(form.options, data, prefix=form.prefix)


def empty(**params) -> OptionsForm:
    return OptionsForm(Sample, prefix="p", params=params)


@pytest.mark.django_db
@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: f"{plugin.__module__.split('.')[1]}-{plugin.name}")
def test_every_plugin_has_a_form_that_gives_back_its_defaults(plugin):
    form = OptionsForm(plugin, prefix="p")
    assert [field.name for field in form][1:] == [field.name for field in flat_fields(plugin)]
    required = [field for field in option_fields(plugin) if field.required]
    if not required:
        sent = filled(form)
        assert sent.is_valid(), sent.errors
        assert sent.params == plugin().model_dump(mode="json")


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: f"{plugin.__module__.split('.')[1]}-{plugin.name}")
def test_every_option_of_every_plugin_says_what_it_is(plugin):
    for field in flat_fields(plugin):
        assert field.title != field.name, field.name
        assert field.description, field.name
    assert plugin.__doc__


def test_what_was_stored_comes_back_as_it_was():
    stored = Sample(
        n=3,
        share=0.25,
        loud=False,
        mode="last_one",
        level=2,
        marker="",
        limit=7,
        stop=("\n\nQ:", " x", '"', "end"),
        ks=(1, 4),
        rules={"a": 1},
        must=5,
    ).model_dump(mode="json")
    sent = filled(empty(**stored))
    assert sent.is_valid(), sent.errors
    assert sent.params == stored


def test_an_empty_field_means_the_default_or_none():
    sent = filled(empty(must=1), n="", share="", limit="", stop="", ks="", rules="")
    assert sent.is_valid(), sent.errors
    assert sent.params == Sample(must=1).model_dump(mode="json")


def test_an_unchecked_box_is_a_no():
    sent = filled(empty(must=1), loud=None)
    assert sent.is_valid()
    assert sent.params["loud"] is False


class Side(Options):
    """Texts by name."""

    colour: str = Field("red", title="Colour", description="Any")
    wood: str = Field("oak", title="Wood", description="Any")


class Frame(Options):
    """Options inside an option."""

    sides: tuple[Side, ...] = Field((Side(),), title="Sides", description="In their order")
    gap: Literal["", " ", "\n", "-"] = Field(" ", title="Gap", description="Between two")
    inner: Sample = Field(Sample(must=3), title="Inner", description="Options of its own")


class Picture(Options):
    """Options inside an option inside an option."""

    frame: Frame = Field(Frame(), title="Frame", description="Around it")
    wide: bool = Field(False, title="Wide", description="Whether it is")


def test_options_inside_an_option_are_fields_in_a_group_of_its_name():
    form = OptionsForm(Picture, prefix="p")
    assert [(group.title, len(group.fields)) for group in form.groups] == [("", 2), ("Frame", 2), ("Inner", 11)]
    sent = filled(form, **{"frame.inner.n": "5", "frame.gap": '"\\n"'})
    assert sent.is_valid(), sent.errors
    assert sent.params == Picture(frame=Frame(gap="\n", inner=Sample(n=5, must=3))).model_dump(mode="json")
    again = filled(OptionsForm(Picture, prefix="p", params=sent.params))
    assert again.is_valid()
    assert again.params == sent.params


def test_an_error_inside_an_option_stands_at_its_own_field():
    sent = filled(OptionsForm(Picture, prefix="p"), **{"frame.inner.n": "0"})
    assert "greater than or equal to 1" in str(sent.errors["frame.inner.n"])
    assert [group.title for group in sent.groups if group.is_open and any(field.errors for field in group.fields)] == ["Inner"]


def test_records_are_written_a_line_each_with_bars_between_their_texts():
    form = OptionsForm(Frame, prefix="p")
    assert (form.fields["sides"].initial, form.fields["sides"].help_text) == (
        "red | oak",
        "In their order (one per line: colour | wood)",
    )
    sent = filled(form, sides="blue | ash\n\nred|elm ")
    assert sent.is_valid(), sent.errors
    assert sent.params["sides"] == [{"colour": "blue", "wood": "ash"}, {"colour": "red", "wood": "elm"}]
    none = filled(form, sides="")
    assert none.is_valid()
    assert none.params["sides"] == []
    assert "“blue” should be colour | wood, with a bar between them." in str(filled(form, sides="blue").errors["sides"])


@pytest.mark.parametrize("gap", ["", " ", "\n", "-"])
def test_a_choice_of_whitespace_survives_the_way_through_a_browser(gap):
    stored = Frame(gap=gap, inner=Sample(must=1)).model_dump(mode="json")
    form = OptionsForm(Frame, prefix="p", params=stored)
    assert all(key and key == key.strip() and "\n" not in key for key, _ in form.fields["gap"].choices)
    sent = filled(form)
    assert sent.is_valid()
    assert sent.params == stored


def test_reading_options_names_those_inside_that_are_not_usual():
    assert shown_options(Picture, {}) == [("Wide", "no")]
    params = Picture(frame=Frame(gap="\n", inner=Sample(must=4))).model_dump(mode="json")
    assert shown_options(Picture, params) == [("Frame: Gap", '"\\n"'), ("Inner: Must", "4"), ("Wide", "no")]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("n", "0", "greater than or equal to 1"),
        ("n", "many", "valid integer"),
        ("n", "1.5", "valid integer"),
        ("share", "1", "less than 1"),
        ("share", "nan", "finite"),
        ("share", "1e999", "finite"),
        ("mode", "third", "not one of the available choices"),
        ("marker", "x", "x is taken"),
        ("ks", "1, two", "valid integer"),
        ("rules", "{", "not JSON"),
        ("rules", '{"a": NaN}', "no JSON value"),
        ("must", "", "required"),
    ],
)
def test_a_bad_value_is_refused_at_its_own_field(field, value, message):
    sent = filled(empty(must=1), **{field: value})
    assert not sent.is_valid()
    assert list(sent.errors) == [field]
    assert message in sent.errors[field][0]


def test_a_form_that_was_not_on_the_page_shows_defaults_instead_of_complaints():
    form = OptionsForm(Sample, QueryDict("other-shown=1&other-n=3"), prefix="p")
    assert not form.is_bound
    assert not form.is_valid()
    assert not form.errors


def test_bounds_read_as_words():
    bounds = {field.name: field.bounds for field in option_fields(Sample)}
    assert bounds["n"] == "1 to 10,000"
    assert bounds["share"] == "above 0, below 1"
    assert bounds["limit"] == "at least 1"
    assert bounds["marker"] == ""


def test_the_browser_is_told_the_bounds_as_well():
    html = str(OptionsForm(Decoding, prefix="p")["temperature"])
    assert 'min="0"' in html
    assert 'max="5"' in html
    assert 'step="any"' in html


def test_what_offers_a_familys_plugins_is_chosen_by_check_boxes():
    form = OptionsForm(studies.get("test_time_compute"), prefix="p")
    assert isinstance(form.fields["strategies"].widget, CheckboxSelectMultiple)
    assert dict(form.fields["strategies"].choices)["beam_search"] == "Beam search"
    chosen = filled(form, strategies=["beam_search", "pool"])
    assert chosen.is_valid(), chosen.errors
    assert chosen.params["strategies"] == ["beam_search", "pool"]
    assert "Select a valid choice" in str(filled(form, strategies=["nonsense"]).errors)
