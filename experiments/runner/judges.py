"""The verifiers of a plan, and whether the language models they ask can serve them."""

from collections.abc import Iterable, Sequence

from ..domain.errors import InvalidInput
from ..models import LanguageModel
from ..verifiers.base import Verifier, verifiers
from .serving import Serving
from .verifier_keys import verifier_key


def build_verifiers(chosen: Iterable[dict]) -> list[Verifier]:
    """From [{name, params}]. Raises InvalidInput, also where the same verifier is chosen twice."""
    built = [verifiers.build(each["name"], each.get("params")) for each in chosen]
    keys = [verifier_key(verifier) for verifier in built]
    for verifier, key in zip(built, keys, strict=True):
        if keys.count(key) > 1:
            raise InvalidInput(f"The verifier “{verifier.label}” is chosen twice with the same options. Remove one of the two.")
    return built


def with_key(params: dict, judged_by: Sequence[Verifier]) -> dict:
    """A study's options; a verifier that they name is given by its key, as the scores will be."""
    keys = [verifier_key(verifier) for verifier in judged_by if verifier.name == params.get("verifier")]
    return {**params, "verifier": keys[0]} if len(keys) == 1 else params


def entries_asked(judged_by: Sequence[Verifier]) -> dict[str, LanguageModel]:
    """The entries that verifiers ask by name. Raises InvalidInput for a name that nobody has."""
    names = {verifier.judge for verifier in judged_by if verifier.judge}
    entries = {entry.name: entry for entry in LanguageModel.objects.filter(name__in=names)}
    for verifier in judged_by:
        if verifier.judge and verifier.judge not in entries:
            known = ", ".join(LanguageModel.objects.filter(archived=False).values_list("name", flat=True)[:20])
            raise InvalidInput(
                f"Verifier “{verifier.label}”: there is no language model “{verifier.judge}” to ask. Known: {known or 'none'}."
            )
    return entries


def check_verifiers(judged_by: Sequence[Verifier], writers: Iterable[str], serving: dict[str, Serving]) -> None:
    """That the models that write give what verifiers need of a text, and those that are asked can say it. Raises InvalidInput."""
    writers = sorted(set(writers))
    for verifier in judged_by:
        for writer in writers:
            serving[writer].check_method(verifier)
        if verifier.judge is not None:
            for asked in [verifier.judge] if verifier.judge else writers:
                serving[asked].check_judge(verifier)
