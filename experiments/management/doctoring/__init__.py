"""The doctor's checks, a file for each topic. One check is one function; importing a topic registers its checks."""

# ruff: noqa: F401, I001  (in the order in which they are told)
from . import schema
from . import sqlite_health
from . import postgres_health
from . import disk
from . import backups_taken
from . import language_models
from . import workers
from . import broker
from . import leftovers
from . import rows
from . import counters
from . import safety
