"""The queues in which people look at cases, each with its service time."""

import tidegate as tg

REGISTRATION = tg.Case("registration", within=tg.hours(6), why="mean delay of the registration queue")
PRIORITY_MESSAGE = tg.Case(
    "priority-message", within=tg.hours(1), why="assumed: the source says priority, no time"
)
REPORT_PRIORITY = tg.Case("report-priority", within=tg.minutes(15), why="review starts within 15 minutes")
REPORT_DEEP = tg.Case("report-deep", within=tg.hours(48), why="48 hours of deep analysis")
CROSS_REGION = tg.Case("report-cross-region", within=tg.hours(12), why="decision extended to 12 hours")
BEHAVIOUR = tg.Case("behaviour", within=tg.hours(24), why="assumed: the source gives no time")
PERMANENT_DEACTIVATION = tg.Case(
    "permanent-deactivation", within=tg.hours(48), why="assumed: deactivation review 48 hours"
)
PROTOCOL_CHECK = tg.Case(
    "protocol-check", within=tg.hours(24), why="assumed; a queue for machines: is the client what it says"
)
CONTENT_SCAN = tg.Case(
    "content-scan", within=tg.minutes(5), why="assumed; a queue for machines: fingerprints, links, classes"
)
FRAUD_KEYWORD = tg.Case("fraud-keyword", within=tg.hours(24), why="assumed: the source gives no time")
APPEAL = tg.Case(
    "appeal", within=tg.hours(16), why="mean processing time of appeals, taken as the service time"
)
IDENTITY = tg.Case("identity", within=tg.hours(24), why="assumed: the source gives no time")
PRIVACY = tg.Case(
    "privacy", within=tg.hours(72), why="assumed; a supervisory authority must hear of a breach within 72 h"
)
