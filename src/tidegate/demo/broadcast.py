"""Broadcast batches as strands: one broadcast_batch, and a message to each of its recipients."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.messages import Mail, received, sent
from tidegate.demo.strand import Codes, Column, Ids, Strand

MESSAGE_EVERY_MS = 700  # the server works a batch off at this pace


def batches(
    day: Day,
    *,
    at: Codes,
    sender: Codes,
    batch: Codes,
    recipient: Codes,
    content: list[object],
    to_contacts: bool,
) -> list[Strand]:
    """Return the strands of ``len(at)`` batches.

    ``batch`` and ``recipient`` go together: entry by entry, which batch goes to whom; ``batch`` ascends. A recipient
    named twice in a batch gets it once; a batch without recipients is not sent.
    """
    pairs, first = np.unique(batch * day.population.n + recipient, return_index=True)
    batch, recipient = pairs // day.population.n, recipient[first]
    size = np.bincount(batch, minlength=len(at))
    number = np.cumsum(size > 0) - 1
    fresh = day.take("b-", int((size > 0).sum())).codes
    names = Ids("b-", fresh[number] if len(fresh) else fresh, digits=7).values()
    recipients = np.split(
        np.array(day.population.ids(recipient).values(), dtype=object), np.cumsum(size)[:-1]
    )
    sending = np.flatnonzero(size > 0)
    announced: dict[str, Column] = {
        "batch_id": [names[code] for code in sending.tolist()],
        "account_id": day.population.ids(sender[sending]),
        "recipient_count": size[sending],
        "recipient_ids": [recipients[code].tolist() for code in sending.tolist()],
        "content_fp": [content[code] for code in sending.tolist()],
    }
    turn = np.arange(len(batch)) - (np.cumsum(size) - size)[batch]
    mail = Mail(
        ts=at[batch] + (turn + 1) * MESSAGE_EVERY_MS,
        sender=sender[batch],
        recipient=recipient,
        is_contact=np.full(len(batch), to_contacts),
        is_reply=np.zeros(len(batch), dtype=np.bool_),
    )
    labelled: dict[str, Column] = {
        "batch_id": [names[code] for code in batch.tolist()],
        "content_fp": [content[code] for code in batch.tolist()],
    }
    return [
        Strand("broadcast_batch", at[sending], announced),
        sent(
            day, mail, "text", labelled, is_broadcast=True, is_promotional=True, via_business_api=to_contacts
        ),
        received(day, mail),
    ]
