"""Texts without keys, for everything that is shown, stored or logged."""

import base64
import re
from urllib.parse import quote

HIDDEN = "[key]"
# Endpoints quote rejected keys half masked: "sk-proj-ab****wxyz".
_LOOKS_LIKE_A_KEY = re.compile(
    r"\b(?:sk|gsk|key|hf|xai|fw)[-_][A-Za-z0-9_*.-]{6,}|(?<=Bearer )[^\s\"',}]+|(?<=/login/)[\w-]{20,}"
)
_PASSWORD_IN_URL = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")


def redact(text: str, secret: str = "") -> str:
    """The text without the secret, as it is, quoted for a URL or in base64, and without anything that looks like a key.

    A one-time login link's secret and a password in an address are keys too.
    """
    if len(secret) >= 4:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")):
            text = text.replace(form, HIDDEN)
    return _PASSWORD_IN_URL.sub(rf"\1{HIDDEN}@", _LOOKS_LIKE_A_KEY.sub(HIDDEN, text))
