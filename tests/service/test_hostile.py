"""What strangers send: too much, too slowly, packed bombs, broken HTTP; refused, and the server goes on."""

import asyncio
import gzip
import json
import zlib

import pyarrow as pa
from tests.service.conftest import LINES, event, lines
from tests.service.waiting import WAIT_S, until

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


async def raw(server, *parts):
    """Send bytes as they are; return the first that comes back, nothing where the server closes without a word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.read(1 << 20), WAIT_S)
    except (ConnectionResetError, BrokenPipeError):
        return b"reset"
    finally:
        writer.close()


async def alive(client):
    """Whether the server still decides."""
    answer = await client.post("/v1/events", json=event(10_000 + alive.asked))
    alive.asked += 1
    return answer.status_code == 200


alive.asked = 0


def test_bodies_beyond_their_limit_are_refused(serving):
    async def use(client, server, engine):
        large = event(1, extra={"text": "x" * 3000})
        answer = await client.post("/v1/events", json=large)
        assert (answer.status_code, answer.json()["field"]) == (413, "body")
        answer = await client.post("/v1/events", content=b"\n" * 20_001, headers=LINES)
        assert answer.status_code == 413

        endless = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
        assert (await raw(server, endless, *[chunk] * 20)).startswith(b"HTTP/1.1 413 ")
        claimed = HEAD + b"Content-Length: 100000000\r\n\r\n"
        assert (await raw(server, claimed)).startswith(b"HTTP/1.1 413 ")
        assert await alive(client)

    serving(use, event_bytes=2000, body_bytes=20_000)


def test_a_line_beyond_its_limit_is_reported_and_the_others_are_judged(serving):
    async def use(client, server, engine):
        body = lines(event(1), event(2, extra={"text": "x" * (1 << 20)}), event(3))
        answer = await client.post("/v1/events", content=body, headers=LINES)
        found = [json.loads(line) for line in answer.text.splitlines()]
        assert [f.get("event_id") for f in found] == ["e1", None, "e3"]
        assert "more than" in found[1]["error"]["detail"]

    serving(use)


def test_packed_bombs_are_unpacked_no_further_than_a_body_may_have(serving):
    async def use(client, server, engine):
        bombs = {
            "gzip": gzip.compress(b"\n" * 5_000_000),
            "zstd": pa.Codec("zstd").compress(b"\n" * 5_000_000, asbytes=True),
            "x-gzip": gzip.compress(b"{}\n") * 40_000,
        }
        for coding, bomb in bombs.items():
            answer = await client.post(
                "/v1/events", content=bomb, headers=LINES | {"Content-Encoding": coding}
            )
            assert answer.status_code == 413, coding
        for coding, body in (("gzip", b"no gzip"), ("gzip", gzip.compress(b"{}")[:-4]), ("zstd", b"no zstd")):
            answer = await client.post(
                "/v1/events", content=body, headers=LINES | {"Content-Encoding": coding}
            )
            assert answer.status_code == 400, coding
        for coding in ("br", "gzip, gzip", "deflate"):
            body = zlib.compress(b"{}")
            answer = await client.post(
                "/v1/events", content=body, headers=LINES | {"Content-Encoding": coding}
            )
            assert (answer.status_code, answer.json()["field"]) == (415, "Content-Encoding")
        assert await alive(client)

    serving(use, body_bytes=100_000)


def of_nothing(offsets):
    """Lists of structs of nothing, of structs without members and of lists without room: as many as they say, at no cost."""
    count = offsets[1].as_py()
    yield pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays([pa.nulls(count)], ["b"]))
    yield pa.ListArray.from_arrays(offsets, pa.StructArray.from_buffers(pa.struct([]), count, [None]))
    none = pa.array([], pa.int32())
    empty = pa.FixedSizeListArray.from_buffers(pa.list_(pa.int32(), 0), count, [None], children=[none])
    yield pa.ListArray.from_arrays(offsets, empty)


def test_columns_that_are_packed_or_point_outside_are_refused(serving):
    async def use(client, server, engine):
        batch = pa.RecordBatch.from_pylist([event(n) for n in range(50)])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        good = sink.getvalue().to_pybytes()
        headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
        offsets = good.index(b"".join(n.to_bytes(4, "little") for n in (0, 2, 4, 6)))
        for value in (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff"):
            bad = good[: offsets + 8] + value + good[offsets + 12 :]
            answer = await client.post("/v1/events", content=bad, headers=headers)
            assert answer.status_code == 400
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
            writer.write_batch(batch)
        answer = await client.post("/v1/events", content=sink.getvalue().to_pybytes(), headers=headers)
        assert (answer.status_code, "compress" in answer.json()["detail"]) == (415, True)
        types = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int8()), pa.array(["x" * 100_000]))
        columns = {
            "event_id": pa.array([f"e{n}" for n in range(4000)]),
            "type": types,
            "ts": pa.array([1] * 4000),
        }
        packed = [pa.RecordBatch.from_pydict(columns)]
        ends = pa.array([4000], pa.int32())
        columns["ts"] = pa.RunEndEncodedArray.from_arrays(ends, pa.array([1]))
        packed.append(pa.RecordBatch.from_pydict(columns))
        offsets = pa.array([0, 50_000_000], pa.int32())  # members that take no bytes
        columns = {"event_id": pa.array(["e"]), "type": pa.array(["message_sent"]), "ts": pa.array([1])}
        columns["link_hashes"] = pa.ListArray.from_arrays(offsets, pa.nulls(50_000_000))
        packed.append(pa.RecordBatch.from_pydict(columns))
        for beside in (columns.pop("link_hashes"), *of_nothing(offsets)):
            columns["extra"] = pa.StructArray.from_arrays([beside], ["a"])
            packed.append(pa.RecordBatch.from_pydict(columns))
        for batch, status in zip(packed, (413, *[422] * 6), strict=True):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as writer:
                writer.write_batch(batch)
            answer = await client.post("/v1/events", content=sink.getvalue().to_pybytes(), headers=headers)
            assert answer.status_code == status
        assert await alive(client)

    serving(use)


def test_heads_are_bounded(serving):
    async def use(client, server, engine):
        long = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000
        assert (await raw(server, long)).startswith(b"HTTP/1.1 431 ")
        assert (await raw(server, b"GET /" + b"x" * 40_000)).startswith(b"HTTP/1.1 431 ")
        assert (await raw(server, long + b"\r\n\r\n")).startswith(b"HTTP/1.1 431 ")  # whole, in one piece
        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        assert b"200" not in await raw_all(server, get + long + b"\r\n\r\n")  # nor behind another one
        body = {"event_id": "e", "type": "message_sent", "ts": 5, "extra": {"x": "y" * 40_000}}
        assert (await client.post("/v1/events", json=body)).status_code == 200
        many = b"".join(b"X-%d: y\r\n" % n for n in range(200))
        assert (await raw(server, HEAD + many + b"\r\n")).startswith(b"HTTP/1.1 431 ")
        drip = [HEAD] + [b"X-Drip: %s\r\n" % (b"y" * 400)] * 99
        assert (await raw(server, *drip)).startswith(b"HTTP/1.1 431 ")
        assert await alive(client)

    serving(use)


def test_what_is_not_http_is_refused_as_a_problem(serving):
    async def use(client, server, engine):
        for nonsense in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /v1/events HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST /v1/events HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\n\r\n",
            HEAD.replace(b"Host: x\r\n", b"") + b"Content-Length: 2\r\n\r\n{}",
            HEAD + b"Host: y\r\nContent-Length: 2\r\n\r\n{}",
            b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n",
        ):
            answer = await raw(server, nonsense)
            assert answer.startswith(b"HTTP/1.1 400 "), (nonsense, answer)
            assert b"application/problem+json" in answer
            assert b"Traceback" not in answer
        for unknown in (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"):
            assert (await raw(server, unknown)).startswith(b"HTTP/1.1 501 ")
        packed = HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
        assert (await raw(server, packed)).startswith(b"HTTP/1.1 501 ")
        for host in (b"", b"Host:\r\n", b"Host: [::1]:8420\r\n"):
            version = b"1.1" if host else b"1.0"
            answer = await raw(server, b"GET /healthz HTTP/" + version + b"\r\n" + host + b"\r\n")
            assert answer.startswith(b"HTTP/1.1 200 "), host
        assert await alive(client)

    serving(use)


def test_who_asks_for_another_protocol_is_answered_in_this_one(serving):
    """Java's client asks for HTTP/2 with its first request, body and all."""
    ask = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    close = b"Connection: close\r\n"
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

    async def use(client, server, engine):
        body = json.dumps(event(1)).encode()
        known = b"Content-Length: %d\r\n\r\n" % len(body) + body
        pieces = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for form in (known, pieces):
            answer = await raw_all(server, HEAD + ask + form + health + close + b"\r\n")
            assert answer.count(b"HTTP/1.1 200 OK") == 2
            assert answer.index(b'"event_id":"e1"') < answer.index(b'{"status":"ok"}')
        answer = await raw_all(server, HEAD + close + ask + known)
        assert b"connection: close" in answer
        websocket = health + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        assert (await raw_all(server, websocket + b"\x81\x05hello")).startswith(b"HTTP/1.1 200 ")
        assert await alive(client)

    serving(use)


def test_any_number_of_requests_at_once_may_ask_for_another_protocol(serving):
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    async def use(client, server, engine):
        assert (await raw_all(server, ask * 1200 + last)).count(b"HTTP/1.1 200 OK") == 1201

    serving(use)


def test_what_was_sent_before_nonsense_is_answered(serving):
    async def use(client, server, engine):
        body = json.dumps(event(1)).encode()
        good = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for first, said in ((good, b'"e1"'), (get, b'"ok"'), (good + get, b'"ok"')):
            answer = await raw_all(server, first + b"\0\0\0\0")
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert said in answer
            assert b"HTTP/1.1 400" not in answer
        bad = b"POST /v1/appeals HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n"
        assert (await raw_all(server, bad)).startswith(b"HTTP/1.1 400 ")
        assert await alive(client)

    serving(use)


def test_who_sends_too_slowly_is_cut_off(serving):
    async def use(client, server, engine):
        drips = asyncio.gather(
            raw(server, b"POST /v1/ev"),
            raw(server, HEAD + b"Content-Length: 100\r\n\r\n{"),
            raw(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n"),
        )
        for answer in await drips:
            assert answer.startswith(b"HTTP/1.1 408 ") or answer == b"", answer
        assert (await raw(server, b"")) == b""
        assert await alive(client)

    serving(
        use, head_s=2.0, body_s=2.0, idle_s=2.0
    )  # many times what a busy machine keeps a good client waiting


def test_a_large_body_has_the_time_that_its_size_takes_whoever_reads_it(serving):
    post = b"POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n"

    async def use(client, server, engine):
        for sent, cut_off in ((60_000, False), (10_000, True)):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(post + b"x" * sent)
            await until(lambda sent=sent: having(server, sent))
            (connection,) = having(server, sent)
            begun = connection._begun
            connection.overdue(begun + 10 + 50_000 / 1000)
            assert connection._refused is cut_off
            connection.transport.abort()
            writer.close()
        assert await alive(client)

    def having(server, sent):
        return [one for one in server.server_state.connections if getattr(one, "_size", 0) == sent]

    serving(use, body_s=10.0, body_bytes_per_s=1000)


def test_connections_beyond_their_number_are_closed(serving):
    async def use(client, server, engine):
        assert await alive(client)
        kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5)]
        assert (await raw(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")) in (b"", b"reset")
        for _, writer in kept:
            writer.close()
        await until(lambda: len(server.server_state.connections) <= 1)
        assert await alive(client)

    serving(use, connections=6)


def test_requests_that_follow_without_waiting_are_answered_in_order(serving):
    async def use(client, server, engine):
        def post(n):
            body = json.dumps(event(n)).encode()
            return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = post(4).replace(b"Host: x", b"Host: x\r\nConnection: close")
        answer = await raw_all(server, post(1) + get + get + post(2) + post(3) + get + last)
        places = [answer.index(part) for part in (b'"e1"', b'"ok"', b'"e2"', b'"e3"', b'"e4"')]
        assert places == sorted(places)
        assert answer.count(b"HTTP/1.1 200 OK") == 7
        assert answer.count(b'{"status":"ok"}') == 3

    serving(use)


async def raw_all(server, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(), WAIT_S)
    writer.close()
    return answer


def test_who_does_not_read_its_answers_is_not_heard_any_more(serving):
    async def use(client, server, engine):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 14)
        get = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        sent = 0
        while sent < 4000:  # of some 100 kB of answer each
            writer.write(get * 100)
            try:
                await asyncio.wait_for(writer.drain(), 0.3)
            except (TimeoutError, ConnectionError):
                break
            sent += 100
        held = sum(c.transport.get_write_buffer_size() for c in server.server_state.connections)
        assert held < 8 << 20
        writer.transport.abort()
        assert await alive(client)

    serving(use)


def test_a_client_that_asks_first_is_told_to_go_on(serving):
    async def use(client, server, engine):
        body = json.dumps(event(1)).encode()
        head = HEAD + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        answer = await raw_all(server, head + body)
        assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")

    serving(use)


def test_a_mistake_of_the_server_tells_nothing_of_its_inside(serving):
    async def use(client, server, engine):
        def fails(*_):
            raise ZeroDivisionError("secret place")

        engine.account = fails
        answer = await client.get("/v1/accounts/a1")
        assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
        assert "secret" not in answer.text
        assert "Zero" not in answer.text

    serving(use)
