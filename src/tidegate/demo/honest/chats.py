"""Conversations between two people: who starts, how they answer, what they send."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people
from tidegate.demo.messages import Mail, fingerprints, links, received, sent
from tidegate.demo.rhythm import bursts, instants
from tidegate.demo.strand import Column, Strand

MESSAGES_PER_CHAT = 7.0  # mean; lengths are geometric
GAP_MS = (
    5_000,
    32_000,
)  # nobody types faster than 5 s a message; a mean of 37 s gives 1.6 a minute from both
ANSWERS = 0.6  # chance that the next message comes from the other side
TO_STRANGERS = 0.012  # share of chats with someone new: a shop, a classmate
SHARES = {"text": 0.80, "image": 0.12, "video": 0.02, "link": 0.03, "forward": 0.03}
LINKS_SHARED = 5_000
CLICKS = 0.22  # above the 15 % that the industry calls normal: friends trust friends


def strands(day: Day) -> list[Strand]:
    """Return the day's conversations: messages, their arrival, clicks on links, contacts made."""
    rng = day.rng("chats")
    mail = conversations(day, rng)
    cuts = np.cumsum(list(SHARES.values()))[:-1]
    kind = np.searchsorted(cuts, rng.random(len(mail.ts)))
    text, image, video, link, forward = (mail.where(kind == code) for code in range(len(SHARES)))
    made = [
        sent(day, text),
        sent(day, image, "image", _picture(rng, len(image.ts), largest_bytes=2_500_000)),
        sent(day, video, "video", _picture(rng, len(video.ts), largest_bytes=14_000_000)),
        *_shared_links(day, rng, link),
        sent(day, forward, "forward", _passed_on(rng, len(forward.ts)), is_forward=True),
        received(day, mail),
    ]
    return [*made, _new_contacts(day, mail)]


def conversations(day: Day, rng: np.random.Generator) -> Mail:
    """Draw the day's conversations and return their messages, grouped by conversation."""
    population = day.population
    someone = people(day)
    starts = rng.poisson(population.starts_per_day[someone])
    one = np.repeat(someone, starts)
    at = instants(rng, day.start_ms, population.offset_ms[one])
    is_contact = rng.random(len(one)) >= TO_STRANGERS
    other = np.where(is_contact, population.friend_of(rng, one), population.stranger_to(rng, one))
    both = population.present(one, at) & population.present(other, at) & ~np.isin(other, day.quiet)
    one, other, at, is_contact = one[both], other[both], at[both], is_contact[both]

    ts, chat = bursts(rng, at, rng.geometric(1 / MESSAGES_PER_CHAT, len(at)), GAP_MS)
    opens = np.concatenate(([True], chat[1:] != chat[:-1])) if len(chat) else np.zeros(0, dtype=np.bool_)
    turns = np.cumsum((rng.random(len(chat)) < ANSWERS) & ~opens)
    first_turn = turns[opens][chat_number(opens)] if len(chat) else turns
    by_other = (turns - first_turn) % 2 == 1
    return Mail(
        ts=ts,
        sender=np.where(by_other, other[chat], one[chat]),
        recipient=np.where(by_other, one[chat], other[chat]),
        is_contact=is_contact[chat],
        is_reply=turns > first_turn,
    )


def chat_number(opens: np.ndarray) -> np.ndarray:
    """Return for every message the number of its chat, given which messages open one."""
    return np.cumsum(opens) - 1


def _picture(rng: np.random.Generator, count: int, largest_bytes: int) -> dict[str, Column]:
    width = rng.integers(480, 1200, count)
    size = (largest_bytes * (0.02 + 0.98 * rng.random(count) ** 3)).astype(np.int64)
    return {"media_bytes": size, "media_width": width, "media_height": width * 3 // 4}


def _passed_on(rng: np.random.Generator, count: int) -> dict[str, Column]:
    return {"forward_depth": rng.geometric(0.6, count).clip(1, 8), "content_fp": fingerprints(rng, count)}


def _shared_links(day: Day, rng: np.random.Generator, mail: Mail) -> list[Strand]:
    code = (rng.random(len(mail.ts)) ** 2 * LINKS_SHARED).astype(np.int64)
    clicked = rng.random(len(mail.ts)) < CLICKS
    later = (
        mail.ts[clicked] + (rng.standard_exponential(int(clicked.sum())) * 1_200_000).astype(np.int64) + 3_000
    )
    link_column = links(code)
    clicks: dict[str, Column] = {
        "link_hash": links(code[clicked]).inner,
        "sender_id": day.population.ids(mail.sender[clicked]),
        "recipient_id": day.population.ids(mail.recipient[clicked]),
    }
    return [sent(day, mail, "link", {"link_hashes": link_column}), Strand("link_clicked", later, clicks)]


def _new_contacts(day: Day, mail: Mail) -> Strand:
    """Strangers who answered each other end up in the address book."""
    met = mail.where(mail.is_reply & ~mail.is_contact)
    pairs = met.sender * day.population.n + met.recipient
    _, first = np.unique(pairs, return_index=True)
    columns: dict[str, Column] = {
        "account_id": day.population.ids(met.sender[first]),
        "contact_id": day.population.ids(met.recipient[first]),
    }
    return Strand("contact_added", met.ts[first] + 60_000, columns, {"is_known": True})
