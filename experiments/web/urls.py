"""Addresses of the pages: one list per resource, kept beside its prefix."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from . import (
    account,
    archiving,
    audit,
    basket,
    compare,
    dashboard,
    dataset_uploads,
    datasets,
    docs,
    drawings,
    editor,
    editor_trials,
    experiments,
    exploring,
    exports,
    formats,
    glossary,
    health,
    keys,
    language_models,
    log_imports,
    many_tasks,
    measurements,
    metrics,
    notes,
    operations,
    palette,
    people,
    power,
    priorities,
    problem_marks,
    prompts,
    regradings,
    remote_models,
    retention,
    runs,
    saved_views,
    scorings,
    search,
    sharing,
    signing_in,
    spending,
    starting,
    tags,
    teams,
)

signing_in_urls = [
    path("", signing_in.SignIn.as_view(), name="login"),
    path("<str:secret>/", signing_in.login_link, name="login_link"),
]

account_urls = [
    path("", account.account, name="account"),
    path("token/", account.create_token, name="token_create"),
    path("token/revoke/", account.revoke_token, name="token_revoke"),
]

retention_urls = [
    path("", retention.index, name="retention"),
    path("due/", retention.due, name="retention_due"),
]

team_urls = [
    path("", teams.index, name="teams"),
    path("add/", teams.create, name="team_create"),
    path("<int:pk>/", teams.team, name="team"),
    path("<int:pk>/change/", teams.change, name="team_change"),
    path("<int:pk>/members/add/", teams.add_member, name="team_member_add"),
    path("<int:pk>/members/<int:member>/", teams.change_member, name="team_member"),
]

people_urls = [
    path("", people.index, name="people"),
    path("add/", people.create, name="person_create"),
    path("<int:pk>/", people.change, name="person_change"),
    path("<int:pk>/link/", people.new_link, name="person_link"),
]

experiment_urls = [
    path("", experiments.index, name="experiments"),
    path("new/", experiments.new, name="experiment_new"),
    path("size/", experiments.size, name="experiment_size"),
    path("options/<slug:family>/", experiments.options, name="experiment_options"),
    path("<int:pk>/begin/", starting.begin, name="experiment_begin"),
    path("<int:pk>/", experiments.detail, name="experiment"),
    path("<int:pk>/edit/", experiments.edit, name="experiment_edit"),
    path("<int:pk>/estimate/", experiments.estimate, name="experiment_estimate"),
    path("<int:pk>/pilot/", experiments.pilot, name="experiment_pilot"),
    path("<int:pk>/start/", experiments.start, name="experiment_start"),
    path("<int:pk>/duplicate/", experiments.duplicate, name="experiment_duplicate"),
    path("<int:pk>/share/", sharing.share_with, name="experiment_share"),
    path("<int:pk>/archive/", experiments.archive, name="experiment_archive"),
]

prompt_urls = [
    path("", prompts.index, name="prompts"),
    path("new/", prompts.new, name="prompt_new"),
    path("preview/", prompts.preview, name="prompt_preview"),
    path("<int:pk>/", prompts.detail, name="prompt"),
    path("<int:pk>/editor/", editor.editor, name="prompt_editor"),
    path("<int:pk>/editor/<int:variant_pk>/typed/", editor.typed, name="prompt_typed"),
    path("<int:pk>/editor/<int:variant_pk>/tokens/", editor_trials.tokens, name="prompt_tokens"),
    path("<int:pk>/editor/<int:variant_pk>/try/", editor_trials.try_it, name="prompt_try"),
    path("trials/<int:pk>/", editor_trials.trial, name="trial"),
    path("trials/<int:pk>/stop/", editor_trials.stop_trial, name="trial_stop"),
    path("<int:pk>/describe/", prompts.describe, name="prompt_describe"),
    path("<int:pk>/archive/", prompts.archive, name="prompt_archive"),
    path("<int:pk>/variants/new/", prompts.new_variant, name="variant_new"),
    path("<int:pk>/variants/<int:variant_pk>/", prompts.variant, name="variant"),
    path("<int:pk>/variants/<int:variant_pk>/edit/", prompts.edit_variant, name="variant_edit"),
]

dataset_urls = [
    path("", datasets.index, name="datasets"),
    path("upload/", dataset_uploads.upload, name="dataset_upload"),
    path("upload/<str:token>/", dataset_uploads.preview, name="dataset_preview"),
    path("upload/<str:token>/discard/", dataset_uploads.discard, name="dataset_discard"),
    path("generate/<slug:name>/", datasets.generate, name="dataset_generate"),
    path("<int:pk>/", datasets.detail, name="dataset"),
    path("<int:pk>/archive/", archiving.archive_dataset, name="dataset_archive"),
]

language_model_urls = [
    path("", language_models.index, name="language_models"),
    path("new/", language_models.new, name="language_model_new"),
    path("options/", language_models.options, name="language_model_options"),
    path("<int:pk>/", language_models.detail, name="language_model"),
    path("offered/", remote_models.offered, name="language_models_offered"),
    path("keys/", keys.index, name="keys"),
    path("keys/forget/", keys.forget, name="key_forget"),
    path("keys/allow/", keys.allow, name="address_allow"),
    path("keys/withdraw/", keys.withdraw, name="address_withdraw"),
    path("<int:pk>/edit/", language_models.edit, name="language_model_edit"),
    path("<int:pk>/archive/", language_models.archive, name="language_model_archive"),
    path("<int:pk>/truth-test/", remote_models.truth_test, name="truth_test"),
    path("<int:pk>/truth/", remote_models.truth, name="truth"),
    path("<int:pk>/measure/", measurements.measure, name="measure"),
    path("<int:pk>/measurements/", measurements.measurements, name="measurements"),
]

operations_urls = [
    path("", operations.index, name="operations"),
    path("free/", operations.free, name="operations_free"),
]

basket_urls = [
    path("", basket.index, name="basket"),
    path("add/", basket.add, name="basket_add"),
    path("remove/", basket.remove, name="basket_remove"),
    path("first/", basket.make_first, name="basket_first"),
    path("empty/", basket.empty, name="basket_empty"),
]

finding_urls = [
    path("search/", search.index, name="search"),
    path("palette/", palette.palette, name="palette"),
    path("views/save/", saved_views.save, name="view_save"),
    path("views/<int:pk>/forget/", saved_views.forget, name="view_forget"),
    path("tags/<slug:kind>/<int:pk>/add/", tags.add, name="tag_add"),
    path("tags/<slug:kind>/<int:pk>/remove/", tags.remove, name="tag_remove"),
]

docs_urls = [
    path("", docs.index, name="docs"),
    path("glossary/", glossary.index, name="glossary"),
    path("glossary/<slug:name>/", glossary.term, name="docs_term"),
    path("keyboard/", palette.keyboard, name="keyboard"),
    path("<slug:family>/<slug:name>/", docs.plugin, name="docs_plugin"),
]

run_urls = [
    path("", runs.runs, name="runs"),
    path("import/", log_imports.import_run, name="run_import"),
    path("<int:pk>/", runs.run, name="run"),
    path("<int:pk>/rows/", runs.run_rows, name="run_rows"),
    path("<int:pk>/explore/", exploring.explore, name="explore"),
    path("<int:pk>/pause/", runs.run_pause, name="run_pause"),
    path("<int:pk>/resume/", runs.run_resume, name="run_resume"),
    path("<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("<int:pk>/archive/", archiving.archive_run, name="run_archive"),
    path("<int:pk>/notes/add/", notes.add, name="note_add"),
    path("<int:pk>/notes/<int:note>/remove/", notes.remove, name="note_remove"),
    path("ledger/", spending.index, name="ledger"),
    path("ledger/download/", spending.download, name="ledger_download"),
    path("<int:pk>/cap/", spending.run_cap, name="run_cap"),
    path("<int:pk>/priority/", priorities.run_priority, name="run_priority"),
    path("<int:pk>/ledger/", spending.run_ledger, name="run_ledger"),
    path("<int:pk>/export/", exports.run_export, name="run_export"),
    path("<int:pk>/figure/", exports.figure_file, name="run_figure"),
    path("grader-options/", regradings.options, name="grader_options"),
    path("<int:pk>/graders/", regradings.index, name="run_graders"),
    path("<int:pk>/graders/mark/", regradings.begin, name="run_regrade"),
    path("<int:pk>/graders/<int:regrading>/cancel/", regradings.cancel, name="regrading_cancel"),
    path("<int:pk>/graders/<int:regrading>/go-on/", regradings.go_on, name="regrading_go_on"),
    path("verifier-options/", scorings.options, name="scoring_options"),
    path("<int:pk>/verifiers/", scorings.index, name="run_verifiers"),
    path("<int:pk>/verifiers/score/", scorings.begin, name="run_score"),
    path("<int:pk>/verifiers/<int:scoring>/cancel/", scorings.cancel, name="scoring_cancel"),
    path("<int:pk>/verifiers/<int:scoring>/go-on/", scorings.go_on, name="scoring_go_on"),
    path("<int:pk>/verifiers/<slug:key>/", scorings.flips, name="run_flips"),
    path("<int:pk>/attempts/<int:attempt>/", runs.attempt, name="attempt"),
    path("<int:pk>/attempts/<int:attempt>/drawing/", drawings.attempt_drawing, name="attempt_drawing"),
]

compare_urls = [
    path("", compare.compare, name="compare"),
    path("texts/", compare.texts, name="compare_texts"),
    path("tasks/", many_tasks.many_tasks, name="many_tasks"),
    path("power/", power.power, name="power"),
    path("marks/<int:pk>/", problem_marks.mark, name="problem_mark"),
]

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readiness(), name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("start/<slug:preset>/", starting.choose, name="start"),
    path("login/", include(signing_in_urls)),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", include(account_urls)),
    path("people/", include(people_urls)),
    path("retention/", include(retention_urls)),
    path("teams/", include(team_urls)),
    path("audit/", audit.index, name="audit"),
    path("experiments/", include(experiment_urls)),
    path("runs/", include(run_urls)),
    path("compare/", include(compare_urls)),
    path("prompts/", include(prompt_urls)),
    path("formats/", formats.editor, name="formats"),
    path("datasets/", include(dataset_urls)),
    path("reviews/", include("experiments.web.review_urls")),
    path("models/", include(language_model_urls)),
    path("docs/", include(docs_urls)),
    path("basket/", include(basket_urls)),
    path("operations/", include(operations_urls)),
    path("", include(finding_urls)),
]
