"""Docstrings on a page."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CODE = re.compile(r"`([^`]+)`")


@register.filter
def with_code(text: str) -> SafeString:
    """The text escaped, with what stands in backticks set as code."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))
