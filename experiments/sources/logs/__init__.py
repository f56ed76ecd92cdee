"""Logs of other tools, read into records that say what was asked, what came back and how it was marked."""
