"""Let the question come at the end of a chat about something else."""

from dataclasses import replace

from ..domain.types import Message, Question
from .base import treatments
from .distracting import Distracting, asked_besides, drawn, first_words, shipped


@treatments.register("chat_history", label="Irrelevant chat before")
class ChatHistory(Distracting):
    """Earlier turns of a user and an assistant, shipped with Assay; which ones is drawn for each problem. The random chat
    history of Lost in the Noise, How Reasoning Models Fail with Contextual Distractors, 2026; the texts are ours.
    """

    def apply(self, question: Question, seed: int) -> Question:
        turns, said = [], []
        for chat in drawn(shipped()["chats"], self.amount, seed):
            asked = first_words(chat["user"], self.words // 2)
            told = first_words(chat["assistant"], self.words - len(asked.split()))
            turns += [Message("user", asked), Message("assistant", told)]
            said += [asked, told]
        n_system = sum(message.role == "system" for message in question.messages)
        messages = (*question.messages[:n_system], *turns, *question.messages[n_system:])
        return asked_besides(replace(question, messages=messages, distractors=tuple(said)), self.ask)
