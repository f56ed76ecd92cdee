"""Messages written out as one text, for models and endpoints that continue a text instead of answering in a chat."""

from ...domain import templating
from ...domain.types import Message

SLOTS = ("role", "content")


def write_out(messages: tuple[Message, ...], template: str, opening: str) -> str:
    """Each message by the template, then the opening of the answer. Without a template: contents, a blank line between them."""
    if not template:
        return "\n\n".join(message.content for message in messages) + opening
    written = (templating.render(template, {"role": message.role, "content": message.content}) for message in messages)
    return "".join(written) + opening
