"""How many links a message carries: those it names; one, if it is said to be a link and nobody says which."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger.doubt import or_not_known

_is_a_link = (MessageSent.message_type == "link").or_else(False)  # noqa: FBT003  an operand

# a text may have links of which nobody tells: of other kinds of message the kind settles nothing
links = tg.size(MessageSent.link_hashes).or_else(or_not_known(~_is_a_link, 1))
has_link = links > 0
