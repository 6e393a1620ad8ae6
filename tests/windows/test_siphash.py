"""SipHash-1-3 against the one inside CPython, whose key is zero under PYTHONHASHSEED=0."""

import json
import os
import random
import subprocess
import sys

import pytest

from tidegate.windows.seen import SeenIds
from tidegate.windows.siphash import hash_text, key_words


def texts():
    source = random.Random(1)
    words = ["a" * n for n in range(1, 70)] + ["\0", "\0" * 8, "x" * 4000]
    return words + ["".join(chr(source.randrange(128)) for _ in range(n)) for n in range(1, 130)]


def hashes_of_cpython(words):
    program = "import json, sys; print(json.dumps([hash(w) % 2**64 for w in json.load(sys.stdin)]))"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(words),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


@pytest.mark.skipif(
    sys.hash_info.algorithm != "siphash13", reason="this CPython hashes with another algorithm"
)
def test_hashes_are_those_of_cpython():
    assert [hash_text(text, 0, 0) for text in texts()] == hashes_of_cpython(texts())


@pytest.mark.parametrize("key", [bytes(16), bytes(range(16)), b"\xff" * 16])
def test_kernels_hash_as_the_reference_does(key):
    words = [*texts(), "", "é", "\U0010ffff" * 128]
    seen = SeenIds(key=key)
    for number, word in enumerate(words):
        seen.add(word, number)
    entries = dict(seen.state()["entries"][:, ::-1].tolist())
    assert [entries[i] % 2**64 for i in range(len(words))] == [hash_text(w, *key_words(key)) for w in words]


def test_another_key_gives_other_hashes():
    assert hash_text("account", 1, 2) != hash_text("account", 1, 3) != hash_text("account", 2, 3)
