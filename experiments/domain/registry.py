"""Plug-ins by name: `@strategies.register("pool", label="Sample a pool")` is all a method file does to appear everywhere."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import InvalidInput, UnknownName


class Options(BaseModel):
    """A plug-in's options: frozen, typed, and strict about unknown names.

    The form, the API schema, the CSV column and the documentation page are built from the fields, so give every field
    a title, a description and its bounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Where there are many options: their names by title of the group. Forms open the first group and fold the others.
    groups: ClassVar[dict[str, tuple[str, ...]]] = {}


T = TypeVar("T", bound=Options)


class Registry(Generic[T]):
    """The plug-ins of one family. Importing is lazy: the family's package is searched at the first question."""

    def __init__(self, noun: str, package: str):
        self.noun = noun
        self.package = package
        self._plugins: dict[str, type[T]] = {}
        self._searched = False

    def register(self, name: str, label: str):
        """Class decorator: store the plug-in under `name` and give it `name` and `label`."""

        def store(plugin: type[T]) -> type[T]:
            if name in self._plugins:
                raise RuntimeError(f"Two {self.noun} plug-ins are called {name!r}")
            plugin.name = name
            plugin.label = label
            self._plugins[name] = plugin
            return plugin

        return store

    def _search(self) -> None:
        if not self._searched:
            package = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self.package}.{module.name}")
            self._searched = True

    def __iter__(self) -> Iterator[type[T]]:
        """Plug-in classes, ordered by label."""
        self._search()
        return iter(sorted(self._plugins.values(), key=lambda plugin: plugin.label))

    def names(self) -> list[str]:
        return [plugin.name for plugin in self]

    def choices(self) -> list[tuple[str, str]]:
        """(name, label) pairs for a form's menu."""
        return [(plugin.name, plugin.label) for plugin in self]

    def get(self, name: str) -> type[T]:
        """The plug-in's class. Raises UnknownName, which lists the known ones."""
        self._search()
        if name not in self._plugins:
            raise UnknownName(self.noun, name, list(self._plugins))
        return self._plugins[name]

    def build(self, name: str, params: dict[str, Any] | None = None) -> T:
        """The plug-in with its options filled in. Raises InvalidInput naming the option, its value and its bound."""
        plugin = self.get(name)
        try:
            return plugin.model_validate(params or {})
        except ValidationError as error:
            raise InvalidInput(f"{self.noun.capitalize()} “{plugin.label}”: {explain(error, plugin)}") from None


def explain(error: ValidationError, options: type[BaseModel]) -> str:
    """One sentence a user can act on for each option that pydantic refused."""
    sentences = []
    for problem in error.errors():
        given = "" if problem["type"] == "missing" else f" (given: {problem['input']!r})"
        sentences.append(f"{_title_of(problem['loc'], options)}: {problem['msg']}{given}")
    return "; ".join(sentences)


def _title_of(place: tuple[int | str, ...], options: type[BaseModel]) -> str:
    """The option's title, after those of the options that it is inside of."""
    if not place:
        return "options"
    name, *rest = place
    info = options.model_fields.get(str(name))
    title = (info.title if info else None) or str(name)
    inner = info.annotation if info else None
    is_outer = rest and isinstance(inner, type) and issubclass(inner, BaseModel)
    return f"{title}, {_title_of(tuple(rest), inner)}" if is_outer else title
