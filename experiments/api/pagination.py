"""Lists in pages by key: page 10,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class ByKey(CursorPagination):
    """Newest first, by id."""

    ordering = "-id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class InOrder(ByKey):
    """Oldest first, for what has an order of its own: problems, attempts, samples."""

    ordering = "id"
