"""A real homeserver under protection: what its users meet, and what happens when the protection is away."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time

import httpx
import pytest
from nio import (
    AsyncClient,
    LoginResponse,
    RoomCreateResponse,
    RoomInviteError,
    RoomInviteResponse,
    RoomSendError,
    RoomSendResponse,
)

from conftest import POLICY

PATIENCE_S = 20


def text(number):
    return {"msgtype": "m.text", "body": f"message number {number}, nothing else in it"}


def eventually(what, *, within_s=PATIENCE_S):
    """Return what `what` returns once it is true."""
    end = time.monotonic() + within_s
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


async def new_room(person, *, direct=()):
    made = await person.room_create(is_direct=bool(direct), invite=list(direct))
    assert isinstance(made, RoomCreateResponse), made
    return made.room_id


async def burst(person, room, count):
    return [await person.room_send(room, "m.room.message", text(n)) for n in range(count)]


def profile(tidegate, type_, **fields):
    number = time.time_ns()
    event = {"event_id": f"suite-{number}", "type": type_, "ts": number // 1_000_000} | fields
    return tidegate.ask("POST", "/v1/events", json=event)


def decision_of(tidegate, response):
    return tidegate.ask("GET", f"/v1/decisions/{response.event_id}")


def settled(tidegate, user):
    """Return the account once Tidegate knows when it registered: it hears of it by asking the homeserver."""
    return eventually(lambda: (a := tidegate.ask("GET", f"/v1/accounts/{user}"))["tiers"].get("send") and a)


def test_an_ordinary_talk_goes_through(people, tidegate):
    anna, ben = people("anna"), people("ben")

    async def talk():
        room = await new_room(anna, direct=[ben.user_id])
        await ben.join(room)
        return [await a.room_send(room, "m.room.message", text(0)) for a in (anna, ben, anna)]

    answers = people.run(talk())
    assert all(isinstance(a, RoomSendResponse) for a in answers), answers
    decision = decision_of(tidegate, answers[0])
    assert (decision["account_id"], decision["verdict"]) == (anna.user_id, "allow")


def test_a_burst_is_held_back_with_the_time_to_wait(people, tidegate):
    sam = people("sam")
    settled(tidegate, sam.user_id)

    async def flood():
        return await burst(sam, await new_room(sam), 16)

    answers = people.run(flood())
    assert isinstance(answers[0], RoomSendResponse)
    refused = answers[-1]
    assert isinstance(refused, RoomSendError)
    assert refused.status_code == "M_LIMIT_EXCEEDED"
    assert refused.retry_after_ms > 0
    raw = httpx.put(
        f"{sam.homeserver}/_matrix/client/v3/rooms/{answers[0].room_id}/send/m.room.message/raw",
        headers={"Authorization": f"Bearer {sam.access_token}"}, json=text(99),
    )  # fmt: skip
    assert raw.status_code == 403
    assert raw.json()["org.tidegate.appeal_url"] == "https://id.tide.test/appeal"


def test_asking_many_strangers_is_refused(people, tidegate):
    mallory = people("mallory")
    settled(tidegate, mallory.user_id)

    async def fan_out():
        room = await new_room(mallory)
        return [await mallory.room_invite(room, f"@stranger{n}:tide.test") for n in range(16)]

    answers = people.run(fan_out())
    assert isinstance(answers[0], RoomInviteResponse)
    assert isinstance(answers[-1], RoomInviteError)
    assert answers[-1].status_code in ("M_LIMIT_EXCEEDED", "M_FORBIDDEN")


def test_a_login_from_a_listed_network_is_refused(people, homeserver, tidegate):
    people("vera")
    profile(tidegate, "ip_profile", ip="203.0.113.66", anonymity=0.95)

    def login(address):
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": "vera"},
            "password": "password",
        }
        return httpx.post(
            f"{homeserver.url}/_matrix/client/v3/login", json=body, headers={"X-Forwarded-For": address}
        )

    refused = login("203.0.113.66")
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert login("198.51.100.7").status_code == 200


def test_a_restriction_ends_with_an_appeal_that_is_granted(people, homeserver, tidegate):
    rita = people("rita")
    room = people.run(new_room(rita))
    measure = "s-suite-rita"
    profile(
        tidegate, "sanction_applied", account_id=rita.user_id, sanction_id=measure,
        kind="sanction.send-freeze-72h", level=2, cause="msg.burst-over-12-in-60s-l1",
    )  # fmt: skip
    user = f"/v2/users/{rita.user_id}"
    eventually(lambda: homeserver.admin("GET", user)["suspended"])
    (answer,) = people.run(burst(rita, room, 1))
    assert isinstance(answer, RoomSendError)
    profile(tidegate, "appeal_filed", account_id=rita.user_id, appeal_id="a-rita", sanction_id=measure)
    profile(tidegate, "appeal_decided", appeal_id="a-rita", granted=True)
    eventually(lambda: not homeserver.admin("GET", user)["suspended"])
    (answer,) = people.run(burst(rita, room, 1))
    assert isinstance(answer, RoomSendResponse), answer


def test_a_soft_limit_is_a_rate_limit_of_the_homeserver_and_is_undone(people, homeserver, tidegate):
    tom = people("tom")
    path = f"/v1/users/{tom.user_id}/override_ratelimit"
    now = time.time_ns() // 1_000_000
    profile(
        tidegate, "sanction_applied", account_id=tom.user_id, sanction_id="s-suite-tom",
        kind="sanction.soft-throttle-4-per-min", level=1, expires_ts=now + 4000,
    )  # fmt: skip
    limits = eventually(lambda: homeserver.admin("GET", path))
    assert limits == {"messages_per_second": 1, "burst_count": 1}  # the strictest that Synapse knows
    eventually(lambda: not homeserver.admin("GET", path))  # it ended by itself


def test_a_report_on_the_homeserver_is_known_to_tidegate(people, tidegate):
    uli, val = people("uli"), people("val")

    async def report():
        room = await new_room(uli, direct=[val.user_id])
        await val.join(room)
        sent = await uli.room_send(room, "m.room.message", text(1))
        path = f"{val.homeserver}/_matrix/client/v3/rooms/{room}/report/{sent.event_id}"
        headers = {"Authorization": f"Bearer {val.access_token}"}
        answer = await asyncio.to_thread(
            httpx.post, path, headers=headers, json={"reason": "this is spam", "score": -100}
        )
        answer.raise_for_status()

    people.run(report())
    eventually(
        lambda: "report_filed" in tidegate.ask("GET", "/metrics/events") if False else reported(tidegate)
    )


def reported(tidegate):
    """Whether the first report is an event; the homeserver numbers reports as it likes."""
    return any(known(tidegate, f"mx-report-event-{number}") for number in range(1, 5))


def known(tidegate, event_id):
    headers = {"Authorization": f"Bearer {tidegate.key}"}
    return httpx.get(f"{tidegate.url}/v1/decisions/{event_id}", headers=headers).status_code == 200


def test_with_tidegate_away_people_talk_and_log_in_and_its_memory_is_intact_afterwards(
    people, homeserver, tidegate
):
    will = people("will")
    settled(tidegate, will.user_id)
    room = people.run(new_room(will))
    assert isinstance(people.run(burst(will, room, 16))[-1], RoomSendError)
    before = tidegate.ask("GET", f"/v1/accounts/{will.user_id}")

    tidegate.stop(signal.SIGKILL)
    started = time.monotonic()
    (answer,) = people.run(burst(will, room, 1))
    assert isinstance(answer, RoomSendResponse), answer
    people("xena")
    xena = people.run(_login(homeserver, "xena"))
    assert isinstance(xena, LoginResponse), xena
    assert time.monotonic() - started < 30

    tidegate.start()
    after = tidegate.ask("GET", f"/v1/accounts/{will.user_id}")
    assert after["restrained"].keys() == before["restrained"].keys()
    assert isinstance(people.run(burst(will, room, 1))[0], RoomSendError)


async def _login(homeserver, name):
    client = AsyncClient(homeserver.url, name)
    try:
        return await client.login("password")
    finally:
        await client.close()


@pytest.mark.parametrize("callback", ["tomorrows_callback", "check_media_file_for_spam"])
def test_callbacks_of_tomorrow_are_answered_with_nothing(tidegate, callback):
    assert tidegate.ask("POST", f"/v1/adapters/matrix/http-antispam/{callback}", content=b"{not json") == {}


def test_the_same_day_replays_to_the_same_decisions(tidegate, tmp_path):
    tidegate.stop()
    subprocess.run(
        [*tidegate.command, "replay", "--data", tidegate.folder, "--policy", POLICY, "--out", tmp_path],
        check=True, capture_output=True,
    )  # fmt: skip
    tidegate.start()
    replayed = [json.loads(line) for line in (tmp_path / "decisions.ndjson").read_text().splitlines()]
    replayed = [decision for decision in replayed if decision["event_id"]]  # timers have none
    assert len(replayed) > 20
    for decision in replayed:
        assert tidegate.ask("GET", f"/v1/decisions/{decision['event_id']}") == decision
