"""Other names in rows of the books that are about others and mention an account.

Names are what others choose, and may be words of ours or of the policy: of an account called `send`, `fired` or `14`, no measure
loses its capability, no entry of a timeline its shape, no reason its figure. So a text is taken for a name only where names
stand; sentences are searched too, but not for small numbers and the words that the policy's own reasons are made of.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.journal.other_names import standing_alone

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tidegate.policy import Policy

# columns, and members of JSON in them, that are a name as a whole, and those that people write sentences into
WHOLE = frozenset(
    (
        "account_id", "subject_id", "event_id", "of", "observed", "limit", "actor", "made_by", "created_by", "opened_by",
        "confirmed_by", "taken_by", "decided_by", "filed_by", "reversed_by", "proposed_by", "revoked_by",
    )
)  # fmt: skip
WRITTEN = frozenset(("reason", "statement", "decided_reason", "purpose", "basis"))
TREES = frozenset(("data", "entry", "preview"))  # columns of JSON that mention accounts
_KEYED = "accounts"  # the member of a preview whose keys are accounts
_SUBJECT = "subject"  # of an announcement: an object whose `id` is a name; other `id` are those of measures and cases
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"[0-9]{1,6}")
_ESCAPED = re.compile(r"([%_\\])")


class OtherNames:
    """What stands for what; a name within a sentence is found where it stands by itself: `a1`, but not within `a10`.

    `vocabulary`: words that sentences of ours are made of, and that are no names there.

    >>> OtherNames({"a1": "~7"}).within("a1 wrote to a10, (a1)")
    '~7 wrote to a10, (~7)'
    >>> OtherNames({"14": "~7", "messages": "~8", "anna": "~9"}, {"messages"}).within("14 messages to anna")
    '14 messages to ~9'
    """

    def __init__(self, names: Mapping[str, str], vocabulary: Collection[str] = ()) -> None:
        self.names = names
        told = [name for name in names if name not in vocabulary and not _FIGURE.fullmatch(name)]
        self._within = standing_alone(told) if told else None

    def within(self, text: str) -> str:
        """Return a sentence with the other names."""
        return text if self._within is None else self._within.sub(lambda found: self.names[found[0]], text)

    def at(self, place: str, text: str) -> str:
        """Return what stands in a column or member of this name."""
        if place in WHOLE:
            return self.names.get(text, text)
        return self.within(text) if place in WRITTEN else text

    def tree(self, value: Any, place: str = "") -> Any:  # noqa: ANN401  JSON
        """Return JSON with the other names; `place` is the member that it stands in."""
        if isinstance(value, str):
            return self.at(place, value)
        if isinstance(value, list):
            return [self.tree(one, place) for one in value]
        if not isinstance(value, dict):
            return value
        if place == _KEYED:
            return {self.names.get(key, key): one for key, one in value.items()}
        inner = {key: self.tree(one, key) for key, one in value.items()}
        if place == _SUBJECT and isinstance(inner.get("id"), str):
            inner["id"] = self.names.get(inner["id"], inner["id"])
        return inner


def vocabulary_of(policy: Policy) -> frozenset[str]:
    """Return the words of the reasons that a policy gives."""
    return frozenset(word for rule in policy.judged for word in _WORD.findall(rule.reason))


def rename_in_rows(
    connection: sa.Connection, table: sa.Table, names: Mapping[str, str], vocabulary: Collection[str] = ()
) -> int:
    """Write other names into the rows of a table that mention one; return how many rows. `vocabulary`: see OtherNames."""
    columns = [c for c in table.columns if c.name in WHOLE | WRITTEN | TREES and not c.primary_key]
    if not columns:
        return 0
    other, changed = OtherNames(names, vocabulary), 0
    # the driver writes JSON as ASCII: what is looked for may stand there escaped
    wanted = {_like(form) for name in names for form in (name, json.dumps(name)[1:-1])}
    mentions = sa.or_(*(sa.cast(c, sa.Text).like(form, escape="\\") for c in columns for form in wanted))
    for row in connection.execute(sa.select(table).where(mentions)).mappings().all():
        values = {c.name: other.tree(row[c.name], c.name) for c in columns}
        values = {name: value for name, value in values.items() if value != row[name]}
        if values:
            same = [key == row[key.name] for key in table.primary_key.columns]
            connection.execute(sa.update(table).where(*same).values(values))
            changed += 1
    return changed


def _like(text: str) -> str:
    return "%" + _ESCAPED.sub(r"\\\1", text) + "%"
