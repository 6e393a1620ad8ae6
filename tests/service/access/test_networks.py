"""Keys that count from some networks only (`sops.login-ip-restriction`)."""

import asyncio
import json

import pytest
from tests.ledger.worlds import policy
from tests.service.conftest import client_of, event

from tidegate.cli import main
from tidegate.errors import UsageError
from tidegate.ledger import Ledger
from tidegate.ledger.ledger import FILE
from tidegate.service.access.custody import Custody
from tidegate.service.access.grant import Refused
from tidegate.service.access.networks import NETWORKS_MAX, lies_in, networks_of
from tidegate.service.server import Server
from tidegate.service.settings import Settings


@pytest.mark.parametrize(
    ("peer", "networks", "inside"),
    [
        ("192.0.1.255", ["192.0.2.0/24"], False),
        ("192.0.2.0", ["192.0.2.0/24"], True),
        ("192.0.2.255", ["192.0.2.0/24"], True),
        ("192.0.3.0", ["192.0.2.0/24"], False),
        ("::ffff:192.0.2.7", ["192.0.2.0/24"], True),
        ("2001:db8::7", ["192.0.2.0/24", "2001:db8::/32"], True),
        ("2001:db9::7", ["192.0.2.0/24", "2001:db8::/32"], False),
        ("192.0.2.7", ["192.0.2.7"], True),
        (None, ["0.0.0.0/0", "::/0"], False),
        ("not an address", ["0.0.0.0/0"], False),
    ],
)
def test_an_address_lies_in_a_network_or_not(peer, networks, inside):
    assert lies_in(peer, networks_of(networks)) is inside


@pytest.mark.parametrize(
    "texts", [["192.0.2.1/24"], ["x"], [""], ["192.0.2.0/33"], ["192.0.2.0/24"] * (NETWORKS_MAX + 1)]
)
def test_what_is_no_network_is_refused(texts):
    with pytest.raises(UsageError):
        networks_of(texts)


def test_a_key_counts_from_its_networks_alone_and_others_from_anywhere(keys, access):
    bound, token = keys.create("console", ("analyst",), actor="ann", networks=["192.0.2.0/24"])
    _, free = keys.create("other", ("analyst",), actor="ann")
    assert {key.id: key.networks for key in keys.all()}[bound.id] == ("192.0.2.0/24",)
    for _ in range(2):  # the second time out of memory
        assert access.admit(f"Bearer {token}", "read", "192.0.2.9").name == "console"
        for peer in ("192.0.3.0", None):
            with pytest.raises(Refused) as refused:
                access.admit(f"Bearer {token}", "read", peer)
            assert refused.value.status == 403
        assert access.admit(f"Bearer {free}", "read").name == "other"
    assert keys.revoke(bound.id, actor="ann").networks == ("192.0.2.0/24",)


def test_every_route_of_a_real_server_asks_from_where(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    ledger = Ledger.open(data / FILE)
    custody = Custody.open(data, ledger.database)
    tokens = [
        custody.keys.create("k", ("ingest", "analyst"), actor="test", networks=[network])[1]
        for network in ("127.0.0.0/8", "192.0.2.0/24")
    ]
    ledger.close()

    async def asked():
        async with client_of(Server(Settings(port=0, data=data), policy=policy)) as client:
            answers = []
            for token in tokens:
                head = {"authorization": f"Bearer {token}"}
                answers.append(
                    (
                        (await client.post("/v1/events", json=event(1), headers=head)).status_code,
                        (await client.get("/v1/screenings", headers=head)).status_code,
                    )
                )
            return answers

    assert asyncio.run(asked()) == [(200, 200), (403, 403)]


def test_the_command_makes_and_shows_them(tmp_path, capsys):
    data = str(tmp_path / "data")
    made = ["keys", "create", "console", "--role", "analyst", "--data", data, "--json"]
    assert main([*made, "--network", "192.0.2.0/24", "--network", "2001:db8::/32"]) == 0
    assert json.loads(capsys.readouterr().out)["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert main([*made, "--network", "192.0.2.1/24"]) == 2
    assert "is no network" in capsys.readouterr().err
