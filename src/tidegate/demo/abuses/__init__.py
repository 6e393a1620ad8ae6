"""The abuses in the demo, one per file; each names the accounts it labels."""

from tidegate.demo.abuses import (
    account_takeover,
    broadcast_abuse,
    bulk_registration,
    burst_spam,
    cold_contact,
    link_spam,
    modified_client,
    report_wave,
    sustained_bot,
)
from tidegate.demo.abuses.abuse import Abuse

# Scarce tiers first: an abuse that needs new accounts chooses before one that can do with any.
ABUSES: tuple[Abuse, ...] = (
    bulk_registration.ABUSE,
    cold_contact.ABUSE,
    broadcast_abuse.ABUSE,
    burst_spam.ABUSE,
    sustained_bot.ABUSE,
    link_spam.ABUSE,
    report_wave.ABUSE,
    account_takeover.ABUSE,
    modified_client.ABUSE,
)

__all__ = ["ABUSES", "Abuse"]
