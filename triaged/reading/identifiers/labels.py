"""Words that name what stands beside them: ids, the SuperAdmin, the service; and words that say
"this number is something else" (phone, invoice, ticket) or "there is none" (N/A, 不明).

Contract: every pattern is for folded text (passages.py: NFKC, lower case, no Latin accents) and runs
in RE2, in one alternation, so that the cost is linear. Longer wordings stand before shorter ones,
since the first alternative that fits wins. A word of a new language is one more line here.
"""

from __future__ import annotations

from triaged.reading.words.automata import compiled

# --- ids ---------------------------------------------------------------------------------------

_ID = r"(?:identifiers?|identification(?: number)?|ids?|i\.d\.?|number|numbers|num|no\.?|nr\.?|#)"
_OF_THE = r"(?:(?:of|for) (?:the |this |that |their |our |your |his |her |its |service |zoho |affected )*)"
_OF_ROMANCE = (
    r"(?:de l'|de la |de le |de votre |de notre |de leur |de su |de |du |del |dell'|della |do |da |d')"
)

ZOID = (
    r"\bzo[ ._-]?id\W{0,3}(?:or|oder|ou|o|u|and|bzw\.?|または|又は|もしくは|か)\W{0,3}zg[ ._-]?id",
    r"\bzg[ ._-]?id\W{0,3}(?:or|oder|ou|o|u|and|bzw\.?|または|又は|もしくは|か)\W{0,3}zo[ ._-]?id",
    r"\bzo[ ._-]?id ?/ ?zg[ ._-]?id|\bzg[ ._-]?id ?/ ?zo[ ._-]?id",
    r"\bzo[ ._-]?id'?s?",
    r"\bziod",
    r"\b(?:zoho |service |dienst-?|crm |desk |books )*org(?:ani[sz]ations?|ani[sz]ational)?\.?(?:'s)?[ _-]{0,2}(?:zoho[ _-])?"
    + _ID,
    r"\b(?:ids?|identifier|number) " + _OF_THE + r"org(?:ani[sz]ation)?",
    r"\borganisations?[ -]?(?:ids?|kennung|nummer|nr\.?)",
    r"\borg\.?-?(?:kennung|nummer)",
    r"\b(?:id|kennung|nummer) (?:der|ihrer|unserer|deren|dieser|seiner) org(?:anisation)?",
    r"\b(?:ids?\.?|identifiants?|identificador|identificativo|numero|codigo|n[o°]\.?) ?(?:zoho )?"
    + _OF_ROMANCE
    + r"?(?:service |servicio )?(?:l'|votre |notre |la )?org(?:anisation|anizacion|anizzazione|anizacao)?(?: (?:du|de|del) servic[eio]+)?",
    r"\borganisatie[ -]?(?:id|nummer)",
    r"\b(?:org(?:ani[sz]ation|anizacion|anizzazione|anizacao|anisatie|anisation)?|mandant|firma|instance|instanz) (?:has|have|had|hat|a|ha|tiene|tem|heeft) (?:the |die |l'|el |il |o |het )?(?:zoho )?(?:ids?|identificador|kennung|nummer)",
    r"(?:サービス|service)? ?組織(?:の)? ?(?:id|アイディー|アイディ|識別子|識別番号|番号|コード)",
    r"(?:オーガニゼーション|オーガナイゼーション) ?id",
    r"(?:组织|組織|机构) ?(?:id|编号|編號)",
    r"조직 ?(?:id|아이디)",
)

ZGID = (
    r"\bzg[ ._-]?id'?s?",
    r"\b(?:zoho |service )?group(?:'s)?[ _-]{0,2}" + _ID,
    r"\b(?:ids?|identifier|number) " + _OF_THE + r"group",
    r"\bgruppen?[ -]?(?:ids?|kennung|nummer|nr\.?)",
    r"\b(?:id|kennung) der gruppe",
    r"\b(?:ids?|identifiants?|identificador|numero) ?" + _OF_ROMANCE + r"?(?:groupe|grupo|gruppo)",
    r"グループ(?:の)? ?(?:id|識別子|番号)",
    r"(?:群组|组) ?id",
    r"그룹 ?id",
)

ZUID = (
    r"\bzu[ ._-]?id'?s?",
    r"\b(?:zoho |affected |end[ -]?)*user(?:'s|s'|s)?[ _-]{0,2}(?:zoho[ _-])?(?:identifiers?|identification(?: number)?|ids?|i\.d\.?|number|no\.)",
    r"\b(?:ids?|identifier|number) " + _OF_THE + r"user",
    r"\b(?:be)?nutzer(?:in)?[ -]?(?:ids?|kennung|nummer|nr\.?|identifikation)",
    r"\b(?:anwender|user)-?(?:ids?|kennung)",
    r"\b(?:id|kennung) (?:des|der|eines|ihres|seines) (?:be)?nutzer(?:s|in)?",
    r"\busr\.?[ _-]?(?:ids?|no\.?|nr\.?|#)",
    r"\b(?:ids?|identifiants?|identificador|identificativo|numero|codigo) ?(?:zoho )?"
    + _OF_ROMANCE
    + r"?(?:l')?(?:utilisat(?:eur|rice)|usuari[oa]|utente|utilizador|user)",
    r"\bgebruikers?-?id",
    r"(?:ユーザー?|利用者|使用者|ユーザ)(?:の)? ?(?:id|アイディー|識別子|番号)",
    r"(?:用户|使用者|用戶) ?id",
    r"사용자 ?(?:id|아이디)",
)

ORG_ALONE = (r"\borg(?:ani[sz]ation)?",)  # "Org: 60031122334": only right before a long number

USER_ALONE = (r"\b(?:user|benutzer|utilisateur|usuario)",)  # "user 60031122999": likewise

# --- the SuperAdmin ----------------------------------------------------------------------------

SUPERADMIN = (
    r"\b(?:zoho |primary |main )*super[ _-]{0,2}adm(?:in[a-z]{0,13}|in)?(?:'s)?",
    r"\bsuper[ -]?(?:amministrator[ei]|beheerder|yonetici|usuario administrador)",
    r"\bprimary[ -](?:zoho )?(?:customer|client|admin(?:istrator)?|super[ -]?admin)(?:'s|s)?(?:[ -]?(?:e-?mail|contact)(?: ?(?:address|id))?)?",
    r"\bprimary (?:zoho )?e?-?mail(?: ?(?:address|id))?(?: of (?:the |our |your )?(?:customer|client))?",
    r"\bprimare e-?mail(?:-?adresse)?|\bhaupt-?e-?mail(?:-?adresse)?|\bhaupt-?mail-?adresse",
    r"\b(?:e-?mail|mail|courriel|correo|adresse (?:e-?)?mail)(?: electronic[oa])? principale?",
    r"(?:主な|主要な?|主)(?:メールアドレス|メール)",
    r"\b(?:customer|client)(?:'s|s)? primary (?:e-?mail|mail)(?: ?(?:address|id))?",
    r"\b(?:main|principal|chief|head|primary|top)[ -](?:zoho |account |system |it |org(?:ani[sz]ation)? |super[ -]?)?admin(?:istrator)?(?:'s|s)?",
    r"\bprim(?:ary|\.)? cust(?:omer|\.)?(?: ?(?:e-?mail|mail))?(?: ?(?:address|id))?",
    r"\b(?:primar|haupt)(?:er |e |en )?-?(?:administrator(?:in)?|kunde)\b|\bhauptverwalter(?:in)?|\boberste[rn]? administrator(?:in)?",
    r"\bhaupt-?(?:admin(?:istrator(?:s|in|en)?)?|kunden?-?(?:e-?mail|mail|adresse)?(?:-?adresse)?)",
    r"\b(?:haupt|primare?s?)-?(?:e-?mail|mail)?(?:-?adresse)? des kunden",
    r"\bprimare kunden-?(?:e-?mail|mail)(?:-?adresse)?",
    r"\b(?:e-?mail|mail)(?:-?adresse)? des (?:haupt|primar)kunden",
    r"\badmin(?:istrat(?:eur|rice))? principal(?:e)?",
    r"\b(?:adresse )?(?:e-?mail|mail|courriel|adresse|compte)(?: electronique)? principale? (?:du|de la|des|de votre|de notre) clients?",
    r"\b(?:e-?mail|mail|courriel|adresse)(?: electronique)? du client principal",
    r"\b(?:client|cliente|contact client) principal(?:e)?",
    r"\badministrador(?:a)? principal",
    r"\b(?:e-?mail|correo)(?: electronico)? principal del cliente",
    r"\bamministrat(?:ore|rice) principale",
    r"\bhoofdbeheerder|\bg[łl]own\w+ administrator\w*|\bh(?:uv|ov)\w{1,2}dadministrator\w*|\bpaakayttaja\w*|\bhlavni\w* (?:administrator|spravc)\w*|\bana yonetici\w*",
    r"\badministrator principal|\badmin(?:istrator)? utama|\bfoadminisztrator\w*|\bquan tri vien cap cao",
    r"المسؤول (?:الرئيسي|الأعلى)|المشرف (?:العام|الرئيسي)|ผู้ดูแลระบบสูงสุด",
    r"(?:zoho ?の? ?)?スーパー[ ・]?(?:管理者|アドミン|アドミニストレーター|ユーザー管理者)",
    r"(?:特権|主|メイン|最高|最上位|統括|代表|主たる|主要な?|プライマリー?|プライマリの)の?(?:管理者|アドミン)",
    r"(?:主な|主要な?|主たる|メインの?|代表の?)(?:お客様|お客さま|顧客|取引先)の?(?:メールアドレス|メール|アドレス|e-?mail)?",
    r"プライマリー?(?:の)?(?:顧客|お客様|カスタマー)の?(?:メールアドレス|メール|アドレス)?",
    r"超级管理员|超級管理員|主管理员",
    r"(?:최고|슈퍼) ?관리자",
    r"суперадминистратор[а-я]*|главн[а-я]+ администратор[а-я]*",
)

# --- the service -------------------------------------------------------------------------------

SERVICE = (
    r"\bservices? ?/ ?(?:product|app(?:lication)?)s?(?: names?)?",
    r"\b(?:zoho )?(?:services?|products?|app(?:lication)?s?)[ _-]?names?",
    r"\bname of (?:the )?(?:zoho )?(?:service|product|app(?:lication)?)",
    r"\b(?:zoho )(?:service|product|app(?:lication)?)",
    r"\b(?:affected|which|impacted) (?:zoho )?(?:service|product|app(?:lication)?)",
    r"\b(?:service|product|application|app|produkt|produit|produkt|producto|prodotto|produto|dienst|servicio|anwendung|aplicacion|logiciel|applikation)",
    r"\bname des (?:zoho-?)?(?:dienst(?:e?s)?|produkts|services)|\bdienst-?name|\bservice-?name|\bprodukt-?name|\bbetroffener? (?:dienst|service|produkt|anwendung)",
    r"\bnom du (?:service|produit)|\bservice concerne|\bproduit concerne|\bapplication concernee",
    r"\bnombre del (?:servicio|producto)|\bservicio afectado",
    r"(?:対象|該当|ご利用)?の?(?:サービス|製品|プロダクト|アプリ|アプリケーション)の?名?称?",
)

# --- none given --------------------------------------------------------------------------------

BLANK = (
    r"\bn ?/ ?a\b|\bn\.a\.?|\bn/?v\b|\bk\.a\.?|\bna\b|\bnil\b|\bnone\b|\btb[adc]\b|\bunknown\b|\bunsure\b|\bnot sure\b|\bpending\b",
    r"\bnot (?:yet )?(?:known|available|applicable|given|provided|to hand|at hand|found|sure|required|handy)\b|\bunavailable\b|\bdo(?:n't| not|es not|esn't) (?:know|have)\b",
    r"\bno idea\b|\bto follow\b|\bwill (?:follow|send|be sent|share|come|get|provide|pass)\b|\bmissing\b|\bto be (?:shared|provided|confirmed)\b",
    r"\bnicht (?:bekannt|vorhanden|zur hand|verfugbar|notig)|\bunbekannt|\bfolgt\b|\bwird nachgereicht|\bliegt (?:mir |uns )?nicht vor|\bkeine? (?:angabe|ahnung)\b|\bkeine?\b|\bweiss (?:ich )?nicht|\bentfallt\b",
    r"\binconnue?\b|\bpas connue?\b|\bnon (?:disponible|connue?|applicable|renseignee?)\b|\ba venir\b|\bs\.?o\.?\b|\bsans objet\b|\bje ne (?:sais|connais) pas|\bau[ck]une?\b",
    r"\bdesconocid[oa]\b|\bno (?:lo se|disponible|aplica|la se|conocid[oa]|consta|tengo|se sabe)\b|\bpendiente\b|\bsin datos\b|\bningun[oa]?\b",
    r"不明|未定|未確認|(?:わか|分か|判)りません|(?:わか|分か)らない|確認中|不詳|後ほど|後日|なし\b|無し|該当なし|未記入|未取得|存じ",
)

# --- a number of another kind --------------------------------------------------------------------

OTHER = (
    r"\b(?:tele)?phones?\b|\btel\b|\bmob(?:ile)?\b|\bcell\b|\bfax\b|\bcall\b|\bring\b|\bhotline\b|\bext(?:ension)?\b|\bwhatsapp\b|\bdirect (?:line|dial)\b|\bdial\b|\blandline\b",
    r"\binvoices?\b|\binv\b|\bbills?\b|\borders?\b|\bp\.?o\b\.?|\bpurchase\b|\bquot(?:e|ation)s?\b|\btickets?\b|\bcases?\b|\bincident\b|\bsr\b|\bref(?:erence)?\b|\berrors?\b|\berr\b|\bstatus code\b|\bcode\b",
    r"\btransactions?\b|\btxn\b|\bpayments?\b|\breceipts?\b|\bbank\b|\biban\b|\bvat\b|\babn\b|\bgst(?:in)?\b|\btax\b|\bregist(?:ration|ered)\b|\breg\b|\bcompany (?:no|number|id)\b|\bhrb\b|\bserial\b|\bdevice\b|\bmerchant\b",
    r"\b(?:customer|client|contact|record|deal|lead|contract|subscription|licen[cs]e|policy|project|task|portal|workspace|view|form|run|pipeline|session|request|message|employee|asset|meeting|webinar|build|version|account|department|layout|workflow|rule|campaign|list|event|thread|trace|correlation|sku|item|product) (?:ids?|no\.?|nr\.?|numbers?|#|key|code)",
    r"\brecords?\b|\brows?\b|\bpipeline\b|\bserial\b|\bzip\b|\bpostcode\b|\bpin\b|\bpasscode\b|\bcredits?\b|\bamounts?\b|\bprice\b|\btotal\b|\busd\b|\beur\b|\binr\b|\bdated?\b|\bsubscription\b|\bcontract\b|\bpolicy\b",
    r"\btelefon\w*|\bhandy\w*|\bmobil(?:nummer|telefon)?\b|\bdurchwahl\b|\brechnung\w*|\bbestell\w*|\bauftrag\w*|\bangebot\w*|\bvorgangs?\w*|\bfall(?:nummer)?\b|\bfehler\w*|\bkunden-?(?:nr|nummer)\w*|\bvertrag\w*|\bserien-?n\w*|\bgerate?\w*|\bsteuer\w*|\bust\w*|\bbeleg\w*|\bdatens\w*|\bticket-?n\w*|\bpostleitzahl|\bplz\b",
    r"\bportable\b|\bfactures?\b|\bcommandes?\b|\bdevis\b|\bdossier\b|\berreur\b|\bcontrat\b|\bsire[nt]\b|\btva\b|\bpaiement\b",
    r"\btelefono\b|\bmovil\b|\bfactura\b|\bpedidos?\b|\bpresupuesto\b|\bincidencia\b|\bcaso\b|\breferencia\b|\bcontrato\b|\b[nc]if\b|\btransaccion\b|\bpago\b|\balbaran\b",
    r"電話|携帯|内線|ファックス|請求|注文|発注|受注|見積|チケット|案件|(?:問い?合わ?せ|受付|管理|顧客|お客様|契約|登録|社員|郵便|伝票|取引|口座|製造|会員|申込)の?(?:番号|no\.?|id)|エラー|伝票|ライセンス|レコード|シリアル|入金|決済",
    r"\b[a-z]{3,20}[ -]ids?\b",
)

_TABLE = (
    ("zoid", ZOID),
    ("zgid", ZGID),
    ("zuid", ZUID),
    ("superadmin", SUPERADMIN),
    ("service", SERVICE),
    ("blank", BLANK),
    ("other", OTHER),
    ("org", ORG_ALONE),
    ("user", USER_ALONE),
)

LABELS = compiled("|".join(f"(?P<{kind}>{'|'.join(words)})" for kind, words in _TABLE if kind != "other"))
OTHERS = compiled("|".join(OTHER))  # apart, since "the id" must not hide "id of the organization"
SUPERADMIN_WORDS = compiled("|".join(SUPERADMIN))
