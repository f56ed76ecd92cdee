"""The base of all searches over steps."""

from typing import ClassVar

from ..base import Strategy
from .options import StepOptions


class StepSearch(StepOptions, Strategy):
    """A policy over the tree: which nodes to go on from, how often, and when to stop. It needs true continuation."""

    needs: ClassVar[frozenset[str]] = frozenset({"continues"})

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset({self.verifier})
