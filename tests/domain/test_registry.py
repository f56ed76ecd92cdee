"""Plug-ins by name, with options checked by pydantic and explained to the user."""

import pytest
from pydantic import Field

from experiments.domain.errors import InvalidInput, UnknownName
from experiments.domain.registry import Options, Registry


@pytest.fixture
def brews():
    registry = Registry("brew", "experiments.strategies")

    @registry.register("tea", label="Tea")
    class Tea(Options):
        minutes: int = Field(3, ge=1, le=10, title="Minutes")

    @registry.register("ale", label="Ale")
    class Ale(Options):
        strength: float = Field(title="Strength")

    return registry


def test_plugins_are_listed_by_label(brews):
    assert brews.choices() == [("ale", "Ale"), ("tea", "Tea")]
    assert brews.names() == ["ale", "tea"]


def test_building_fills_the_options(brews):
    assert brews.build("tea", {"minutes": 4}).minutes == 4
    assert brews.build("tea").minutes == 3


def test_an_unknown_name_lists_the_known_ones(brews):
    with pytest.raises(UnknownName, match=r"Unknown brew “coffee”\. Known: ale, tea\."):
        brews.get("coffee")


def test_a_refused_option_is_named_with_its_value_and_bound(brews):
    with pytest.raises(InvalidInput, match=r"Brew “Tea”: Minutes: Input should be less than or equal to 10 \(given: 90\)"):
        brews.build("tea", {"minutes": 90})


def test_a_missing_option_is_named(brews):
    with pytest.raises(InvalidInput, match="Brew “Ale”: Strength: Field required"):
        brews.build("ale")


def test_an_option_nobody_declared_is_refused(brews):
    with pytest.raises(InvalidInput, match="sugar: Extra inputs are not permitted"):
        brews.build("tea", {"sugar": 1})


def test_a_refused_option_inside_another_is_named_after_it():
    class Milk(Options):
        drops: int = Field(0, ge=0, title="Drops")

    class Chai(Options):
        milk: Milk = Field(Milk(), title="Milk")

    registry = Registry("brew", "experiments.strategies")
    registry.register("chai", label="Chai")(Chai)
    with pytest.raises(InvalidInput, match=r"“Chai”: Milk, Drops: Input should be greater than or equal to 0 \(given: -1\)"):
        registry.build("chai", {"milk": {"drops": -1}})
    with pytest.raises(InvalidInput, match="“Chai”: Milk, sugar: Extra inputs are not permitted"):
        registry.build("chai", {"milk": {"sugar": 1}})


def test_options_cannot_change_after_building(brews):
    tea = brews.build("tea")
    with pytest.raises(ValueError, match="frozen"):
        tea.minutes = 5


def test_two_plugins_of_one_name_are_a_programming_error(brews):
    with pytest.raises(RuntimeError, match="Two brew plug-ins are called 'tea'"):
        brews.register("tea", label="Other")(Options)
