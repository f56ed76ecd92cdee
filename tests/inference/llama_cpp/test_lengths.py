"""What is foreseen of texts' lengths, and that texts are then seldom let in too early."""

import numpy as np
import pytest

from experiments.inference.llama_cpp.lengths import Lengths, peak
from experiments.inference.llama_cpp.protocol import Frame
from experiments.inference.llama_cpp.running import Text
from experiments.inference.llama_cpp.sampler import Sampler
from experiments.inference.llama_cpp.scheduler import Scheduler
from experiments.inference.llama_cpp.text import TextWriter

from .toy import END, ToyModel


def test_a_text_is_expected_to_become_as_long_as_those_that_became_longer():
    lengths = Lengths()
    for length in (10, 20, 60):
        lengths.note("kind", length)
    assert lengths.expected("kind", 0, 100) == 30
    assert lengths.expected("kind", 15, 100) == 40
    assert lengths.expected("kind", 15, 35) == 35


def test_a_text_longer_than_any_before_is_expected_to_come_as_far_again():
    assert Lengths().expected("new", 0, 100) == 1
    assert Lengths().expected("new", 30, 100) == 60


def test_only_the_latest_lengths_count():
    lengths = Lengths()
    for length in [500] * 300 + [10] * 256:
        lengths.note("kind", length)
    assert lengths.expected("kind", 0, 1000) == 10


@pytest.mark.parametrize("seed", range(20))
def test_the_peak_is_that_of_stepping_through(seed):
    rng = np.random.default_rng(seed)
    written, remaining = rng.integers(0, 50, 6).tolist(), rng.integers(0, 50, 6).tolist()
    in_use = [
        100 + sum(step if step <= left else -had for had, left in zip(written, remaining, strict=True)) for step in range(51)
    ]
    assert peak(100, written, remaining) == max(in_use)


class Rambling(ToyModel):
    """Ends each text with probability 1/80 at every token."""

    def logits(self, tokens):
        logits = np.zeros(101)
        logits[END] = np.log(100 / 79)
        return logits


def n_preemptions(condition_of):
    model = Rambling(700)
    scheduler = Scheduler(model, 700, 16, 24, 64)
    for id in range(96):
        sampler, prompt = Sampler(seed=id, temperature=1.0), np.arange(40, dtype=np.int32)
        scheduler.submit(Text(id, "run", str(id // 16), prompt, 300, sampler, TextWriter(()), condition=condition_of(id)))
    while not scheduler.is_idle:
        scheduler.step(Frame())
    return scheduler.n_preemptions


def test_preemptions_are_rarer_once_lengths_were_seen():
    """With a condition to each text nothing is ever learned; the same texts are written either way."""
    assert n_preemptions(lambda id: "same") < n_preemptions(str) / 2
