"""What this machine's processor can do, from the flags that Linux lists; elsewhere nothing is known of it."""

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def flags() -> frozenset[str]:
    """Of this machine."""
    try:
        return flags_in(_CPUINFO.read_text())
    except OSError:
        return frozenset()


def flags_in(cpuinfo: str) -> frozenset[str]:
    """Of the first processor that a text like /proc/cpuinfo describes."""
    lines = (line.partition(":") for line in cpuinfo.splitlines())
    return next((frozenset(listed.split()) for name, _, listed in lines if name.strip() in ("flags", "Features")), frozenset())


def needs_amx_guard(known: frozenset[str]) -> bool:
    """Whether quantised weights must not be repacked: for AMX, that crashes in the first decode (llama.cpp issue 20824)."""
    return "amx_int8" in known
