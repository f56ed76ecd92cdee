"""Back to where a button was pressed."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise) -> HttpResponseRedirect:
    """To the form's `next` if that is a page of this site, else to `otherwise`, as `redirect` takes it."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if is_ours else otherwise)
