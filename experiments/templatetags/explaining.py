"""A small button beside a number, which says in a sentence what the number is."""

from django import template
from django.template import Context

from ..reports.glossary import glossary

register = template.Library()


@register.inclusion_tag("glossary/_explain.html", takes_context=True)
def explain(context: Context, name: str) -> dict:
    """`{% explain "interval" %}`. The sentence stands in the page once, however many buttons open it."""
    # Kept with the request, because an included template has a context of its own; pieces sent over a socket have none.
    told: set[str] = vars(context["request"]).setdefault("explained", set()) if "request" in context else set()
    is_first = name not in told
    told.add(name)
    return {"term": glossary()[name], "is_first": is_first}
