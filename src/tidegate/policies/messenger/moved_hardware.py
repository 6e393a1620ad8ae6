"""Hardware that was found out under one device id and comes back under another."""

import tidegate as tg
from tidegate.events import DeviceReport
from tidegate.expr import Expr

_LIMIT = tg.Parameter(
    0.2, low=0.05, high=0.9, unit="share", name="moved_hardware.wrong_limit", source="device.param-error-over-20pct",
    why="the limit above which a report marks its device",
)  # fmt: skip
_found_out = tg.events(DeviceReport).where(
    (DeviceReport.params_total > 0) & (DeviceReport.params_wrong / DeviceReport.params_total > _LIMIT)
)


def _elsewhere(code: Expr) -> Expr:
    """Return whether the hardware with this code was found out under another device id."""
    never = _found_out.previous_seen().per(code).ever().is_null()
    return (
        ~code.is_null()
        & ~DeviceReport.device_id.is_null()
        & ~never
        & (_found_out.previous(DeviceReport.device_id).per(code).ever() != DeviceReport.device_id)
    )


class MovedHardware(tg.RuleSet):
    """Hardware that was found out under one device id and comes back under another."""

    area = "device"

    _board, _imei = _elsewhere(DeviceReport.board_serial_hash), _elsewhere(DeviceReport.imei_hash)
    moved = _board.or_else(_imei) | _imei.or_else(_board)

    linked = tg.Rule(
        id="device.identity-linkage",
        title="Hardware that was marked under another device id",
        on=(DeviceReport,),
        when=moved == 1,
        labels=(tg.Label("device-risk", on="device"),),
        reason="the hardware was marked under another device id (found: {observed})",
        source="device.identity-linkage",
        note="by the code of the main board or the IMEI, whichever is known: the mark moves on with the hardware, so that neither a"
        " new number nor a reset of the phone ends it. Changes of SIM are looked at by rules of their own",
        examples=(
            "fires: the main board of a marked phone under a new id",
            "does not: another report of the same id",
        ),
    )
