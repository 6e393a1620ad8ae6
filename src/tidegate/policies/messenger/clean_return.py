"""Accounts that come back to the official app, clean: their score is lowered, once."""

import tidegate as tg
from tidegate.events import BackupRestored, ClientReport, ClientUpdated


class CleanReturn(tg.RuleSet):
    """Accounts that come back to the official app, clean: their score is lowered, once."""

    area = "client"

    history_days = tg.Parameter(
        7, low=1, high=90, unit="days", why="no more than a week of old history is carried over",
        source="client.recovery-reinstall-minus-35",
    )  # fmt: skip

    # from the modified app to the official one, or away from that: an update of the official app is neither
    _updates = tg.events(ClientUpdated)
    _is_return = (ClientUpdated.from_official == 0) & (ClientUpdated.to_official == 1)
    _moves = _updates.where((ClientUpdated.to_official == 0) | _is_return)
    to_official = _moves.last(ClientUpdated.to_official).per(ClientUpdated.account_id).ever()
    _from = _updates.last(ClientUpdated.from_official).per(ClientUpdated.account_id).ever()
    _to = _updates.last(ClientUpdated.to_official).per(ClientUpdated.account_id).ever()
    has_returned = (to_official == 1).or_else((_from == 0) & (_to == 1))
    _returned_at = _moves.last_seen().per(ClientUpdated.account_id).ever()
    _reports = tg.events(ClientReport).where(ClientReport.is_modified.is_known())
    modified = _reports.last(ClientReport.is_modified).per(ClientReport.account_id).ever()
    _reported_at = _reports.last_seen().per(ClientReport.account_id).ever()
    # what was reported before the return is what it ends
    is_modified_again = (modified == 1).or_else(False) & (_reported_at > _returned_at).or_else(False)  # noqa: FBT003  operands
    is_clean = (
        has_returned
        & ~is_modified_again
        & (BackupRestored.is_official == 1).or_else(True)  # noqa: FBT003  an operand
        & (BackupRestored.code_valid == 1).or_else(True)  # noqa: FBT003  an operand
    )
    granted_before = (
        tg.events(BackupRestored)
        .where(is_clean & (BackupRestored.age_days <= history_days))
        .previous_seen()
        .per(BackupRestored.account_id)
        .ever()
    )

    recovery = tg.Rule(
        id="client.recovery-reinstall-minus-35",
        title="Clean return to the official app: 35 points less, once per account",
        on=(BackupRestored,),
        when=BackupRestored.age_days <= history_days,
        given=is_clean & granted_before.is_null(),
        points=-35,
        reason="official app again, {observed} days of history restored; at most {limit}",
        source="client.recovery-reinstall-minus-35",
        note="never below a score of 0; labels and reports stay as they are; the score counts for as long as a signal does",
        examples=("fires: official app, 7 days restored", "does not: 8 days restored, or the second time"),
    )
