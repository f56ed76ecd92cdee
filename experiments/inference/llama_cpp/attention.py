"""The shape of a model's attention, as cost laws ask for it."""

from typing import Any

from .gguf import GgufInfo
from .memory import BYTES_PER_NUMBER


def attention_shape(info: GgufInfo, cache_type: str) -> dict[str, Any] | None:
    """The fields of `statistics.kinetics.Shape` out of the header, layers that differ by their mean; None where it lacks one."""
    heads, layers = _mean(info.of_architecture("attention.head_count")), info.of_architecture("block_count")
    width = info.of_architecture("embedding_length")
    if not heads or not layers or not width:
        return None
    kept_heads = _mean(info.of_architecture("attention.head_count_kv")) or heads
    size = info.of_architecture("attention.key_length") or width // heads
    return {
        "n_heads": heads,
        "n_kv_heads": kept_heads,
        "n_layers": layers,
        "head_size": size,
        "bytes_per_number": BYTES_PER_NUMBER[cache_type],
    }


def _mean(value: Any) -> float | None:
    return sum(value) / len(value) if isinstance(value, list) and value else value or None
