import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.errors import TemplateError
from experiments.domain.templating import check, render, slots_of

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,8}", fullmatch=True)
# Text that opens no slot and escapes nothing, and whose last brace cannot pair with a slot's first.
PLAIN = st.text(st.sampled_from("ab {}\n%#é'\"")).filter(lambda text: "{{" not in text and not text.endswith("{"))


def test_a_slot_is_replaced_with_or_without_spaces():
    assert render("Q: {{ question }}|{{question}}|{{  question\t}}", {"question": "1+1"}) == "Q: 1+1|1+1|1+1"


def test_slots_come_in_order_of_first_use_each_once():
    assert slots_of("{{ b }} {{ a }} {{ b }} {{ sub-topic.v2 }}") == ["b", "a", "sub-topic.v2"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": {}}}',
        "def f(): return {1: {2: 3}}",
        "{% if x %}{# note #}{% endif %}",
        "{0} %s ${x} }} } {",
        r"\frac{1}{2} \{x\}",
        "",
    ],
)
def test_braces_of_other_languages_pass_untouched(text):
    assert render(text, {}) == text
    assert slots_of(text) == []


def test_an_escaped_opening_is_literal():
    assert render(r"write \{{ name }} for {{ name }}", {"name": "x"}) == "write {{ name }} for x"


def test_a_latex_line_break_before_a_slot_stays():
    assert render(r"a \\{{ x }}", {"x": "b"}) == r"a \\b"


def test_the_inner_braces_of_three_are_the_slot():
    assert render(r"\boxed{{{ form }}}", {"form": "N"}) == r"\boxed{N}"


@given(st.text())
def test_values_are_never_rendered_again(value):
    hostile = value + "{{ question }}{{ secret }}{% x %}"
    assert render("<{{ question }}>", {"question": hostile, "secret": "s"}) == f"<{hostile}>"


@given(st.lists(st.tuples(PLAIN, NAMES)), PLAIN, st.dictionaries(NAMES, st.text()))
def test_rendering_is_the_join_of_the_literals_and_the_values(pairs, tail, extra):
    slots = {**extra, **{name: f"<{name}>" for _, name in pairs}}
    template = "".join(f"{text}{{{{ {name} }}}}" for text, name in pairs) + tail
    assert render(template, slots) == "".join(text + slots[name] for text, name in pairs) + tail
    assert slots_of(template) == list(dict.fromkeys(name for _, name in pairs))


@given(st.text(st.sampled_from("{}\\ ax\n%")))
def test_any_text_renders_or_is_refused_with_its_place(template):
    place = None
    try:
        render(template, {"a": "1", "x": "2", "ax": "3", "xa": "4"})
    except TemplateError as error:
        place = error.line, error.column
    if place:
        line, column = place
        assert template.split("\n")[line - 1][column - 1 :].startswith("{{")


@pytest.mark.parametrize(
    "template", ["a\nb {{ question", "a\nb {{ question }", "a\nb {{ q\n\nmore {{ x }}", "a\nb {{ q\nmore }}"]
)
def test_an_unclosed_slot_is_refused_at_its_opening(template):
    with pytest.raises(TemplateError, match=r"Line 2, column 3: a slot is opened .* never closed") as caught:
        slots_of(template)
    assert (caught.value.line, caught.value.column) == (2, 3)


@pytest.mark.parametrize("content", ["question|upper", "a b", "x.__class__()", "7 * 7"])
def test_only_names_stand_in_a_slot(content):
    with pytest.raises(TemplateError, match="is not a slot's name"):
        render("{{ " + content + " }}", {"question": "x", "a b": "y"})


def test_an_empty_slot_is_refused():
    with pytest.raises(TemplateError, match=r"names no slot\. To write two braces as text, put \\\{\{"):
        slots_of("{{ }}")


def test_an_unknown_slot_lists_the_known_ones_and_the_nearest():
    with pytest.raises(TemplateError) as caught:
        check("Hello\n  {{ qestion }}", ["question", "choices"])
    assert str(caught.value) == (
        "Line 2, column 3: unknown slot “qestion”. Did you mean {{ question }}? Known slots: question, choices."
    )
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_the_nearest_slot_is_found_whatever_its_case():
    with pytest.raises(TemplateError, match=r"Did you mean \{\{ Question \}\}"):
        render("{{ question }}", {"Question": "x"})


@pytest.mark.parametrize("name", ["answer", "answers", "target", "solution", "Answer"])
def test_the_target_is_kept_from_the_prompt(name):
    with pytest.raises(TemplateError, match="would hand over the target, which is kept from the prompt"):
        check("{{ " + name + " }}", ["question"])


def test_a_column_called_target_is_a_slot_like_any_other_where_it_is_known():
    check("{{ target }}", ["question", "target"])


def test_a_long_template_is_read_fast():
    # 300,000 characters; anything quadratic would take minutes.
    assert render("{ {% \\ " * 30_000 + "{{ a }}" * 10_000, {"a": "b"}).count("b") == 10_000
