"""Clients whose build is not the official one: signature, values, packets, keys or certificates differ."""

import tidegate as tg
from tidegate.events import ClientReport, SignatureLibraryReleased
from tidegate.policies.messenger.priors import unstated

WATCH = tg.Label("modified-client-watch")
DEVIATION = "client-deviation"


class ForgedBuild(tg.RuleSet):
    """Clients whose build is not the official one: signature, values, packets, keys or certificates differ."""

    area = "client"

    signature_limit = tg.Parameter(
        0.95, low=0.5, high=0.99, unit="share", why="a build that shares next to nothing with the official one",
        source="client.signature-deviation-over-95pct",
    )  # fmt: skip
    value_limit = tg.Parameter(
        0.05, low=0.01, high=0.5, unit="share", why="values of one version differ by less between honest devices",
        source="client.feature-deviation-over-5pct",
    )  # fmt: skip
    fields_limit = tg.Parameter(
        3, low=1, high=50, unit="fields", why="a few unknown fields may be a newer version",
        source="client.nonstandard-fields-over-3",
    )  # fmt: skip

    new_dimensions = tg.Parameter(
        7, low=1, high=100, unit="dimensions", why="as many as were added at a time", source="client.new-dimensions-7"
    )  # fmt: skip

    renewal_days = tg.Parameter(
        14, low=1, high=90, unit="days", why="renewed every 14 days; the fourteenth included", source="client.library-update-14d"
    )  # fmt: skip

    _released_before = tg.events(SignatureLibraryReleased).previous_seen().overall().ever()
    library_age_days = tg.age(_released_before) / tg.days(1).ms

    _hash_before = (
        tg.events(ClientReport)
        .previous(ClientReport.signature_hash)
        .per(ClientReport.device_id, ClientReport.app_version)
        .ever()
    )
    _is_first = (
        tg.events(ClientReport)
        .where(ClientReport.signature_hash.is_known())
        .previous_seen()
        .per(ClientReport.device_id, ClientReport.app_version)
        .ever()
        .is_null()
    )

    _all_on_record = ~(
        ClientReport.signature_hash.is_null()
        | ClientReport.device_id.is_null()
        | ClientReport.app_version.is_null()
    )

    other_hash = tg.Rule(
        id="client.signature-hash",
        title="Signature of the app changed, its version did not",
        on=(ClientReport,),
        when=ClientReport.signature_hash != _hash_before,
        given=_all_on_record & ~_is_first,
        reason="the signature is {observed}, before it was {limit}, of the same version on the same device",
        source="client.signature-hash",
        note="recorded with the decision; how far a signature is from the official one is another rule",
        examples=("fires: another hash of one version", "does not: another hash of another version"),
    )
    library = tg.Rule(
        id="client.new-dimensions-7",
        title="The library of features has grown by seven dimensions",
        on=(SignatureLibraryReleased,),
        when=SignatureLibraryReleased.dimensions_added == new_dimensions,
        reason="{observed} dimensions were added to the library of features",
        source="client.new-dimensions-7",
        note="recorded with the decision: fonts, battery reports and wake-ups are compared by the platform, which reports the"
        " largest deviation",
        examples=("fires: a release that adds seven", "does not: a release that adds none"),
    )
    renewed = tg.Rule(
        id="client.library-update-14d",
        title="The library of features is renewed within 14 days",
        on=(SignatureLibraryReleased,),
        when=library_age_days <= renewal_days,
        window="P14D",
        reason="the library of features is renewed after {observed} days; at most {limit} lie between releases",
        source="client.library-update-14d",
        note="recorded with the release that comes in time; one that comes later, or is the first, has no entry",
        examples=("fires: 14 days after the release before", "does not: 15 days after it"),
    )
    signature = tg.Rule(
        id="client.signature-deviation-over-95pct",
        title="Signature of the app deviates by more than 95 %",
        on=(ClientReport,),
        when=ClientReport.signature_deviation > signature_limit,
        prior=tg.Prior(
            0.40, group=DEVIATION, while_labelled=True, source="client.signature-deviation-over-95pct"
        ),
        labels=(tg.Label("high-risk-device", on="device"), tg.Label("high-risk-device")),
        reason="the signature of the app deviates by {observed}; limit {limit}",
        source="client.signature-deviation-over-95pct",
        note="a hash that matches or not reports 0 or 1; 0.40: functions restricted in the first week; it scores as long as the"
        " account carries the label, which is its device's, too",
        examples=("fires: a deviation of 0.96, or a mismatch", "does not: a deviation of 0.95"),
    )
    values = tg.Rule(
        id="client.feature-deviation-over-5pct",
        title="A value of the client deviates by more than 5 %",
        on=(ClientReport,),
        when=ClientReport.feature_deviation > value_limit,
        labels=(WATCH,),
        reason="a value of the client deviates by {observed}; limit {limit}",
        source="client.feature-deviation-over-5pct",
        note="the largest of the values of client.feature-values-17, against the profile of the same version and platform",
        examples=("fires: a deviation of 0.06", "does not: a deviation of 0.05"),
    )
    fields = tg.Rule(
        id="client.nonstandard-fields-over-3",
        title="More than 3 non-standard fields in a packet",
        on=(ClientReport,),
        when=ClientReport.nonstandard_fields > fields_limit,
        labels=(tg.Label("suspicious-terminal", on="device"),),
        reason="{observed} non-standard fields in a packet; limit {limit}",
        source="client.nonstandard-fields-over-3",
        examples=("fires: 4 unknown fields", "does not: 3 unknown fields"),
    )
    certificate = tg.Rule(
        id="client.tls-cert-failure",
        title="Certificate check of the client failed",
        on=(ClientReport,),
        when=tg.when(ClientReport.tls_cert_ok == 0, 1, 0) == 1,
        prior=unstated("client.tls-cert-failure", group="mod-detection-rate"),
        labels=(WATCH,),
        reason="the certificate check of the client failed (found: {observed})",
        source="client.tls-cert-failure",
        note="it also fails behind proxies of companies that intercept: a small belief and a watch, nothing more",
        examples=("fires: the check failed", "does not: the check was passed"),
    )
    key_algorithm = tg.Rule(
        id="client.key-algorithm-downgrade",
        title="Keys are not generated with SHA-256",
        on=(ClientReport,),
        when=ClientReport.key_algorithm != "SHA-256",
        given=~ClientReport.key_algorithm.isin("SHA256", "sha-256", "sha256"),
        labels=(tg.Label("suspicious-terminal", on="device"),),
        reason="keys are generated with {observed} instead of {limit}",
        source="client.key-algorithm-downgrade",
        note="whatever else it is, it is weaker or not known to the platform",
        examples=("fires: SHA-1", "does not: SHA-256"),
    )
