"""Heads that were read before are not read again: whatever is sent, in whatever pieces, is answered as if they were."""

import asyncio
import json
import random
import re
from itertools import pairwise

import pytest
from tests.service.conftest import event
from tests.service.waiting import WAIT_S

from tidegate.service.known_heads import HEADS_MAX, LONGEST, KnownHeads
from tidegate.service.problem import Problem

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LINES_HEAD = HEAD.replace(b"json", b"x-ndjson")
TIMED = re.compile(rb"\r\ndate: [^\r]+|HTTP/1.1 100 Continue\r\n\r\n")


def test_a_head_is_known_only_with_a_body_as_long_as_it_says():
    heads = KnownHeads()
    heads.learn(b"POST a\r\n\r\n1234", "head", b"1234")
    assert heads.find(b"POST a\r\n\r\n4321") == ("head", b"4321")
    for other in (
        b"POST a\r\n\r\n432",
        b"POST a\r\n\r\n43210",
        b"POST b\r\n\r\n4321",
        b"POST a\r\n4321",
        b"",
    ):
        assert heads.find(other) is None, other


def test_what_is_not_one_whole_request_is_not_learnt():
    heads = KnownHeads()
    for data, body in [
        (b"POST a\r\n\r\n12345", b"1234"),
        (b"POST a\r\n\r\n123", b"1234"),
        (b"POST a\r\n\r\n1234", b"1235"),
        (b"\r\n\r\nPOST", b"POST"),
        (b"POST a", b""),
        (b"POST a" + b"x" * LONGEST + b"\r\n\r\n", b""),
    ]:
        heads.learn(data, "head", body)
        assert heads.find(data) is None, data


def test_so_many_heads_are_known_and_no_more():
    heads = KnownHeads()
    for n in range(3 * HEADS_MAX):
        heads.learn(b"POST %d\r\n\r\n" % n, "head", b"")
    assert sum(heads.find(b"POST %d\r\n\r\n" % n) is not None for n in range(3 * HEADS_MAX)) <= HEADS_MAX
    assert heads.find(b"POST %d\r\n\r\n" % (3 * HEADS_MAX - 1)) is not None


def post(n, head=HEAD):
    """A request for a decision about one of a hundred events, so that bodies are of equal length."""
    body = json.dumps(event(100 + n)).encode()
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(n):
    body = json.dumps(event(100 + n)).encode()
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def stream(seed):
    """Requests of all kinds, the last of which ends the connection; none refused before it, so that all are answered."""
    rng = random.Random(seed)
    kinds = [
        post,
        post,
        post,
        lambda n: post(n, LINES_HEAD),
        chunked,
        lambda n: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        lambda n: b"\r\n" + post(n),
        lambda n: HEAD + b"Content-Length: 2\r\n\r\n{}",  # an event without anything
        lambda n: post(n, HEAD + b"Expect: 100-continue\r\n"),
    ]
    parts = [rng.choice(kinds)(rng.randrange(100)) for _ in range(30)]
    return [*parts, post(rng.randrange(100), HEAD + b"Connection: close\r\n")]


async def answered(server, parts, wait):
    """Send parts one after the other; return all that comes back, without the dates and the words to go on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    found = []
    for part in parts:
        writer.write(part)
        await writer.drain()
        if wait:
            await asyncio.sleep(0.001)  # so that parts come as pieces of their own, mostly
    found.append(await asyncio.wait_for(reader.read(), WAIT_S))
    writer.close()
    return TIMED.sub(b"", b"".join(found))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_sent_in_whatever_pieces_is_answered_as_by_a_parser_alone(serving, seed):
    parts = stream(seed)
    whole = b"".join(parts)
    rng = random.Random(seed)
    cuts = sorted({0, len(whole), *(rng.randrange(len(whole)) for _ in range(20))})
    pieces = [whole[a:b] for a, b in pairwise(cuts)]

    async def use(client, server, engine):
        heads = server.config.http_protocol_class.route.heads
        find, heads.find = heads.find, lambda data: None
        await answered(server, parts, wait=True)  # first decisions; from here on events are repeated ones
        expected = await answered(server, parts, wait=True)
        known = []
        heads.find = lambda data: known.append(find(data)) or known[-1]
        assert await answered(server, parts, wait=True) == expected
        assert any(known)
        assert await answered(server, pieces, wait=True) == expected
        assert await answered(server, [whole], wait=False) == expected

    serving(use)


def test_empty_lines_before_a_request_whose_body_comes_in_pieces_are_no_head(serving):
    """They would be one that anybody's request with such lines before it has: it would be read as a body of somebody else's."""

    async def use(client, server, engine):
        size = 400
        body = json.dumps(event(101)).encode().ljust(size)
        whole = b"\r\n\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % size + body
        first = len(b"\r\n\r\n") + size  # as many bytes behind the empty lines as the body has
        parts = [whole[:first], whole[first:], post(2, HEAD + b"Connection: close\r\n")]
        assert (await answered(server, parts, wait=True)).count(b" 200 OK") == 2
        assert server.config.http_protocol_class.route.heads.find(whole[:first]) is None

    serving(use)


def test_who_is_admitted_no_more_is_refused_though_the_head_is_known(serving):
    async def use(client, server, engine):
        route = server.config.http_protocol_class.route
        closing = HEAD + b"Connection: close\r\n"
        found = await answered(server, [post(1), post(2), post(3, closing)], wait=True)
        assert found.count(b" 200 OK") == 3
        assert route.heads.find(post(4)) is not None

        def refuses(*_):
            raise Problem(401, "not-authenticated", "the key was revoked")

        route.admit = refuses
        assert (await answered(server, [post(4)], wait=True)).startswith(b"HTTP/1.1 401 ")

    serving(use)
