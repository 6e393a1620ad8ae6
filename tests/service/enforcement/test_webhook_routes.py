"""Webhooks and the cursor over HTTP, with the server's own thread delivering."""

import pytest
from tests.ledger.worlds import policy
from tests.service.enforcement.receiver import Receiver
from tests.service.routes.house import House
from tests.service.waiting import eventually

from tidegate import clock
from tidegate.service.access.rotation import keys_in_books, rotate


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(
        tmp_path_factory.mktemp("told") / "data", policy, webhook_allow="127.0.0.0/8", source="/here"
    )
    yield house
    house.close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


def create(house, receiver, **body):
    return house.post("/v1/webhooks", "root", 201, url=receiver.url, **body)


def test_a_webhook_is_told_what_happens_and_can_show_what_became_of_it(house, receiver):
    hook = create(house, receiver, kinds=["opened"], reason="the bridge")
    measure = house.message("told", is_forward=True)["sanctions"][0]["id"]
    house.post(f"/v1/sanctions/{measure}/lift", reason="seen")
    eventually(lambda: receiver.got)
    assert receiver.told() == [("told", "opened")]
    assert receiver.genuine(hook["secret"], clock.now_ms() // 1000) == [True]
    assert receiver.events()[0]["source"] == "/here"
    path = f"/v1/webhooks/{hook['id']}"
    eventually(lambda: house.get(path, "root")["deliveries"] == {"waiting": 0, "sent": 1, "dead": 0})
    (sent,) = house.get(path + "/deliveries", "root", state="sent")["deliveries"]
    assert (sent["measure_id"], sent["attempts"], sent["status"]) == (measure, 1, 204)
    assert "secret" not in house.get(path, "root")
    assert house.ask("PATCH", path, "root", json={"enabled": False})["enabled"] is False


def test_dead_letters_are_listed_and_sent_again(house, receiver):
    receiver.answers = [410]
    hook = create(house, receiver)
    path = f"/v1/webhooks/{hook['id']}"
    house.message("dead", is_forward=True)
    eventually(lambda: house.get(path, "root")["deliveries"]["dead"] == 1)
    assert house.get(path, "root")["enabled"] is False
    (dead,) = house.get(path + "/deliveries", "root", state="dead")["deliveries"]
    assert (dead["status"], dead["account_id"]) == (410, "dead")
    house.ask("PATCH", path, "root", json={"enabled": True, "reason": "it is up again"})
    assert house.post(path + "/replay", "root", seq=dead["seq"])["replayed"] == 1
    eventually(lambda: house.get(path, "root")["deliveries"]["sent"] == 1)
    assert house.post(path + "/replay", "root")["replayed"] == 0
    assert house.post(path + "/replay", "root", 404, seq=dead["seq"])["type"].endswith("no-such-delivery")
    house.ask("PATCH", path, "root", json={"enabled": False})


def test_secrets_are_renewed_and_webhooks_removed(house, receiver):
    hook = create(house, receiver)
    path = f"/v1/webhooks/{hook['id']}"
    assert house.post(path + "/secret", "root")["secret"] != hook["secret"]
    answer = house.run(house.client.delete(path, headers={"authorization": f"Bearer {house.keys['root']}"}))
    assert answer.status_code == 204
    for method, what in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/secret")):
        assert house.ask(method, path + what, "root", 404)["detail"] == "there is no webhook with this id"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/",
        "https://[::1]/",
        "ftp://example.org/",
        "nonsense",
    ],
)
def test_where_no_webhook_may_go_none_is_made(house, url):
    before = house.get("/v1/webhooks", "root")
    house.post("/v1/webhooks", "root", 422, url=url)
    assert house.get("/v1/webhooks", "root") == before


def test_the_cursor_gives_every_change_once_page_by_page(house):
    for n in range(5):
        house.message(f"page{n}", is_forward=True)
    eventually(
        lambda: "page4" in {c["subject"] for c in house.get("/v1/measures/changes", limit=1000)["changes"]}
    )
    whole = house.get("/v1/measures/changes", limit=1000)
    after, pages, more = 0, [], True
    while more:
        page = house.get("/v1/measures/changes", after=after, limit=2)
        pages += page["changes"]
        after, more = page["next_after"], page["more"]
    assert pages == whole["changes"]
    assert after == whole["next_after"] == int(pages[-1]["sequence"])
    assert house.get("/v1/measures/changes", after=after) == {
        "changes": [],
        "next_after": after,
        "more": False,
    }


def test_keys_rotate_under_a_running_server(house):
    """Last of the file: it restarts the house."""
    house.message("old", is_forward=True)
    rotated = rotate(house.service.custody, actor="test")
    assert set(keys_in_books(house.service.custody)) == {rotated.key_id}
    house.message("new", is_forward=True)
    house.stop()
    house.start()
    assert house.get("/v1/accounts/old")["labels"] == ["pusher"]
    assert house.get("/v1/accounts/new")["labels"] == ["pusher"]
    assert [key.id for key in house.service.custody.ring.keys] == [1, rotated.key_id]
