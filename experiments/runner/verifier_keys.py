"""How stored scores name their verifier."""

import json
from hashlib import sha256

from ..verifiers.base import Verifier


def verifier_key(verifier: Verifier) -> str:
    """The verifier with its version and options in at most 100 characters; equal exactly for equal verifiers."""
    name = verifier.name if verifier.version == 1 else f"{verifier.name}-v{verifier.version}"
    params = verifier.model_dump(mode="json", exclude_defaults=True)
    if not params:
        return name
    text = json.dumps(params, sort_keys=True)
    return f"{name}-{sha256(text.encode()).hexdigest()[:12]}"
