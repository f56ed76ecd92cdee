"""Sequential revisions: what each answer is shown, and how one of all answers is chosen."""

import pytest

from experiments.domain.types import Message, Question
from tests.strategies.desk import QUESTION, DeskLab, build, solve

WORDS = {"answers": [f"{word} The answer is {number}." for word, number in (("First.", 5), ("Short.", 6), ("A long one.", 7))]}


async def test_each_answer_sees_the_latest_of_its_own_chain_only():
    lab = SeeingLab(WORDS)
    outcome = await solve("revisions", lab, chains=3, length=4, shown_attempts=2)
    texts = {sample.index: sample.text for sample in lab.drawn}
    for chain in (told["answers"] for told in outcome.trace["chains"]):
        for place, index in enumerate(chain[1:], start=1):
            (prompt,) = lab.prompts[index]
            shown = [texts[each] for each in chain[max(0, place - 2) : place]]
            assert prompt.content.startswith("What is 3 + 4?\n\n")
            assert [f"Attempt {i}:\n{text}" in prompt.content for i, text in enumerate(shown, start=1)] == [True] * len(shown)
            assert f"Attempt {len(shown) + 1}:" not in prompt.content
            assert lab.parents[lab.drawn[index].key] == lab.drawn[chain[place - 1]]
    assert len(lab.handed_in) == 12


class SeeingLab(DeskLab):
    """Remembers what was asked, by the index of what came back."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.prompts: dict[int, tuple[Message, ...]] = {}

    async def generate(self, messages, n=1, **options):
        samples = await super().generate(messages, n, **options)
        self.prompts |= {sample.index: messages for sample in samples}
        return samples


async def test_a_system_message_stays():
    lab = SeeingLab(WORDS)
    question = Question("q", (Message("system", "Be brief."), *QUESTION.messages))
    await build("revisions", chains=1, length=2).solve(question, lab)
    assert lab.prompts[1][0] == Message("system", "Be brief.")


async def test_the_best_of_each_chain_votes_with_its_score():
    lab = DeskLab(WORDS)
    outcome = await solve("revisions", lab, chains=3, length=3)
    chosen = max((sample for sample in lab.drawn), key=lambda sample: len(sample.text))
    assert outcome.chosen.text == chosen.text


async def test_a_majority_is_taken_in_each_chain_and_then_among_the_chains():
    """Chains 7 7 5, 7 7 5 and 5 5 5: 5 has most texts, but 7 has most chains."""
    numbers = iter([7, 7, 5, 7, 7, 5, 5, 5, 5])

    class Numbered(DeskLab):
        async def generate(self, messages, n=1, **options):
            self._backend = self._backend.model_copy(update={"answers": (f"The answer is {next(numbers)}.",)})
            return await super().generate(messages, n, **options)

    outcome = await solve("revisions", Numbered(WORDS), chains=3, length=3, choice="majority")
    assert outcome.chosen.text == "The answer is 7."


@pytest.mark.parametrize(("budget", "rounds"), [(0, 4), (1, 1), (25, 3)])
async def test_no_round_is_begun_once_the_budget_is_spent(budget, rounds):
    outcome = await solve("revisions", DeskLab(WORDS), chains=2, length=4, token_budget=budget)
    assert [len(told["answers"]) for told in outcome.trace["chains"]] == [rounds] * 2
    assert outcome.trace["stopped"] == ("token budget spent" if budget else "every chain is complete")


def test_only_a_choice_by_verifier_needs_one():
    assert build("revisions", verifier="judge").verifiers_used == {"judge"}
    assert build("revisions", verifier="judge", choice="majority").verifiers_used == frozenset()
