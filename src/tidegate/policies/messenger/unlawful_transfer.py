"""Data of people in Europe that leave without a legal basis."""

import tidegate as tg
from tidegate.events import DataTransfer
from tidegate.policies.messenger import account, queues

# the European Union and the rest of the European Economic Area, where the GDPR is law
EUROPE = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
    "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO",
)  # fmt: skip


class UnlawfulTransfer(tg.RuleSet):
    """Data of people in Europe that leave without a legal basis."""

    area = "regional"

    transfers_least = tg.Parameter(
        1, low=1, high=10, unit="transfers", why="one is enough", source="region.eu-transfer-lawfulness"
    )  # fmt: skip
    uk_counts = tg.Parameter(
        0, low=0, high=1, unit="yes or no", why="the United Kingdom kept the law, but has an authority of its own: an option",
        source="region.eu-transfer-lawfulness", assumed=True,
    )  # fmt: skip

    in_europe = account.market.isin(*EUROPE) | ((account.market == "GB") & (uk_counts == 1))
    without_basis = tg.when(DataTransfer.legal_basis.is_null() | (DataTransfer.legal_basis == ""), 1, 0)

    transfer = tg.Rule(
        id="region.eu-transfer-lawfulness",
        title="Data of an account in Europe are transferred without a legal basis",
        on=(DataTransfer,),
        when=without_basis >= transfers_least,
        given=in_europe,
        cases=(queues.PRIVACY,),
        reason="{observed} transfer without a legal basis on record; from {limit} on it is looked at",
        source="region.eu-transfer-lawfulness",
        note="Europe is the EU and the EEA, by the account's market, else by the country of its number; the United Kingdom by"
        " option. A basis that is not known is not none",
        examples=("fires: no basis on record", "does not: a basis on record, or an account elsewhere"),
    )
