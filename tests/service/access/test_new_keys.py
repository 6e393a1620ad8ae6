"""New keys for what is at rest: sealed again whole or not at all, whatever interrupts it; old keys go only where nothing needs them."""

import base64
import errno
import os
from contextlib import contextmanager, suppress

import pytest
import sqlalchemy as sa
from tests.engine.worlds import event, policy_of
from tests.journal.folders import block
from tests.ledger.worlds import policy as plain_policy
from tests.service.routes.house import House

from tidegate.cli import main
from tidegate.errors import JournalError, JournalFull, UsageError
from tidegate.journal import LiveEngine, LiveOptions, resealing
from tidegate.journal.folder import DataFolder, sync_folder
from tidegate.journal.frame import Frame, read_frame
from tidegate.journal.resealing import keys_in_files, reseal, sealed_files
from tidegate.ledger.ledger import FILE, Ledger
from tidegate.ledger.tables_enforcement import webhooks
from tidegate.service.access import master_change, rotation
from tidegate.service.access.audit_check import check_audit
from tidegate.service.access.custody import Custody
from tidegate.service.access.erasing import PENDING, Erasing
from tidegate.service.access.key_ring import KeyRing
from tidegate.service.access.master_change import change_master
from tidegate.service.access.rotation import in_use, keys_in_books, retire, rotate
from tidegate.service.access.sealing import SealError
from tidegate.service.access.secret_files import NEXT_MASTER, VARIABLE

T0 = 1_770_000_000_000
policy = policy_of(*plain_policy.rules)


@contextmanager
def custody_of(folder):
    ledger = Ledger.open(folder / FILE)
    try:
        yield Custody.open(folder, ledger.database, create=False)
    finally:
        ledger.close()


def journal(folder, cipher, first=0):
    """Fill a folder: several segments, their decisions, two checkpoints."""
    with LiveEngine.open(
        folder, policy, cipher=cipher, options=LiveOptions(segment_bytes=1_500, behind=False)
    ) as live:
        for n in range(first, first + 120, 20):
            lines = [{"event_id": f"e{i}", **message(i)} for i in range(n, n + 20)]
            live.take(block(lines))
        live.checkpoint()


def message(n):
    return event("message_sent", T0 + 1000 * n, f"a{n % 7}", is_forward=n % 3 == 0)


def decisions(folder, cipher):
    with LiveEngine.open(folder, policy, cipher=cipher) as live:
        assert live.recovered.warnings == []
        return [live.decision(f"e{n}") for n in range(120)]


def files(folder):
    return {path.name: path.read_bytes() for path in sealed_files(DataFolder(folder))}


@pytest.fixture
def ring(tmp_path):
    return KeyRing.open(tmp_path / "d", T0)


@pytest.fixture
def folder(tmp_path, ring):
    """A folder whose journal is sealed with key 1 while key 2 is active."""
    journal(tmp_path / "d", ring.sealer("journal"))
    ring.rotate(T0)
    return tmp_path / "d"


def test_all_files_are_sealed_again_and_mean_the_same(folder, ring):
    cipher = ring.sealer("journal")
    journal(folder, cipher, first=120)
    before = decisions(folder, cipher)
    sizes = {name: len(data) for name, data in files(folder).items()}
    assert set(keys_in_files(DataFolder(folder))) == {1, 2}
    heard = []
    done = reseal(DataFolder(folder), cipher, 2, heard.append)
    assert 8 < done.files < len(sizes), "those of key 2 stay as they are"
    assert done.frames > done.files
    assert heard == sorted(heard)
    assert heard[-1] == sum(sizes.values())
    assert set(keys_in_files(DataFolder(folder))) == {2}
    assert {name: len(data) for name, data in files(folder).items()} == sizes
    ring.retire(1)
    assert decisions(folder, cipher) == before
    assert None not in before
    assert reseal(DataFolder(folder), cipher, 2).files == 0


def test_what_was_interrupted_at_any_file_is_taken_up_again(folder, ring, monkeypatch):
    cipher = ring.sealer("journal")
    before = decisions(folder, cipher)
    whole = resealing.write_whole
    left = 0

    def failing(path, parts):
        nonlocal left
        if left == 0:
            path.with_name(path.name + ".new").write_bytes(b"".join(parts)[:50])  # it is half there
            raise KeyboardInterrupt
        left -= 1
        whole(path, parts)

    monkeypatch.setattr(resealing, "write_whole", failing)
    interrupted = 0
    while set(keys_in_files(DataFolder(folder))) != {2}:
        left = 2  # so many files at a time
        with suppress(KeyboardInterrupt):
            reseal(DataFolder(folder), cipher, 2)
        interrupted += 1
    assert interrupted > 3
    monkeypatch.undo()
    assert decisions(folder, cipher) == before


def test_unfinished_and_damaged_bytes_and_plain_frames_stay_as_they_are(folder, ring):
    cipher, paths = ring.sealer("journal"), sorted((folder / "journal").glob("*.seg"))
    with paths[-1].open("ab") as file:
        file.write(b"TGJ\x01 half a frame")
    damaged = bytearray(paths[0].read_bytes())
    second = read_frame(damaged, read_frame(damaged, 0).end)
    damaged[second.offset + 60] ^= 1
    paths[0].write_bytes(damaged)
    kept = paths[0].with_name(paths[0].name + ".damaged2")
    kept.write_bytes(damaged)
    sizes = {name: len(data) for name, data in files(folder).items()}
    reseal(DataFolder(folder), cipher, 2)
    assert {name: len(data) for name, data in files(folder).items()} == sizes
    assert paths[-1].read_bytes().endswith(b"TGJ\x01 half a frame")
    for path in (paths[0], kept):
        after = path.read_bytes()
        assert after[second.offset : second.end] == damaged[second.offset : second.end]
        assert isinstance(read_frame(after, second.end), Frame)
        assert read_frame(after, second.end).key_id == 2


def test_a_folder_without_seals_is_left_alone(tmp_path):
    journal(tmp_path / "d", None)
    before = files(tmp_path / "d")
    assert (
        reseal(DataFolder(tmp_path / "d"), KeyRing.open(tmp_path / "k", T0).sealer("journal"), 1).files == 0
    )
    assert files(tmp_path / "d") == before


def test_no_room_and_wrong_keys_are_said_and_nothing_is_lost(folder, ring, monkeypatch, tmp_path):
    before = files(folder)
    other = KeyRing.open(tmp_path / "other", T0)
    other.rotate(T0)
    with pytest.raises(JournalError, match="does not open") as error:
        reseal(DataFolder(folder), other.sealer("journal"), 2)
    assert ".seg, byte 0" in error.value.place

    def full(path, parts):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(resealing, "write_whole", full)
    with pytest.raises(JournalFull, match="no room is left"):
        reseal(DataFolder(folder), ring.sealer("journal"), 2)
    assert files(folder) == before


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    yield house
    house.loop.close()


def test_a_server_goes_on_after_rotation_sealing_and_retirement(house):
    folder = house.settings.data
    decided = house.message("a1", is_forward=True, ip="203.0.113.7")
    hook = house.post("/v1/webhooks", "root", 201, url="https://hooks.example.org/x")
    secret = house.service.parts["enforcement"].webhooks.signing_keys(hook["id"])
    custody = house.service.custody
    assert rotate(custody, actor="test").key_id == 2
    house.message("a1")
    for refused in (
        lambda: rotation.reseal(custody, actor="test"),
        lambda: retire(custody, 1, actor="test"),
        lambda: change_master(custody, actor="test"),
    ):
        with pytest.raises(JournalError, match="in use"):
            refused()
    house.stop()
    assert main(["keys", "retire", "1", "--data", str(folder)]) == 2
    assert main(["keys", "reseal", "--data", str(folder), "--reason", "yearly"]) == 0
    assert main(["keys", "retire", "1", "--data", str(folder), "--reason", "yearly"]) == 0
    assert main(["keys", "change-master", "--data", str(folder)]) == 0
    house.start()
    custody = house.service.custody
    assert [key.id for key in custody.ring.keys] == [2]
    assert set(in_use(custody)) == {2}
    assert house.get(f"/v1/decisions/{decided['event_id']}") == decided
    assert [one.account_id for one in custody.identifiers.find("ip", "203.0.113.7")] == ["a1"]
    assert house.service.parts["enforcement"].webhooks.signing_keys(hook["id"]) == secret
    assert check_audit(custody.audit).problems == []
    said = {entry.action: entry for entry in custody.audit.entries()}
    assert {"keys.rotate", "keys.reseal", "keys.retire", "keys.change_master"} <= set(said)
    assert (said["keys.retire"].details.before, said["keys.retire"].details.reason) == ({"key": 1}, "yearly")
    assert said["keys.reseal"].details.after["frames"] > 3
    house.stop()


def test_an_erasure_under_way_keeps_its_key_and_is_sealed_again(house):
    custody = house.service.custody
    Erasing(house.service, custody)._note(order := _order())
    house.stop()
    with custody_of(house.settings.data) as custody:
        rotate(custody, actor="test")
        for path in sealed_files(DataFolder(custody.folder)):
            path.unlink()
        assert in_use(custody)[1].data() == {"frames": 1, "rows": 0}
        with pytest.raises(UsageError, match="key 1 is needed"):
            retire(custody, 1, actor="test")
        rotation.reseal(custody, actor="test")
        retire(custody, 1, actor="test")
        assert Erasing(house.service, custody)._noted() == order
        assert (custody.folder / "keys" / PENDING).exists()


def _order():
    from tidegate.service.access.erasing import _Order

    return _Order("a1", "root", "asked for it", {"a1": "~x"}, 3)


def test_whatever_names_its_key_in_the_books_keeps_it(tmp_path):
    KeyRing.open(tmp_path, T0)
    with custody_of(tmp_path) as custody:
        row = {
            "id": "w1",
            "url": "https://x.example",
            "kinds": [],
            "key_id": 2,
            "secret": b"",
            "enabled": True,
        }
        row |= {"made_at": T0, "made_by": "root", "former_key_id": 1, "former_secret": b""}
        with custody.database.writing() as connection:
            connection.execute(sa.insert(webhooks).values(row))
        custody.ring.rotate(T0)
        assert keys_in_books(custody) == {1: 2, 2: 1}, "the audit log has begun with key 1"
        with pytest.raises(UsageError, match="2 rows are sealed with it"):
            retire(custody, 1, actor="test")


@pytest.mark.parametrize("key", [2, 7])
def test_the_active_key_and_one_that_is_not_there_are_not_retired(tmp_path, key):
    assert main(["keys", "create", "x", "--role", "admin", "--data", str(tmp_path / "d")]) == 0
    with custody_of(tmp_path / "d") as custody:
        rotate(custody, actor="test")
        with pytest.raises(UsageError, match="seals what is written now" if key == 2 else "no key 7"):
            retire(custody, key, actor="test")
        assert [entry.action for entry in custody.audit.entries()][-1] == "keys.rotate"
        assert [one.id for one in custody.ring.keys] == [1, 2]


@pytest.mark.parametrize("dies_at", ["put_next_in_place", "write_next_master"])
def test_a_change_of_the_master_key_that_is_interrupted_leaves_a_folder_that_opens(
    tmp_path, monkeypatch, dies_at
):
    KeyRing.open(tmp_path, T0)
    key_id, sealed = KeyRing.open(tmp_path, T0).sealer("x").seal(b"kept")

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, custody_of(tmp_path) as custody:
        patched.setattr(master_change, dies_at, dies)
        with pytest.raises(KeyboardInterrupt):
            change_master(custody, actor="test", environment={})
    for _ in range(2):
        assert KeyRing.open(tmp_path, T0).sealer("x").open(key_id, sealed) == b"kept"
    assert not (tmp_path / "keys" / NEXT_MASTER).exists()
    sync_folder(tmp_path)


def test_the_master_key_moves_out_of_the_folder(tmp_path):
    KeyRing.open(tmp_path, T0)
    new = base64.b64encode(os.urandom(32)).decode()
    with custody_of(tmp_path) as custody:
        with pytest.raises(UsageError, match="not named"):
            change_master(custody, actor="test", environment={VARIABLE: new})
        assert not change_master(custody, actor="test", environment={"TIDEGATE_NEW_MASTER_KEY": new})
    assert not (tmp_path / "keys" / "master.key").exists()
    assert KeyRing.open(tmp_path, T0, master=base64.b64decode(new)).active.id == 1
    with pytest.raises(SealError, match="another master key"):
        KeyRing.open(tmp_path, T0, master=bytes(32))
