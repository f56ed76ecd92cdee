"""Who sees an experiment, chosen on its page by those who may."""

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ..domain.errors import InvalidInput
from ..models import Experiment, Team, User
from ..models.sharing import share
from .access import editor_required, find_experiment


class SharingForm(forms.Form):
    """Whose team it is and who sees it."""

    visibility = forms.ChoiceField(
        label="Seen by", choices=Experiment.Visibility.choices, help_text="Runs, exports and reviews follow"
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, empty_label="none", help_text="Bears what its runs cost, whoever starts them"
    )

    def __init__(self, user: User, experiment: Experiment, data=None):
        super().__init__(data, initial={"visibility": experiment.visibility, "team": experiment.team_id})
        offered = Team.objects.offered_to(user).values("pk")
        self.fields["team"].queryset = Team.objects.filter(Q(pk__in=offered) | Q(pk=experiment.team_id))


@editor_required
@require_POST
def share_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Change who sees the experiment and everything made of it."""
    experiment = find_experiment(request, pk, "team", "owner")
    form = SharingForm(request.user, experiment, request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(" ".join(error for errors in form.errors.values() for error in errors))
        share(experiment, request.user, **form.cleaned_data)
    except InvalidInput as error:
        messages.error(request, f"Not changed. {error}")
    else:
        messages.success(request, f"“{experiment}” is seen by: {experiment.get_visibility_display().lower()}.")
    # Who gave it away may not see it any more.
    return redirect(experiment if Experiment.objects.visible_to(request.user).filter(pk=pk).exists() else "experiments")
