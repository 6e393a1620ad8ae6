"""Examples of the ids that stand in addresses, so that the description of the API can be tried as it is printed."""

from __future__ import annotations

from typing import Any

OF_PATHS = {
    "account_id": "a1",
    "appeal_id": "ap-act-5f1c",
    "callback": "check_event_for_spam",
    "case_id": "c-77aa01d2c4e9f013",
    "event_id": "e-000017",
    "key_id": "3f9c0a1b2c4d",
    "prefix": "01011",
    "revision_id": "rev-5f1c",
    "rule_id": "msg.burst-over-12-in-60s-l1",
    "sanction_id": "s-0f3a9c2e11d4b870",
    "schedule_id": "5d0e8f3c2b1a4967",
    "screening_id": "4c1f7ab09d3e",
    "webhook_id": "7b1d0e2f9a8c",
}
OF_NAMES = {
    "/v1/parameters/{name}": "MessageBurst.ceiling",
    "/v1/screenings/{screening_id}/files/{name}": "secure.csv",
}


def show_ids(path: str, operation: dict[str, Any]) -> None:
    """Give each part of an address an example."""
    known = OF_PATHS | {"name": OF_NAMES.get(path, "")}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and known.get(parameter["name"]):
            parameter.setdefault("example", known[parameter["name"]])
