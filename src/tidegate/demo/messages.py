"""Direct messages as strands: shared by honest chats and by the abuses, so that only behaviour tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.day import Day
from tidegate.demo.strand import Codes, Column, Constant, Ids, Listed, Strand

NETWORKS = ("wifi", "mobile")
DIGITS_OF_FINGERPRINT = 16

# What a server sees of a message without reading it. Not among it: the text, its fingerprint, whether it advertises.
PLAIN: dict[str, Constant] = {
    "is_forward": False,
    "is_broadcast": False,
    "group_id": None,
    "via_business_api": False,
}


@dataclass(frozen=True)
class Mail:
    """Direct messages: who writes to whom at which time (ms), entry by entry."""

    ts: Codes
    sender: Codes
    recipient: Codes
    is_contact: NDArray[np.bool_]
    is_reply: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Mail:
        """Return the messages for which ``chosen`` is true."""
        return Mail(
            self.ts[chosen],
            self.sender[chosen],
            self.recipient[chosen],
            self.is_contact[chosen],
            self.is_reply[chosen],
        )


def cold_mail(ts: Codes, sender: Codes, recipient: Codes) -> Mail:
    """Messages to people who are no contacts and have not written first."""
    never = np.zeros(len(ts), dtype=np.bool_)
    return Mail(ts, sender, recipient, never, never)


def sent(
    day: Day,
    mail: Mail,
    message_type: str = "text",
    columns: dict[str, Column] | None = None,
    **constants: Constant,
) -> Strand:
    """Return ``mail`` as message_sent events of one ``message_type``; further fields as given."""
    population = day.population
    on_mobile = (
        mail.ts // 1_800_000 + mail.sender
    ) % 3 == 0  # people change networks, in half-hour stretches
    ip = np.where(on_mobile, population.mobile_ip[mail.sender], population.home_ip[mail.sender])
    without_links: list[object] = [[] for _ in range(len(mail.ts))]
    further: dict[str, Column] = {"link_hashes": without_links} | (columns or {})
    return Strand(
        "message_sent",
        mail.ts,
        {
            "message_id": day.take("m-", len(mail.ts)),
            "account_id": population.ids(mail.sender),
            "recipient_id": population.ids(mail.recipient),
            "recipient_is_contact": mail.is_contact,
            "is_reply": mail.is_reply,
            "ip": population.ips(ip),
            "network_type": [NETWORKS[mobile] for mobile in on_mobile.tolist()],
            **further,
        },
        PLAIN | {"message_type": message_type} | constants,
    )


def received(day: Day, mail: Mail) -> Strand:
    """Return the arrivals of ``mail`` at its recipients, 0.2 to 1.2 s later."""
    delay = 200 + (mail.ts * 7919 + mail.sender) % 1000  # spread without drawing: arrivals are not the point
    columns: dict[str, Column] = {
        "account_id": day.population.ids(mail.recipient),
        "from_id": day.population.ids(mail.sender),
    }
    return Strand("message_received", mail.ts + delay, columns)


def links(codes: Codes) -> Listed:
    """Column of link_hashes with one link each; codes below 10,000 are those ordinary people share."""
    return Listed(Ids("l-", codes, digits=8))


def fingerprints(
    rng: np.random.Generator, count: int, near: int | None = None, flips: int = 0
) -> list[object]:
    """Draw ``count`` 64-bit content fingerprints in hex.

    With ``near``, they are that one with up to ``flips`` bits changed: the same text, slightly reworded.
    """
    drawn = rng.integers(0, 1 << 63, count, dtype=np.uint64)
    if near is not None:
        drawn = np.full(count, near, dtype=np.uint64)
        for _ in range(flips):
            drawn ^= np.uint64(1) << rng.integers(0, 64, count, dtype=np.uint64)
    return [f"{value:0{DIGITS_OF_FINGERPRINT}x}" for value in drawn.tolist()]
