"""Thoughts apart from answers, where an endpoint leaves both in one text: <think> ... </think> at its beginning."""

_OPEN, _CLOSE = "<think>", "</think>"


def split_thoughts(text: str) -> tuple[str, str]:
    """(reasoning, answer). Only a block that the text begins with is reasoning; an unclosed one is nothing else yet."""
    begun = text.lstrip()
    if not begun.startswith(_OPEN):
        return ("", "") if begun and _OPEN.startswith(begun) else ("", text)
    thought, closed, answer = begun[len(_OPEN) :].partition(_CLOSE)
    return thought.strip(), answer.lstrip() if closed else ""
