"""A search over steps as a tree to draw: which path was chosen, which branches were given up, and what each step scored."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.types import Purpose
from .attempt_texts import AttemptText

#: From so many steps on, branches that were given up are folded under their parent.
FOLDED_FROM = 40


@dataclass(frozen=True)
class Step:
    """One node. `is_chosen` marks the path to the answer handed in; `fades` a branch that leads, or led, to no answer.

    `notes` are what the method recorded: a particle's weight and how often it was drawn, "w 0.31" and "2×", or "width 3".
    """

    text: AttemptText
    depth: int
    is_chosen: bool
    fades: bool
    is_rollout: bool
    notes: tuple[str, ...]
    verifier: str

    @property
    def score(self) -> float | None:
        """By the method's own verifier, or the first there is."""
        scores = self.text.scores
        return scores.get(self.verifier, next(iter(scores.values()), None))


@dataclass(frozen=True)
class Mark:
    """One mark of the tree in the order of writing: "step" begins one, which "end"s at once or "open"s a list of the steps that
    follow it, whose "close" ends it too. Between "fold", with how many steps it hides, and "unfold" stand branches given up.
    """

    kind: str
    step: Step | None = None
    n_hidden: int = 0


@dataclass(frozen=True)
class Generation:
    """One resampling of particles: the effective sample size of how many, and how many different ones went on."""

    number: int
    effective: float
    particles: int
    survivors: int

    @property
    def percent(self) -> int:
        return round(100 * self.effective / self.particles)


@dataclass(frozen=True)
class Sweep:
    """The generations of one particle filter, in order."""

    number: int
    generations: list[Generation]


@dataclass(frozen=True)
class Tree:
    """`marks` draw it without recursion, however deep it is; `n_given_up` counts the steps that fade."""

    marks: list[Mark]
    n_steps: int
    depth: int
    n_given_up: int
    sweeps: list[Sweep]


def is_tree(texts: Sequence[AttemptText]) -> bool:
    return any(text.purpose == Purpose.STEP for text in texts)


def draw_tree(
    texts: Sequence[AttemptText],
    chosen: int | None,
    trace: dict[str, Any],
    is_over: bool,
    verifier: str = "",
    brief: bool = False,
) -> Tree:
    """The steps of an attempt; `chosen` is the pk of the sample handed in, `trace` what the method recorded at its end.

    While it goes on (not `is_over`), whatever may still be gone on from does not fade: the steps of the newest generation.
    `brief` leaves out what is folded.
    """
    nodes = [text for text in texts if text.purpose in (Purpose.STEP, Purpose.ROLLOUT)]
    known = {text.pk for text in nodes}
    children: dict[int | None, list[AttemptText]] = defaultdict(list)
    depths: dict[int, int] = {}
    for text in nodes:
        parent = text.parent if text.parent in known else None
        children[parent].append(text)
        depths[text.pk] = depths.get(parent, 0) + 1
    path = _path_to(chosen, {text.pk: text.parent for text in nodes})
    alive = _alive(nodes, depths, path, is_over)
    notes = _notes(trace)
    steps = {
        text.pk: Step(
            text=text,
            depth=depths[text.pk],
            is_chosen=text.pk in path,
            fades=text.pk not in alive,
            is_rollout=text.purpose == Purpose.ROLLOUT,
            notes=notes.get(text.index, ()),
            verifier=verifier,
        )
        for text in nodes
    }
    grown = {parent: [steps[text.pk] for text in below] for parent, below in children.items()}
    marks = list(_marks(grown, _Folding(len(nodes) >= FOLDED_FROM, brief)))
    return Tree(marks, len(nodes), max(depths.values(), default=0), len(nodes) - len(alive), _sweeps(trace))


def _path_to(pk: int | None, parents: dict[int, int | None]) -> set[int]:
    path: set[int] = set()
    while pk in parents:
        path.add(pk)
        pk = parents[pk]
    return path


def _alive(nodes: Sequence[AttemptText], depths: dict[int, int], path: set[int], is_over: bool) -> set[int]:
    """Steps on the way to an answer, or that may still lead to one."""
    newest = max((depths[text.pk] for text in nodes if text.purpose == Purpose.STEP), default=0)
    alive = set(path)
    for text in reversed(nodes):  # children before their parents
        may_go_on = not is_over and depths[text.pk] == newest and text.purpose == Purpose.STEP and not text.failed
        if text.verdict or may_go_on:
            alive.add(text.pk)
        if text.pk in alive and text.parent is not None:
            alive.add(text.parent)
    return alive & {text.pk for text in nodes}


@dataclass(frozen=True)
class _Folding:
    """Whether branches that were given up are folded, and whether what is folded is left out."""

    folds: bool
    leaves_out: bool


def _marks(children: dict[int | None, list[Step]], folding: _Folding) -> Iterator[Mark]:
    """Depth first, with a stack of its own: a path may have a thousand steps."""
    todo = [*reversed(_level(children, None, folding))]
    while todo:
        mark = todo.pop()
        yield mark
        if mark.step and mark.step.text.pk in children:
            todo += [Mark("close"), *reversed(_level(children, mark.step, folding)), Mark("open")]
        elif mark.step:
            todo.append(Mark("end"))


def _level(children: dict[int | None, list[Step]], parent: Step | None, folding: _Folding) -> list[Mark]:
    """The steps after one, the chosen one first, so that its path runs straight.

    Those given up come last, and fold where their parent has not been given up itself.
    """
    below = children.get(parent.text.pk if parent else None, [])
    kept = sorted((step for step in below if not step.fades), key=lambda step: not step.is_chosen)
    given_up = [step for step in below if step.fades]
    if not (folding.folds and given_up) or (parent and parent.fades):
        return _steps([*kept, *given_up])
    hidden = [] if folding.leaves_out else _steps(given_up)
    return [*_steps(kept), Mark("fold", n_hidden=_size(children, given_up)), *hidden, Mark("unfold")]


def _steps(steps: Sequence[Step]) -> list[Mark]:
    return [Mark("step", step) for step in steps]


def _size(children: dict[int | None, list[Step]], steps: Sequence[Step]) -> int:
    """How many steps these are, with all below them."""
    todo, size = list(steps), 0
    while todo:
        size += 1
        todo += children.get(todo.pop().text.pk, [])
    return size


def _notes(trace: dict[str, Any]) -> dict[int, tuple[str, ...]]:
    """What methods recorded by the index of a sample: particles' weights and draws, shares of the width."""
    found: dict[int, list[str]] = defaultdict(list)
    for step in _resamplings(trace):
        drawn = Counter(step["samples"][place] for place in step["ancestors"])
        for index, weight in dict(zip(step["samples"], step["weights"], strict=True)).items():
            found[index] += [f"w {weight:.2f}", f"{drawn[index]}×"]
    for level in trace.get("widths", ()):
        for index, width in zip(level["samples"], level["widths"], strict=True):
            found[index].append(f"width {width}")
    return {index: tuple(notes) for index, notes in found.items()}


def _resamplings(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Of all sweeps."""
    return [step for steps in _lineages(trace) for step in steps]


def _lineages(trace: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """One list of steps a sweep; a filter has one sweep, and records no list of them."""
    lineage = trace.get("lineage", [])
    if lineage and "steps" in lineage[0]:
        return [sweep["steps"] for sweep in lineage]
    return [lineage] if lineage else []


def _sweeps(trace: dict[str, Any]) -> list[Sweep]:
    return [
        Sweep(
            number,
            [
                Generation(place, step["effective_sample_size"], len(step["weights"]), step["distinct_ancestors"])
                for place, step in enumerate(steps, start=1)
            ],
        )
        for number, steps in enumerate(_lineages(trace), start=1)
    ]
