"""Kinds of event by their initials, and what several readings share."""

from __future__ import annotations

from tidegate import events, hours
from tidegate.events import (
    AccountProfile,
    AccountRegistered,
    BroadcastBatch,
    ClientReport,
    GroupJoined,
    LoginAttempt,
    MessageSent,
    PaymentAttempted,
    ReportFiled,
)

M, B, L, R, G = MessageSent, BroadcastBatch, LoginAttempt, ReportFiled, GroupJoined
P, A, C, PAY = AccountProfile, AccountRegistered, ClientReport, PaymentAttempted

direct = events(M).where(~M.is_broadcast)
sent_1h = events(M).count().per(M.account_id).over(hours(1))
forwarded_1h = events(M).where(M.is_forward).count().per(M.account_id).over(hours(1))
zone = events(P).last(P.tz).per(P.account_id).ever()
opened = events(A).first_seen().per(A.account_id).ever()
registered = events(P).last(P.registered_at).per(P.account_id).ever().or_else(opened)
