"""Messages and calls: sending, delivery, broadcasts, links, contacts, media."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Fingerprint, Flag, Id, Integer, Real, Ref, Refs, Text, Texts
from tidegate.events.vocabulary import NETWORKS


class MessageSent(Event, kind="message_sent"):
    """A message is accepted for sending."""

    message_id = Id("id of the message")
    message_type = Choice("text", "image", "video", "link", "forward", "other", about="dominant type")
    is_forward = Flag("the message is forwarded")
    forward_depth = Integer("how often the content was passed on before", unit="hops")
    link_hashes = Refs("link", "links carried")
    recipient_id = Ref("account", "account the message goes to")
    group_id = Ref("group", "group the message goes to")
    is_broadcast = Flag("part of a broadcast")
    batch_id = Ref("batch", "broadcast batch")
    recipient_is_contact = Flag("recipient is in the sender address book or answered before")
    is_reply = Flag("answers a message of the recipient")
    is_promotional = Flag("declared or classified as promotion")
    via_business_api = Flag("sent through the business API")
    content_fp = Fingerprint("fingerprint for similarity; from the endpoint, the business API or a report")
    keyword_classes = Texts("keyword classes matched; same origin as content_fp", unit="class names")
    media_bytes = Integer("size of the attachment", unit="bytes")
    media_width = Integer("width of the picture", unit="px")
    media_height = Integer("height of the picture", unit="px")
    network_type = Choice(*NETWORKS, about="access network")


class MessageDelivered(Event, kind="message_delivered"):
    """A message reached the recipient."""

    message_id = Id("id of the message")


class MessageReceived(Event, kind="message_received"):
    """A message arrives from a peer."""

    from_id = Ref("account", "account the message came from")


class BroadcastBatch(Event, kind="broadcast_batch"):
    """A broadcast batch is submitted."""

    batch_id = Ref("batch", "broadcast batch")
    recipient_count = Integer("recipients of the batch", unit="recipients")
    recipient_ids = Refs("account", "accounts the batch goes to")
    content_fp = Fingerprint("fingerprint of the content, for similarity")


class LinkClicked(Event, kind="link_clicked"):
    """A recipient opens a link."""

    link_hash = Ref("link", "link", unit="keyed hash")
    sender_id = Ref("account", "account that sent the link")
    recipient_id = Ref("account", "account that opened the link")


class ContactAdded(Event, kind="contact_added"):
    """An address-book entry is added."""

    contact_id = Ref("account", "account added")
    is_known = Flag("there was contact before, or the other side has the account too")


class ContactsExported(Event, kind="contacts_exported"):
    """Contacts are exported."""

    count = Integer("contacts exported", unit="contacts")


class CallStarted(Event, kind="call_started"):
    """A call is placed."""

    kind = Choice("voice", "video", about="kind of call")
    callee_id = Ref("account", "account called")


class MediaDownloaded(Event, kind="media_downloaded"):
    """A download request for media."""

    file_count = Integer("files asked for", unit="files per request")


class BandwidthSample(Event, kind="bandwidth_sample"):
    """Traffic volume of an account."""

    bytes = Integer("traffic", unit="bytes")


class LocationShared(Event, kind="location_shared"):
    """A position is sent."""

    error_m = Real("error of latitude/longitude", unit="m", low=0)


class DataTransfer(Event, kind="data_transfer"):
    """Personal data leaves the account or the region."""

    legal_basis = Text("basis on record or null")
    destination = Text("country the data goes to", unit="ISO 3166-1")
