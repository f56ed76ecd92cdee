"""What loading a GGUF model will need, worked out from its header alone. Never less than what llama.cpp then takes."""

from ..memory import MemoryPlan
from .gguf import GgufInfo

# Bytes of one number in the KV cache, by cache type; q8_0 stores 32 numbers and their scale in 34 bytes.
BYTES_PER_NUMBER = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
# llama.cpp gives the cache and the attention mask whole blocks of this many cells.
_CELLS_PER_BLOCK = 256
# A given text needs a row of logits for each of its tokens; more rows at once cost memory and gain little.
_ROWS_FOR_SCORING = 64
# The child's interpreter, numpy, llama.cpp's own code and its vocabulary, measured on the bundled model.
_PROCESS_BYTES = 120 * 2**20


def memory_plan(
    info: GgufInfo,
    n_cells: int,
    n_sequences: int,
    batch_tokens: int,
    cache_type: str,
    flash_attention: bool,
    is_unpacked: bool = False,
    may_use_gpu: bool = False,
) -> MemoryPlan:
    """Weights, cache and buffers of a model loaded with these settings.

    Where a GPU may hold the model, the plan is told but does not bind: llama.cpp looks at that memory itself. A size that
    the header lacks counts as nothing: llama.cpp will refuse such a file in its own words.
    """
    cells = -(-n_cells // _CELLS_PER_BLOCK) * _CELLS_PER_BLOCK
    logits = n_logit_rows(n_sequences, batch_tokens) * info.n_vocab * 4
    attention = _attention(info, cells, batch_tokens, flash_attention)
    return MemoryPlan(
        {
            "weights": info.n_bytes_unpacked if is_unpacked else info.n_bytes,
            "cache": int(cells * _cached_numbers(info) * BYTES_PER_NUMBER[cache_type]),
            # The attention of the layers and the logits after them use the same memory in turn; the logits are then copied.
            "buffers": logits + max(attention, logits) + _activations(info, batch_tokens, flash_attention),
            "process": _PROCESS_BYTES,
        },
        advice="Lower the context tokens, the batch tokens or the texts at once, or take a smaller model.",
        is_bound=not may_use_gpu,
    )


def n_logit_rows(n_sequences: int, batch_tokens: int) -> int:
    """For how many tokens of one batch logits may be wanted."""
    return max(n_sequences, min(batch_tokens, _ROWS_FOR_SCORING))


def _cached_numbers(info: GgufInfo) -> int:
    """Numbers that the cache keeps for one token: a key and a value for each of its heads, in every layer."""
    heads = _number(info, "attention.head_count")
    of_layers = info.of_architecture("attention.head_count_kv") or heads
    n_heads = sum(of_layers) if isinstance(of_layers, list) else of_layers * _number(info, "block_count")
    return n_heads * (_head_width(info, "key_length") + _head_width(info, "value_length"))


def _attention(info: GgufInfo, cells: int, batch_tokens: int, flash_attention: bool) -> int:
    """Scratch space of the widest step. Without flash attention every token of a batch meets every cell in every head."""
    masks = 2 if info.of_architecture("attention.sliding_window") else 1
    per_cell = 2 * masks if flash_attention else 4 * (masks + _number(info, "attention.head_count"))
    return batch_tokens * cells * per_cell


def _activations(info: GgufInfo, batch_tokens: int, flash_attention: bool) -> int:
    """What one layer keeps side by side, found on two architectures; flash attention adds scratch space of its threads."""
    width, wide = _number(info, "embedding_length"), _number(info, "feed_forward_length")
    queries = _number(info, "attention.head_count") * _head_width(info, "key_length")
    numbers = 2 * wide + 7 * max(width, queries) if flash_attention else wide + 3 * width + queries
    return batch_tokens * 4 * numbers


def _head_width(info: GgufInfo, kind: str) -> int:
    return _number(info, f"attention.{kind}") or _number(info, "embedding_length") // max(
        _number(info, "attention.head_count"), 1
    )


def _number(info: GgufInfo, key: str) -> int:
    """A size out of the header, the largest where it lists one for each layer; 0 if it is not there."""
    value = info.of_architecture(key)
    value = max(value, default=0) if isinstance(value, list) else value
    return value if isinstance(value, int) else 0
