"""Messages to prompt tokens, so that control tokens come from the template only and never from what a user wrote."""

import re
from collections import OrderedDict
from typing import Protocol

import numpy as np

from .protocol import Refused
from .templates import ChatTemplate

_REMEMBERED = 64
# Planes 15 and 16 are for private use; a block of them stands in for characters that a user wrote.
_STAND_IN_BLOCKS = range(0xF0000, 0x10F000, 0x1000)


class Vocabulary(Protocol):
    """The part of `native.Model` that prompts need."""

    control_texts: dict[str, int]
    begin_token: int | None

    def tokenise(self, text: str, parse_special: bool) -> list[int]: ...

    def piece(self, token: int) -> bytes: ...


class Prompts:
    """Builds prompts and remembers the last few: the samples of an attempt all ask with the same messages."""

    def __init__(self, vocabulary: Vocabulary, template: ChatTemplate):
        self._vocabulary = vocabulary
        self._template = template
        self._recent: OrderedDict[tuple, np.ndarray] = OrderedDict()
        texts = sorted(vocabulary.control_texts, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, texts)) or "(?!)")
        # Letters and spaces stay as they are, so that a template that trims or compares contents still can.
        self._adds_a_space = vocabulary.piece(vocabulary.tokenise("x", parse_special=False)[0]).startswith(b" ")
        self._telling = sorted({char for text in texts for char in text if not char.isalnum() and not char.isspace()})

    def tokens(self, messages: list[dict[str, str]]) -> np.ndarray:
        """The prompt's token ids, int32. Raises Refused if the template does, or if nothing is left to continue."""
        key = tuple((message["role"], message["content"]) for message in messages)
        if key not in self._recent:
            tokens = self._tokenise(messages)
            if not tokens:
                raise Refused("The prompt is empty. Give the model at least one word to continue.")
            self._recent[key] = np.array(tokens, np.int32)
            if len(self._recent) > _REMEMBERED:
                self._recent.popitem(last=False)
        self._recent.move_to_end(key)
        return self._recent[key]

    def continuation(self, text: str) -> list[int]:
        """The token ids of a text with which the answer begins, none of them control tokens.

        Some vocabularies put a space before every text; here that would come between the prompt and the answer. Behind a line
        break, which joins nothing in such vocabularies, they do not.
        """
        if not self._adds_a_space:
            return self._plain(text)
        before = self._plain("\n")
        return self._plain("\n" + text)[len(before) :]

    def _tokenise(self, messages: list[dict[str, str]]) -> list[int]:
        text = self._template.render(messages)
        tokens = self._tokenise_rendered(text, messages)
        begin = self._vocabulary.begin_token
        return [begin, *tokens] if begin is not None and tokens[:1] != [begin] else tokens

    def _tokenise_rendered(self, text: str, messages: list[dict[str, str]]) -> list[int]:
        """Render once more with the users' brackets disguised; what then still reads as a control token is the template's."""
        written = "".join(message["content"] for message in messages)
        if not any(char in written for char in self._telling):
            return self._vocabulary.tokenise(text, parse_special=True)
        disguise = {ord(char): base for char, base in zip(self._telling, _stand_ins(written), strict=False)}
        disguised = self._template.render(
            [{**message, "content": message["content"].translate(disguise)} for message in messages]
        )
        if self._control.findall(text) == self._control.findall(disguised):
            return self._vocabulary.tokenise(text, parse_special=True)
        undisguise = {base: char for char, base in disguise.items()}
        tokens, end = [], 0
        for control in self._control.finditer(disguised):
            tokens += self._plain(disguised[end : control.start()].translate(undisguise))
            tokens.append(self._vocabulary.control_texts[control.group()])
            end = control.end()
        return tokens + self._plain(disguised[end:].translate(undisguise))

    def _plain(self, text: str) -> list[int]:
        return self._vocabulary.tokenise(text, parse_special=False) if text else []


def _stand_ins(written: str) -> range:
    """Code points that do not occur in `written`, enough for every character that control tokens are made of."""
    for start in _STAND_IN_BLOCKS:
        block = range(start, start + 0x1000)
        if not any(ord(char) in block for char in written):
            return block
    raise Refused("The prompt uses every private-use block of Unicode; leave one unused.")
