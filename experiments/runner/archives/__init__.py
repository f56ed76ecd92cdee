"""A run in a single file, and back: the same file moves a run between installations, whichever database they use.

`writing` makes the file, `reading` opens and checks one, `restoring` makes a run of it again. What goes into the file is
declared in `tables`, one member a table.
"""
