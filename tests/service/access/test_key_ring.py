"""What is sealed opens with its key, in its place, for its purpose, and nowhere else; keys rotate and stay private."""

import base64
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import FileError, TidegateError, UsageError
from tidegate.service.access.blind_index import KINDS, blind_index, normal_form
from tidegate.service.access.key_ring import KeyRing
from tidegate.service.access.sealing import Sealer, SealError
from tidegate.service.access.secret_files import VARIABLE, VARIABLE_FILE, master_key

NOW = 1_770_000_000_000
MASTER = bytes(range(32))


@pytest.fixture
def ring(tmp_path):
    return KeyRing.open(tmp_path, NOW, master=MASTER)


@given(plain=st.binary(max_size=300), context=st.binary(max_size=20))
def test_what_is_sealed_opens(plain, context):
    sealer = Sealer("test", lambda _: (7, MASTER))
    key_id, sealed = sealer.seal(plain, context)
    assert (key_id, sealer.open(7, sealed, context)) == (7, plain)
    assert len(plain) < 4 or plain not in sealed


def test_every_bit_counts(ring):
    sealer = ring.sealer("test")
    key_id, sealed = sealer.seal(b"plain", b"here")
    for at in range(len(sealed)):
        with pytest.raises(SealError):
            sealer.open(key_id, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], b"here")
    for other in (sealed[:-1], sealed + b"x", b"", sealed[:20]):
        with pytest.raises(SealError):
            sealer.open(key_id, other, b"here")
    with pytest.raises(SealError):
        sealer.open(key_id, sealed, b"there")
    with pytest.raises(SealError):
        ring.sealer("other").open(key_id, sealed, b"here")


def test_the_same_text_is_never_sealed_the_same_way(ring):
    sealed = {ring.sealer("test").seal(b"x")[1] for _ in range(50)}
    one = ring.sealer("test")
    sealed |= {one.seal(b"x")[1] for _ in range(1000)}
    assert len(sealed) == 1050
    assert len({text[:24] for text in sealed}) == 1050, "salt and counter are the nonce"


def test_a_process_that_forks_does_not_count_on(ring):
    sealer = ring.sealer("test")
    sealer.seal(b"x")
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, sealer.seal(b"x")[1][:24])
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 24)
    os.close(read)
    os.close(write)
    assert theirs != sealer.seal(b"x")[1][:24]


def test_after_a_rotation_the_new_key_seals_and_the_old_one_opens(ring, tmp_path):
    sealer = ring.sealer("test")
    first = sealer.seal(b"before")
    ring.rotate(NOW + 1)
    second = sealer.seal(b"after")
    assert (first[0], second[0]) == (1, 2)
    again = KeyRing.open(tmp_path, NOW, master=MASTER).sealer("test")
    assert again.open(*first) == b"before"
    assert again.open(*second) == b"after"


def test_a_rotation_by_another_process_is_noticed(ring, tmp_path):
    other = KeyRing.open(tmp_path, NOW, master=MASTER)
    other.rotate(NOW + 1)
    assert ring.sealer("test").open(*other.sealer("test").seal(b"x")) == b"x"
    assert ring.active.id == 2


def test_a_key_that_is_retired_opens_nothing_any_more(ring, tmp_path):
    first = ring.sealer("test").seal(b"x")
    ring.rotate(NOW)
    ring.retire(1)
    for one in (ring, KeyRing.open(tmp_path, NOW, master=MASTER)):
        with pytest.raises(SealError, match="not on the ring"):
            one.sealer("test").open(*first)


def test_the_ring_opens_only_with_its_master_key_and_takes_a_new_one(ring, tmp_path):
    text = ring.path.read_text()
    assert base64.b64encode(ring.index_key).decode() not in text
    with pytest.raises(SealError, match="another master key"):
        KeyRing.open(tmp_path, NOW, master=bytes(32))
    sealed = ring.sealer("test").seal(b"x")
    ring.change_master(bytes(32))
    assert KeyRing.open(tmp_path, NOW, master=bytes(32)).sealer("test").open(*sealed) == b"x"


@pytest.mark.parametrize(
    "content", ["", "{}", '{"data": [], "fixed": 1}', '{"data": [{"id": 1}], "fixed": {}}']
)
def test_a_damaged_ring_is_said_and_not_replaced(ring, tmp_path, content):
    ring.path.write_text(content)
    with pytest.raises(FileError):
        KeyRing.open(tmp_path, NOW, master=MASTER)
    assert ring.path.read_text() == content


def test_files_with_secrets_belong_to_their_owner_alone(tmp_path):
    KeyRing.open(tmp_path / "d", NOW)
    keys = tmp_path / "d" / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in keys.iterdir()} == {
        "master.key": 0o600,
        "ring.json": 0o600,
    }


def test_the_master_key_comes_from_the_environment_or_a_file(tmp_path):
    text = base64.b64encode(MASTER).decode()
    assert master_key(tmp_path, {VARIABLE: text}) == MASTER
    file = tmp_path / "secret"
    file.write_text(text + "\n")
    file.chmod(0o600)
    assert master_key(tmp_path, {VARIABLE_FILE: str(file)}) == MASTER
    file.chmod(0o640)
    with pytest.raises(FileError, match="others may read"):
        master_key(tmp_path, {VARIABLE_FILE: str(file)})
    for wrong in ("short", "!" * 44, base64.b64encode(b"x" * 31).decode()):
        with pytest.raises(UsageError) as error:
            master_key(tmp_path, {VARIABLE: wrong})
        assert wrong not in str(error.value)
    assert not (tmp_path / "keys").exists()


def test_a_lost_master_key_is_not_made_anew(tmp_path):
    KeyRing.open(tmp_path, NOW)
    (tmp_path / "keys" / "master.key").unlink()
    with pytest.raises(TidegateError):
        KeyRing.open(tmp_path, NOW)
    assert not (tmp_path / "keys" / "master.key").exists()


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("number", "+49 151 2345678", "0049-151-2345678"),
        ("ip", "2001:db8::1", "2001:0DB8:0:0::1"),
        ("ip", "203.0.113.7", "::ffff:203.0.113.7"),
        ("email", "Ann@Example.org", " ann@example.ORG "),
    ],
)
def test_an_identifier_is_found_however_it_is_written(ring, kind, one, other):
    assert normal_form(kind, one) == normal_form(kind, other)
    assert blind_index(ring.index_key, kind, one) == blind_index(ring.index_key, kind, other)
    assert blind_index(ring.index_key, kind, one) != blind_index(bytes(32), kind, one)
    assert len({blind_index(ring.index_key, k, one) for k in KINDS}) == 3
