"""Joins that are the account's own doing: whoever is added to a group by others has not joined it.

The time of every join is on record (group.join-timestamps) for as long as the longest window that counts them, and for the
series that tells clockwork; what a rule needs no longer is not kept.
"""

import tidegate as tg
from tidegate.events import GroupJoined

is_own = (GroupJoined.method != "added_by_other").or_else(True)  # noqa: FBT003  an operand
of_own_accord = tg.events(GroupJoined).where(is_own)

joins = of_own_accord.count().per(GroupJoined.account_id)
joins_1h = joins.over(tg.hours(1))
joins_24h = joins.over(tg.hours(24))
