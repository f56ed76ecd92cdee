"""Read the header of a GGUF file: metadata and the sizes its tensors promise. Loads no weights and no native library."""

import math
import os
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ...domain.errors import InvalidInput

# struct codes of the scalar value types, by GGUF type id; 8 is a string, 9 an array.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

# ggml tensor types: id -> (name, elements per block, bytes per block).
_TENSOR_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}

# Its shape is (width, size of the vocabulary).
_EMBEDDINGS = "token_embd.weight"

# Limits against headers that lie: no known model comes near them.
_MAX_STRING_BYTES = 16_000_000
_MAX_ENTRIES = 10_000_000
# Vocabularies are long lists that nobody asks this reader for; shorter lists are kept.
_MAX_KEPT_ITEMS = 64


@dataclass(frozen=True)
class GgufInfo:
    """What a GGUF file says about itself. `n_bytes` is the size that its tensors need, at most the file's own.

    `n_bytes_unpacked` is what they need in 16 bits, and `n_vocab` is 0 if there are no embeddings.
    """

    metadata: dict[str, Any]
    n_params: int
    tensor_type: str
    n_bytes: int
    n_bytes_unpacked: int
    n_vocab: int

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", "unknown"))

    @property
    def chat_template(self) -> str:
        """The template for messages, "" for a base model, which only continues texts."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    def of_architecture(self, key: str) -> Any:
        """A value such as "context_length" that is stored under the architecture's name, or None."""
        return self.metadata.get(f"{self.architecture}.{key}")


def read(path: Path) -> GgufInfo:
    """The header's content. Raises InvalidInput if this is no GGUF file or if tensor data is missing at its end."""
    try:
        with path.open("rb") as file:
            return _read(file, path.name)
    except (struct.error, EOFError, UnicodeDecodeError, OverflowError, MemoryError):
        raise InvalidInput(f"“{path.name}” is a damaged GGUF file: its header cannot be read. Copy it again.") from None
    except OSError as error:
        raise InvalidInput(f"“{path.name}” cannot be read: {error.strerror}.") from None


def _read(file: BinaryIO, name: str) -> GgufInfo:
    if file.read(4) != b"GGUF":
        raise InvalidInput(f"“{name}” is not a GGUF file.")
    (version,) = _unpack(file, "I")
    if version not in (2, 3):
        raise InvalidInput(f"“{name}” has GGUF version {version}; versions 2 and 3 can be read. Convert it again.")
    n_tensors, n_values = _unpack(file, "QQ")
    if max(n_tensors, n_values) > _MAX_ENTRIES:
        raise EOFError
    metadata = {}
    for _ in range(n_values):
        key = _string(file)
        (kind,) = _unpack(file, "I")
        metadata[key] = _value(file, kind)
    n_params, data_end, unpacked, n_vocab, elements_of_type = 0, 0, 0, 0, Counter()
    for _ in range(n_tensors):
        tensor = _string(file)
        (n_dimensions,) = _unpack(file, "I")
        if n_dimensions > 8:
            raise EOFError
        shape = _unpack(file, "Q" * n_dimensions)
        n_elements = math.prod(shape)
        if tensor == _EMBEDDINGS:
            n_vocab = shape[-1]
        kind, offset = _unpack(file, "IQ")
        n_params += n_elements
        type_name, block, block_bytes = _TENSOR_TYPES.get(kind, (f"type {kind}", 1, 0))
        elements_of_type[type_name] += n_elements
        data_end = max(data_end, offset + n_elements // block * block_bytes)
        # Norms and biases stay in 32 bits.
        unpacked += n_elements * (2 if n_dimensions > 1 and type_name != "F32" else 4)
    alignment = int(metadata.get("general.alignment", 32)) or 32
    data_start = math.ceil(file.tell() / alignment) * alignment
    needed, present = data_start + data_end, os.fstat(file.fileno()).st_size
    if present < needed:
        raise InvalidInput(
            f"“{name}” is cut off: its tensors need {needed:,} bytes and the file has {present:,}. Copy or download it again."
        )
    tensor_type = elements_of_type.most_common(1)[0][0] if elements_of_type else "no tensors"
    return GgufInfo(metadata, n_params, tensor_type, needed, data_start + unpacked, n_vocab)


def _unpack(file: BinaryIO, codes: str) -> tuple:
    layout = struct.Struct("<" + codes)
    return layout.unpack(file.read(layout.size))


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "Q")
    if length > _MAX_STRING_BYTES:
        raise EOFError
    content = file.read(length)
    if len(content) < length:
        raise EOFError
    return content.decode("utf-8", errors="replace")


def _value(file: BinaryIO, kind: int) -> Any:
    """One metadata value; None in place of a long list."""
    if kind in _SCALARS:
        return _unpack(file, _SCALARS[kind])[0]
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        raise EOFError
    item_kind, length = _unpack(file, "IQ")
    if length > _MAX_ENTRIES or item_kind == _ARRAY:
        raise EOFError
    if item_kind in _SCALARS and length > _MAX_KEPT_ITEMS:
        file.seek(struct.calcsize(_SCALARS[item_kind]) * length, os.SEEK_CUR)
        return None
    items = [_value(file, item_kind) for _ in range(length)]
    return items if length <= _MAX_KEPT_ITEMS else None
