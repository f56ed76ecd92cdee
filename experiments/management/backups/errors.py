"""What backup and restore refuse."""

from ...domain.errors import AssayError


class BackupError(AssayError):
    """Nothing was changed. The message says what stood in the way and what to do."""
