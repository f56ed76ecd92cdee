"""The scheduler on a toy model whose every token depends on its whole past: whatever the crowd, texts stay the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.inference.llama_cpp.protocol import Frame, Refused
from experiments.inference.llama_cpp.running import Text
from experiments.inference.llama_cpp.sampler import Chooser, Sampler
from experiments.inference.llama_cpp.scheduler import Scheduler
from experiments.inference.llama_cpp.text import TextWriter

from .toy import END, N_VOCAB, ToyModel


def a_text(id, prompt, n=20, run="run", attempt="attempt", stop=()):
    return Text(id, run, attempt, np.array(prompt, np.int32), n, Sampler(seed=id, temperature=0.7), TextWriter(stop))


def a_scheduler(model, slots=4, idle=4, batch_tokens=32):
    return Scheduler(model, model.n_cells, slots, slots + idle, batch_tokens)


def run_to_end(scheduler, limit=10_000):
    frame, order = Frame(), []
    for _ in range(limit):
        if scheduler.is_idle:
            return frame, order
        n_before = len(frame.finished)
        scheduler.step(frame)
        order += [finished.id for finished in frame.finished[n_before:]]
    pytest.fail("the scheduler did not come to an end")


def alone(text, model):
    """What the text says when the model serves nothing else, token by token."""
    chooser, sampler, tokens, said = Chooser(N_VOCAB), Sampler(text.id, 0.7), list(text.prompt), ""
    for _ in range(text.max_new_tokens):
        token, _ = chooser.choose(np.array(model.logits(tokens), np.float32), sampler)
        if token == END:
            break
        tokens.append(token)
        said += f" {token}"
    return said


@settings(max_examples=60, deadline=None)
@given(
    prompts=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=30), min_size=1, max_size=8),
    copies=st.integers(1, 4),
    n_cells=st.integers(60, 400),
    slots=st.integers(1, 6),
)
def test_any_crowd_in_any_cache_gets_the_texts_it_would_get_alone(prompts, copies, n_cells, slots):
    model = ToyModel(n_cells, may_end=True)
    scheduler = a_scheduler(model, slots=slots)
    texts = [a_text(i * copies + copy, prompt) for i, prompt in enumerate(prompts) for copy in range(copies)]
    for text in texts:
        scheduler.submit(text)
    frame, _ = run_to_end(scheduler)
    assert {text.id: frame.texts.get(text.id, "") for text in texts} == {text.id: alone(text, model) for text in texts}


def test_a_prompt_is_computed_once_for_all_its_samples():
    model = ToyModel(400)
    scheduler = a_scheduler(model, slots=8)
    for id in range(8):
        scheduler.submit(a_text(id, range(50), n=10))
    frame, _ = run_to_end(scheduler)
    assert sum(model.computed) == 50 + 8 * 9  # the last token of a text is never fed back
    assert model.computed[:2] == [32, 18]  # in chunks of the batch size
    assert sorted(finished.cached_tokens for finished in frame.finished) == [0] + [50] * 7


def test_a_shared_beginning_is_computed_once_also_for_different_prompts():
    model = ToyModel(400)
    scheduler = a_scheduler(model)
    for id in range(4):
        scheduler.submit(a_text(id, [*range(40), 60 + id], n=5))
    run_to_end(scheduler)
    assert sum(model.computed) == 40 + 4 * (1 + 4)


def test_a_full_cache_preempts_and_resumes():
    model = ToyModel(100)
    scheduler = a_scheduler(model, slots=4)
    for id in range(4):
        scheduler.submit(a_text(id, [id] * 10, n=60))
    run_to_end(scheduler)
    assert 0 < scheduler.n_preemptions <= 6
    assert sum(model.computed) < 3 * 4 * 70


def test_preempted_samples_of_one_prompt_do_not_thrash():
    model = ToyModel(200)
    scheduler = a_scheduler(model, slots=8)
    for id in range(16):
        scheduler.submit(a_text(id, range(20), n=80))
    run_to_end(scheduler)
    assert sum(model.computed) < 2 * 16 * 80


def test_a_small_run_is_not_starved_by_a_big_one():
    scheduler = a_scheduler(ToyModel(2000), slots=4)
    for id in range(100):
        scheduler.submit(a_text(id, [1, 2, 3], run="big", attempt=str(id // 10)))
    run_a_while(scheduler, 30)
    for id in range(100, 104):
        scheduler.submit(a_text(id, [4, 5, 6], run="small"))
    _, order = run_to_end(scheduler)
    assert max(order.index(id) for id in range(100, 104)) < 16


def run_a_while(scheduler, n_steps):
    for _ in range(n_steps):
        scheduler.step(Frame())


def test_the_samples_of_an_attempt_stay_together():
    scheduler = a_scheduler(ToyModel(2000), slots=2)
    for id in range(12):
        scheduler.submit(a_text(id, [id % 3], attempt=str(id % 3), n=5))
    _, order = run_to_end(scheduler)
    assert [id % 3 for id in order] == [0] * 4 + [1] * 4 + [2] * 4


def test_ten_thousand_cancels_leave_nothing_behind():
    model = ToyModel(300)
    scheduler = a_scheduler(model)
    for id in range(10_000):
        scheduler.submit(a_text(id, [id % 7, 1, 2], n=50))
        if id % 100 == 99:
            run_a_while(scheduler, 1)
            for each in range(id - 99, id + 1):
                scheduler.cancel(each)
    assert scheduler.is_idle
    scheduler.submit(a_text(10_000, [1] * 290, n=5))
    frame, _ = run_to_end(scheduler)
    assert len(frame.finished) == 1


def test_a_prompt_without_room_for_an_answer_is_refused():
    scheduler = a_scheduler(ToyModel(50))
    with pytest.raises(Refused, match="50 tokens; prompt and answer together may have 50"):
        scheduler.submit(a_text(1, [1] * 50))
    assert scheduler.is_idle


@settings(max_examples=30, deadline=None)
@given(
    prompt=st.lists(st.integers(0, 3), min_size=1, max_size=30),
    given_texts=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=25), min_size=1, max_size=6),
    n_cells=st.integers(60, 300),
    slots=st.integers(1, 6),
)
def test_given_texts_get_the_logprobs_of_each_of_their_tokens(prompt, given_texts, n_cells, slots):
    model = ToyModel(n_cells)
    scheduler = a_scheduler(model, slots=slots)
    for id, tokens in enumerate(given_texts):
        text = a_text(id, [*prompt, *tokens[:-1]])
        text.given = tokens
        scheduler.submit(text)
        scheduler.submit(a_text(100 + id, prompt, n=10))
    frame, _ = run_to_end(scheduler)
    told = {finished.id: finished.logprobs for finished in frame.finished}
    for id, tokens in enumerate(given_texts):
        pasts = [[*prompt, *tokens[:n]] for n in range(len(tokens))]
        rows = [np.array(model.logits(past), np.float32).astype(np.float64) for past in pasts]
        expected = [row[token] - np.logaddexp.reduce(row) for row, token in zip(rows, tokens, strict=True)]
        np.testing.assert_allclose(told[id], expected, atol=1e-5)


def test_a_long_prompt_that_nobody_uses_goes_when_another_text_begins():
    model = ToyModel(400)
    scheduler = a_scheduler(model)
    first, unlike, alike = [1, 2] * 40, [3] * 10, [1, 2] * 40 + [3]
    scheduler.submit(a_text(0, first))
    run_to_end(scheduler)
    assert len(model.cells) == len(first)
    scheduler.submit(a_text(1, unlike))
    scheduler.step(Frame())
    assert len(model.cells) == len(unlike)
    run_to_end(scheduler)
    # One that begins like it takes over what it shares before the rest would go.
    scheduler.submit(a_text(2, first))
    run_to_end(scheduler)
    scheduler.submit(a_text(3, alike))
    frame, _ = run_to_end(scheduler)
    assert frame.finished[0].cached_tokens == len(first)
