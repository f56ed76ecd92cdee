"""The file that, with `grammars.py`, calls llama.cpp: load a model, tokenise, decode a batch, hand out logits as numpy arrays."""

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cached_property

import llama_cpp as native
import numpy as np

from . import cpu
from .beginnings import Pieces
from .grammars import Grammar
from .memory import n_logit_rows

# ggml_log_level of ggml.h; the comment in llama-cpp-python's _logger.py lists an older numbering.
_LOG_WARNING = 3
_LOG_ERROR = 4
_LOG_CONTINUES = 5
_CACHE_TYPES = {"f16": native.GGML_TYPE_F16, "q8_0": native.GGML_TYPE_Q8_0, "q4_0": native.GGML_TYPE_Q4_0}
_SPLIT_MODES = {
    "none": native.LLAMA_SPLIT_MODE_NONE,
    "layer": native.LLAMA_SPLIT_MODE_LAYER,
    "row": native.LLAMA_SPLIT_MODE_ROW,
}
_FLASH_ATTENTION = {
    None: native.LLAMA_FLASH_ATTN_TYPE_AUTO,
    True: native.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    False: native.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}


class LoadError(Exception):
    """llama.cpp refused the model; its own log says why."""


@dataclass(frozen=True)
class EngineSettings:
    """How a model is loaded. `n_sequences` counts texts and idle prefixes; `n_gpu_layers` is -1 for all.

    `flash_attention` None lets llama.cpp decide; `gpu_shares` empty lets it go by free memory.
    """

    path: str
    n_cells: int
    n_slots: int
    n_sequences: int
    n_threads: int
    n_gpu_layers: int
    batch_tokens: int
    shares_prefixes: bool
    main_gpu: int = 0
    gpu_split: str = "layer"
    gpu_shares: tuple[float, ...] = ()
    cache_type: str = "f16"
    flash_attention: bool | None = False


class Vocabulary:
    """The vocabulary of a loaded model, all that can be asked of a file whose weights are not loaded."""

    def __init__(self, model: native.llama_model_p):
        self._model = model
        self._vocab = native.llama_model_get_vocab(model)
        self.n_vocab = native.llama_vocab_n_tokens(self._vocab)
        self._pieces: dict[int, bytes] = {}

    def tokenise(self, text: str, parse_special: bool) -> list[int]:
        """Token ids of `text`; control tokens written in it are recognised only with `parse_special`. Adds none of its own."""
        content = text.encode()
        room = len(content) + 16
        ids = (native.llama_token * room)()
        n = native.llama_tokenize(self._vocab, content, len(content), ids, room, False, parse_special)
        if n < 0:
            raise ValueError(f"a text of {len(content):,} bytes could not be tokenised")
        return ids[:n]

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for nothing."""
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(512)
            n = native.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
            self._pieces[token] = buffer.raw[: max(n, 0)]
        return self._pieces[token]

    @cached_property
    def end_tokens(self) -> frozenset[int]:
        """The tokens that end a text."""
        return frozenset(t for t in range(self.n_vocab) if native.llama_vocab_is_eog(self._vocab, t))

    @cached_property
    def control_texts(self) -> dict[str, int]:
        """How control tokens such as "<|im_end|>" are written, and their ids."""
        texts = {}
        for token in range(self.n_vocab):
            if native.llama_vocab_is_control(self._vocab, token):
                text = (native.llama_vocab_get_text(self._vocab, token) or b"").decode(errors="replace")
                if text:
                    texts[text] = token
        return texts

    @property
    def begin_token(self) -> int | None:
        """The token every prompt must begin with, or None where the model wants none."""
        return native.llama_vocab_bos(self._vocab) if native.llama_vocab_get_add_bos(self._vocab) else None

    def token_text(self, token: int) -> str:
        """How a token is written, "" for the absent token -1."""
        return (native.llama_vocab_get_text(self._vocab, token) or b"").decode(errors="replace") if token >= 0 else ""

    @property
    def begin_text(self) -> str:
        return self.token_text(native.llama_vocab_bos(self._vocab))

    @property
    def end_text(self) -> str:
        return self.token_text(native.llama_vocab_eos(self._vocab))

    @property
    def chat_template(self) -> str | None:
        template = native.llama_model_chat_template(self._model, None)
        return template.decode(errors="replace") if template else None

    @cached_property
    def pieces(self) -> Pieces:
        """All tokens by their bytes."""
        return Pieces([self.piece(token) for token in range(self.n_vocab)])

    def grammar(self, rules: str) -> Grammar:
        """A new text's place at the start of these GBNF rules. Raises Refused if llama.cpp cannot use them."""
        return Grammar(self._vocab, self.pieces, rules)


class Model(Vocabulary):
    """A loaded model with its context. One thread only: llama.cpp's objects are not to be shared."""

    def __init__(self, settings: EngineSettings):
        self.settings = settings
        native.llama_log_set(_log_to_stderr, ctypes.c_void_p(0))
        native.llama_backend_init()
        model = native.llama_model_load_from_file(settings.path.encode(), _model_parameters(settings))
        if not model:
            raise LoadError("llama.cpp could not load the weights")
        super().__init__(model)
        self._context = native.llama_init_from_model(self._model, _context_parameters(settings))
        if not self._context:
            raise LoadError("llama.cpp could not set up the context")
        self._memory = native.llama_get_memory(self._context)
        self.max_tokens = min(settings.n_cells, native.llama_model_n_ctx_train(self._model) or settings.n_cells)
        # A recurrent state cannot be cut or forked in the middle, so such models prefill every prompt in full.
        is_recurrent = native.llama_model_is_recurrent(self._model) or native.llama_model_is_hybrid(self._model)
        self.shares_prefixes = settings.shares_prefixes and not is_recurrent
        self._batch = native.llama_batch_init(settings.batch_tokens, 0, 1)
        for i in range(settings.batch_tokens):
            self._batch.n_seq_id[i] = 1
        views = {"token": np.int32, "pos": np.int32, "logits": np.int8}
        size = (settings.batch_tokens,)
        self._in = {name: np.ctypeslib.as_array(getattr(self._batch, name), size).view(kind) for name, kind in views.items()}

    # The KV cache; the methods of `cache.Memory`.

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        native.llama_memory_seq_cp(self._memory, source, target, 0, n_tokens)

    def remove(self, sequence: int, start: int) -> None:
        native.llama_memory_seq_rm(self._memory, sequence, start, -1)

    # Computing.

    @property
    def max_rows(self) -> int:
        """Rows of logits that one batch can give."""
        return n_logit_rows(self.settings.n_sequences, self.settings.batch_tokens)

    def decode(self, chunks: list[tuple[int, int, np.ndarray, int]]) -> np.ndarray:
        """Compute (sequence, first position, tokens, rows) chunks in one batch.

        Returns the logits after the last `rows` tokens of each chunk, at most `max_rows` in all, shape (all rows, n_vocab), in
        order; the array is overwritten by the next call.
        """
        n = n_wanted = 0
        self._in["logits"][:] = 0
        for sequence, position, tokens, rows in chunks:
            end = n + len(tokens)
            self._in["token"][n:end] = tokens
            self._in["pos"][n:end] = np.arange(position, position + len(tokens))
            for i in range(n, end):
                self._batch.seq_id[i][0] = sequence
            self._in["logits"][end - rows : end] = 1
            n_wanted += rows
            n = end
        self._batch.n_tokens = n
        status = native.llama_decode(self._context, self._batch)
        if status:
            raise RuntimeError(f"llama_decode returned {status} for a batch of {n} tokens")
        if not n_wanted:
            return np.empty((0, self.n_vocab), np.float32)
        return np.ctypeslib.as_array(native.llama_get_logits(self._context), (n_wanted, self.n_vocab))


def _model_parameters(settings: EngineSettings):
    parameters = native.llama_model_default_params()
    if native.llama_supports_gpu_offload():
        parameters.n_gpu_layers = settings.n_gpu_layers
        parameters.main_gpu = settings.main_gpu
        parameters.split_mode = _SPLIT_MODES[settings.gpu_split]
        if settings.gpu_shares:
            parameters.tensor_split = (ctypes.c_float * native.llama_max_devices())(*settings.gpu_shares)
    else:
        parameters.n_gpu_layers = 0
    if cpu.needs_amx_guard(cpu.flags()):
        parameters.use_extra_bufts = False
    return parameters


def _context_parameters(settings: EngineSettings):
    parameters = native.llama_context_default_params()
    parameters.n_ctx = settings.n_cells
    parameters.n_seq_max = settings.n_sequences
    parameters.n_batch = parameters.n_ubatch = settings.batch_tokens
    # Otherwise room for the logits of every token of a batch would be reserved: 100 MB where 13 do.
    parameters.n_outputs_max = n_logit_rows(settings.n_sequences, settings.batch_tokens)
    parameters.n_threads = parameters.n_threads_batch = settings.n_threads
    # One pool of cells for all sequences, or a shared prefix could not be stored once.
    parameters.kv_unified = True
    parameters.flash_attn_type = _FLASH_ATTENTION[settings.flash_attention]
    parameters.type_k = parameters.type_v = _CACHE_TYPES[settings.cache_type]
    return parameters


@native.llama_log_callback
def _log_to_stderr(level: int, text: bytes, user_data) -> None:
    """Warnings and errors go to stderr, whose last lines the parent shows when something breaks."""
    global _last_level
    _last_level = _last_level if level == _LOG_CONTINUES else level
    if _last_level in (_LOG_WARNING, _LOG_ERROR):
        os.write(sys.stderr.fileno(), text)


_last_level = 0
