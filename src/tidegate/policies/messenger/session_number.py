"""Whose a registration session is: the number that its newest event with a number says."""

import tidegate as tg
from tidegate.events import RegistrationAttempt, VerificationCodeAttempt, VerificationCodeRequested

_MEMORY = tg.days(1)  # no session lasts longer

of_session = (
    tg.events(RegistrationAttempt, VerificationCodeRequested, VerificationCodeAttempt)
    .where((~RegistrationAttempt.number.is_null()).or_else(False))  # noqa: FBT003  an operand
    .last(RegistrationAttempt.number)
    .per(RegistrationAttempt.session_id)
    .over(_MEMORY)
)
