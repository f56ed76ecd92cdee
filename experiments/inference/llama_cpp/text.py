"""From token bytes to text that may be shown: never half a character, never the beginning of a stop string."""

import codecs
from dataclasses import dataclass, field


@dataclass
class TextWriter:
    """Collects one sequence's bytes. `text` is what has been released so far; it only ever grows."""

    stop: tuple[str, ...] = ()
    text: str = ""
    stop_string: str = ""  # the one that ended the text
    _held: str = ""
    _decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    @property
    def stopped(self) -> bool:
        return bool(self.stop_string)

    def write(self, piece: bytes) -> str:
        """Add a token's bytes and return what they release. The first stop string ends the text and is left out of it."""
        return self._release(self._decoder.decode(piece), is_last=False)

    def finish(self) -> str:
        """Release what was held back; an unfinished character becomes U+FFFD."""
        return "" if self.stopped else self._release(self._decoder.decode(b"", final=True), is_last=True)

    def _release(self, more: str, is_last: bool) -> str:
        pending = self._held + more
        starts = [(at, stop) for stop in self.stop if (at := pending.find(stop)) >= 0]
        if starts:
            start, self.stop_string = min(starts)
            released, self._held = pending[:start], ""
        else:
            n_held = 0 if is_last else max((_overlap(pending, stop) for stop in self.stop), default=0)
            released, self._held = pending[: len(pending) - n_held], pending[len(pending) - n_held :]
        self.text += released
        return released


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that is a beginning of `stop`."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
