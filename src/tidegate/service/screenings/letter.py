"""The mail that tells that a screening is over: counts and where to look, no number and no name, nothing attached."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from tidegate.errors import UsageError
from tidegate.screening.since.drift import WHYS
from tidegate.service.screenings.screening import DONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.service.screenings.screening import Screening

ADDRESS_CHARS = 254  # RFC 5321, 4.5.3.1.3, without the brackets
TIERS = {"secure": "secure", "low": "low risk", "high": "high risk"}


def address_of(text: str, *, place: str) -> str:
    """Return an e-mail address, the only one in a text. Raise UsageError where it is none."""
    try:
        found = Address(addr_spec=text) if text.isascii() else Address()
    except (ValueError, IndexError, HeaderParseError):
        found = Address()
    whole = found.addr_spec == text and found.username and "." in found.domain.strip(".")
    if not whole or len(text) > ADDRESS_CHARS:
        raise UsageError("this is no e-mail address", place=place, hint="such as ann@example.org")
    return text


def changes(summary: Mapping[str, Any]) -> list[str]:
    """Return what changed since the screening before, in lines; none where there was none."""
    since = summary.get("since")
    if not isinstance(since, dict):
        return []
    counts = [(str(since.get(why.replace(" ", "_"), 0)), why) for why in WHYS]
    told = [f"{int(count):,} {why}" for count, why in counts if count != "0"]
    return [f"Since {str(since.get('screened_at'))[:10]}: {', '.join(told) or 'no change'}.", ""]


def letter(screening: Screening, *, sender: str, public_url: str = "") -> EmailMessage:
    """Return the mail about a screening that is over, to whom it names."""
    assert screening.sealed is not None
    assert screening.sealed.notify is not None
    done = screening.state == DONE
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = screening.sealed.notify
    message["Subject"] = f"Screening {screening.id} is {'done' if done else 'not done: it failed'}"
    message["Message-ID"] = (
        f"<screening-{screening.id}@{sender.rpartition('@')[2]}>"  # sent twice, it is one mail
    )
    message["Auto-Submitted"] = "auto-generated"
    path = f"{public_url.rstrip('/')}/v1/screenings/{screening.id}"
    lines = [f"The screening {screening.id} is {'done' if done else 'over: it failed'}.", ""]
    if done:
        tiers = (screening.sealed.summary or {}).get("tiers", {})
        lines += [f"{name:<10} {tiers.get(tier, {}).get('accounts', 0):>9,}" for tier, name in TIERS.items()]
        lines.append("")
        lines += changes(screening.sealed.summary or {})
    lines += [f"{'The results' if done else 'Why'}: {path}", "", "Who reads them is noted in the audit log."]
    message.set_content("\n".join(lines) + "\n")
    return message
