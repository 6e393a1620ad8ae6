"""What people call the columns of a list, in many languages."""

# ruff: noqa: RUF001  # letters of other alphabets are the point

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Facts that a list may bring along, with what people call them. Compared without case, accents and marks.
NAMES: Mapping[str, tuple[str, ...]] = {
    "number": (
        "number", "phone", "phone number", "mobile", "mobile number", "msisdn", "telephone", "tel", "cell", "whatsapp", "e164",
        "account", "手机号", "手机号码", "电话", "电话号码", "号码", "账号", "手機號碼", "電話", "numero", "número", "teléfono", "móvil", "celular",
        "telefone", "número de telefone", "téléphone", "numéro", "numéro de téléphone", "portable", "telefon", "telefonnummer",
        "nummer", "rufnummer", "handynummer", "mobilnummer", "cellulare", "numero di telefono", "телефон", "номер", "номер телефона",
        "رقم", "رقم الهاتف", "الهاتف", "nomor", "nomor telepon", "nomor hp", "no hp", "numara", "telefon numarası", "cep telefonu",
        "số điện thoại", "電話番号", "携帯番号", "전화번호", "휴대폰", "फ़ोन नंबर", "मोबाइल", "เบอร์โทร", "หมายเลขโทรศัพท์",
    ),
    "remark": (
        "remark", "remarks", "note", "notes", "comment", "comments", "source", "name", "备注", "说明", "來源", "来源", "nota", "notas",
        "observación", "observaciones", "comentario", "observação", "remarque", "commentaire", "bemerkung", "notiz", "anmerkung",
        "quelle", "commento", "примечание", "комментарий", "заметка", "ملاحظة", "ملاحظات", "catatan", "keterangan", "açıklama",
        "not", "ghi chú", "備考", "メモ", "비고", "메모", "टिप्पणी", "หมายเหตุ",
    ),
    "account_id": ("account id", "user id", "userid", "uid", "用户id", "账户id", "id de cuenta", "konto id", "id аккаунта"),
    "registered_at": (
        "registered", "registered at", "registration", "registration date", "created", "created at", "signup date", "注册时间",
        "注册日期", "fecha de registro", "data de registro", "date d'inscription", "registriert", "registriert am",
        "registrierungsdatum", "дата регистрации", "تاريخ التسجيل", "tanggal daftar", "kayıt tarihi", "ngày đăng ký", "登録日", "가입일",
    ),
    "last_active_at": (
        "last active", "last active at", "last interaction", "last seen", "last contact", "最后互动", "最后活跃", "最近互动时间",
        "última actividad", "última interacción", "última atividade", "dernière activité", "zuletzt aktiv", "letzter kontakt",
        "последняя активность", "آخر نشاط", "terakhir aktif", "son etkinlik", "最終利用日", "최근 활동",
    ),
    "interactions_90d": ("interactions", "interactions 90d", "messages 90d", "互动次数", "interacciones", "interaktionen", "взаимодействия"),
    "has_avatar": (
        "avatar", "has avatar", "photo", "picture", "profile picture", "头像", "foto", "foto de perfil", "photo de profil",
        "profilbild", "аватар", "фото", "صورة", "foto profil", "profil fotoğrafı", "ảnh đại diện", "アバター", "프로필 사진",
    ),
    "has_signature": (
        "signature", "has signature", "status text", "about", "bio", "签名", "个性签名", "firma", "estado", "assinatura",
        "statut", "signatur", "status", "подпись", "статус", "توقيع", "tanda tangan", "imza", "chữ ký", "署名", "서명",
    ),
    "warnings": (
        "warnings", "violations", "incidents", "strikes", "违规次数", "警告次数", "违规", "advertencias", "infracciones",
        "avertissements", "verwarnungen", "verstöße", "предупреждения", "нарушения", "تحذيرات", "peringatan", "uyarılar", "違反", "경고",
    ),
    "is_registered": ("is registered", "has account", "opened", "是否注册", "已注册", "registrado", "inscrit", "зарегистрирован"),
    "is_suspended": ("suspended", "is suspended", "banned", "blocked", "是否封禁", "封号", "suspendido", "suspendu", "gesperrt", "заблокирован"),
    "is_reachable": ("reachable", "is reachable", "in service", "valid", "是否可达", "空号", "alcanzable", "joignable", "erreichbar", "доступен"),
    "number_type": ("number type", "line type", "号码类型", "tipo de número", "type de numéro", "nummerntyp", "тип номера"),
    "region": ("region", "login region", "地区", "región", "région", "регион"),
    "device_kind": ("device", "device kind", "handset", "设备", "dispositivo", "appareil", "gerät", "устройство", "cihaz", "端末", "기기"),
    "main_account": ("main account", "main", "is main", "主号", "主账号", "cuenta principal", "compte principal", "hauptkonto", "основной аккаунт"),
}  # fmt: skip
# Headings of what people wrote to each other: a list with such a column is not taken (comp.no-private-content).
CONTENT = (
    "chat", "chats", "chat text", "chat log", "chat history", "chat record", "chat records", "conversation", "conversations", "transcript",
    "message", "messages", "message text", "message body", "message content", "message archive", "archive", "content", "sms text", "sms",
    "mail text", "dialog", "dialogue", "聊天", "聊天记录", "聊天内容", "消息", "消息内容", "短信内容", "对话", "對話", "mensaje", "mensajes",
    "texto del mensaje", "conversación", "conversa", "mensagem", "mensagens", "texte du message", "contenu du message", "nachricht",
    "nachrichten", "nachrichtentext", "chatverlauf", "verlauf", "messaggio", "messaggi", "сообщение", "сообщения", "текст сообщения",
    "переписка", "رسالة", "رسائل", "نص الرسالة", "محادثة", "pesan", "isi pesan", "percakapan", "mesaj", "mesajlar", "sohbet",
    "tin nhắn", "nội dung tin nhắn", "メッセージ", "会話", "메시지", "대화", "संदेश", "ข้อความ",
)  # fmt: skip
_MARKS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Return a heading without what people vary: case, accents, marks, spaces.

    >>> plain("  Número_de Teléfono: ")
    'numero de telefono'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        c
        for c in decomposed
        if not unicodedata.combining(c) or "\u0e00" <= c <= "\u0e7f" or "\u0900" <= c <= "\u097f"
    )
    return _MARKS.sub(" ", kept).strip()


_FACTS = {plain(name): fact for fact, names in NAMES.items() for name in (*names, fact)}


_CONTENT = frozenset(plain(name) for name in CONTENT)


def holds_content(heading: str) -> bool:
    """Whether a heading announces what people wrote to each other.

    >>> holds_content("Chat-Log"), holds_content("remark")
    (True, False)
    """
    return plain(heading) in _CONTENT


def fact_of(heading: str) -> str | None:
    """Return the fact that a heading announces; None where it says nothing to us."""
    return _FACTS.get(plain(heading))
