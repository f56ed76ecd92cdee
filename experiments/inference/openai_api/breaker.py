"""Stop asking an endpoint that is down; let one call through now and then to see whether it is back. Pure."""

from dataclasses import dataclass

_LONGEST_PAUSE_SECONDS = 600.0


@dataclass
class Breaker:
    """Opens after `failures_allowed` failures in a row, for `pause_seconds`, then twice as long each time.

    After the pause it is half open: one call is the probe. Its success closes the breaker, its failure opens it again.
    """

    failures_allowed: int
    pause_seconds: float
    _failures: int = 0
    _pauses: int = 0
    _open_until: float | None = None
    _is_probing: bool = False

    def state(self, now: float) -> str:
        """ "closed", "open" or "half open"."""
        if self._open_until is None:
            return "closed"
        return "open" if now < self._open_until else "half open"

    def closed_for(self, now: float) -> float | None:
        """Seconds until asking makes sense, or None if a call may leave now."""
        if self._open_until is None:
            return None
        if now < self._open_until:
            return self._open_until - now
        return self.pause_seconds if self._is_probing else None

    def sent(self) -> bool:
        """A call leaves; True if it is the probe."""
        if self._open_until is None:
            return False
        self._is_probing = True
        return True

    def succeeded(self) -> None:
        self._failures = self._pauses = 0
        self._open_until = None
        self._is_probing = False

    def failed(self, now: float, was_probe: bool) -> bool:
        """True if this failure opened the breaker."""
        self._failures += 1
        if was_probe:
            self._is_probing = False
        elif self._open_until is not None or self._failures < self.failures_allowed:
            return False
        self._open_until = now + min(self.pause_seconds * 2**self._pauses, _LONGEST_PAUSE_SECONDS)
        self._pauses += 1
        return True

    def unclear(self, was_probe: bool) -> None:
        """The call said nothing about the endpoint, as when it was cancelled; the next one is the probe."""
        if was_probe:
            self._is_probing = False
