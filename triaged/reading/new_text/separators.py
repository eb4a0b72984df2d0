"""What one line of a body says about the mail's structure: forward marks, separators, header fields, `>`.

Contract: a `Line` is made once per line, in constant time (only its first 400 characters are looked at),
and answers every question the scanner in quotes.py asks of a single line. The word tables hold the
phrases mail programs write, in the languages they write them. PURE.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, NamedTuple

LIMIT: Final = 400  # characters of a line that are ever looked at
Mark = Literal["", "forward", "forward_end", "original", "reply_above", "rule"]
Kind = Literal["", "from", "date", "to", "subject", "other"]

_FORWARD_PHRASES = """
forwarded message|forwarded mail|forwarded email|forwarded e-mail|begin forwarded message|fwd|
begin forwarded mail|start of forwarded message|start forwarded message|forwarded conversation|
weitergeleitete nachricht|anfang der weitergeleiteten nachricht|weitergeleitete e-mail|weitergeleitete mail|
anfang der weitergeleiteten e-mail|beginn der weitergeleiteten nachricht|
beginn der weitergeleiteten e-mail|message transféré|message transfere|
début du message transféré|message réexpédié|début du message réexpédié|courriel transféré|mail transféré|
début du courriel transféré|e-mail transféré|message transmis|début du message transmis|
mensaje reenviado|inicio del mensaje reenviado|
comienzo del mensaje reenviado|correo reenviado|mensagem encaminhada|início da mensagem encaminhada|
mensagem reencaminhada|início da mensagem reencaminhada|messaggio inoltrato|inizio messaggio inoltrato|
inizio del messaggio inoltrato|inizio messaggio reindirizzato|doorgestuurd bericht|begin doorgestuurd bericht|
begin van doorgestuurd bericht|vidarebefordrat meddelande|vidarebefordrat brev|
börja vidarebefordrat meddelande|videresendt meddelelse|videresendt besked|start på videresendt besked|
videresendt melding|start på videresendt melding|videresendt e-mail|välitetty viesti|
edelleenlähetetty viesti|välitetty viesti alkaa|
wiadomość przekazana dalej|przekazana wiadomość|wiadomość przekazana|treść przekazanej wiadomości|
początek przekazywanej wiadomości|przeposlaná zpráva|preposlaná správa|začátek přeposlané zprávy|
továbbított üzenet|mesaj redirecționat|mesaj redirectionat|mesaj transmis mai departe|
iletilen mesaj|iletilmiş ileti|yönlendirilen ileti|başlangıç: iletilen mesaj|
пересылаемое сообщение|пересланное сообщение|переадресованное сообщение|
начало переадресованного сообщения|начало пересылаемого сообщения|переслане повідомлення|
перенаправлене повідомлення|προωθημένο μήνυμα|препратено съобщение|
転送メッセージ|転送されたメッセージ|転送メール|転送されたメール|転送|以下転送|以下、転送|以下転送メール|
転送元メッセージ|転送メッセージ開始|ここから転送|転送ここから|
转发的邮件|转发邮件|转发邮件信息|转发的信件|轉寄的郵件|轉寄郵件|轉寄的信件|被转发的邮件|开始转发的邮件|
開始轉寄的郵件|전달된 메시지|전달된 메일|전달한 메일|원본 메시지 전달|
thư đã chuyển tiếp|tin nhắn được chuyển tiếp|pesan terusan|pesan yang diteruskan|mesej yang dimajukan|
ข้อความที่ส่งต่อ|रूपांतरित संदेश|अग्रेषित संदेश|הודעה שהועברה|رسالة معاد توجيهها|
الرسالة المعاد توجيهها|بدء الرسالة المعاد توجيهها
"""
_END_PHRASES = """
end forwarded message|end of forwarded message|end of forwarded mail|ende der weitergeleiteten nachricht|
ende der weitergeleiteten e-mail|fin du message transféré|fin du message réexpédié|
fin del mensaje reenviado|fine messaggio inoltrato|fine del messaggio inoltrato|fim da mensagem encaminhada|
einde doorgestuurd bericht|転送メッセージここまで|転送ここまで|ここまで転送|転送メッセージ終わり
"""
_ORIGINAL_PHRASES = """
original message|original mail|original email|original e-mail|reply message|previous message|
original appointment|orig. message|
ursprüngliche nachricht|ursprungliche nachricht|urspr. mitteilung|originalnachricht|original-nachricht|
ursprüngliche e-mail|original nachricht|originale nachricht|
message d'origine|message original|message initial|courriel original|e-mail d'origine|mail original|
mensaje original|correo original|mensagem original|messaggio originale|messaggio di origine|
oorspronkelijk bericht|origineel bericht|oorspronkelijke e-mail|
oprindelig meddelelse|oprindelig besked|original meddelelse|opprinnelig melding|original melding|
ursprungligt meddelande|originalmeddelande|alkuperäinen viesti|
oryginalna wiadomość|wiadomość oryginalna|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|
orijinal mesaj|özgün ileti|исходное сообщение|оригинальное сообщение|вихідне повідомлення|
αρχικό μήνυμα|元のメッセージ|元のメール|オリジナルメッセージ|原文|原始邮件|原始郵件|原邮件|原始信件|
원본 메시지|원본메시지|원본 메일|thư gốc|pesan asli|ข้อความต้นฉบับ|الرسالة الأصلية|הודעה מקורית|मूल संदेश
"""
_FIELDS: dict[Kind, str] = {
    "from": """šalje|pošiljatelj|pošiljalec|pošiljaoc|nuo|siuntėjas|no|sūtītājs|saatja|kellelt|від|відправник|відправив|подател|изпратено от|шаље|пошиљалац|од|испраќач|ส่งจาก|ผู้ส่ง|αποστολέας|השולח|המרסל|المرسل|người gửi|pengirim|daripada|feladója|expeditor|odosielateľ|avsender|afsender|avsändare|frá|sendandi|از|فرستنده|remitent|igorlea|bidaltzailea|nga|gönderici|kimdən|გამგზავნი|보내는 사람|from|von|de|da|van|fra|från|od|lähettäjä|от|kimden|gönderen|feladó|expéditeur|remitente|mittente|
        afzender|absender|expediteur|remetente|sender|从|差出人|送信者|送信元|発信者|发件人|寄件者|寄件人|發件人|
        보낸 사람|보낸사람|발신|od kogo|από|від|din|de la|dari|từ|จาก|מאת|من|प्रेषक|odesílatel""",
    "date": """gönderilen|gönderim tarihi|gönderme tarihi|gönderilme zamanı|poslano|datum slanja|poslato|послато|датум|išsiųsta|nosūtīts|nosūtīšanas datums|datums|saadetud|kuupäev|надіслано|відправлено|изпратено|пратено|испратено|ส่ง|ส่งเมื่อ|ส่งวันที่|εστάλη|αποστολή|أرسلت|أُرسلت|تم الإرسال|تاريخ|gửi|gửi lúc|ngày gửi|thời gian|terkirim|dihantar|tarikh|trimis la|data trimiterii|lähetyspäivä|sendt dato|enviat|bidalia|dërguar|göndərilib|ارسال شده|भेजा गया|तारीख|data|date|sent|sent at|sent on|date sent|gesendet|gesendet am|datum|envoyé|envoyé le|envoye|envoyée|
        date d'envoi|enviado|enviado el|enviada em|enviado em|enviada|enviado a|fecha|data|inviato|inviata|
        data invio|verzonden|verstuurd|sendt|dato|skickat|skickades|wysłano|data wysłania|lähetetty|päivämäärä|
        päiväys|pvm|отправлено|дата|дата отправки|gönderildi|gönderilme tarihi|tarih|elküldve|dátum|küldve|
        odesláno|odoslané|送信日時|日時|日付|送信日|受信日時|发送时间|发送日期|日期|寄件日期|傳送時間|時間|时间|
        보낸 날짜|날짜|보낸날짜|일자|message du|ημερομηνία|στάλθηκε|trimis|dikirim|tanggal|ngày|đã gửi|
        วันที่|תאריך|נשלח|التاريخ|تاريخ الإرسال|दिनांक|date/time|date & time""",
    "to": """prima|primatelj|prejemnik|za|primalac|прима|прималац|kam|gavėjas|saņēmējs|kellele|saaja|одержувач|отримувач|до|получател|примач|ผู้รับ|ส่งถึง|παραλήπτης|נמען|לכבוד|المستلم|người nhận|untuk|penerima|adresát|príjemca|příjemce|mottaker|modtager|mottagare|per a|nori|به|گیرنده|për|kimə|to|an|à|a|para|aan|til|till|do|vastaanottaja|кому|kime|alıcı|címzett|komu|destinataire|destinatario|
        destinatário|per|宛先|送信先|收件人|收件者|受信者|받는 사람|받는사람|수신|προς|către|catre|kepada|đến|
        tới|ถึง|אל|إلى|प्रति|empfänger""",
    "subject": """tēma|temats|teema|предмет|หัวข้อ|chủ đề|subyek|hal|efni|gaia|assumpte|موضوع|tema|subjekt|mövzu|subjekti|θεμα|tárgya|subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|aihe|тема|konu|tárgy|
        předmět|predmet|件名|題名|主题|主旨|主題|제목|θέμα|subiect|subjek|perihal|chủ đề|tiêu đề|เรื่อง|หัวเรื่อง|
        נושא|الموضوع|विषय|title""",
    "other": """kopija|kopijos|копія|копие|копија|สำเนา|สำเนาถึง|κοινοποίηση|העתק|نسخة|نسخة إلى|đồng kính gửi|bản sao|tembusan|salinan|kópia|kópie|kopier|còpia|önem|öncelik|رونوشت|i̇lgi|bilgi|attachments:|přílohy|załączniki|važnost|cc|c.c.|kopie|kopie (cc)|copie|copie à|copie a|cci|bcc|bcc:|kopi|kopia|dw|udw|kopio|копия|másolat|
        másolatot kap|bilgi|gizli|copia|con copia|cópia|com cópia|per conoscenza|ccn|抄送|副本|密件抄送|참조|숨은참조|
        写し|同报|同報|reply-to|reply to|antwort an|répondre à|responder a|rispondi a|返信先|importance|priority|
        wichtigkeit|priorität|importancia|priorité|重要度|attachments|attachment|anlagen|anlage|anhänge|
        pièces jointes|datos adjuntos|adjuntos|anexos|allegati|bijlagen|添付ファイル|附件|message-id|return-path|
        received|organization|organisation|x-mailer|user-agent|mime-version|content-type|resent-from|
        list-id|mailing-list|κοιν.|via|categories""",
}


def _table(text: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in text.replace("\n", "").split("|") if part.strip())


FORWARD_PHRASES: Final = _table(_FORWARD_PHRASES)
END_PHRASES: Final = _table(_END_PHRASES)
ORIGINAL_PHRASES: Final = _table(_ORIGINAL_PHRASES)
FIELDS: Final[dict[str, Kind]] = {label: kind for kind, labels in _FIELDS.items() for label in _table(labels)}

_DECORATION = "-_=*#~+<>—–─━―‐[]【】《》＜＞「」 \t"
_RULE_CHARACTERS = frozenset("-_=*#~+—–─━―‐ \t")
_REPLY_ABOVE = re.compile(
    r"(reply|respond|write|type|answer|response|text|message)\b.{0,30}\b(above|below) th(is|e) (line|dashed)|"
    r"above th(is|e) line.{0,20}\b(reply|respond|answer)|do not (write|type|reply) below this line|"
    r"please type your reply above|add your reply above|"
    r"(oberhalb|über) dies(er|em|e) (linie|zeile|trennlinie|textes?)|"
    r"au[- ]dessus de cette ligne|(encima|arriba) de esta l[ií]nea|acima desta linha|"
    r"sopra (a )?questa (riga|linea)|boven deze (regel|lijn)|ovenfor denne linje|ovanför den(na)? (här )?rad|"
    r"(こ|本)の?(線|行|ライン)(より|の)?(も)?上|在此(行|线|線)(之)?上|이 줄 위"
)
_ASKING = (
    "please", "reply", "write", "type", "add your", "enter", "do not", "bitte", "veuillez", "répond", "merci de", "por favor",
    "escriba", "responda", "digite", "si prega", "rispondi", "gelieve", "typ", "antwort", "この", "本", "请", "請",
)  # fmt: skip
_FORWARD_STEM = re.compile(
    r"\bforward|\bfwd\b|weitergeleitet|transf[eé]r|r[eé]exp[eé]di|reenviad|inoltrat|encaminhad|reencaminhad|doorgestuurd|"
    r"vidarebefordra|videresend|przekazan|пересл|пересыл|転送|转发|轉寄|전달"
)
_BRACKETED = re.compile(r"^(?:\[[^\]]{0,60}\]\s*){0,4}")
_FORWARD_SUBJECT = re.compile(
    r"(?:fw|fwd|forward|wg|tr|rv|reenv|enc|i|inoltro|doorst|vb|vs|fs|pd|ilt|転送|转发|轉寄|전달|пересл|перес|πρθ|vl|tov|továbbítás|proslj?|proslijeđeno|persiųsta|pers|pārsūtīts|pārs|edasi|przek|přep|prep|preposlané|redir|redirecționat|ส่งต่อ|chuyển tiếp|trs|teruskan|הועבר|إعادة توجيه|препр|videresendt|vidarebefordrat)\s?(?:\[\d+\])?\s?:"
)
_REPLY_SUBJECT = re.compile(
    r"(?:re|aw|antw|antwort|sv|rép|réf|ré|res|r|rif|odp|vá|ynt|bls|balas|回复|答复|回覆|返信|回信|ответ|회신|답장|απ|σχετ|odg|одг|отг|відп|отв|ats|atb|válasz|räsp|răsp|rasp|yan|cvp|cevap|ตอบกลับ|ตอบ|trả lời|bls|jwb|תגובה|השב|رد|پاسخ)"
    r"\s?(?:\[\d+\]|\(\d+\)|\^\d+)?\s?:"
)
_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\x00",
    )
)


class Line(NamedTuple):
    """One line, understood: `raw` as it stands, `text` its matching copy (NFKC, stripped, cut)."""

    raw: str
    text: str
    quoted: bool
    mark: Mark
    field: Kind
    value: str  # of the header field

    @property
    def blank(self) -> bool:
        """Nothing to see in it."""
        return not self.text


_BLANK: Final = Line("", "", False, "", "", "")


def line(raw: str) -> Line:
    """Understand one line. Constant time: whatever stands behind 400 characters is not looked at."""
    text = matching(raw)
    if not text:
        return _BLANK
    if text[0] == ">":
        return Line(raw, text, True, "", "", "")
    field, value = header_field(text)
    return Line(raw, text, False, mark_of(text), field, value)


def matching(raw: str) -> str:
    """A copy for matching: first 400 characters, NFKC, without invisible characters, stripped."""
    text = raw[:LIMIT]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return text.strip()


def unquoted(one: Line) -> Line:
    """The same line with one `>` level taken off; a line without `>` stays as it is."""
    if not one.quoted:
        return one
    rest = one.raw.lstrip()[1:]
    return line(rest.removeprefix(" "))


def mark_of(text: str) -> Mark:
    """Which separator a line is, if it is one and nothing else."""
    if len(text) > 160:
        return ""
    if text.startswith("##-") and text.endswith("-##"):
        return "reply_above"  # the first line of our own letters (`write_above` in the rulebook), in any language
    core = text.strip(_DECORATION)
    if not core:
        return "rule" if len(text) >= 4 else ""
    decorated = len(text) - len(core) >= 4 and text[0] in _DECORATION
    return _phrase_mark(core, text, decorated)


def _phrase_mark(core: str, text: str, decorated: bool) -> Mark:
    phrase = core.rstrip(": ").casefold()
    if phrase in FORWARD_PHRASES and (
        decorated or core[-1] == ":" or len(phrase.split()) > 1 or text[0] in "-="
    ):
        return "forward"
    if phrase in END_PHRASES:
        return "forward_end"
    if phrase in ORIGINAL_PHRASES and (decorated or text[:1] in "-="):
        return "original"
    if decorated and phrase.startswith("original message"):
        return "original"
    if (decorated or text[0] in _DECORATION or _asks_to_reply(phrase)) and _REPLY_ABOVE.search(phrase):
        return "reply_above"
    framed = decorated and text[-1] in _DECORATION and len(phrase) <= 100
    return "forward" if framed and _FORWARD_STEM.search(phrase) else ""


def _asks_to_reply(phrase: str) -> bool:
    return len(phrase) < 70 and phrase.startswith(_ASKING)


def header_field(text: str) -> tuple[Kind, str]:
    """The mail header field a line looks like (`From: …`, `*Von:* …`, `差出人：…`), with its value."""
    head, colon, _ = text[:48].partition(":")
    if not colon:
        head, colon, _ = text[:48].partition("\t")
        if not colon:
            return "", ""
    kind: Kind = FIELDS.get(head.strip(" \t*_|•").casefold(), "")
    if not kind:
        return "", ""
    return kind, text[len(head) + 1 :].strip(" \t*_|")


def subject_kind(subject: str) -> Literal["forward", "reply", ""]:
    """What the first prefix of a subject says; ticket references and `[EXTERNAL]` before it are skipped."""
    text = unicodedata.normalize("NFKC", subject[:LIMIT]).casefold().strip()
    text = text[_BRACKETED.match(text).end() :].lstrip()  # type: ignore[union-attr]
    text = text.removeprefix("automatic reply:").lstrip().replace("\u0307", "")  # of a Turkish capital I
    if _FORWARD_SUBJECT.match(text):
        return "forward"
    return "reply" if _REPLY_SUBJECT.match(text) else ""
