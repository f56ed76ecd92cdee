"""List pages: which rows, in which order, in which columns. All of it stands in the address, so a view can be kept and shared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict

from ..models import SavedView, Tag, User
from .words import from_address

ROWS_PER_PAGE = 50
_LAST_PAGE = 100_000


@dataclass(frozen=True)
class Column:
    """`value` takes a row to what its cell shows; `kind` names how (lists/_cell.html).

    `sort` is an ORM expression's name, `term` the glossary's.
    """

    name: str
    title: str
    value: Callable[[Any], Any]
    kind: str = "text"
    sort: str = ""
    is_first_choice: bool = True
    is_numeric: bool = False
    term: str = ""


class Link(NamedTuple):
    """A cell that leads somewhere, with a second line and a mark beside the text."""

    text: str
    url: str
    note: str = ""
    mark: str = ""


class Share(NamedTuple):
    """A cell that tells how many of how many."""

    n: int
    total: int


@dataclass(frozen=True)
class Filter:
    """One question put to the rows.

    `choices` are asked from the database at every page, for its user; `lookup` is the ORM's name.
    """

    name: str
    title: str
    choices: Callable[[User], Iterable[tuple[Any, str]]]
    lookup: str


@dataclass(frozen=True)
class Chip:
    """A filter in force; `without` is the query that takes it off."""

    title: str
    value: str
    without: str


@dataclass(frozen=True)
class Header:
    """`order` is ascending, descending or none; `query` sorts by this column, the other way round if it is sorted already."""

    column: Column
    order: str
    query: str


@dataclass(frozen=True)
class Listing:
    """One list page: `page` is its name in the address configuration, `noun` what its rows are called, in the plural."""

    page: str
    noun: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    searched: tuple[str, ...]
    order: str = "-id"

    def show(self, request: HttpRequest, rows: QuerySet) -> "ShownList":
        return ShownList(self, request, rows)


class _Place(forms.Form):
    page = forms.IntegerField(min_value=1, max_value=_LAST_PAGE, required=False)


class ShownList:
    """A list as one address asks for it. What the address asks for and the list does not know is passed over."""

    def __init__(self, listing: Listing, request: HttpRequest, rows: QuerySet):
        self.listing = listing
        self.request = request
        self.query: QueryDict = request.GET
        self.archived = "archived" in self.query
        self.words = from_address(self.query.get("q", ""), 200)
        self._all = rows

    @cached_property
    def choosers(self) -> list[tuple[Filter, list[tuple[str, str]], str]]:
        """(filter, its choices, the value in force or an empty text) of filters that have something to choose."""
        found = []
        for each in self.listing.filters:
            choices = [(str(value), label) for value, label in each.choices(self.request.user)]
            wanted = self.query.get(each.name, "")
            if choices:
                found.append((each, choices, wanted if wanted in dict(choices) else ""))
        return found

    @cached_property
    def matching(self) -> QuerySet:
        conditions = [
            reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.listing.searched)) for word in self.words.split()
        ]
        conditions += [Q(**{each.lookup: value}) for each, _, value in self.choosers if value]
        rows = self._all.filter(archived=self.archived)
        for condition in conditions:
            # Through the keys, so that a row with two fitting tags appears once and what is counted beside it stays counted once.
            rows = rows.filter(pk__in=rows.model.objects.filter(condition).values("pk"))
        return rows

    @cached_property
    def n_rows(self) -> int:
        return self.matching.order_by().values("pk").count()

    @cached_property
    def number(self) -> int:
        """Of the page, from 1; one beyond the last is the last."""
        place = _Place(self.query)
        wanted = place.cleaned_data["page"] if place.is_valid() else None
        return min(wanted or 1, self.n_pages)

    @cached_property
    def n_pages(self) -> int:
        return max(1, -(-self.n_rows // ROWS_PER_PAGE))

    @cached_property
    def rows(self) -> list[Any]:
        name, descending = self._sorting
        start = (self.number - 1) * ROWS_PER_PAGE
        order = [F(name).desc(nulls_last=True) if descending else F(name).asc(nulls_last=True), "-pk"]
        return list(self.matching.order_by(*order)[start : start + ROWS_PER_PAGE])

    @cached_property
    def cells(self) -> list[list[tuple[Column, Any]]]:
        return [[(column, column.value(row)) for column in self.columns] for row in self.rows]

    @cached_property
    def columns(self) -> list[Column]:
        wanted = self.query.getlist("column")
        chosen = [each for each in self.listing.columns if each.name in wanted]
        return chosen or [each for each in self.listing.columns if each.is_first_choice]

    @property
    def _sorting(self) -> tuple[str, bool]:
        """The expression's name and whether it goes down."""
        wanted = self.query.get("sort", "")
        column = next((each for each in self.listing.columns if each.sort and each.name == wanted.lstrip("-")), None)
        expression = column.sort if column else self.listing.order.lstrip("-")
        return expression, (wanted if column else self.listing.order).startswith("-")

    @property
    def headers(self) -> list[Header]:
        name, descending = self._sorting
        made = []
        for column in self.columns:
            order = "none" if column.sort != name else "descending" if descending else "ascending"
            # Numbers and dates are wanted largest first, words from A on.
            goes_down = order == "ascending" if order != "none" else column.is_numeric or column.kind == "time"
            made.append(Header(column, order, self._changed(sort=[f"-{column.name}" if goes_down else column.name])))
        return made

    @property
    def chips(self) -> list[Chip]:
        chips = [Chip("text", self.words, self._changed(q=[]))] if self.words else []
        return chips + [
            Chip(each.title.lower(), dict(choices)[value], self._changed(**{each.name: []}))
            for each, choices, value in self.choosers
            if value
        ]

    @property
    def kept(self) -> dict[str, list[tuple[str, str]]]:
        """For each of the page's forms, what it has to carry along of the address."""
        asked = {"q", *(each.name for each in self.listing.filters)}
        pairs = [(name, value) for name, values in self.query.lists() for value in values if name != "page"]
        return {
            "narrow": [pair for pair in pairs if pair[0] not in asked],
            "columns": [pair for pair in pairs if pair[0] != "column"],
        }

    @cached_property
    def saved_views(self) -> list[SavedView]:
        return list(self.request.user.saved_views.filter(page=self.listing.page))

    @property
    def view_query(self) -> str:
        """What a saved view keeps: all but the page's number."""
        return self._changed()

    def other_archive(self) -> str:
        return self._changed(archived=[] if self.archived else [""])

    def previous_query(self) -> str:
        return self._changed(page=[str(self.number - 1)])

    def next_query(self) -> str:
        return self._changed(page=[str(self.number + 1)])

    def without_chips(self) -> str:
        return self._changed(q=[], **{each.name: [] for each in self.listing.filters})

    def _changed(self, **changes: list[str]) -> str:
        """The address's query with other values under some names, from its first page."""
        query = self.query.copy()
        query.pop("page", None)
        for name, values in changes.items():
            query.setlist(name, values)
        return query.urlencode()


def tag_filter(kind: str) -> Filter:
    """By tag, among those that rows of this kind carry; `kind` is the tag's relation to them, such as “runs”."""
    return Filter(
        "tag",
        "Tag",
        lambda user: ((name, name) for name in Tag.objects.of(kind, user).values_list("name", flat=True)),
        "tags__name",
    )


def tags_column() -> Column:
    return Column("tags", "Tags", lambda row: row.tags.all(), kind="tags")
