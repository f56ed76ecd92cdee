"""Write a model file anew with 16-bit weights: `python -m experiments.inference.llama_cpp.unpacking`.

Reads {"source": path, "target": path, "form": "f16" or "bf16", "n_threads": ..} from stdin and exits with 1 if it failed. A
process of its own, as for all native code.
"""

import ctypes
import json
import sys

import llama_cpp as native

_FILE_TYPES = {"f16": native.LLAMA_FTYPE_MOSTLY_F16, "bf16": native.LLAMA_FTYPE_MOSTLY_BF16}


def main() -> int:
    work = json.load(sys.stdin)
    parameters = native.llama_model_quantize_default_params()
    parameters.ftype = _FILE_TYPES[work["form"]]
    parameters.allow_requantize = True
    parameters.nthread = work["n_threads"]
    failed = native.llama_model_quantize(work["source"].encode(), work["target"].encode(), ctypes.byref(parameters))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
