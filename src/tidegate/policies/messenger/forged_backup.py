"""Backups that were not made by the official app."""

import tidegate as tg
from tidegate.events import BackupRestored


class ForgedBackup(tg.RuleSet):
    """Backups that were not made by the official app."""

    area = "client"

    code = tg.Rule(
        id="client.backup-code-invalid",
        title="Verification code of a backup is invalid",
        on=(BackupRestored,),
        when=tg.when(BackupRestored.code_valid != 1, 1, 0) == 1,
        labels=(tg.Label("abnormal-account-state"),),
        reason="the backup has no valid code (found: {observed})",
        source="client.backup-code-invalid",
        note="no code at all is not valid either; refusing the copy is up to the server that checks the code",
        examples=("fires: a wrong code, or none", "does not: an official backup with its code"),
    )
    elsewhere = tg.Rule(
        id="client.backup-source",
        title="Backup from storage other than the official clouds",
        on=(BackupRestored,),
        when=BackupRestored.is_official == 0,
        reason="the backup comes from other storage than the official clouds (official: {observed})",
        source="client.backup-source",
        note="recorded with the decision: people may keep copies where they like; what counts is the code, by its own rule",
        examples=("fires: a copy from third-party storage", "does not: one from an official cloud"),
    )
