"""Forgetting in the journal: no byte of a name is left, all else is as it was, and a replay of the log says the same."""

import json
import random

import pytest
from tests.engine.worlds import event
from tests.ledger.worlds import T0, policy

from tidegate.events import decode_lines
from tidegate.journal import LiveEngine
from tidegate.journal.folder import DataFolder
from tidegate.journal.forgetting import names_for, rewrite
from tidegate.journal.frame import PACKED, Frame, Kind, read_frame
from tidegate.journal.options import LiveOptions
from tidegate.service.access.key_ring import KeyRing

VICTIM, IP, NUMBER, DEVICE, EMAIL = (
    "victim-4711",
    "203.0.113.77",
    "+4915123456789",
    "device-0815",
    "v@example.org",
)
SHARED_IP, SHARED_DEVICE = "198.51.100.1", "device-shared"
GONE = (VICTIM, IP, NUMBER, DEVICE, EMAIL)


def message(n, account, **fields):
    return {"event_id": f"e{n}", **event("message_sent", T0 + n * 1000, account, **fields)}


def traffic(seed=1, events=300):
    """Events of some accounts; the victim sends, is written to and reported."""
    chance = random.Random(seed)
    for n in range(events):
        account = chance.choice([VICTIM, "a1", "victim-47112", "b2"])
        fields = {"is_forward": chance.random() < 0.3, "recipient_id": chance.choice([VICTIM, "c3"])}
        if account == VICTIM:
            fields |= {
                "ip": chance.choice([IP, SHARED_IP]),
                "number": NUMBER,
                "extra": {"email": EMAIL, "n": {"x": [1]}},
            }
            fields |= {"device_id": chance.choice([DEVICE, SHARED_DEVICE])}
        else:
            fields |= {"ip": SHARED_IP, "device_id": SHARED_DEVICE, "extra": {"kept": "yes"}}
        yield message(n, account, **fields)


def lines(events):
    return [json.dumps(e, ensure_ascii=False).encode() for e in events]


def take(live, events, size=37):
    texts = lines(events)
    for at in range(0, len(texts), size):
        live.take(decode_lines(texts[at : at + size]).block)


def payloads(folder, cipher):
    """All that the folder holds, as it is and opened; of what is packed only what it says: names are cut into pieces there."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        plain, offset = b"", 0
        while isinstance(frame := read_frame(data, offset), Frame):
            yield f"{path.name}:{frame.kind.name}", frame.payload(cipher)
            plain += b"" if frame.flags & PACKED else data[offset : frame.end]
            offset = frame.end
        yield path.name, plain + data[offset:]


def traces(folder, cipher, words=GONE):
    return [
        (name, word)
        for name, payload in payloads(folder, cipher)
        for word in words
        if word.encode() in payload.replace(b"victim-47112", b"")
    ]


def forget(live, cipher, account=VICTIM):
    folder = DataFolder(live.folder.path)
    live.begin_segment()
    names, events = names_for(folder, cipher, account)
    live.rename(names)
    return names, events, rewrite(folder, cipher, names, account)


@pytest.fixture(params=["sealed", "plain"])
def cipher(request, tmp_path):
    return KeyRing.open(tmp_path / "keys", T0).sealer("journal") if request.param == "sealed" else None


@pytest.fixture
def live(tmp_path, cipher):
    live = LiveEngine.open(
        tmp_path / "data", policy, cipher=cipher, options=LiveOptions(segment_bytes=20_000)
    )
    yield live
    live.close()


def test_the_traces_are_there_before(live, cipher):
    take(live, traffic())
    live.checkpoint()
    found = traces(live.folder.path, cipher)
    kinds = {name.partition(":")[2] for name, word in found if word == VICTIM}
    assert {Kind.EVENTS.name, Kind.DECISIONS.name, Kind.HAPPENED.name, Kind.STATE.name} <= kinds
    assert {word for _, word in found} == set(GONE)
    if cipher is not None:
        assert all(":" in name for name, _ in found), "nothing is readable without the keys"


def test_no_trace_is_left_in_files_memory_or_checkpoints(live, cipher):
    take(live, traffic())
    live.checkpoint()
    _, events, changed = forget(live, cipher)
    assert events > 50
    assert all(changed.values())
    assert traces(live.folder.path, cipher) == []
    state = live.engine.state()
    assert all(word.encode() not in state.replace(b"victim-47112", b"") for word in GONE)


def test_what_belongs_to_others_is_untouched(live, cipher):
    take(live, traffic())
    before = {n: live.decision(f"e{n}") for n in range(300)}
    names, _, _ = forget(live, cipher)
    assert {SHARED_IP, SHARED_DEVICE}.isdisjoint(names)
    for n, line in before.items():
        expected = line.replace(json.dumps(VICTIM).encode(), json.dumps(names[VICTIM]).encode())
        assert live.decision(f"e{n}") == expected
    assert live.account("a1").data() == live.account("a1").data()
    assert any(b"victim-47112" in payload for _, payload in payloads(live.folder.path, cipher))
    assert any(b'"kept"' in payload for _, payload in payloads(live.folder.path, cipher))


def test_the_engine_goes_on_with_the_memory_it_had(live, cipher, tmp_path):
    events = list(traffic(2, 400))
    take(live, events[:200])
    names, _, _ = forget(live, cipher)
    rest = [json.loads(json.dumps(e).replace(VICTIM + '"', names[VICTIM] + '"')) for e in events[200:]]
    with LiveEngine.open(tmp_path / "other", policy) as other:
        take(other, events)
        take(live, rest)
        for n in range(200, 400):
            expected = other.decision(f"e{n}").replace(f'"{VICTIM}"'.encode(), f'"{names[VICTIM]}"'.encode())
            assert live.decision(f"e{n}") == expected


@pytest.mark.parametrize("checkpoint", [True, False])
def test_after_a_restart_the_same_is_there_and_a_replay_of_the_log_says_the_same(
    live, cipher, tmp_path, checkpoint
):
    take(live, traffic())
    forget(live, cipher)
    take(live, [message(1000 + n, "a1", is_forward=True) for n in range(5)])
    numbers = [*range(300), *range(1000, 1005)]
    before = [live.decision(f"e{n}") for n in numbers]
    happened = [(h.position, h.decision) for h in live.history(0)]
    live.close()
    if not checkpoint:  # recovery has to judge the whole log again
        for path in (tmp_path / "data" / "checkpoints").iterdir():
            path.unlink()
    with LiveEngine.open(tmp_path / "data", policy, cipher=cipher) as again:
        assert again.recovered.events == (5 if checkpoint else 305)
        assert [again.decision(f"e{n}") for n in numbers] == before
        assert [(h.position, h.decision) for h in again.history(0)] == happened


def test_doing_it_again_with_the_same_names_changes_nothing(live, cipher):
    take(live, traffic())
    names, _, _ = forget(live, cipher)
    before = dict(payloads(live.folder.path, cipher))
    live.rename(names)
    assert not any(rewrite(DataFolder(live.folder.path), cipher, names, VICTIM).values())
    after = dict(payloads(live.folder.path, cipher))
    assert all(after[name] == text for name, text in before.items() if ".seg:" in name)


@pytest.mark.parametrize(
    "account",
    [
        "a",
        "zz",
        "Jürgen",
        "日本",
        'quo"te',
        "back\\slash",
        "sp ace",
        "emoji-😀",
        "x" * 128,
        "@user:example.org",
    ],
)
def test_ids_of_every_kind_are_found_however_they_are_written(live, cipher, account):
    events = [message(n, account, recipient_id="c3", is_forward=True) for n in range(3)]
    texts = [
        json.dumps(events[0], ensure_ascii=False).encode(),
        json.dumps(events[1], ensure_ascii=True).encode(),
        json.dumps(events[2])
        .replace(json.dumps(account), '"' + "".join(escaped(c) for c in account) + '"')
        .encode(),
    ]
    decoded = decode_lines(texts)
    assert not decoded.rejected
    live.take(decoded.block)
    take(live, [message(10, "c3", recipient_id=account)])
    names, count, _ = forget(live, cipher, account)
    assert count == 3
    assert len(names[account].encode()) == len(account.encode())
    for name, payload in payloads(live.folder.path, cipher):
        if ":EVENTS" in name or ":DECISIONS" in name:
            for line in payload.splitlines():
                assert account not in json.loads(line).values()
                assert account != json.loads(line).get("recipient_id")


def escaped(c):
    units = c.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def test_an_account_that_was_never_here_leaves_everything_as_it_was(live, cipher):
    take(live, traffic())
    names, events, changed = forget(live, cipher, "nobody-1")
    assert (events, list(names), set(changed.values())) == (0, ["nobody-1"], {0})


def test_deadlines_and_measures_of_the_account_go_on(live, cipher):
    take(live, [message(1, VICTIM, is_forward=True)])
    names, _, _ = forget(live, cipher)
    state = live.account(names[VICTIM]).data()
    assert state["restrained"]["send"]["verdict"] == "deny"
    assert live.account(VICTIM).data()["restrained"] == {}
    assert state["labels"] == ["pusher"]
