"""Rows of an archive into the database, with new keys."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model

from ...models import User
from .reading import Archive, Cells, wrong_line
from .tables import TABLES, Table

_AT_A_TIME = 500
_TABLES = {table.name: table for table in TABLES}
_REFERRED = {member for table in TABLES for member in table.refers_to.values()}

T = TypeVar("T")

#: Changes a row's values by its line and cells, or raises ValueError with a sentence about them.
Amend = Callable[[int, Cells, dict[str, Any]], None]


class Inserting:
    """What is stored so far of one archive. `keys` are by member, in the order of its lines."""

    def __init__(self, archive: Archive):
        self._archive = archive
        self._people = dict(User.objects.values_list("username", "pk"))
        self._later: dict[tuple[str, str], tuple[array, array]] = defaultdict(lambda: (array("q"), array("q")))
        self.keys: dict[str, array] = {}
        self.unknown_people: set[str] = set()

    def insert(self, name: str, amend: Amend | None = None, **fixed: Any) -> None:
        """Store a member; `fixed` are the columns that all its rows share. Raises InvalidInput naming the line."""
        table = _TABLES[name]
        keys = self.keys.setdefault(name, array("q"))
        for batch in _pages(self._archive.rows(table)):
            made = [(line, self.make(table, line, cells, amend, **fixed)) for line, cells in batch]
            _store(table, made)
            if name in _REFERRED:
                keys.extend(row.pk for _, row in made)

    def make(self, table: Table, line: int, cells: Cells, amend: Amend | None = None, **fixed: Any) -> Model:
        """The row, not stored yet. References to rows that are not stored yet are left for `link`."""
        values = {field.attname: cells[field.name] for field in table.plain}
        values |= {field.attname: self._person(cells[field.name]) for field in table.people}
        for name, member in table.refers_to.items():
            if member == table.name or member not in self.keys:
                self.note(table.name, name, line, cells[name])
            else:
                values[f"{name}_id"] = cells[name] and self.keys[member][cells[name] - 1]
        if amend:
            try:
                amend(line, cells, values)
            except ValueError as error:
                raise wrong_line(table, line, error) from None
        return table.model(**values, **fixed)

    def note(self, name: str, column: str, line: int, wanted: int | None) -> None:
        """Remember that the column of this line is to lead to that line."""
        if wanted is not None:
            lines, others = self._later[name, column]
            lines.append(line)
            others.append(wanted)

    def link(self, name: str, column: str, member: str) -> None:
        """Let the column lead where `note` was told, now that those rows are stored."""
        model = _TABLES[name].model
        names = (model._meta.db_table, model._meta.get_field(column).column, model._meta.pk.column)
        statement = "UPDATE {} SET {} = %s WHERE {} = %s".format(*map(connection.ops.quote_name, names))
        own, others = self.keys[name], self.keys[member]
        pairs = (
            (others[wanted - 1], own[line - 1]) for line, wanted in zip(*self._later.pop((name, column), ((), ())), strict=True)
        )
        with connection.cursor() as cursor:
            for page in _pages(pairs):
                cursor.executemany(statement, page)

    def _person(self, name: str) -> int | None:
        if name and name not in self._people:
            self.unknown_people.add(name)
        return self._people.get(name)


def store_one(row: Model) -> None:
    """With the times that it says it was made and changed at."""
    row.save_base(raw=True, force_insert=True)


def _pages(things: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(things)
    while page := list(islice(remaining, _AT_A_TIME)):
        yield page


def _store(table: Table, made: list[tuple[int, Model]]) -> None:
    """Raises InvalidInput naming the line that the database refuses."""
    try:
        with transaction.atomic():
            if any(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False) for field in table.plain):
                for _, row in made:
                    store_one(row)
            else:
                table.model.objects.bulk_create(row for _, row in made)
    except (IntegrityError, DataError):
        for line, row in made:
            row.pk = None
            try:
                with transaction.atomic():
                    store_one(row)
            except (IntegrityError, DataError):
                raise wrong_line(table, line, "it repeats another line, or breaks a rule of the database") from None
