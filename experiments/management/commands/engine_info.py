"""`manage.py engine_info`: the build of llama.cpp, its devices, the model library and what was measured."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.inference.llama_cpp import build, calibration, library
from experiments.inference.memory import in_mib, n_free_bytes


class Command(BaseCommand):
    help = "Show what local models are computed with: build, devices, CPU features, AMX guard, models and measurements."

    def handle(self, **options) -> None:
        try:
            self.stdout.write("\n".join([*_engine(), "", *_models(), "", *_measurements()]))
        except AssayError as error:
            raise CommandError(str(error)) from None


def _engine() -> Iterator[str]:
    about = build.loaded()
    yield f"Build: {build.engine_version()}, {', '.join(build.gpu_kinds()) or 'CPU only'}"
    yield f"Machine: {build.machine_name()}, {in_mib(n_free_bytes())} of memory may be taken now"
    for device in about["devices"]:
        free, total = in_mib(device["free_bytes"]), in_mib(device["total_bytes"])
        yield f"Device {device['name']}: {device['description']}, {free} of {total} free"
    yield f"Layers can go to a GPU: {'yes' if about['offloads_to_gpu'] else 'no'}"
    yield f"CPU features: {about['cpu_features']}"
    guard = "on; quantised weights are not repacked for it" if about["has_amx"] else "not needed, this CPU has no AMX"
    yield f"AMX guard: {guard}"


def _models() -> Iterator[str]:
    yield f"Models (add more with manage.py add_model PATH to {library.folder()}):"
    for name in library.names():
        try:
            about = library.info(library.find(name))
            licence = about.metadata.get("general.license", "not given")
            yield f"  {name}: {about.n_params:,} parameters, {about.tensor_type}, licence {licence}"
        except AssayError as error:
            yield f"  {name}: {error}"


def _measurements() -> Iterator[str]:
    names = {library.sha256(library.find(name)): name for name in library.names()}
    yield "Measured (manage.py calibrate NAME measures again):"
    known = calibration.all_stored()
    for key, best in known.items():
        sha256, _, rest = key.partition(" | ")
        attention = "on" if best.flash_attention else "off"
        way = f"weights {best.weights}, flash attention {attention}, {best.n_threads} threads, batches of {best.batch_tokens}"
        speed = f"prompt {best.prompt_per_second:.0f}, texts {best.texts_per_second:.0f} tokens/s"
        yield f"  {names.get(sha256, sha256[:12])} | {rest}: {way}; {speed}"
    if not known:
        yield "  nothing yet, defaults apply"
