"""Accounts that behave like one that was banned on the same device."""

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    AccountRegistered,
    AppealDecided,
    AppealFiled,
    ClientReport,
    DeviceProfile,
    LoginAttempt,
    LookupBanLinks,
    SanctionApplied,
    SanctionLifted,
)
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.modified_build import ModifiedBuild

BANS = (
    "sanction.permanent-ban-account",
    "sanction.permanent-ban-device-number",
    "sanction.associated-ban",
)


class BannedBehaviour(tg.RuleSet):
    """Accounts that behave like one that was banned on the same device: similarity is the cosine of their vectors.

    The banned account is, in this order, the one a query for ban links named for the device, the last one on the device's
    own list, or whoever was last banned while using it, unless that ban was lifted or is over.
    """

    area = "device"

    limit = tg.Parameter(
        0.6, low=0.1, high=1, unit="similarity", why="more than 60 %", source="device.ban-evasion-similarity-over-60pct"
    )  # fmt: skip

    _seen_on = tg.events(AccountRegistered, LoginAttempt).last(AccountRegistered.device_id)
    device = AccountProfile.device_id.or_else(_seen_on.per(AccountRegistered.account_id).ever())
    linked = (
        tg.events(LookupBanLinks)
        .where(LookupBanLinks.via == "device")
        .last(LookupBanLinks.banned_id)
        .per(LookupBanLinks.account_id)
        .ever()
    )
    listed = (
        tg.events(DeviceProfile)
        .last(tg.last_of(DeviceProfile.banned_accounts))
        .per(DeviceProfile.device_id)
        .ever()
        .at(device)
    )
    # bans from outside, and the permanent ones that rules of ours open at a report of the client
    _told = tg.events(SanctionApplied).where(SanctionApplied.kind.isin(*BANS))
    _ours = tg.events(ClientReport).where(
        (ClientReport.via_unofficial_api == 1)
        | (ClientReport.mod_category == "core_protocol")
        | ((ClientReport.is_modified == 1) & ModifiedBuild.is_relapse)
    )
    _bans = _told | _ours
    _banned_device = SanctionApplied.device_id.or_else(_seen_on.per(SanctionApplied.account_id).ever())
    on_device = _bans.last(SanctionApplied.account_id).per(_banned_device).ever().at(device)
    _since = _bans.last_seen().per(_banned_device).ever().at(device)
    _number = _told.last(SanctionApplied.sanction_id).per(_banned_device).ever().at(device)
    _lifted = tg.events(SanctionLifted).where(SanctionLifted.reason.isin("appeal", "review"))
    _appeal = (
        tg.events(AppealFiled).last(AppealFiled.appeal_id).per(AppealFiled.sanction_id).ever().at(_number)
    )
    _is_granted = (
        tg.events(AppealDecided).where(AppealDecided.granted == 1).seen().per(AppealDecided.appeal_id).ever()
    ).at(_appeal) == 1
    _told_at = _told.last_seen().per(_banned_device).ever().at(device)
    # the number is that of the last one told of: it says nothing of a ban of ours that came after it
    _is_of_number = (_told_at == _since).or_else(False)  # noqa: FBT003  an operand
    _number_is_lifted = (
        tg.events(SanctionLifted).seen().per(SanctionLifted.sanction_id).ever().at(_number) == 1
    )
    _account_is_freed = _lifted.last_seen().per(SanctionLifted.account_id).ever().at(on_device) >= _since
    _is_lifted = (_is_of_number & _number_is_lifted.or_else(_account_is_freed)) | (
        ~_is_of_number & _account_is_freed
    )
    _ends = _told.last(SanctionApplied.expires_ts).per(_banned_device).ever().at(device)
    _is_over = (_told_at == _since) & ~_ends.is_null() & (tg.age(_ends) >= 0)
    banned = linked.or_else(listed).or_else(on_device)
    # told by nothing but the ban itself, which may be lifted or end
    _by_ban = ~linked.is_known() & ~listed.is_known() & on_device.is_known()
    has_lapsed = _by_ban & (
        _is_lifted.or_else(False)  # noqa: FBT003  operands, as below
        | (_is_of_number & _is_granted).or_else(False)  # noqa: FBT003
        | _is_over.or_else(False)  # noqa: FBT003
    )
    is_banned = banned.is_known() & ~has_lapsed
    _ends_with_it = _by_ban & _is_of_number
    similarity = (
        tg.events(AccountProfile)
        .alike(AccountProfile.behaviour_vector, to=banned)
        .per(AccountProfile.account_id)
        .ever()
    )

    # a device that the account comes to later, where a ban of somebody else has lapsed, says nothing of the ban that it follows
    _followed = tg.events(AccountProfile, AccountRegistered, LoginAttempt).where(
        (_by_ban & is_banned & (banned != AccountProfile.account_id) & (similarity > limit)).or_else(False)  # noqa: FBT003
    )
    _followed_on = _followed.last(device).per(AccountProfile.account_id).ever()
    followed_has_lapsed = has_lapsed & (device == _followed_on).or_else(False)  # noqa: FBT003  an operand

    evading = tg.Rule(
        id="device.ban-evasion-similarity-over-60pct",
        title="Same device and more than 60 % behaviour similarity to a banned account",
        on=(AccountProfile, AccountRegistered, LoginAttempt),
        when=similarity > limit,
        given=is_banned & (banned != AccountProfile.account_id),
        measures=(
            tg.Measure(sanctions.ASSOCIATED_BAN, follows="device", given=_ends_with_it, ends=_ends),
            tg.Measure(sanctions.ASSOCIATED_BAN, follows="device", given=~_ends_with_it),
        ),
        cases=(queues.PERMANENT_DEACTIVATION,),
        reason="behaves like an account banned on the same device: similarity (cosine) {observed}; limit {limit}",
        source="device.ban-evasion-similarity-over-60pct",
        note="both are needed: the device and the behaviour; banned is whoever a query or the device's profile names, else who was last"
        " banned for good while using it, unless an appeal or a review lifted that or its end has come; as long as that ban: what lifts"
        " it ends this one at the account's next login or profile there. Where no end of it is on record until a person decides, as phones are sold on",
        examples=(
            "fires: the device of a banned account, similarity 0.61",
            "does not: similarity 0.9 on another device",
        ),
    )
