"""HTTPS by certificate files: the server speaks nothing else then, and says so where a file is no good."""

import asyncio
import datetime as dt
import ssl

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.ledger.worlds import policy
from tests.service.waiting import WAIT_S

from tidegate.errors import FileError, UsageError
from tidegate.service.server import Server, running
from tidegate.service.settings import Settings


@pytest.fixture
def certificate(tmp_path):
    """A certificate for `localhost` that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    files[1].chmod(0o640)
    return files


def served(folder, cert="", key=""):
    return Server(Settings(data=folder / "data", tls_certificate=str(cert), tls_key=str(key)), policy=policy)


def test_files_that_are_no_good_are_named(tmp_path, certificate):
    cert, key = certificate
    other = ec.generate_private_key(ec.SECP256R1())
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    strange, locked, both, nothing = (tmp_path / name for name in ("strange", "locked", "both", "nothing"))
    strange.write_bytes(other.private_bytes(pem, form, serialization.NoEncryption()))
    locked.write_bytes(other.private_bytes(pem, form, serialization.BestAvailableEncryption(b"secret")))
    both.write_bytes(cert.read_bytes() + key.read_bytes())
    for file in (strange, locked, both):
        file.chmod(0o600)
    for given, error, problem in (
        (("", key), UsageError, "a key without a certificate"),
        ((nothing, key), FileError, f"{nothing}: no such file"),
        ((cert, nothing), FileError, f"{nothing}: no such file"),
        ((cert, strange), FileError, f"{strange}: this key does not belong"),
        ((cert, locked), FileError, f"{locked}: the key is behind a password"),
        ((key, key), FileError, f"{key}: no certificate"),
        ((strange, ""), FileError, f"{strange}: no certificate"),
    ):
        with pytest.raises(error, match=problem):
            served(tmp_path, *given)
    served(tmp_path, cert, key)
    served(tmp_path, both)
    key.chmod(0o644)
    with pytest.raises(FileError, match="others may read this secret"):
        served(tmp_path, cert, key)


def test_events_are_decided_over_https_and_not_over_http(tmp_path, certificate):
    cert, key = map(str, certificate)
    settings = Settings(data=tmp_path / "data", port=0, tls_certificate=cert, tls_key=key)

    async def ask():
        async with running(Server(settings, policy=policy)) as server:
            trusted = ssl.create_default_context(cafile=cert)
            headers = {"authorization": f"Bearer {server.first_key}"}
            event = {"event_id": "e1", "type": "message_sent", "ts": 1_770_000_000_000, "account_id": "a"}
            async with httpx.AsyncClient(verify=trusted, timeout=WAIT_S, trust_env=False) as client:
                url = f"https://localhost:{server.port}/v1/events"
                answer = await client.post(url, json=event, headers=headers | {"prefer": "wait=20"})
                with pytest.raises(httpx.TransportError):
                    await client.get(f"http://localhost:{server.port}/healthz")
            async with httpx.AsyncClient(timeout=WAIT_S, trust_env=False) as stranger:
                with pytest.raises(httpx.ConnectError):
                    await stranger.get(f"https://localhost:{server.port}/healthz")
            return answer

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["verdict"]) == (200, "allow")
