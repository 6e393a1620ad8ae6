"""Published limits of what is attached to messages."""

import tidegate as tg
from tidegate.events import MessageSent

MIB = 1 << 20


class QuotasMedia(tg.RuleSet):
    """Published limits of what is attached to messages."""

    area = "messaging"

    video_mib = tg.Parameter(
        16, low=1, high=2048, unit="MB", why="less than 16; the official client lets exactly 16 through",
        source="msg.media-size-under-16mb",
    )  # fmt: skip
    picture_px = tg.Parameter(
        1200, low=100, high=20000, unit="px", why="less than 1200 on the longer side", source="msg.image-under-1200px"
    )  # fmt: skip

    # one side may settle it where nobody tells the other
    _width, _height = MessageSent.media_width, MessageSent.media_height
    _known_side = tg.greatest(_width.or_else(0), _height.or_else(0))
    _longer_side = tg.greatest(_width, _height)

    video = tg.Quota(
        id="msg.media-size-under-16mb", title="Videos of less than 16 MB", capability=("send",), on=(MessageSent,),
        within=MessageSent.media_bytes / MIB < video_mib, given=MessageSent.message_type == "video", kind="size",
        unit="MB", reason="a video of {observed} MB; less than {limit} MB is advised", source="msg.media-size-under-16mb",
        note="MB read as MiB", examples=("exceeds: exactly 16 MiB", "within: one byte less"),
    )  # fmt: skip
    picture = tg.Quota(
        id="msg.image-under-1200px", title="Pictures of less than 1200 pixels", capability=("send",), on=(MessageSent,),
        within=tg.when(_known_side >= picture_px, _known_side, _longer_side) < picture_px,
        given=MessageSent.message_type == "image", kind="size", unit="px",
        reason="a picture of {observed} pixels on its longer side; less than {limit} is advised",
        source="msg.image-under-1200px",
        examples=("exceeds: 1200 x 800 pixels", "within: 1199 x 1199 pixels"),
    )  # fmt: skip
