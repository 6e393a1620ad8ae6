"""Words that several event types choose from."""

NETWORKS = ("wifi", "mobile", "public_wifi", "wired")
STEP_UPS = ("sms", "voice", "captcha", "two_factor", "biometric", "security_question", "phone", "id_document")
CARRIERS = ("mno", "mvno", "virtual")
