"""A problem and its solved examples, written in a format."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.domain.errors import InvalidInput
from experiments.domain.formats.format import Format
from experiments.domain.formats.grammar import Grammar, Part
from experiments.domain.types import Demonstration, Message, Question
from experiments.treatments.base import treatments

CHOICES = ("red", "green", "blue")
SHOWN = (
    Demonstration("s1", {"question": "Leaf?"}, CHOICES, ("green",)),
    Demonstration("s2", {"question": "Sky?"}, CHOICES, ("C",)),
)
PLAIN = Grammar(enumerates=False)


def ask(choices=CHOICES, slots=None, demonstrations=(), system="Be brief."):
    messages = (Message("system", system), Message("user", "thrown away"))
    return Question("q", messages, tuple(choices), {}, slots or {"question": "Blood?"}, demonstrations=demonstrations)


def build(grammar=None, format=None, **options):
    grammar = grammar or Grammar()
    chosen = format or grammar.original
    return treatments.build("format", {"grammar": grammar.model_dump(), "format": chosen.model_dump(), **options})


def test_the_usual_format_with_two_shots_and_an_instruction():
    treated = build(shots=2, instruction="Answer with A, B or C.").apply(ask(demonstrations=SHOWN), 0)
    assert treated.messages == (
        Message("system", "Be brief."),
        Message(
            "user",
            "Answer with A, B or C.\n\n"
            "Question: Leaf?\nOptions: \nA. red\nB. green\nC. blue\nAnswer: B\n\n"
            "Question: Sky?\nOptions: \nA. red\nB. green\nC. blue\nAnswer: C\n\n"
            "Question: Blood?\nOptions: \nA. red\nB. green\nC. blue\nAnswer: ",
        ),
    )
    assert treated.labels == ("A", "B", "C")


def test_every_constant_has_its_place():
    format = Format(
        separator=" - ",
        space=" || ",
        casing="UPPER CASE",
        label_space="",
        item_space="; \n",
        item_separator="\t",
        item_wrapper="[x]",
        item_number="i",
        option_separator="  ",
        option_casing="lower case",
    )
    grammar = Grammar(option_word="Choice")
    treated = build(grammar, format, shots=1, instruction="Say A or B.").apply(ask(demonstrations=SHOWN[:1]), 0)
    options = "OPTIONS - choice  [i]\tred; \nchoice  [ii]\tgreen; \nchoice  [iii]\tblue"
    assert treated.messages[-1].content == (
        f"Say i or ii.\n\nQUESTION - Leaf? || {options} || ANSWER - ii\n\nQUESTION - Blood? || {options} || ANSWER - "
    )
    assert treated.labels == ("i", "ii", "iii")


def test_without_a_list_the_choices_are_called_by_their_own_words():
    treated = build(PLAIN, shots=2).apply(ask(demonstrations=SHOWN), 0)
    assert treated.messages[-1].content.startswith("Question: Leaf?\nAnswer: green\n\nQuestion: Sky?\nAnswer: blue\n\n")
    assert treated.labels == CHOICES


def test_a_short_answer_is_shown_as_it_is():
    shown = (Demonstration("s", {"question": "1 + 1?"}, (), ("2", "two")),)
    treated = build(PLAIN, shots=1).apply(ask((), demonstrations=shown), 0)
    assert treated.messages[-1].content == "Question: 1 + 1?\nAnswer: 2\n\nQuestion: Blood?\nAnswer: "
    assert treated.labels == ()


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    passage=words,
    question=words,
    choices=st.lists(words, min_size=2, max_size=12),
    seed=st.integers(0, 2**31),
    word=st.sampled_from(["", "Choice"]),
)
def test_no_text_of_the_problem_is_lost_in_any_format(passage, question, choices, seed, word):
    parts = (Part(descriptor="Passage", slot="passage"), Part(descriptor="Question", slot="question"))
    grammar = Grammar(fields=parts, most_options=12, option_word=word)
    asked = ask(choices, {"passage": passage, "question": question})
    for format in grammar.sampled(4, seed):
        treated = build(grammar, format).apply(asked, seed)
        text = treated.messages[-1].content
        at = 0
        for kept in (passage, question, *choices):
            at = text.index(kept, at) + len(kept)
        assert text.endswith(format.separator)
        assert "\n\n" not in text or any("\n" in kept for kept in (passage, question, *choices))
        assert len(set(treated.labels)) == len(choices)
        assert treated == build(grammar, format).apply(asked, seed)
        assert (treated.messages[0], treated.choices, treated.slots) == (asked.messages[0], asked.choices, asked.slots)


@pytest.mark.parametrize(
    ("instruction", "number", "told"),
    [
        ("Answer with A or B.", "1", "Answer with 1 or 2."),
        ("Answer with (A), (B), or (C).", "a", "Answer with (a), (b), or (c)."),
        ("A teacher asks. Say A, B, C or D", "I", "A teacher asks. Say I, II, III or IV"),
        ("Plan A is the best.", "1", "Plan A is the best."),
        ("B or C", "1", "B or C"),
        ("DNA or B", "1", "DNA or B"),
    ],
)
def test_lists_of_labels_in_the_instruction_are_renumbered(instruction, number, told):
    treated = build(format=Format(item_number=number), instruction=instruction).apply(ask(), 0)
    assert treated.messages[-1].content.startswith(f"{told}\n\nQuestion")


def test_numbers_in_the_instruction_follow_the_original_format():
    grammar = Grammar(original=Format(item_number="1"))
    treated = build(grammar, Format(), instruction="Answer with 1 or 2. Take 1.5 or 2 minutes.").apply(ask(), 0)
    assert treated.messages[-1].content.startswith("Answer with A or B. Take 1.5 or 2 minutes.\n\n")


@pytest.mark.parametrize(
    ("treatment", "question", "message"),
    [
        (build(), ask(()), "lists a problem's options, but this problem has none"),
        (
            build(format=Format(item_number="\u2160")),
            ask([str(k) for k in range(13)]),
            r"end at Ⅻ, but this problem has 13 options",
        ),
        (build(format=Format(item_number="i")), ask([str(k) for k in range(16)]), r"end at xv, but this problem has 16 options"),
        (build(PLAIN), ask(("us", "US", "them")), "“us” and “US” cannot be told apart"),
        (build(PLAIN), ask(("<-", ">", "=")), "“<-” and “>” cannot be told apart"),
        (
            build(Grammar(fields=(Part(descriptor="Text", slot="passage"),))),
            ask(),
            "needs the slot “passage”.*Its slots: question",
        ),
        (
            build(PLAIN, shots=1),
            ask(demonstrations=(Demonstration("s", {"question": "?"}, CHOICES, ("pink",)),)),
            "Problem “s” cannot be shown as an example",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_reason(treatment, question, message):
    with pytest.raises(InvalidInput, match=message):
        treatment.apply(question, 0)


def test_a_format_that_breaks_the_rules_is_refused():
    with pytest.raises(InvalidInput, match=r"“Prompt format”.*not valid for this task\. Fields need a space between them"):
        build(format=Format(space=""))
