#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from webapp.refusing import refuse, settings_or_exit

    settings_or_exit()
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        from experiments.management.starting import sentence

        refuse(sentence(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
