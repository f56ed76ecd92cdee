"""From a finished run and a verifier to a scoring with everything it needs frozen inside. Nothing is asked of a model here."""

from ..domain.errors import InvalidInput
from ..inference.base import backends
from ..models import AuditEntry, LanguageModel, Run, Scoring
from ..verifiers.base import Verifier
from .fitting import check_backend
from .freezing import frozen_model, frozen_verifier
from .judges import build_verifiers, check_verifiers, entries_asked
from .serving import Serving
from .tidying_texts import check_has_texts
from .verifier_keys import verifier_key


def begin_scoring(run: Run, verifier: str, params: dict, user) -> Scoring:
    """Queue the run's answers to be scored by the verifier; one that stopped before its end goes on.

    Raises InvalidInput where it cannot be done, or was done.
    """
    (judge,) = judged_by = build_verifiers([{"name": verifier, "params": params}])
    key = verifier_key(judge)
    stopped = run.scorings.filter(key=key).first()
    if stopped:
        if not stopped.queue():
            raise InvalidInput(f"Run {run.pk} has been scored by “{key}” before: that is {stopped.state}.")
        AuditEntry.objects.record(user, AuditEntry.Action.SCORING_STARTED, run, verifier=key)
        return stopped
    _check_run(run, judge, key)
    frozen = {each["name"]: each for each in run.config["language_models"]}
    asked = {name: entry for name, entry in entries_asked(judged_by).items() if name not in frozen}
    ready = {name: check_backend(entry) for name, entry in asked.items()}
    serving = {name: Serving(entry, ready[name]) for name, entry in asked.items()}
    serving |= {name: _frozen_serving(each) for name, each in frozen.items()}
    check_verifiers(judged_by, [each["language_model"] for each in run.config["conditions"]], serving)
    config = {
        "verifiers": [frozen_verifier(judge)],
        "language_models": [frozen_model(entry, ready[name]) for name, entry in asked.items()],
    }
    AuditEntry.objects.record(user, AuditEntry.Action.SCORING_STARTED, run, verifier=key)
    return Scoring.objects.create(run=run, key=key, config=config, started_by=user)


def _check_run(run: Run, judge: Verifier, key: str) -> None:
    if not run.is_finished:
        raise InvalidInput(f"Run {run.pk} is {run.state}: it can be scored by further verifiers when it has ended.")
    check_has_texts(run)
    if key in run.verifier_keys:
        raise InvalidInput(f"Run {run.pk} was scored by “{key}” while it ran.")
    answers = Scoring(run=run, key=key).answers()
    if not answers.exists():
        raise InvalidInput(f"Run {run.pk} has no graded answer to score.")
    for measure in sorted(judge.measures):
        if not answers.filter(measures__has_key=measure).exists():
            raise InvalidInput(
                f"“{judge.label}” reads a number that is taken while a text is written, “{measure}”, and the texts of "
                f"run {run.pk} were written without it. Run the experiment again with this verifier."
            )


def _frozen_serving(frozen: dict) -> Serving:
    """Of a language model as the run froze it."""
    backend = backends.build(frozen["backend"], frozen["params"]).told(frozen["truth"])
    return Serving(LanguageModel(name=frozen["name"], truth=frozen["truth"]), backend)
