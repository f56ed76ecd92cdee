"""Continuous batching: every step computes one token for each running text and a piece of the newcomers' prompts."""

from typing import Protocol

import numpy as np

from .cache import Cache, Memory, common_prefix
from .probabilities import likeliest, logprobs_of, spread
from .protocol import Finished, Frame, Refused
from .queue import FairQueue
from .room import Room
from .running import Text
from .sampler import Chooser, NothingFits

# Idle prefixes may fill this share of the cache, the latest more until a text begins; attention passes over every resident cell.
_IDLE_SHARE = 1 / 8


class Model(Memory, Protocol):
    """The part of `native.Model` that scheduling needs."""

    n_vocab: int
    max_tokens: int
    max_rows: int
    shares_prefixes: bool
    end_tokens: frozenset[int]

    def decode(self, chunks: list[tuple[int, int, np.ndarray, int]]) -> np.ndarray: ...

    def piece(self, token: int) -> bytes: ...


class Scheduler:
    """Shares one loaded model among texts. Single-threaded: `submit`, `cancel` and `step` are called in turn."""

    def __init__(self, model: Model, n_cells: int, n_slots: int, n_sequences: int, batch_tokens: int):
        self._model = model
        self._cache = Cache(n_cells, range(n_sequences), model)
        self._n_slots = n_slots
        self._batch_tokens = batch_tokens
        self._n_idle_cells = int(n_cells * _IDLE_SHARE)
        self._queue: FairQueue[Text] = FairQueue()
        self._running: list[Text] = []  # in order of admission, the youngest last
        self._waiting: dict[int, Text] = {}
        self.chooser = Chooser(model.n_vocab)
        self._room = Room(self._cache, model.shares_prefixes)
        # Numbers round otherwise in a batch of many tokens. Where every text is computed for itself, a given one is read token
        # by token, and so found exactly as likely as when it was written.
        self._reads_as_it_writes = not model.shares_prefixes
        self.n_preemptions = 0

    @property
    def is_idle(self) -> bool:
        return not self._running and not len(self._queue)

    def submit(self, text: Text) -> None:
        """Queue a text. Raises Refused if its prompt leaves no room for a single token."""
        if len(text.prompt) >= self._model.max_tokens:
            raise Refused(
                f"The prompt has {len(text.prompt):,} tokens; prompt and answer together may have {self._model.max_tokens:,}. "
                "Shorten the prompt or load the model with more context."
            )
        self._waiting[text.id] = text
        self._queue.put(text)

    def cancel(self, id: int) -> None:
        """Stop a text, if it is still there, and free its place at once."""
        if text := self._waiting.pop(id, None):
            self._queue.discard(text)
        elif text := next((text for text in self._running if text.id == id), None):
            self._leave(text)

    def step(self, frame: Frame) -> None:
        """Admit, compute one batch and sample; what happened is added to `frame`."""
        self._admit()
        chunks = self._plan()
        while not self._cache.make_room(sum(len(tokens) for _, tokens in chunks)):
            self._preempt(self._running[-1])
            chunks = [(text, tokens) for text, tokens in chunks if text.sequence is not None]
        batch, ending = [], []
        for text, tokens in chunks:
            start = self._cache.n_tokens(text.sequence)
            n_rows = max(0, start + len(tokens) - text.next_row)
            batch.append((text.sequence, start, tokens, n_rows))
            self._cache.extend(text.sequence, tokens)
            self._queue.charge(text.run, len(tokens))
            if n_rows:
                ending.append((text, n_rows))
        if not batch:
            return
        rows, used = self._model.decode(batch), 0
        for text, n_rows in ending:
            self._take(text, rows[used : used + n_rows], frame)
            used += n_rows

    def _take(self, text: Text, rows: np.ndarray, frame: Frame) -> None:
        if text.given:
            read = text.given[len(text.logprobs) :][: len(rows)]
            text.logprobs += logprobs_of(rows, read)
            if len(text.logprobs) == len(text.given):
                self._finish(text, "stop", frame)
            return
        for twin in self._twins(text):
            self._open(twin, text.sequence, len(text.prompt))
            self._sample(twin, rows[0], frame)
        self._sample(text, rows[0], frame)

    def _admit(self) -> None:
        while len(self._running) < self._n_slots:
            text = self._queue.peek()
            if text is None or not self._room.has_place_for(text, self._running):
                return
            self._queue.discard(text)
            del self._waiting[text.id]
            self._running.append(text)

    def _plan(self) -> list[tuple[Text, np.ndarray]]:
        """What each running text computes in this step: those that write come first, prompts share what room is left."""
        room, rows = self._batch_tokens, self._model.max_rows
        chunks = []
        by_need = sorted(self._running, key=lambda text: not self._is_writing(text))
        for text in by_need:
            if text.sequence is None and not self._try_to_open(text):
                continue
            start = self._cache.n_tokens(text.sequence)
            n_before_rows = max(0, text.next_row - start)
            n_rows = min(rows, 1) if self._reads_as_it_writes else rows
            tokens = text.tokens_from(start, min(room, text.n_tokens - start, n_before_rows + n_rows))
            if len(tokens):
                chunks.append((text, tokens))
                room -= len(tokens)
                rows -= max(0, len(tokens) - n_before_rows)
        return chunks

    def _is_writing(self, text: Text) -> bool:
        return text.sequence is not None and self._cache.n_tokens(text.sequence) == text.n_tokens - 1

    def _try_to_open(self, text: Text) -> bool:
        """Give the text a sequence that starts with the longest resident prefix; False to wait for a longer one to come.

        The tokens whose logits are needed are always computed.
        """
        wanted = text.tokens()[: text.next_row]
        source, n_shared = self._cache.longest_prefix(wanted) if self._model.shares_prefixes else (None, 0)
        if self._model.shares_prefixes:
            for other in self._running:
                if other.sequence is not None and common_prefix(other.prompt, wanted) > n_shared:
                    return False
        self._open(text, source, n_shared)
        return True

    def _open(self, text: Text, source: int | None, n_shared: int) -> None:
        text.sequence = self._cache.open(source, n_shared)
        # What the text needs of an idle prefix is its own now; the rest, even of the latest one, would slow down every step.
        self._cache.trim(self._n_idle_cells)
        if text.cached_tokens is None:
            text.cached_tokens = n_shared

    def _twins(self, text: Text) -> list[Text]:
        """Running texts that waited for this very prompt: they draw their first token from the same logits."""
        if text.new_tokens or not self._model.shares_prefixes:
            return []
        waiting = [other for other in self._running if other.sequence is None and not other.new_tokens and not other.given]
        return [other for other in waiting if np.array_equal(other.prompt, text.prompt)]

    def _sample(self, text: Text, logits: np.ndarray, frame: Frame) -> None:
        if text.beginning:
            logits = text.beginning.condition(logits)
        try:
            token, logprob = self.chooser.choose(logits, text.sampler)
        except NothingFits:
            frame.refused.append((text.id, "The model has no token that its grammar allows here. Correct the grammar."))
            self._leave(text)
            return
        # The end itself is no token of the text, and nothing is told about its position.
        if token in self._model.end_tokens or token in text.stop_tokens:
            self._finish(text, "stop", frame)
            return
        if not text.new_tokens:
            frame.is_urgent = True
        text.new_tokens.append(token)
        text.logprobs.append(logprob)
        if text.n_tops:
            text.tops.append([(other, self._written(other), chance) for other, chance in likeliest(logits, text.n_tops)])
        if text.wants_entropy:
            entropy, self_certainty = spread(logits)
            text.entropies.append(entropy)
            text.self_certainties.append(self_certainty)
        piece = self._model.piece(token)
        frame.add_text(text.id, text.writer.write(text.beginning.take(piece) if text.beginning else piece))
        if text.writer.stopped:
            self._finish(text, "stop", frame)
        elif len(text.new_tokens) >= text.max_new_tokens or text.n_tokens >= self._model.max_tokens:
            self._finish(text, "length", frame)

    def _written(self, token: int) -> str:
        return self._model.piece(token).decode(errors="replace")

    def _finish(self, text: Text, reason: str, frame: Frame) -> None:
        self._room.note(text)
        frame.add_text(text.id, text.writer.finish())
        n_prompt = text.n_asked + len(text.given)
        told = (text.logprobs, text.tops, text.entropies, text.self_certainties, text.writer.stop_string, text.new_tokens)
        frame.finished.append(Finished(text.id, reason, n_prompt, text.cached_tokens, *told))
        frame.is_urgent = True
        self._leave(text)

    def _leave(self, text: Text) -> None:
        self._running.remove(text)
        self._give_up_sequence(text)
        if all(other.run != text.run for other in self._running):
            self._queue.forget(text.run)

    def _give_up_sequence(self, text: Text) -> None:
        """Keep the prompt for later texts that begin like it, give back all else."""
        if text.sequence is None:
            return
        n_kept = min(text.n_asked, self._cache.n_tokens(text.sequence)) if self._model.shares_prefixes else 0
        self._cache.retire(text.sequence, n_kept, self._n_idle_cells)
        text.sequence = None

    def _preempt(self, text: Text) -> None:
        """Take the text's cells and queue it again; what it has written is kept and computed again later."""
        self.n_preemptions += 1
        self._running.remove(text)
        self._give_up_sequence(text)
        self._waiting[text.id] = text
        self._queue.put_back(text)
