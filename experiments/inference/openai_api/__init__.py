"""Models behind any OpenAI-compatible endpoint. `backend` is what a language model is made of, `client` what asks it."""

from . import backend as backend
