"""Keys kept for endpoints, write-only, and, for administrators, the addresses that may be asked."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ..domain.errors import InvalidInput
from ..inference import consents, key_files, keys
from ..models import User
from ..runner import trust
from .access import administrator_required, editor_required


class KeyForm(forms.Form):
    """A key to keep. It is never sent back to a browser, not even with the errors of its own form."""

    name = forms.CharField(label="Name", max_length=64, help_text="Letters, digits, - _ and . An existing one is replaced")
    base_url = forms.CharField(label="Base URL", max_length=500, help_text="The key is sent nowhere else")
    key = forms.CharField(
        label="Key", widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="Kept encrypted, never shown again"
    )

    def __init__(self, user: User, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self._user = user

    def save(self) -> bool:
        """Whether it was stored; if not, the form says why."""
        if not self.is_valid():
            return False
        given = self.cleaned_data
        try:
            trust.store_key(self._user, given["name"], given["key"], given["base_url"])
        except InvalidInput as error:
            self.add_error(None, str(error))
        return self.is_valid()


class AddressForm(forms.Form):
    """An address that may be asked although it lies in a private network, and whose key may go there."""

    base_url = forms.CharField(label="Base URL", max_length=500, help_text="Example: http://localhost:8080/v1")
    variable = forms.RegexField(
        r"^[A-Za-z_][A-Za-z0-9_]*\Z",
        label="Key's environment variable",
        max_length=100,
        required=False,
        help_text="May be sent there; empty allows no key",
    )

    def __init__(self, user: User, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self._user = user

    def save(self) -> bool:
        if not self.is_valid():
            return False
        try:
            variables = filter(None, [self.cleaned_data["variable"]])
            trust.allow_address(self._user, self.cleaned_data["base_url"], variables)
        except InvalidInput as error:
            self.add_error("base_url", str(error))
        return self.is_valid()


@editor_required
@sensitive_post_parameters("key")
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Names and base URLs of the stored keys; a POST stores or replaces one."""
    form = KeyForm(request.user, request.POST or None)
    if request.method == "POST" and form.save():
        messages.success(request, f"The key “{form.cleaned_data['name']}” is stored.")
        return redirect("keys")
    return _page(request, form, AddressForm(request.user))


@editor_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("name", "")
    try:
        trust.forget_key(request.user, name)
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The key “{name}” is forgotten. Models that name it cannot be asked any more.")
    return redirect("keys")


@administrator_required
@require_POST
def allow(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.user, request.POST)
    if not form.save():
        return _page(request, KeyForm(request.user), form)
    messages.success(request, f"{form.cleaned_data['base_url']} may be asked.")
    return redirect("keys")


@administrator_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take back everything allowed for an address."""
    try:
        trust.withdraw_address(request.user, request.POST.get("base_url", ""))
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Nothing is allowed for {request.POST['base_url']} any more.")
    return redirect("keys")


def _page(request: HttpRequest, form: KeyForm, address_form: AddressForm) -> HttpResponse:
    key_files.refresh()
    context = {"form": form, "address_form": address_form, "stored": keys.stored(), "allowed": consents.allowed()}
    return render(request, "language_models/keys.html", context)
