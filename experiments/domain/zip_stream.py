"""Where a zip is written that is handed on while it grows."""

import io


class ZipStream(io.RawIOBase):
    """It cannot be wound back; what was written is taken from it now and then."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece) -> int:
        piece = bytes(piece)
        self._pieces.append(piece)
        self.size += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return found
