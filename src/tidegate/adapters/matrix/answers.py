"""Decisions as a homeserver wants to hear them: status and body of synapse-http-antispam's contract.

The status never reaches the client, which always sees 403; `errcode` and the keys beside it do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

LIMIT_UP_TO_S = (
    7200  # a restriction that ends by itself so soon is a rate limit to a client: level 1 of the ladder
)
Answer = tuple[int, bytes]
ALLOWED: Answer = (200, b"{}")


@dataclass(frozen=True)
class Wording:
    """What clients are shown. `appeal_url` is where a holder can object; `challenge_url` where a step-up is passed; "": none."""

    appeal_url: str = ""
    challenge_url: str = ""


def answer(decision: dict[str, Any], wording: Wording) -> Answer:
    """Return the answer to the callback that the decision is about."""
    verdict = decision.get("verdict", "allow")
    retry_s = decision.get("retry_after_s")
    if verdict == "allow" or (verdict == "throttle" and retry_s is None):
        return ALLOWED
    body: dict[str, Any] = {"org.tidegate.decision_id": decision.get("event_id")}
    if wording.appeal_url:
        body["org.tidegate.appeal_url"] = wording.appeal_url
    if verdict == "challenge":
        needed = decision.get("challenge") or "step-up"
        where = f": {wording.challenge_url}" if wording.challenge_url else ""
        body |= {"errcode": "M_FORBIDDEN", "error": f"Please confirm that it is you ({needed}){where}"}
        return 403, msgspec.json.encode(body | {"org.tidegate.challenge": needed})
    if retry_s is not None:
        body["retry_after_ms"] = int(retry_s) * 1000
    if retry_s is not None and (verdict == "throttle" or retry_s <= LIMIT_UP_TO_S):
        body |= {
            "errcode": "M_LIMIT_EXCEEDED",
            "error": f"Too much at once; try again in {_span(int(retry_s))}",
        }
        return 429, msgspec.json.encode(body)
    until = f" for {_span(int(retry_s))}" if retry_s is not None else ""
    body |= {"errcode": "M_FORBIDDEN", "error": f"This account may not do this{until}"}
    return 403, msgspec.json.encode(body)


def _span(seconds: int) -> str:
    """Return a length of time as people say it, never shorter than it is.

    >>> _span(20), _span(61), _span(7200), _span(86_400 * 3)
    ('20 seconds', '2 minutes', '2 hours', '3 days')
    """
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit:
            count = -(-seconds // unit)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
