"""Every request leaves its line before it is dispatched."""

import json
import os

import pytest

from experiments.domain.errors import PermanentInferenceError
from experiments.domain.types import Decoding, Message
from experiments.inference.base import Request, backends


async def test_each_request_is_written_down_before_it_is_answered(tmp_path, settings):
    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    client = await backends.build("scripted", {"permanent_failures": 1}).connect()
    for occurrence in range(2):
        with pytest.raises(PermanentInferenceError):
            await client.generate(Request((Message("user", "Hi"),), Decoding(), seed=7, attempt="a1", key=("abc", occurrence)))
    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert [(line["attempt"], line["request_hash"], line["occurrence"], line["seed"]) for line in lines] == [
        ("a1", "abc", 0, 7),
        ("a1", "abc", 1, 7),
    ]
    assert {line["pid"] for line in lines} == {os.getpid()}


async def test_nothing_is_written_without_the_setting(tmp_path, settings, monkeypatch):
    settings.ASSAY_REQUEST_LOG = ""
    monkeypatch.chdir(tmp_path)
    client = await backends.build("scripted", {}).connect()
    await client.generate(Request((Message("user", "Hi"),), Decoding(), seed=7))
    assert not list(tmp_path.iterdir())
