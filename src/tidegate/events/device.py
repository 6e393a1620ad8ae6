"""Devices: what the app reports of the hardware it runs on."""

from tidegate.events.event import Event
from tidegate.events.kinds import Date, Flag, Integer, Real, Ref, Text


class DeviceReport(Event, kind="device_report"):
    """Device parameters reported by the app."""

    model = Text("device model")
    os_version = Text("version of the operating system")
    api_level = Integer("API level of the operating system", unit="Android API level")
    security_patch = Date("day of the security patch")
    ram_mb = Integer("memory", unit="MiB")
    screen = Text("screen size", unit="WxH px")
    cpu_arch = Text("processor architecture")
    imei_hash = Ref("imei", "hardware code", unit="keyed hash")
    board_serial_hash = Ref("board", "main board serial", unit="keyed hash")
    is_rooted = Flag("root or jailbreak")
    params_total = Integer("parameters expected", unit="count")
    params_wrong = Integer("parameters missing or inconsistent", unit="count")
    screen_anomaly_rate = Real("screen-resolution adaptation anomaly rate", unit="ratio", low=0)
    cpu_isa_deviation = Real("deviation in CPU instruction-set use", unit="0..1", low=0, high=1)
