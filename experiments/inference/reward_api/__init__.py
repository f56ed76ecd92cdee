"""Reward models behind an endpoint. `backend` is what an entry is made of, `client` what asks it, `dialects` what is said."""

from . import backend as backend
