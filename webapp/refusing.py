"""How a process ends that cannot start: one sentence that says what to do, and no traceback."""

import sys
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# What sysexits.h calls EX_CONFIG: starting again changes nothing until a person has changed a setting.
WRONG_SETTING = 78


def settings_or_exit() -> None:
    """Read the settings. Where one is wrong, say which."""
    try:
        settings.INSTALLED_APPS  # noqa: B018  (reading any of them loads them all)
    except ImproperlyConfigured as error:
        refuse(str(error), WRONG_SETTING)


def refuse(sentence: str, code: int = 1) -> NoReturn:
    print(f"Assay cannot start. {sentence}", file=sys.stderr, flush=True)
    raise SystemExit(code)
