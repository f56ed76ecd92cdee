"""Language models that can be chosen: their files are whole and those that runs used, their endpoints can be asked."""

import asyncio
from collections.abc import Iterator

from ...domain.errors import AssayError
from ...inference.base import Backend, backends
from ...inference.llama_cpp import library
from ...models import LanguageModel, Run
from .registry import Exam, Seen, check, fault, ok, warning

RECENT_RUNS = 50


@check("model files")
def model_files(exam: Exam) -> Iterator[Seen]:
    frozen = _hashes_in_runs()
    for entry in LanguageModel.objects.filter(archived=False):
        try:
            backend = backends.build(entry.backend, entry.params)
            if not backend.files:
                continue
            backend.check()
            found = {name: library.sha256(library.find(name)) for name in backend.files}
        except AssayError as error:
            yield fault(f"{entry}: {error}", "Add the file again with manage.py add_model PATH, or archive the model.")
            continue
        changed = [name for name, digest in found.items() if frozen.get((entry.name, name), digest) != digest]
        for name in changed:
            yield warning(
                f"{entry}: {name} is not the file that its last run was computed with.",
                "Runs of before and after do not compare. Put the old file back, or give the new one another name.",
            )
        if not changed:
            yield ok(f"{entry}: {', '.join(found)} is there and can be read.")


@check("endpoints")
def endpoints(exam: Exam) -> Iterator[Seen]:
    """One request for the list of models each, which no endpoint charges for."""
    seen: set[str] = set()
    for entry in LanguageModel.objects.filter(archived=False):
        try:
            backend = backends.build(entry.backend, entry.params)
            if not backend.is_remote:
                continue
            backend.check()
        except AssayError as error:
            yield fault(f"{entry}: {error}", "Set it right on the model's page, or archive the model.")
            continue
        if backend.queue not in seen:
            seen.add(backend.queue)
            yield _asked(entry, backend) if exam.online else ok(f"{entry}: set up; --online asks whether it answers.")


def _asked(entry: LanguageModel, backend: Backend) -> Seen:
    try:
        names = asyncio.run(backend.list_models())
    except AssayError as error:
        return fault(f"{entry}: {error}", "See that it runs and that its key is right; its page has the address.")
    return ok(f"{entry}: it answers and lists {len(names)} models.")


def _hashes_in_runs() -> dict[tuple[str, str], str]:
    """By language model and file, the hash that the newest of the recent runs froze."""
    found: dict[tuple[str, str], str] = {}
    for models in Run.objects.order_by("-pk").values_list("config__language_models", flat=True)[:RECENT_RUNS]:
        for frozen in models or []:
            about = frozen.get("fingerprint") or {}
            if "sha256" in about and "file" in about:
                found.setdefault((frozen["name"], about["file"]), about["sha256"])
    return found
