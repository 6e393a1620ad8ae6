"""All event types by name, and the whole numbers that stand for them in columns and checkpoints."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tidegate.events import (
    client,
    device,
    groups,
    login,
    lookups,
    messaging,
    organisations,
    profiles,
    registration,
    reports,
    sanctions,
    screening,
)
from tidegate.events.event import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

# A type's code is its place here. Codes are part of stored state: append new types, never move or remove one.
_CODES = (
    "registration_attempt",
    "account_registered",
    "verification_code_requested",
    "verification_code_attempt",
    "sim_changed",
    "carrier_check",
    "login_attempt",
    "challenge_issued",
    "challenge_result",
    "session_state",
    "network_switch",
    "payment_attempted",
    "profile_changed",
    "device_report",
    "client_report",
    "client_heartbeat",
    "connect_timing",
    "integrity_check",
    "packet_auth",
    "client_queue",
    "client_updated",
    "signature_library_released",
    "mod_release_seen",
    "security_warning_shown",
    "backup_restored",
    "message_sent",
    "message_delivered",
    "message_received",
    "broadcast_batch",
    "link_clicked",
    "contact_added",
    "contacts_exported",
    "call_started",
    "media_downloaded",
    "bandwidth_sample",
    "location_shared",
    "data_transfer",
    "group_joined",
    "group_left",
    "group_member_removed",
    "group_created",
    "report_filed",
    "user_blocked",
    "feedback_filed",
    "sanction_applied",
    "sanction_lifted",
    "review_opened",
    "review_closed",
    "appeal_filed",
    "appeal_decided",
    "pool_uploaded",
    "pool_row",
    "screening_started",
    "screening_progress",
    "screening_result",
    "screening_finished",
    "pool_action",
    "notification_sent",
    "lookup.login_history",
    "lookup.violations",
    "lookup.ban_links",
    "lookup.registration",
    "lookup.profile",
    "lookup.interactions",
    "org_member",
    "org_login",
    "training_done",
    "campaign",
    "account_profile",
    "device_profile",
    "ip_profile",
    "number_profile",
    "link_profile",
    "group_profile",
    "baseline_profile",
)

_AREAS: tuple[ModuleType, ...] = (
    registration,
    login,
    device,
    client,
    messaging,
    groups,
    reports,
    sanctions,
    screening,
    lookups,
    organisations,
    profiles,
)


def _declared() -> dict[str, type[Event]]:
    found = {}
    for area in _AREAS:
        for value in vars(area).values():
            if isinstance(value, type) and issubclass(value, Event) and value is not Event:
                found[value.type_name] = value
    return found


_DECLARED = _declared()
assert set(_DECLARED) == set(_CODES), sorted(set(_DECLARED) ^ set(_CODES))

REGISTRY: Mapping[str, type[Event]] = MappingProxyType({name: _DECLARED[name] for name in _CODES})
TYPE_CODES: Mapping[str, int] = MappingProxyType({name: code for code, name in enumerate(_CODES)})
BY_CODE: tuple[type[Event], ...] = tuple(REGISTRY.values())
