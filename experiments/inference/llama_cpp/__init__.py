"""Local GGUF models through llama.cpp. Native code runs in a child process per loaded model, never here."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field, model_validator

from ...domain.types import Decoding, Message
from ..base import Backend, LanguageModelClient, TokenCount, backends
from ..memory import MemoryPlan, n_free_bytes
from . import build, calibration, counting, cpu, decodings, library, weights
from .attention import attention_shape
from .calibration import Calibration
from .memory import memory_plan

# Sequences beyond the slots, for idle prompts that later requests may begin with.
_IDLE_SEQUENCES = 16
# Tokens computed per step where nothing was measured.
_BATCH_TOKENS = 512


@backends.register("llama_cpp", label="Local model (llama.cpp)")
class LlamaCpp(Backend):
    """A GGUF file of the model library."""

    file: str = Field(
        library.BUNDLED,
        title="Model file",
        description="Name of a GGUF file in the model library",
        json_schema_extra=lambda schema: schema.update(enum=library.names()),
    )
    context_tokens: int = Field(
        8192,
        ge=256,
        le=4_194_304,
        title="Context tokens",
        description="Room for all texts being written together, prompts included; shared prompts count once",
    )
    slots: int = Field(16, ge=1, le=128, title="Texts at once", description="How many texts are written side by side")
    threads: int = Field(
        0, ge=0, le=1024, title="Threads", description="0 takes what was measured best, or else one for each physical core"
    )
    gpu_layers: int = Field(
        -1, ge=-1, le=10_000, title="GPU layers", description="Layers kept on the GPU if this build has one; -1 for all"
    )
    main_gpu: int = Field(0, ge=0, le=63, title="Main GPU", description="Number of the GPU for what is not split, from 0")
    gpu_split: Literal["layer", "row", "none"] = Field(
        "layer", title="GPU split", description="How several GPUs share a model: whole layers, rows of each, or only the main GPU"
    )
    gpu_shares: tuple[float, ...] = Field(
        (),
        max_length=64,
        title="GPU shares",
        description="Part of the model for each GPU, such as 3, 1; empty goes by free memory",
    )
    flash_attention: Literal["auto", "on", "off"] = Field(
        "auto",
        title="Flash attention",
        description="Saves memory; on a CPU it can be much slower where texts share a long prompt. "
        "“auto” takes what was measured best, or else leaves it off on a CPU",
    )
    cache_type: Literal["f16", "q8_0", "q4_0"] = Field(
        "f16", title="Cache type", description="How keys and values are kept; less than f16 needs flash attention and blurs them"
    )
    weights: Literal["auto", "stored", "f16", "bf16"] = Field(
        "auto",
        title="Weights in memory",
        description="“stored” keeps them as in the file; 16 bits take more memory, can compute many texts side by side twice as "
        "fast, and come closer to what the file says. “auto” takes what was measured best, or else what suits file and processor",
    )
    batch_tokens: int = Field(
        0,
        ge=0,
        le=8192,
        title="Batch tokens",
        description="Tokens computed per step, never fewer than the texts at once; 0 takes what was measured best, or else 512",
    )
    reproducible: bool = Field(
        False,
        title="Reproducible",
        description=(
            "One text at a time, every prompt computed anew: the same seed gives the same text whatever else is asked, several "
            "times slower. Otherwise a text's probabilities differ in the last bits with its company, and so now and then a word"
        ),
    )

    @model_validator(mode="after")
    def _cache_fits_attention(self):
        if self.cache_type != "f16" and self.flash_attention == "off":
            raise ValueError(f"A cache of {self.cache_type} needs flash attention: choose “on” or “auto”, or a cache of f16.")
        return self

    @property
    def queue(self) -> str:
        return f"local.{self.file}"

    @property
    def files(self) -> tuple[str, ...]:
        return (self.file,)

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset({"logprobs", "top_logprobs", "entropy", "scores_text", "continues", "constrains"})

    @property
    def takes(self) -> frozenset[str]:
        from .client import LlamaCppClient

        return LlamaCppClient.takes

    def check_decoding(self, decoding: Decoding) -> None:
        super().check_decoding(decoding)
        decodings.check(decoding, library.find(self.file))

    def check(self) -> None:
        library.info(library.find(self.file))

    def fingerprint(self) -> dict[str, Any]:
        path = library.find(self.file)
        info = library.info(path)
        settings = self.engine_settings()
        return {
            "backend": self.name,
            "file": self.file,
            "sha256": library.sha256(path),
            "name": info.metadata.get("general.name"),
            "architecture": info.architecture,
            "n_parameters": info.n_params,
            "quantisation": info.tensor_type,
            "trained_context_tokens": info.of_architecture("context_length"),
            "has_chat_template": bool(info.chat_template),
            "attention": attention_shape(info, self.cache_type),
            "licence": info.metadata.get("general.license"),
            "engine": build.engine_version(),
            "computes_with": {
                **{name: settings[name] for name in ("flash_attention", "n_threads", "batch_tokens")},
                "weights": self._form_of_weights(),
            },
            "options": self.model_dump(mode="json"),
        }

    async def connect(self) -> LanguageModelClient:
        from .client import LlamaCppClient

        self.check()
        self.memory_plan().require(self.file, n_free_bytes())
        await asyncio.to_thread(self.prepare)
        client = LlamaCppClient(self.file, self.engine_settings(), max_in_flight=2 * self._n_slots)
        await client.start()
        return client

    def prepare(self) -> None:
        """Unpack the weights, where they are to be unpacked and are not yet. Raises PermanentInferenceError."""
        weights.unpack(library.find(self.file), self._form_of_weights())

    def memory_plan(self) -> MemoryPlan:
        settings = self.engine_settings()
        return memory_plan(
            library.info(library.find(self.file)),
            settings["n_cells"],
            settings["n_sequences"],
            settings["batch_tokens"],
            settings["cache_type"],
            bool(settings["flash_attention"]),
            is_unpacked=self._form_of_weights() != weights.STORED,
            may_use_gpu=self._may_use_gpu,
        )

    def about_file(self) -> dict[str, str]:
        path = library.find(self.file)
        # Where it lies is of no use in a browser, which may be elsewhere.
        return library.describe(path) | {"File": f"{path.name} ({path.stat().st_size:,} bytes)"}

    def count_tokens(self, messages: tuple[Message, ...]) -> TokenCount:
        self.check()
        return TokenCount(counting.n_tokens(library.find(self.file), messages), is_exact=True)

    def measurements(self) -> dict[str, Any]:
        measured = self._calibration()
        return asdict(measured) if measured else {}

    def calibrate(self, report: Callable[[str], None], although_busy: bool = False) -> None:
        self.check()
        if not although_busy:
            calibration.require_quiet()
        self.memory_plan().require(self.file, n_free_bytes())
        calibration.calibrate(library.find(self.file), self.engine_settings(), self._forms_to_try(), report)

    def _calibration(self) -> Calibration | None:
        return calibration.stored(library.find(self.file), self.context_tokens)

    def engine_settings(self) -> dict[str, Any]:
        """The fields of `native.EngineSettings`."""
        measured = self._calibration()
        return {
            "path": str(weights.path_of(library.find(self.file), self._form_of_weights())),
            "n_cells": self.context_tokens,
            "n_slots": self._n_slots,
            "n_sequences": self._n_slots + _IDLE_SEQUENCES,
            "n_threads": self.threads or (measured.n_threads if measured else build.n_physical_cores()),
            "n_gpu_layers": self.gpu_layers,
            "main_gpu": self.main_gpu,
            "gpu_split": self.gpu_split,
            "gpu_shares": self.gpu_shares,
            "cache_type": self.cache_type,
            "flash_attention": self._uses_flash_attention(measured),
            "batch_tokens": max(self.batch_tokens or (measured.batch_tokens if measured else _BATCH_TOKENS), self._n_slots),
            "shares_prefixes": not self.reproducible,
        }

    @property
    def _n_slots(self) -> int:
        return 1 if self.reproducible else self.slots

    def _uses_flash_attention(self, measured: Calibration | None) -> bool | None:
        """None leaves it to llama.cpp, which knows what a GPU can do."""
        if self.flash_attention != "auto":
            return self.flash_attention == "on"
        if self.cache_type != "f16":
            return True
        if measured:
            return measured.flash_attention
        # On CPUs it is about three times slower when many sequences share a long prompt.
        return None if self._may_use_gpu else False

    @property
    def _may_use_gpu(self) -> bool:
        return self.gpu_layers != 0 and bool(build.gpu_kinds())

    def _form_of_weights(self) -> str:
        if self.weights != "auto":
            return self.weights
        if self._may_use_gpu:
            return weights.STORED
        measured = self._calibration()
        return measured.weights if measured else weights.usual(library.info(library.find(self.file)), cpu.flags())

    def _forms_to_try(self) -> tuple[str, ...]:
        """The form the options name, or those that might be fastest."""
        if self.weights != "auto" or self._may_use_gpu:
            return (self._form_of_weights(),)
        return weights.forms(library.info(library.find(self.file)))
