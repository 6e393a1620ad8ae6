"""How the sender of a message stands to its recipient: as the event says, else as what passed between the two shows."""

import tidegate as tg
from tidegate.events import ContactAdded, MessageReceived, MessageSent
from tidegate.policies.messenger.doubt import in_doubt

MEMORY_DAYS = 30  # beyond, an exchange of messages is as good as none
SILENT_DAYS = 7  # nothing heard for so long: no conversation

heard = (
    tg.events(MessageReceived)
    .last_seen()
    .per(MessageReceived.account_id, MessageReceived.from_id)
    .over(tg.days(MEMORY_DAYS))
    .at(MessageSent.account_id, MessageSent.recipient_id)
)
added = (
    tg.events(ContactAdded)
    .last_seen()
    .per(ContactAdded.account_id, ContactAdded.contact_id)
    .over(tg.days(MEMORY_DAYS))
    .at(MessageSent.account_id, MessageSent.recipient_id)
)
is_reply = (MessageSent.is_reply == 1).or_else(False)  # noqa: FBT003  an operand
to_group = (~MessageSent.group_id.is_null()).or_else(False)  # noqa: FBT003  an operand
_to_person = (~MessageSent.recipient_id.is_null()).or_else(False)  # noqa: FBT003  an operand
# a post in a group; not known where the event names neither a group nor a person
is_post = ~MessageSent.group_id.is_null() & (MessageSent.group_id.is_known() | ~_to_person)
to_somebody = ~to_group & ~MessageSent.recipient_id.is_null()
# nobody says to whom the message goes, or whether to a person at all
to_unnamed = in_doubt(to_somebody)
of_untold_content = in_doubt(~MessageSent.content_fp.is_null())  # nobody says what the message says
_is_contact = (MessageSent.recipient_is_contact == 1).or_else(~added.is_null())

has_been_silent = heard.is_null() | (tg.age(heard) >= tg.days(SILENT_DAYS).ms)
# a single person, no contact, not heard from within a week, and this is no answer
is_cold = to_somebody & ~is_reply & ~_is_contact & has_been_silent
