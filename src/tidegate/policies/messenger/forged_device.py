"""Devices that are not what they report: emulators and forged parameters."""

import tidegate as tg
from tidegate.events import DeviceReport
from tidegate.policies.messenger.priors import unstated


class ForgedDevice(tg.RuleSet):
    """Devices that are not what they report: emulators and forged parameters."""

    area = "device"

    wrong_limit = tg.Parameter(
        0.2, low=0.05, high=0.9, unit="share", why="a few parameters are wrong on many honest devices",
        source="device.param-error-over-20pct",
    )  # fmt: skip
    instructions_limit = tg.Parameter(
        0.34, low=0.05, high=0.95, unit="share", why="the official app stays below 0.05 on real processors",
        source="device.cpu-isa-deviation-over-034",
    )  # fmt: skip
    screen_limit = tg.Parameter(
        0.27, low=0.02, high=0.9, unit="share", why="mean of modified clients; the official one has 0.02",
        source="device.screen-anomaly-rate", assumed=True,
    )  # fmt: skip

    wrong_parameters = tg.Rule(
        id="device.param-error-over-20pct",
        title="More than 20 % of the device's parameters are wrong",
        on=(DeviceReport,),
        when=DeviceReport.params_wrong / DeviceReport.params_total > wrong_limit,
        given=DeviceReport.params_total > 0,
        labels=(tg.Label("device-risk", on="device"),),
        reason="a share of {observed} of the parameters is wrong; limit {limit}",
        source="device.param-error-over-20pct",
        note="of the parameters that the app is expected to report: those of device.standard-params and"
        " device.hardware-indicators-15",
        examples=("fires: 3 of 12 wrong", "does not: 3 of 15 wrong, exactly 20 %"),
    )
    instructions = tg.Rule(
        id="device.cpu-isa-deviation-over-034",
        title="Use of the processor deviates by more than 0.34",
        on=(DeviceReport,),
        when=DeviceReport.cpu_isa_deviation > instructions_limit,
        prior=unstated("device.cpu-isa-deviation-over-034"),
        labels=(tg.Label("suspicious-terminal", on="device"),),
        reason="use of the processor deviates by {observed}; limit {limit}",
        source="device.cpu-isa-deviation-over-034",
        note="between 0.05 and 0.34 the source says nothing: nothing follows",
        examples=("fires: 0.35", "does not: 0.34"),
    )
    screen = tg.Rule(
        id="device.screen-anomaly-rate",
        title="Screen adaptation fails as often as in modified clients",
        on=(DeviceReport,),
        when=DeviceReport.screen_anomaly_rate >= screen_limit,
        prior=unstated("device.screen-anomaly-rate"),
        reason="screen adaptation fails at a rate of {observed}; limit {limit}",
        source="device.screen-anomaly-rate",
        note="the source gives two means and no limit: the higher one, the lenient reading",
        examples=("fires: a rate of 0.27", "does not: a rate of 0.26"),
    )
