"""Patterns of signatures: contact labels, disclaimers, device lines, and the fields of our own template.

Contract: tables and compiled patterns only; every pattern is meant for one line of at most 400 characters,
case-folded and NFKC. Kept apart from signatures.py so that adding a language touches no logic. PURE.
"""

from __future__ import annotations

import re
from typing import Final

CLOSING_START: Final = re.compile(  # "Viele Grüße aus München", "Kind regards from a sunny Lyon,"
    r"(?:(?:viele|beste|liebe|schöne|herzliche|freundliche|sonnige|mit freundlichen) (?:grüße|grüsse|grüßen|grüssen)"
    r"|(?:kind|best|warm) regards|saludos(?: cordiales)?|un saludo|veuillez (?:agréer|recevoir)|"
    r"je vous prie d'agréer|en vous remerciant|dans l'attente) .{2,60}$"
)
MOBILE: Final = re.compile(
    r"(?:sent|gesendet|verschickt|envoyé|envoye|expédié|enviado|enviada|mandato|inviato|inviata|verzonden|verstuurd|"
    r"sendt|skickat|lähetetty|wysłane|wysłano|odesláno|gönderildi|отправлено|надіслано|trimis|elküldve)\b.{0,12}\b"
    r"(?:from|via|using|with|by|von|mit|über|aus|de|depuis|à partir|avec|desde|con|dal|da|do|del|pelo|van|vanaf|met|"
    r"fra|från|z|ze|с|з)\b.{0,70}$|"
    r"(?:get|download|try) (?:outlook|bluemail|blue mail|aqua mail|yahoo mail|proton ?mail|spark|the zoho mail app)\b"
    r".{0,40}$|(?:obtenez|télécharger|téléchargez|obtenir|obtener|obtén|descargar|ottieni|scarica|obter|obtenha|baixe|"
    r"download|hämta|hent|pobierz|laden sie|holen sie sich) outlook\b.{0,40}$"
)
DEVICE: Final = re.compile(
    r"iphone|ipad|ipod|apple|android|samsung|galaxy|blackberry|windows|outlook|mobile|phone|handy|smartphone|tablet|"
    r"gmail|yahoo|huawei|xiaomi|redmi|nokia|sony|xperia|lg |htc|motorola|oneplus|pixel|wiko|mail|typeapp|bluemail|"
    r"proton|zoho|móvil|movil|celular|telefon|téléphone|portable|cell|device|treo|palm|spark|nine|thunderbird|"
    r"aquamail|superhuman|shortwave|missive|mailbird|em client|tutanota|\btuta\b|fastmail|front app|\b[45]g\b|verizon|t-mobile|at&t|vodafone|orange|телефон|смартфон"
)
MOBILE_WHOLE: Final = re.compile(
    r"(?:私の|自分の)?(?:iphone|ipad|android|xperia|galaxy|スマートフォン|スマホ|携帯|docomo|au|softbank|windows|gmail|"
    r"outlook)[^。]{0,20}(?:から|で)(?:送信|送付|送る)(?:しました|しています|されました)?。?$|"
    r"outlook (?:for|für|pour|para) (?:ios|android|mac|windows)(?:\s?<\S{1,120}>)?(?: (?:beziehen|laden))?$|"
    r"(?:ios|android|mac)(?: 版)?(?: 用)?(?: の)? ?outlook(?: for \w+)?(?:<\S{1,120}>)? ?(?:を入手|から送信)?$|"
    r"outlook for (?:ios|android) を入手|发自我的.{1,20}|從我的.{1,20}傳送|我的 ?(?:iphone|ipad).{0,10}|"
    r"나의 .{1,20}에서 보냄|.{1,20}에서 보냄|iphone'umdan gönderildi|iphone'dan gönderildi|"
    r"(?:von|mit) (?:meinem|meiner|unserem|dem) .{2,50} (?:gesendet|verschickt)|"
    r"diese (?:nachricht|e-?mail) wurde (?:von|mit) .{2,70} gesendet|mobil.{0,6} gesendet|von unterwegs gesendet|sent on the go|sent on the move"
)
DISCLAIMER: Final = re.compile(
    r"confidential|privileged|intended (?:solely |only )?(?:for|recipient)|intended recipient|disclaimer|"
    r"if you (?:have |are )?(?:received? this|not the)|please consider the environment|before printing|"
    r"virus[- ]free|scanned for viruses|this (?:e-?mail|message) (?:and any|was sent|has been scanned|originated|"
    r"contains|may contain|w/attach)|registered (?:in|office|number)|"
    r"you (?:are receiving|received) this|unsubscribe|view in browser|"
    r"vertraulich|irrtümlich|bestimmungsgemässe|nicht der (?:richtige|beabsichtigte)|unbefugte|"
    r"diese (?:e-?mail|nachricht) (?:enthält|und|kann|wurde von)|denken sie an die umwelt|auf viren geprüft|"
    r"(?:bevor|ehe) sie diese (?:e-?mail|nachricht)|geschäftsführer|handelsregister|amtsgericht|"
    r"confidentiel|ce (?:message|courriel|mail|courrier)(?: électronique)?(?:,| et | est | peut | contient)|"
    r"destinataire|par erreur|pensez à l'environnement|avant d'imprimer|"
    r"confidencial|este (?:mensaje|correo|e-?mail)(?: electr[oó]nico)? (?:y |es |puede |contiene |va |se dirige )|"
    r"destinatario|por error|medio ambiente|antes de imprimir|protecci[oó]n de datos|"
    r"esta mensagem|este e-?mail|destinat[áa]rio|meio ambiente|"
    r"riservat|questo messaggio|questa e-?mail|per errore|persone diverse|uso esclusivo|privacy|"
    r"vertrouwelijk|dit (?:e-?mail)?bericht|deze e-?mail|geadresseerde|bestemd voor|"
    r"fortrolig|denne (?:e-?mail|e-?post|mail)|konfidentiell|detta (?:e-post|meddelande)|luottamuksellin|"
    r"poufn|niniejsz|adresat|důvěrn|gizli|bu e-?posta|конфиденциальн|данное (?:письмо|сообщение)|"
    r"機密|秘密情報|本メール(?:は|に|および|の内容)|このメール(?:は|に|およ)|誤って(?:受信|送信|送付)|守秘|"
    r"心当たりのない|受信者以外|宛先以外|意図しない|无意|保密|机密|机密|本邮件|本郵件|기밀|본 메일은|본 이메일"
)
STRONG_DISCLAIMER: Final = re.compile(
    r"intended (?:solely |only )?for|intended recipient|confidential(?:ity)?(?: notice)?\b.{0,80}\b(?:information|"
    r"message|e-?mail|privileged|use|intended|notice)|(?:message|e-?mail|communication)\b.{0,120}\bconfidential|"
    r"if you (?:have )?received? this|received this (?:e-?mail|message|communication) in error|"
    r"^\W*disclaimer\W*$|consider the environment|virus[- ]free|scanned for viruses|"
    r"unsubscribe from|you are receiving this|you received this message because|"
    r"vertrauliche.{0,60}(?:information|inhalt)|irrtümlich erhalten|nicht der richtige adressat|denken sie an die umwelt|"
    r"auf viren geprüft|ce (?:message|courriel|mail).{0,80}(?:confidentiel|destinataire|personnel)|"
    r"(?:message|courriel|mail) par erreur|pensez à l'environnement|avant d'imprimer ce|"
    r"este (?:mensaje|correo|e-?mail).{0,80}(?:confidencial|destinatario)|(?:mensaje|correo).{0,30}por error|"
    r"esta mensagem.{0,80}confidencia|este e-?mail.{0,80}confidencia|"
    r"(?:messaggio|e-?mail).{0,100}(?:riservat|confidenzial)|messaggio per errore|"
    r"(?:bericht|e-?mail).{0,80}vertrouwelijk|uitsluitend bestemd voor|"
    r"denne (?:e-?mail|e-?post|mail).{0,80}fortrolig|konfidentiell.{0,60}information|"
    r"niniejsz.{0,80}poufn|wiadomość.{0,60}poufn|данное (?:письмо|сообщение).{0,80}конфиденц|"
    r"(?:本|この)(?:電子)?メール.{0,60}(?:機密|秘密|誤って|心当たり|受信者以外|宛先以外|破棄|削除)|"
    r"誤って.{0,20}(?:受信|送信|届いた).{0,40}(?:破棄|削除|連絡)|本(?:邮件|郵件).{0,60}(?:保密|机密|機密)"
)
# Every wording of STRONG_DISCLAIMER holds one of these; looking for them first spares most lines the pattern.
STRONG_STEMS: Final = (
    "intended", "confiden", "receive", "receiving", "disclaimer", "environment", "virus", "unsubscribe", "vertraulich",
    "irrtümlich", "adressat", "umwelt", "auf viren", "destinat", "personnel", "erreur", "environnement", "imprimer",
    "por error", "riservat", "per errore", "vertrouwelijk", "uitsluitend", "fortrolig", "konfidentiell", "poufn",
    "конфиденц", "メール", "誤って", "邮件", "郵件",
)  # fmt: skip
BANNER: Final = re.compile(
    r"^\W*(?:caution|warning|external|achtung|vorsicht|hinweis|attention|atenci[oó]n|precauci[oó]n|注意|警告|外部)"
    r".{0,40}(?:external|outside|originated|extern|ausserhalb|extérieur|externo|fuera de|社外|外部|unknown sender)|"
    r"^\W*\[?(?:external(?: e-?mail| sender| message)?|extern|extérieur|externo|社外メール|外部メール)\]?\W*$|"
    r"^\W*you don'?t often get e-?mail from|^\W*this (?:e-?mail|message) (?:originated|came|was sent) from "
    r"(?:outside|an external)|^\W*some people who received this message don'?t often get"
)
CONTACT: Final = re.compile(
    r"^\W*(?:tel|telefon|telephone|téléphone|teléfono|telefono|phone|ph|p|t|m|f|e|w|mob|mobil|mobile|mobiltelefon|cell|"
    r"cellulare|celular|móvil|portable|fax|telefax|direct|dir|direct line|office|hotline|durchwahl|zentrale|standard|"
    r"e-?mail|mail|correo|courriel|web|website|site|url|www|skype|teams|linkedin|twitter|whatsapp|wechat|line|"
    r"address|adresse|anschrift|dirección|indirizzo|sitz|hrb|ust-?id(?:nr)?|vat(?: (?:no|id|number))?|siret|siren|"
    r"tva|nif|cif|cnpj|cvr|kvk|bank|iban|bic|partner id|partner no|reg(?:istration)?(?: no)?|company (?:no|number|reg)|"
    r"携帯|電話|直通|内線|代表|住所|所在地|メール|ファックス|電話番号|tel/fax|登録番号|法人番号)\b\.?\s{0,3}(?:[:/|.)+(]|\d|[-–])"
)
CONTACT_EVIDENCE: Final = re.compile(
    r"〒|℡|☎|✆|📞|📱|📧|\btel\b|\bfax\b|\bphone\b|\bmobile?\b|www\.|https?://|株式会社|有限会社|合同会社|\(株\)|"
    r"\bgmbh\b|\bltd\b|\binc\b|\bllc\b|\bs\.?a\.?r?\.?l?\b|\bb\.?v\b|\bkk\b|\bco\.|電話|\+\d{1,3}[ (.\d-]{6,}"
)
DATA: Final = re.compile(
    r"\b(?:zoid|zuid|zgid|org(?:ani[sz]ation)?\s?-?id|portal\s?id|user\s?-?id|group\s?-?id|super\s?-?admin\w*|"
    r"primary (?:customer|e-?mail|contact|admin)|customer'?s? (?:e-?mail|name|id|account)|service (?:name|org\w*)|"
    r"happened before|category|description|steps|expected|actual|error|screenshots?|licen[cs]es?|edition|plan|"
    r"browser|version|affected|impact|issue|problem|question|request|ticket|case|reference|order|invoice|"
    r"organisations-?id|benutzer-?id|kunden\w*|dienst|kategorie|beschreibung|fehler\w*|hauptadministrator|"
    r"identifiant|utilisateur|administrateur|catégorie|problème|servicio|categoría|descripción|usuario|"
    r"administrador)\b[^:：]{0,40}[:：=\t]|\b(?:zoid|zuid|zgid)\b|組織 ?id|組織ID|ユーザー ?id|グループ ?id|"
    r"スーパー管理者|特権管理者|主なお客様|サービス名|カテゴリ|お客様.{0,12}(?:メール|アドレス)[^:]{0,10}[:：]|説明[:：]|概要[:：]|内容[:：]"
)
TEMPLATE: Final = re.compile(
    r"\b(?:zoid|zuid|zgid|org(?:ani[sz]ation)?\s?-?id|super\s?-?admin\w*|primary customer|service name)\b|組織 ?id|"
    r"スーパー管理者|特権管理者|サービス名"
)
TALK: Final = re.compile(
    r"\b(?:please|pls|also|cannot|can't|can|still|we|i|it|they|she|he|is|are|was|the customer|customer|need|does|"
    r"bitte|auch|nicht|wir|ich|ist|kann|nous|aussi|est|pas|por favor|también|cliente|no|non|ook|niet|wij)\b"
)
CASE: Final = re.compile(
    r"\b(?:our|the|their|a) (?:customer|client|user)s?\b|\bzoho (?!corp)|\bkunden?\b|\bclient\b|\?"
)
LABEL: Final = re.compile(  # a field of the template alone on its line, its value on the next
    r"^\W*(?:\d+[.)]\s*)?(?:(?:the )?(?:primary|main) (?:customer|contact|admin\w*)(?: e-?mail)?(?: address| id)?|"
    r"super\s?-?admin\w*(?: e-?mail)?(?: address| id)?|customer e-?mail(?: address| id)?|"
    r"service(?: name| org\w*.{0,40})?|product(?: name)?|(?:zoid|zuid|zgid)\b.{0,30}|"
    r"(?:org(?:ani[sz]ation)?|user|group|portal)\s?-?id\b.{0,30}|category|issue type|"
    r"(?:(?:has|did) (?:this|it) )?happen(?:ed)? before|has this happened.{0,20}|description|details|screenshots?|"
    r"steps.{0,30}|組織 ?id.{0,12}|ユーザー ?id.{0,12}|サービス名|カテゴリー?|説明|詳細|概要|"
    r"dienst|kategorie|beschreibung|organisations-?id|benutzer-?id|servicio|categoría|descripción|catégorie)\W*$"
)
AFTERTHOUGHT: Final = re.compile(
    r"^\W*(?:p\.?\s?p?\.?s\b|ps\b|nb\b|n\.b\.|note|btw|追伸|追記|edit|update|attn)"
)
