"""What an attempt did, to look at: its tree or its chains, while it goes on and afterwards."""

from dataclasses import dataclass
from hashlib import sha256

from ..models import Attempt, Run
from ..strategies.base import strategies
from .attempt_texts import AttemptText, attempt_texts
from .chains import Chains, draw_chains, is_chain
from .trees import Tree, draw_tree, is_tree


@dataclass(frozen=True)
class Drawing:
    """One of `tree` and `chains`, or neither while nothing is there yet. Equal `seen` means that nothing changed."""

    attempt: Attempt
    tree: Tree | None
    chains: Chains | None
    goes_on: bool
    seen: str


def drawing_of(run: Run, attempt: Attempt, brief: bool = False) -> Drawing | None:
    """None for independent samples: there is nothing to draw between them. `attempt` comes with its problem and condition."""
    if _is_pool(attempt.condition.strategy):
        return None
    texts = attempt_texts(run, attempt)
    goes_on = attempt.state in (Attempt.State.PENDING, Attempt.State.RUNNING) and not run.is_finished
    tree = chains = None
    if is_tree(texts):
        verifier = _verifier(run, attempt)
        tree = draw_tree(texts, attempt.chosen_id, attempt.trace, not goes_on, verifier, brief)
    elif is_chain(texts):
        chains = draw_chains(texts, attempt.chosen_id, attempt.trace)
    elif not goes_on:
        return None
    return Drawing(attempt, tree, chains, goes_on, _seen(attempt, texts))


def drawn_attempt(run: Run) -> Attempt | None:
    """The one that the run's page draws: the first that is being worked on, else the last that ended."""
    if all(_is_pool(each["strategy"]["name"]) for each in run.config["conditions"]):
        return None
    pools = [each.name for each in strategies if each.is_pool]
    attempts = run.attempts.exclude(condition__strategy__in=pools).select_related("problem", "condition")
    under_way = attempts.filter(state=Attempt.State.RUNNING).order_by("position").first()
    return under_way or attempts.filter(state=Attempt.State.DONE).order_by("-finished_at").first()


def _is_pool(strategy: str) -> bool:
    return strategy in strategies.names() and strategies.get(strategy).is_pool


def _verifier(run: Run, attempt: Attempt) -> str:
    """The key of the verifier that the strategy ranks its steps by."""
    name = attempt.condition.strategy_params.get("verifier", "")
    return next((each["key"] for each in run.config["verifiers"] if name in (each["key"], each["name"])), "")


def _seen(attempt: Attempt, texts: list[AttemptText]) -> str:
    known = [(text.pk, text.verdict, len(text.scores)) for text in texts]
    return sha256(repr((attempt.state, known)).encode()).hexdigest()[:16]
