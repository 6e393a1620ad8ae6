"""What is on record, carried from one memory to another in which the same entities have other ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine.names import Names
from tidegate.engine.snapshot import unpack
from tidegate.engine.standing import Standing

if TYPE_CHECKING:
    from tidegate.engine.engine import Engine


def carry_records(state: bytes, engine: Engine) -> None:
    """Give an engine the measures, labels and cases of the memory `state` instead of its own.

    Both have seen the same events. Signals and risk factors stay its own: they go by numbers of rules, which other policies
    number otherwise. Raise FileError where the state is damaged.
    """
    saved = unpack(state)
    names = Names()
    names.restore(saved["names"])
    register = engine.judge.register
    own = register.state()
    records: dict[str, list[list[Any]]] = {}
    for entity, kept in saved["records"]["records"].items():
        space = engine.plan.names.space(entity)
        found = {space.intern(str(names.text(entity, slot))): record for slot, record in kept}
        signals = {slot: record["signals"] for slot, record in own["records"][entity] if record["signals"]}
        records[entity] = [
            [slot, found.get(slot, Standing().state()) | {"signals": signals.get(slot, [])}]
            for slot in sorted(found.keys() | signals.keys())
        ]
    register.clear()
    register.restore({"records": records, "factors": own["factors"], "appeals": saved["records"]["appeals"]})
