"""Many accounts that send from one address: a farm, or a crowd behind one router."""

import tidegate as tg
from tidegate.events import IpProfile, MessageSent
from tidegate.policies.messenger.doubt import in_doubt


class SenderFarm(tg.RuleSet):
    """Many accounts that send from one address: a farm, or a crowd behind one router.

    Where the address is known to be shared, the crowd is put on record and nobody is linked with anybody.
    """

    area = "network"

    senders_limit = tg.Parameter(
        30, low=5, high=5000, unit="accounts", why="more than thirty in an hour", source="net.ip-over-30-senders-1h"
    )  # fmt: skip
    crowd = tg.Parameter(
        30, low=5, high=5000, unit="accounts", why="the figure that opens the detection elsewhere",
        source="net.public-wifi-mass-send", assumed=True,
    )  # fmt: skip

    _sent = tg.events(MessageSent)
    _is_named = ~MessageSent.account_id.is_null()
    _surely_named = _sent.where(_is_named.or_else(False))  # noqa: FBT003  an operand
    # and none, or up to as many as the messages of which nobody says who sent them
    senders_1h = _surely_named.distinct(MessageSent.account_id).per(MessageSent.ip).over(
        tg.hours(1)
    ) + _sent.where(in_doubt(_is_named)).count().per(MessageSent.ip).over(tg.hours(1))
    is_shared = tg.events(IpProfile).last(IpProfile.is_shared).per(IpProfile.ip).ever()
    known_to_be_shared = ((is_shared == 1) | (MessageSent.network_type == "public_wifi")).or_else(False)  # noqa: FBT003  an operand

    has_address = ~MessageSent.ip.is_null()  # of none on record there are no others

    farm = tg.Rule(
        id="net.ip-over-30-senders-1h",
        title="More than 30 accounts send from one address in an hour",
        on=(MessageSent,),
        when=senders_1h > senders_limit,
        given=~known_to_be_shared & has_address,
        window="PT1H",
        labels=(tg.Label("association-risk", on="ip"),),
        reason="{observed} accounts sent from the address in an hour; limit {limit}",
        source="net.ip-over-30-senders-1h",
        note="the label lies on the address and opens a comparison of the accounts behind it: no verdict on any of them;"
        " not on an address that is known to be shared, of which net.public-wifi-mass-send keeps record",
        examples=("fires: the 31st sender within an hour", "does not: 90 messages of 30 senders"),
    )
    public_network = tg.Rule(
        id="net.public-wifi-mass-send",
        title="Mass sending from an address that many share",
        on=(MessageSent,),
        when=senders_1h > crowd,
        given=known_to_be_shared & has_address,
        reason="{observed} accounts sent from a shared address in an hour: on record from {limit} on, nobody is linked",
        source="net.public-wifi-mass-send",
        note="`mass` is not stated: the 30 senders of net.ip-over-30-senders-1h; shared is what the address's profile or the"
        " message's access network (public_wifi) says; restated as protection of those behind the address",
        examples=("fires: 31 senders on a public network", "does not: 31 senders on an address nobody calls shared"),
    )  # fmt: skip
