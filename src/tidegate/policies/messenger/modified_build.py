"""Builds that are known to be modified: what follows depends on what the modification changes."""

from dataclasses import replace

import tidegate as tg
from tidegate.events import ClientReport, ClientUpdated, MessageSent
from tidegate.policies.messenger import account, sanctions

MIB = 1 << 20


class ModifiedBuild(tg.RuleSet):
    """Builds that are known to be modified: what follows depends on what the modification changes."""

    area = "client"

    relapses = tg.Parameter(
        2, low=2, high=20, unit="changes", why="to the official app and back again",
        source="client.modified-permanent-ban", assumed=True,
    )  # fmt: skip
    media_limit_mib = tg.Parameter(
        100, low=16, high=4096, unit="MiB", why="far above what the official app sends", source="client.modified-media-over-100mb"
    )  # fmt: skip
    switches_least = tg.Parameter(
        1, low=1, high=10, unit="switches", why="one is enough", source="client.switch-official-modified", assumed=True
    )  # fmt: skip

    category = ClientReport.mod_category
    # a report of which nothing is on record is not one of the official app; an official app on another device is no return
    _changes = (
        tg.events(ClientReport).where(~ClientReport.is_modified.is_null()).changes(ClientReport.is_modified)
    )
    _year = tg.days(365)
    changes = (
        _changes.per(ClientReport.account_id, ClientReport.device_id)
        .over(_year)
        .or_else(_changes.per(ClientReport.account_id).over(_year))
    )
    _first = tg.events(ClientReport).where(ClientReport.is_modified == 1).first_seen()
    _first_modified = (
        _first.per(ClientReport.account_id, ClientReport.device_id)
        .ever()
        .or_else(_first.per(ClientReport.account_id).ever())
    )
    _returns = tg.events(ClientUpdated).where(
        (ClientUpdated.from_official == 0) & (ClientUpdated.to_official == 1)
    )
    _returned_here = _returns.last_seen().per(ClientUpdated.account_id, ClientUpdated.device_id).over(_year)
    _returned_somewhere = (
        _returns.where(~ClientUpdated.device_id.is_known())
        .last_seen()
        .per(ClientUpdated.account_id)
        .over(_year)
    )
    _returned = tg.when(_returned_here.is_null(), _returned_somewhere, _returned_here).or_else(
        _returns.last_seen().per(ClientUpdated.account_id).over(_year)
    )
    # back to the official app, as its reports, or the update itself, say: who is modified now is modified again
    is_relapse = (changes >= relapses).or_else(False) | (  # noqa: FBT003  an operand
        ~_returned.is_null() & ~_first_modified.is_null() & (_first_modified < _returned)
    ).or_else(False)  # noqa: FBT003  an operand
    # of a device that the message names, a report of another one says nothing; one that names none may be about it
    _modified = tg.events(ClientReport).last(ClientReport.is_modified)
    _names_device = (~ClientReport.device_id.is_null()).or_else(False)  # noqa: FBT003  an operand
    _somewhere = tg.events(ClientReport).where(~_names_device).last(ClientReport.is_modified)
    sent_modified = (
        _modified.per(ClientReport.device_id)
        .ever()
        .or_else(
            tg.when(
                _names_device,
                _somewhere.per(ClientReport.account_id).ever(),
                _modified.per(ClientReport.account_id).ever(),
            )
        )
    )
    # from one to the other: an app that came upon none, or of which none is on record, is no switch
    is_switch = ((ClientUpdated.from_official == 1) & (ClientUpdated.to_official == 0)) | (
        (ClientUpdated.from_official == 0) & (ClientUpdated.to_official == 1)
    )
    switches = (
        tg.events(ClientUpdated).where(is_switch).count().per(ClientUpdated.account_id).over(tg.days(90))
    )
    returned_before = (
        tg.events(ClientUpdated)
        .where((ClientUpdated.from_official == 0) & ClientUpdated.to_official)
        .previous_seen()
        .per(ClientUpdated.account_id)
        .ever()
    )

    cosmetic = tg.Rule(
        id="client.tier-cosmetic",
        title="Modified client, cosmetic: logged out until updated",
        on=(ClientReport,),
        when=category == "cosmetic",
        measures=(tg.Measure(sanctions.FORCED_UPDATE),),
        reason="the modification of the client is {observed}",
        source="client.tier-cosmetic",
        note="the source answers 7 to 10 days after the detection; the demand stands at once and ends with the update",
        examples=("fires: other themes and fonts", "does not: the official app with a font of the system"),
    )
    functional = tg.Rule(
        id="client.tier-functional",
        title="Modified client, functional: no sending for 72 h",
        on=(ClientReport,),
        when=category == "functional",
        measures=(tg.Measure(sanctions.SEND_RESTRICT_72H),),
        reason="the modification of the client is {observed}",
        source="client.tier-functional",
        examples=("fires: automatic replies or forwarding", "does not: other themes"),
    )
    privacy = tg.Rule(
        id="client.tier-privacy",
        title="Modified client, privacy: live status disabled",
        on=(ClientReport,),
        when=category == "privacy",
        measures=(tg.Measure(sanctions.STATUS_DISABLE),),
        reason="the modification of the client is about {observed}",
        source="client.tier-privacy",
        examples=("fires: a build that hides the online state", "does not: the official privacy setting"),
    )
    core_protocol = tg.Rule(
        id="client.tier-core-protocol",
        title="Modified client, core protocol: ban of account, device and number",
        on=(ClientReport,),
        when=category == "core_protocol",
        measures=tuple(
            replace(ban, named=ClientReport.number.or_else(account.number)) if ban.on == "number" else ban
            for ban in sanctions.DEVICE_AND_NUMBER_BAN
        ),
        reason="the modification of the client is {observed}",
        source="client.tier-core-protocol",
        note="stands until a person has confirmed or lifted it; the device where the report names it, the number where the"
        " report names it or the account's is known",
        examples=("fires: a build with broken encryption", "does not: a functional build"),
    )
    permanent = tg.Rule(
        id="client.modified-permanent-ban",
        title="Modified client: a ban for good where it is one again, or has a protocol of its own",
        on=(ClientReport,),
        when=ClientReport.is_modified == 1,
        measures=(
            tg.Measure(
                sanctions.PERMANENT_BAN,
                given=(category == "core_protocol").or_else(False) | is_relapse,  # noqa: FBT003  an operand
            ),
        ),
        reason="a modified client (reported: {observed})",
        source="client.modified-permanent-ban",
        note="which measure follows, the category decides; for good only a changed protocol or a return from the official app"
        " within a year, on the device where events name it: who has another app on another device has not come back",
        examples=(
            "fires: any modified build; banned is only who was modified, official, and modified again",
            "does not: the official app",
        ),
    )
    large_media = tg.Rule(
        id="client.modified-media-over-100mb",
        title="More than 100 MiB sent with a modified client",
        on=(MessageSent,),
        when=MessageSent.media_bytes / MIB > media_limit_mib,
        given=sent_modified == 1,
        prior=tg.Prior(0.67, group="media-size", source="client.modified-media-over-100mb"),
        reason="a file of {observed} MiB from a modified client; limit {limit}",
        source="client.modified-media-over-100mb",
        note="modified: as the device, else the account, reported last; MB read as MiB",
        examples=("fires: 101 MiB", "does not: 100 MiB, or 101 MiB with the official app"),
    )
    switch = tg.Rule(
        id="client.switch-official-modified",
        title="Switch between official and modified version",
        on=(ClientUpdated,),
        when=switches >= switches_least,
        given=is_switch & ~(ClientUpdated.to_official & returned_before.is_null()),
        prior=tg.Prior(0.89, group="mod-switch-vs-recovery", source="client.switch-official-modified"),
        labels=(tg.Label("modified-client-watch"),),
        reason="{observed} switches between official and modified version in 90 days",
        source="client.switch-official-modified",
        note="the first return to the official app is what the platform asks for; every other switch counts",
        examples=(
            "fires: from the official app to a modified one",
            "does not: back to the official app, once",
        ),
    )
