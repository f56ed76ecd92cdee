"""Sets of prompts of the same meaning: what they keep, and where they come from."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.domain.errors import InvalidInput
from experiments.domain.seeds import rng
from experiments.domain.spelling import misspelt
from experiments.domain.types import Message, Question
from experiments.treatments.base import treatments
from experiments.treatments.rendering import rendered
from experiments.treatments.template_set import WRAPPERS

ASKED = "A train leaves at 10:45 and travels 120 miles. Which option is right?\nA) two hours\nB) three hours"
QUESTION = Question("q", (Message("system", "Be exact."), Message("user", ASKED)))
OTHER = (Message("user", "How long does the journey take, with options A) and B)?"),)

texts = st.text(max_size=200)
words = st.lists(
    st.sampled_from(["plain", "words", "12", "numbers", "3.5", "A", "`code here`", "mixed", "4th", "x2"]), max_size=30
).map(" ".join)


def others(name: str, question: Question = QUESTION, seed: int = 1, **options) -> list[str]:
    treated = treatments.build(name, options).apply(question, seed)
    assert treated.messages == question.messages
    return [prompt[-1].content for prompt in treated.alternatives]


@example(text="0:AAAA", n_words=1, seed=0)
@example(text="x`1 AAAA`", n_words=1, seed=0)
@example(text="AAAA:BBBB", n_words=2, seed=0)
@given(text=texts | words, n_words=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_errors_are_seeded_and_leave_numbers_letters_and_code_alone(text, n_words, seed):
    wrong = misspelt(text, n_words, rng(seed))
    assert wrong == misspelt(text, n_words, rng(seed))
    assert re.findall(r"\S*\d\S*", wrong) == re.findall(r"\S*\d\S*", text)
    assert re.findall(r"\b\w{1,2}\b", wrong) == re.findall(r"\b\w{1,2}\b", text)
    assert re.findall(r"`[^`\n]*`", wrong) == re.findall(r"`[^`\n]*`", text)
    changed = [(a, b) for a, b in zip(text.split(), wrong.split(), strict=True) if a != b]
    assert len(changed) <= n_words
    assert sum(abs(len(a) - len(b)) for a, b in changed) <= n_words


def test_so_many_words_have_an_error_of_each_kind_now_and_then():
    text = "several plain words stand here"
    changes = [
        (a, b) for seed in range(300) for a, b in zip(text.split(), misspelt(text, 2, rng(seed)).split(), strict=True) if a != b
    ]
    assert len(changes) == 600
    kinds = [len(b) - len(a) if len(a) != len(b) else "swap" if sorted(a) == sorted(b) else "replace" for a, b in changes]
    # A quarter each; 600 draws stay within four standard deviations (0.018) of it. Equal neighbours are not swapped.
    for kind in (1, -1, "swap", "replace"):
        assert kinds.count(kind) / 600 == pytest.approx(0.25, abs=0.075)


def test_spelling_gives_so_many_different_prompts():
    assert len(set(others("spelling_set", prompts=8))) == 7
    assert others("spelling_set", prompts=8) == others("spelling_set", prompts=8)
    assert others("spelling_set") != others("spelling_set", seed=2)


def test_templates_wrap_the_whole_prompt_in_a_fixed_order():
    assert others("template_set", prompts=3) == [f"Question: {ASKED}\nAnswer:", f"Q: {ASKED}\nA:"]
    assert len(set(others("template_set"))) == len(WRAPPERS) == 9
    assert all(ASKED in prompt for prompt in others("template_set"))


def test_paraphrases_are_the_runs_other_variants():
    wording = {"system": "", "template": "{{ question }}"}
    variants = [{"system": "Be brief.", "template": "Say: {{ question }}"}, {"system": "", "template": "{{ question }}?"}]
    plugin = {"name": "paraphrase_set", "params": {}}
    asked = rendered("q", {"question": "1 + 2"}, (), {}, wording, plugin, 1, (), variants)
    assert asked.messages == (Message("user", "1 + 2"),)
    assert asked.alternatives == (
        (Message("system", "Be brief."), Message("user", "Say: 1 + 2")),
        (Message("user", "1 + 2?"),),
    )


def test_paraphrases_of_a_single_variant_are_refused():
    with pytest.raises(InvalidInput, match="choose at least two"):
        others("paraphrase_set")


def test_mixed_prompts_draw_from_variants_and_wrappings_and_have_errors():
    question = Question("q", (Message("user", ASKED),), alternatives=(OTHER,))
    found = others("mixed_set", question, prompts=40)
    assert any("120 miles" in prompt for prompt in found)
    assert any("120" not in prompt for prompt in found)
    assert any(prompt.startswith("### Question\n") for prompt in found)
    assert not any(ASKED in prompt or OTHER[0].content in prompt for prompt in found)
