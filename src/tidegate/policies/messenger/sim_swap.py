"""Numbers whose SIM has just been changed: by their holder, or by somebody who talked the operator into it."""

import tidegate as tg
from tidegate.events import CarrierCheck, LoginAttempt, SimChanged
from tidegate.policies.messenger import account, queues, sanctions
from tidegate.policies.messenger.familiar_device import is_familiar

_DAY = tg.days(1).ms


class SimSwap(tg.RuleSet):
    """Numbers whose SIM has just been changed: by their holder, or by somebody who talked the operator into it."""

    area = "login"

    document_days = tg.Parameter(
        7, low=1, high=30, unit="days", why="a week, the seventh day included", source="login.sim-changed-7d-id-document"
    )  # fmt: skip

    _seen = tg.events(SimChanged).last_seen()
    _of_account = _seen.per(SimChanged.account_id).ever()
    _of_number = _seen.per(SimChanged.number).ever().at(account.number)
    _as_operator_says = (
        tg.events(CarrierCheck)
        .last(CarrierCheck.last_sim_change)
        .per(CarrierCheck.number)
        .ever()
        .at(account.number)
    )
    changed_at = tg.greatest(
        _of_account, tg.greatest(_of_number.or_else(_of_account), _as_operator_says.or_else(_of_account))
    )
    days_since_change = tg.age(changed_at) / _DAY

    document = tg.Rule(
        id="login.sim-changed-7d-id-document",
        title="Login within 7 days of a change of SIM",
        on=(LoginAttempt,),
        when=days_since_change <= document_days,
        given=(LoginAttempt.ok != 0).or_else(True)  # noqa: FBT003  an operand
        & ~is_familiar(LoginAttempt.account_id, LoginAttempt.device_id),
        window="P7D",
        prior=tg.Prior(0.15, scores=False, source="login.sim-changed-7d-id-document"),
        measures=(sanctions.step_up("id_document", capability="login"),),
        cases=(queues.IDENTITY,),
        reason="a login {observed} days after the SIM was changed; a document is asked for up to {limit} days",
        source="login.sim-changed-7d-id-document",
        note="0.15 is the share that was asked, no condition: whoever logs in on the account's old device is not asked, everybody"
        " else is; shown, not scored. A login known to have failed does not count",
        examples=("fires: exactly 7 days after the change", "does not: 8 days after it"),
    )
    operator_disagrees = tg.Rule(
        id="login.carrier-consistency-check",
        title="The operator's data no longer fit the number",
        on=(CarrierCheck,),
        when=CarrierCheck.carrier_match == 0,
        reason="the operator's data do not fit the number (match: {observed})",
        source="login.carrier-consistency-check",
        note="recorded with the decision, without consequences: the platform asks its operator as often as it likes",
        examples=("fires: the comparison fails", "does not: the data agree"),
    )
