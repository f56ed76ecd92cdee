"""The verifiers of a plan as the form edits them: one row each with its options, any number of them, also of one kind."""

import re
from dataclasses import dataclass

from ..domain.registry import Registry
from ..verifiers.base import Verifier, verifiers
from .option_fields import option_fields, shown_options
from .option_forms import OptionsForm

SHORT = 40
_NAMED = re.compile(r"verifier-(\d{1,4})-name")


@dataclass(frozen=True)
class VerifierRow:
    """`prefix` begins the names of its fields. A row that was just added shows its defaults."""

    prefix: str
    plugin: type[Verifier]
    options: OptionsForm
    is_removed: bool = False

    @property
    def shown_options(self) -> list[tuple[str, str]]:
        """(title, value) of those that are not at their default, short enough for one line."""
        usual = {field.title: field.shown_default for field in option_fields(self.plugin)}
        shown = shown_options(self.plugin, self.options.params)
        return [(title, value) for title, value in shown if value != usual[title] and len(value) <= SHORT]


class VerifierRows:
    """Rows as stored, or as they came with `data`; the menu “add_verifier” appends one. Ticking “remove” takes one out."""

    def __init__(self, data, stored: list[dict]):
        self.registry: Registry = verifiers
        known = verifiers.names()
        if data is None:
            chosen = [(place, each["name"], each.get("params", {})) for place, each in enumerate(stored)]
        else:
            places = sorted(int(found.group(1)) for name in data if (found := _NAMED.fullmatch(name)))
            chosen = [(place, data[f"verifier-{place}-name"], {}) for place in places]
        rows = [self._row(*each, data) for each in chosen if each[1] in known]
        self.rows = [row for row in rows if not row.is_removed]
        self.added = data.get("add_verifier", "") if data is not None else ""
        if self.added in known:
            self.rows.append(self._row(1 + max((place for place, *_ in chosen), default=-1), self.added, {}, None))

    def _row(self, place: int, name: str, params: dict, data) -> VerifierRow:
        prefix, plugin = f"verifier-{place}", verifiers.get(name)
        options = OptionsForm(plugin, data, prefix=f"{prefix}-{name}", params=params)
        return VerifierRow(prefix, plugin, options, data is not None and f"{prefix}-remove" in data)

    @property
    def has_new(self) -> bool:
        """Whether the options of one were not seen yet."""
        return any(not row.options.is_bound for row in self.rows)

    def is_valid(self) -> bool:
        return all([row.options.is_valid() for row in self.rows])

    @property
    def chosen(self) -> list[dict]:
        """As an experiment stores them, once valid."""
        return [{"name": row.plugin.name, "params": row.options.params} for row in self.rows]
