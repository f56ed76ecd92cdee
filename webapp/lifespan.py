"""What a web process says when it starts: what it lacks. It serves all the same; its pages tell that something is away."""

import threading

from experiments.management.starting import wait_until_ready


async def lifespan(scope, receive, send) -> None:
    """The ASGI server's messages at the start and the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            threading.Thread(target=wait_until_ready, daemon=True, name="what is lacking").start()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
