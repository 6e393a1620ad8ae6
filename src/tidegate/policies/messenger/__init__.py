"""The messenger policy: abuse of accounts on a messaging platform, one file per abuse.

Figures are the claims of the catalogue the rules name as their source: defaults to be tuned, not truths. `strict` sets the
figures that follow an account's tier to the literal ones.
"""

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    BroadcastBatch,
    CallStarted,
    ContactAdded,
    ContactsExported,
    GroupCreated,
    GroupJoined,
    LocationShared,
    LoginAttempt,
    MediaDownloaded,
    MessageReceived,
    MessageSent,
    PaymentAttempted,
    ProfileChanged,
    RegistrationAttempt,
    VerificationCodeAttempt,
    VerificationCodeRequested,
)
from tidegate.expr import Literal
from tidegate.policies.messenger import ladder, sanctions
from tidegate.policies.messenger.account import group_tier, group_tier_in_force, send_tier, send_tier_told
from tidegate.policies.messenger.address_hopping import AddressHopping
from tidegate.policies.messenger.appeal_chances import AppealChances
from tidegate.policies.messenger.appeals import Appeals
from tidegate.policies.messenger.automated_client import AutomatedClient
from tidegate.policies.messenger.ban_evasion import BanEvasion
from tidegate.policies.messenger.banned_behaviour import BannedBehaviour
from tidegate.policies.messenger.behaviour_deviation import BehaviourDeviation
from tidegate.policies.messenger.broadcast_spam import BroadcastSpam
from tidegate.policies.messenger.bulk_registration import BulkRegistration
from tidegate.policies.messenger.call_spam import CallSpam
from tidegate.policies.messenger.changed_device import ChangedDevice
from tidegate.policies.messenger.clean_return import CleanReturn
from tidegate.policies.messenger.client_farm import ClientFarm
from tidegate.policies.messenger.code_requests import CodeRequests
from tidegate.policies.messenger.contact_harvesting import ContactHarvesting
from tidegate.policies.messenger.device_sharing import DeviceSharing
from tidegate.policies.messenger.device_switching import DeviceSwitching
from tidegate.policies.messenger.dormant_devices import DormantDevices
from tidegate.policies.messenger.faked_location import FakedLocation
from tidegate.policies.messenger.familiar_device import on_own_device
from tidegate.policies.messenger.far_registration import FarRegistration
from tidegate.policies.messenger.foreign_logins import ForeignLogins
from tidegate.policies.messenger.forged_backup import ForgedBackup
from tidegate.policies.messenger.forged_build import ForgedBuild
from tidegate.policies.messenger.forged_device import ForgedDevice
from tidegate.policies.messenger.fraud_content import FraudContent
from tidegate.policies.messenger.group_churn import GroupChurn
from tidegate.policies.messenger.group_flooding import GroupFlooding
from tidegate.policies.messenger.group_hopping import GroupHopping
from tidegate.policies.messenger.group_webs import GroupWebs
from tidegate.policies.messenger.harassment import Harassment
from tidegate.policies.messenger.ignored_links import IgnoredLinks
from tidegate.policies.messenger.impossible_travel import ImpossibleTravel
from tidegate.policies.messenger.join_robots import JoinRobots
from tidegate.policies.messenger.link_spam import LinkSpam
from tidegate.policies.messenger.login_guessing import LoginGuessing
from tidegate.policies.messenger.low_quality_push import LowQualityPush
from tidegate.policies.messenger.masked_address import MaskedAddress
from tidegate.policies.messenger.mass_sending import MassSending
from tidegate.policies.messenger.message_burst import MessageBurst, in_broadcast
from tidegate.policies.messenger.message_similarity import MessageSimilarity
from tidegate.policies.messenger.modified_build import ModifiedBuild
from tidegate.policies.messenger.modified_client import ModifiedClient
from tidegate.policies.messenger.moved_hardware import MovedHardware
from tidegate.policies.messenger.new_account_volume import NewAccountVolume
from tidegate.policies.messenger.night_logins import NightLogins
from tidegate.policies.messenger.number_blocks import NumberBlocks
from tidegate.policies.messenger.number_recycling import NumberRecycling
from tidegate.policies.messenger.outdated_client import OutdatedClient
from tidegate.policies.messenger.profile_takeover import ProfileTakeover
from tidegate.policies.messenger.quotas_broadcast import QuotasBroadcast
from tidegate.policies.messenger.quotas_conduct import QuotasConduct
from tidegate.policies.messenger.quotas_groups import QuotasGroups
from tidegate.policies.messenger.quotas_links import QuotasLinks
from tidegate.policies.messenger.quotas_media import QuotasMedia
from tidegate.policies.messenger.quotas_new_account import QuotasNewAccount
from tidegate.policies.messenger.quotas_pacing import QuotasPacing
from tidegate.policies.messenger.quotas_registration import QuotasRegistration
from tidegate.policies.messenger.quotas_sending import QuotasSending
from tidegate.policies.messenger.recipient_relations import RecipientRelations
from tidegate.policies.messenger.releases import RELEASES
from tidegate.policies.messenger.repeated_content import RepeatedContent
from tidegate.policies.messenger.report_rate import ReportRate
from tidegate.policies.messenger.report_wave import ReportWave
from tidegate.policies.messenger.report_weight import ReportWeight
from tidegate.policies.messenger.risk_factors import RiskFactors
from tidegate.policies.messenger.risky_groups import RiskyGroups
from tidegate.policies.messenger.risky_networks import RiskyNetworks
from tidegate.policies.messenger.risky_pools import RiskyPools
from tidegate.policies.messenger.screened_accounts import ScreenedAccounts
from tidegate.policies.messenger.sender_farm import SenderFarm
from tidegate.policies.messenger.sim_swap import SimSwap
from tidegate.policies.messenger.slow_client import SlowClient
from tidegate.policies.messenger.spam_marks import SpamMarks
from tidegate.policies.messenger.stranger_outreach import StrangerOutreach
from tidegate.policies.messenger.sustained_sending import SustainedSending
from tidegate.policies.messenger.traffic_abuse import TrafficAbuse
from tidegate.policies.messenger.traffic_intensity import TrafficIntensity
from tidegate.policies.messenger.unlawful_transfer import UnlawfulTransfer
from tidegate.policies.messenger.virtual_number import VirtualNumber
from tidegate.policies.messenger.voice_codes import VoiceCodes
from tidegate.policies.messenger.weighted_volume import WeightedVolume

__all__ = ["policy"]

RULE_SETS: tuple[type[tg.RuleSet], ...] = (
    Harassment,
    MessageBurst,
    SustainedSending,
    MassSending,
    NewAccountVolume,
    StrangerOutreach,
    WeightedVolume,
    LowQualityPush,
    BroadcastSpam,
    LinkSpam,
    IgnoredLinks,
    FraudContent,
    BulkRegistration,
    FarRegistration,
    NumberRecycling,
    CodeRequests,
    VoiceCodes,
    VirtualNumber,
    ImpossibleTravel,
    ForeignLogins,
    NightLogins,
    RiskyNetworks,
    ProfileTakeover,
    SimSwap,
    LoginGuessing,
    DeviceSwitching,
    ChangedDevice,
    AddressHopping,
    ReportWave,
    ReportWeight,
    ReportRate,
    SpamMarks,
    AppealChances,
    UnlawfulTransfer,
    GroupHopping,
    GroupChurn,
    RiskyGroups,
    GroupFlooding,
    GroupWebs,
    JoinRobots,
    ContactHarvesting,
    CallSpam,
    ModifiedClient,
    ForgedBuild,
    ModifiedBuild,
    AutomatedClient,
    ClientFarm,
    TrafficAbuse,
    FakedLocation,
    ForgedBackup,
    ForgedDevice,
    DeviceSharing,
    MovedHardware,
    DormantDevices,
    BanEvasion,
    MaskedAddress,
    SenderFarm,
    SlowClient,
    OutdatedClient,
    TrafficIntensity,
    NumberBlocks,
    RepeatedContent,
    MessageSimilarity,
    BehaviourDeviation,
    BannedBehaviour,
    RecipientRelations,
    RiskyPools,
    ScreenedAccounts,
    CleanReturn,
    Appeals,
    RiskFactors,
    QuotasSending,
    QuotasPacing,
    QuotasNewAccount,
    QuotasMedia,
    QuotasBroadcast,
    QuotasLinks,
    QuotasGroups,
    QuotasRegistration,
    QuotasConduct,
)

_ALWAYS = Literal(True)  # noqa: FBT003  an operand
# a device in its cool-down starts no registration; the one that was let through, and started it, still gets its code
_OF_ATTEMPTS = ((sanctions.DEVICE_REGISTRATION_COOLDOWN.id, _ALWAYS),)
# a code typed in answers a check, and none is sent for it
_ANSWERED = ((sanctions.STEP_UP_ID, _ALWAYS), (sanctions.CODE_SEND_RESTRICT.id, _ALWAYS))
# nobody passes a check, or updates an app, by being written to
_OF_HOLDERS = ((sanctions.STEP_UP_ID, _ALWAYS), (sanctions.FORCED_UPDATE.id, _ALWAYS))
ATTEMPTS = (
    tg.Attempt(MessageSent, "send"),
    tg.Attempt(MessageSent, "broadcast", in_broadcast),
    tg.Attempt(
        MessageSent,
        "links",
        (tg.size(MessageSent.link_hashes) > 0).or_else(MessageSent.message_type == "link"),
    ),
    tg.Attempt(MessageSent, "group_send", MessageSent.group_id.is_known() & ~MessageSent.group_id.is_null()),
    tg.Attempt(MessageReceived, "receive", exempt=_OF_HOLDERS),
    tg.Attempt(BroadcastBatch, "send"),  # who may not send does not do so to many at once
    tg.Attempt(BroadcastBatch, "broadcast"),
    tg.Attempt(LoginAttempt, "login", exempt=((sanctions.LOGIN_COOLDOWN_48H.id, on_own_device),)),
    tg.Attempt(RegistrationAttempt, "register"),
    tg.Attempt(VerificationCodeRequested, "register", exempt=_OF_ATTEMPTS),
    tg.Attempt(VerificationCodeAttempt, "register", exempt=(*_OF_ATTEMPTS, *_ANSWERED)),
    tg.Attempt(GroupJoined, "group_join"),
    tg.Attempt(GroupCreated, "group_create"),
    tg.Attempt(CallStarted, "call"),
    tg.Attempt(PaymentAttempted, "payment"),
    # functions that no capability of their own stands for: who may do nothing at all may not do these either
    *(
        tg.Attempt(used, "all")
        for used in (ContactAdded, ContactsExported, LocationShared, MediaDownloaded, ProfileChanged)
    ),
)

RESTRICTION = tg.ScoreRule(
    id="score.restrict-threshold-unit-scale",
    title="Risk score above 0.85: the graded restriction starts",
    threshold=tg.Parameter(
        0.85,
        low=0.5,
        high=1,
        unit="score",
        why="strictly above; 85 of 100 points on the other scale (score.restrict-threshold-points-scale)",
        source="score.restrict-threshold-unit-scale",
        name="policy.restriction",
    ),
    reason="risk score {observed}; the restriction starts above {limit}",
    measures=(ladder.RESTRICTION,),
    labels=(tg.Label("restricted"),),
    source="score.restrict-threshold-unit-scale",
    in_points="score.restrict-threshold-points-scale",
    ends_below=(sanctions.FUNCTION_RESTRICTION.id,),
)

STRICT = {
    "MessageBurst.flag_limit": 12,
    "MessageBurst.level_1_limit": 12,
    "MessageBurst.downgrade_limit": 12,
    "SustainedSending.soft_limit": 8,
    "SustainedSending.throttle_limit": 12,
    "GroupHopping.hour_limit": 2,
    "risk_factors.dynamic_address": 1.4,
    "QuotasRegistration.per_ip": 2,
}
RAMP = {"QuotasNewAccount.ramp": 1, "QuotasSending.new_day": 200, "QuotasNewAccount.week_day_limit": 200}

policy = tg.Policy(
    name="messenger",
    version="0.1.0",
    rule_sets=RULE_SETS,
    attempts=ATTEMPTS,
    restriction=RESTRICTION,
    releases=RELEASES,
    sanctions=sanctions.ALL,
    given_score=AccountProfile.risk_score,
    active_by_area={"registration": tg.days(7), "verification": tg.days(7)},
    tiers={"send": send_tier, "group_join": group_tier},
    tiers_in_force={"send": send_tier_told, "group_join": group_tier_in_force},
    parameter_sets={"strict": STRICT, "ramp": RAMP},
    about="Accounts that send, register, log in, join and call in ways people do not; and what people report about them.",
)
