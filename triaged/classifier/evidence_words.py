"""What people write when a thing of the definitions of severity is meant: one pattern a meaning, five languages.

RE2 patterns over masked text (masking.py): lower case, NFKC, numbers as `_one`, `_few`, `_tens`, `_hundreds`.
A word here decides nothing: it is a feature beside the words, and the training says what it is worth.
"""

from __future__ import annotations

from typing import Final

_PEOPLE = (
    "users?|agents?|staff|employees|people|colleagues|reps|members|persons?|customers?|technicians|seats|logins?|"
    "accounts|mailboxes|offices|departments|branches|shops|stores|sites|teams"
)
_COUNT = "(?:_few|_tens|_hundreds|_thousands|several|some|a few|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|dozens?)"

EVIDENCE: Final[dict[str, str]] = {
    "everybody": (
        rf"\b(?:everyone|everybody|nobody|no one|none of (?:the|them|our|their|us)|not (?:a single|one of)|"
        rf"(?:all|every)(?: of)?(?: the| our| their| its| your| his| her)?(?: single| last)?(?: {_COUNT})?(?: \w+)? (?:{_PEOPLE})|"
        r"(?:whole|entire)(?: \w+)? (?:compan\w+|organi[sz]ation|org|team|office|firm|staff|business|floor|group|house)|"
        r"(?:company|org|organi[sz]ation)[- ]?wide|across the (?:board|company|organi[sz]ation)|all _\w+|all of (?:them|us))"
        r"|全(?:員|ユーザ|社|拠点|店|部署|アカウント|体|テナント|ホスト|面|従業員|端末)|誰も|誰一人|(?:すべて|全て)の(?:ユーザ|社員|利用者|端末|方)|会社全体|組織全体|どのユーザ"
        r"|\balle[nr]? (?:\w+ )?(?:benutzer|nutzer|mitarbeit|anwender|user|kolleg|kunden|agent|standort|arbeitspl)|\balle[nr]? _\w+|\bniemand(?:em|en)?\b|\bkeiner\b|\bkein(?:e|er|em|en)? einzige[nrs]?\b|\bsämtliche[nr]?\b|\bgesamte[nrs]?\b|\bkomplette[nrs]?\b|firmenweit|unternehmensweit"
        r"|\btou(?:s|tes) les (?:\w+ )?(?:utilisat\w+|agents|employés|collaborateurs|salariés|postes|comptes|sites|agences)|\btou(?:s|tes) les _\w+|\bensemble (?:des|du|de l)|\bpersonne n|\baucun(?:e)? des\b|\bl[' ]entreprise entière|\btoute la (?:société|maison)|\btoute l[' ]|\baucun (?:utilisateur|agent|employé)|\btout le monde\b|\bplus personne\b"
        r"|\btod[oa]s l[oa]s (?:\w+ )?(?:usuari\w+|agentes|emplead\w+|compañer\w+|cuentas|sedes|tiendas)|\btod[oa]s l[oa]s _\w+|\bnadie\b|\bningun[oa]\b|\bni un[oa]?(?: sol[oa])?\b|\bningún (?:usuario|agente|empleado)|\btoda la (?:empresa|organización|plantilla|oficina)|\btodo el (?:mundo|equipo|personal)"
    ),
    "all of it": (
        r"\b(?:(?:all|every|entire|whole)(?: of)?(?: the| our| their| its| single)?(?: _\w+)? (?:data|records?|tickets?|mails?|e?mails|messages|invoices?|documents?|files?|candidates|history|contacts|deals|leads|orders|items|articles|entries|bookings|calls|payments?|employees|reports)|not (?:a|one) single|none of the|completely (?:empty|blank|gone|white)|everything (?:is|has|was)|zero|nothing (?:is |was )?left|across all|(?:all|every) (?:of )?(?:it|them))\b"
        r"|全件|全データ|丸ごと|まるごと|すべて|全て|一件も|_one 件も|何も|全滅|全部|ことごとく"
        r"|\b(?:alle[rn]? (?:daten|datensätze|mails|tickets|rechnungen|dokumente|dateien|aufträge|kontakte|vorgänge)|sämtliche[nr]?|keine? einzige[rsn]?|alles|nichts mehr|restlos|vollständig)\b"
        r"|\b(?:tou(?:s|tes) les (?:documents|courriels|mails|messages|tickets|factures|données|fichiers|dossiers|commandes|contacts)|plus (?:rien|aucune?)|aucune? (?:courriel|mail|message|ticket|facture|commande|donnée|document)|intégralité|totalité|entièrement)\b"
        r"|\b(?:tod[oa]s l[oa]s (?:documentos|correos|datos|tickets|facturas|archivos|pedidos|contactos|registros)|todo (?:el|está|se)|ni un[oa]? sol[oa]|nada|por completo|totalmente|la totalidad)\b"
    ),
    "group": (
        rf"\b(?:{_COUNT}(?: of (?:the|our|their|them))?(?: \w+)? (?:{_PEOPLE})|half of|most of|some of|part of|(?:one|a|the|our|their) (?:\w+ )?(?:department|branch|office|warehouse|team|division|site|region|shift|plant|store))\b"
        r"|部署|拠点|支店|営業所|店舗|数名|一部の|チーム|_tens 名|_few 名|_hundreds 名"
        r"|\b(?:abteilung|filiale|standort|niederlassung|einige (?:benutzer|nutzer|mitarbeiter|anwender)|mehrere|außendienst|innendienst|lager)\b"
        r"|\b(?:agence|équipe|plusieurs (?:utilisateurs|agents)|succursale|service (?:commercial|client|comptable|comptabilité)|entrepôt|site de)\b"
        r"|\b(?:departamento|sucursal|equipo|varios (?:usuarios|agentes)|delegación|almacén|tienda)\b"
    ),
    "one": (
        r"\b(?:(?:one|_one|a|single|only one|just one|just a|this|that|the same) (?:single |particular |specific )?(?:user|agent|record|ticket|contact|customer|invoice|lead|person|employee|report|field|deal|mail|message|file|item|case|colleague|workflow|rule|template)|only (?:on|for|in|with|by) (?:one|_one|this|her|his|him)|single user|only (?:she|he|i|me|her|him|his)|for (?:her|him) only)\b"
        r"|_one (?:名|件|人|台|つ|通|社員|ユーザ)|一人|一名|ひとり|一件|特定の|(?:名|人|件|この方|本人|その方|様)(?:の)?(?:のみ|だけ)"
        r"|\b(?:ein(?:en|em|er|e)? (?:einzige[nrs]? |einzelne[nrs]? )?(?:benutzer|nutzer|mitarbeiter|anwender|datensatz|kunde|kontakt|ticket|rechnung|kollegin?)\w*|nur bei (?:einem|einer|ihr|ihm|mir)|einzelne[nrs]?|lediglich)\b"
        r"|\b(?:un(?:e)? seule?|un (?:seul )?utilisateur|une (?:seule )?utilisatrice|uniquement|seulement)\b"
        r"|\b(?:un(?:a)? sol[oa]|un usuario|una usuaria|únicamente|solo (?:a|en|le|con))\b"
    ),
    "others fine": (
        r"\b(?:(?:everyone|everybody|everything|anyone|nobody|all) else|all (?:the )?others?|the (?:others|rest)|others? (?:are|is|work\w*|can|ok|fine)|otherwise|elsewhere|unaffected|not affected|apart from that|business (?:goes|is going|carries) on|(?:works?|is|are|running|working) (?:fine|normally|ok|well|as usual))\b"
        r"|他は|他の(?:ユーザ|人|社員|方|顧客|部署|拠点|データ|機能|画面)|それ以外|その他は|影響(?:は|なし|ありません)|支障(?:は|なし|ありません)|問題ありません|正常"
        r"|\b(?:alle anderen|anderen|sonst|übrigen|ansonsten|restlichen?|nicht betroffen)\b"
        r"|\b(?:les autres|tout le reste|le reste|sinon|pas concernés?|par ailleurs|normalement)\b"
        r"|\b(?:los demás|las demás|el resto|por lo demás|no afecta|con normalidad)\b"
    ),
    "way round": (
        r"\b(?:work[- ]?arounds?|worked around|by hand|manually|meanwhile|meantime|for (?:now|the (?:time being|moment|present))|instead|stop ?gap|fallback|by (?:phone|e?mail|paper|fax)|on paper|spreadsheet|excel|export|in parallel|re-?entering|copy(?:ing)?)\b"
        r"|手作業|手入力|手動|手で|代替|回避|暫定|当面|代わり|電話で|紙で|エクセル|excel"
        r"|\b(?:von hand|händisch|manuell|behelf\w*|umweg|übergangsweise|vorläufig|einstweilen|vorerst|stattdessen|per telefon|excel)\b"
        r"|\b(?:à la main|manuellement|contourn\w+|en attendant|provisoire\w*|par téléphone|à défaut|tableur)\b"
        r"|\b(?:a mano|manualmente|mientras tanto|alternativa|de momento|provisional\w*|por teléfono|por ahora)\b"
    ),
    "no way round": (
        r"\b(?:no (?:work[- ]?around|other way|alternative|way (?:around|round|to work)|plan b|substitute)|without (?:a |any )?work[- ]?around|(?:cannot|can't|can not|unable to) (?:work|do anything|continue|operate|trade|serve|take (?:orders|payments|calls))|stand ?still|nothing (?:works|helps|at all)|completely (?:stopped|blocked|down|stuck)|grinds? to a halt|(?:work|business|sales|everything|trading|production|operations?) (?:has |have |is |are )?(?:been )?(?:completely )?(?:stopped|halted|stops|blocked)|sent (?:\w+ )?home|sitting idle|idle)\b"
        r"|回避策(?:は|が|も)?(?:なし|無|な|見つか|あり(?:ません)|ござい)|手段(?:が|は|も)(?:な|あり)|業務(?:が|は)?(?:完全に|全面的に)?(?:停止|止ま|でき|まわ|回ら)|何もでき|お手上げ"
        r"|\b(?:kein(?:en|e)? (?:workaround|alternative|umweg|ausweich\w*)|steht (?:alles )?still|stillstand|nichts geht|geht (?:gar )?nichts|lahmgelegt|arbeitsunfähig)\b"
        r"|\b(?:aucun(?:e)? (?:contournement|alternative|solution)|à l[' ]arrêt|tout est bloqué|plus rien|paralys\w+|impossible de travailler)\b"
        r"|\b(?:ninguna alternativa|sin alternativa|no hay (?:forma|manera|alternativa)|parad[oa]s?|paralizad\w+|no (?:podemos|pueden) trabajar)\b"
    ),
    "down": (
        r"\b(?:down|outages?|unavailable|unreachable|inaccessible|offline|locked out|cut off|logged out|thrown out|blank|white (?:page|screen)|spinn\w+|timed? ?out|times out|"
        r"(?:cannot|can't|can not|could not|couldn't|unable to|not able to|fails? to|refuses to|won't|doesn't|does not|not) (?:\w+ )?(?:log ?in|log on|login|sign in|access|open|opening|load|loading|connect|reach|start|get in)|service (?:is )?(?:not|un)\w*|bad gateway)\b"
        r"|開け(?:ま|な|ず)|開か(?:な|ず)|真っ白|接続でき|開きません|ログイン(?:でき|不可|が|不能)|入れ(?:な|ま)|アクセスでき|つなが(?:ら|り)|繋が(?:ら|り)|落ち|停止|障害|真っ白|使え(?:な|ま)|利用でき|不通|ダウン|締め出"
        r"|\b(?:nicht (?:mehr )?(?:erreichbar|verfügbar|anmelden|einloggen|öffnen|rein|hinein|aufrufen)|ausfall\w*|ausgefallen|ausgesperrt|abgemeldet|komm(?:t|en) (?:\w+ ){0,4}(?:keiner|niemand|kein|nicht|nichts)|lädt (?:nicht|nur|ewig|endlos)|anmeldung (?:nicht|schlägt|scheitert|unmöglich)|offline|weiße (?:seite|r bildschirm))\b"
        r"|\b(?:inaccessibles?|en panne|panne|hors service|indisponibles?|déconnecté\w*|ne (?:s[' ]ouvre\w*|se charge\w*|répond\w*|peuvent (?:plus|pas)|peut (?:plus|pas))|connexion impossible|sans accès|coupée?s?|impossible (?:de se connecter|d[' ]ouvrir|d[' ]accéder)|page blanche)\b"
        r"|\b(?:caíd[oa]s?|caída|inaccesible|no (?:pueden?|podemos|se puede|deja|carga|abre) (?:entrar|acceder|abrir|iniciar)?|no (?:entra|responde|conecta|arranca)\w*|sin (?:acceso|servicio|poder)|pantalla (?:en )?blanc[oa]|fuera de servicio|no disponible)"
    ),
    "fault": (
        r"\b(?:errors?|fails?|failed|failing|failures?|broken?|breaks|bugs?|wrong|stuck|incorrect\w*|misbehav\w*|crash\w*|glitch\w*|duplicat\w*|doubled|not (?:work\w*|arriv\w*|sync\w*|show\w*|sav\w*|send\w*|updat\w*|appear\w*|fir\w*)|(?:doesn't|does not|don't|do not|didn't|did not|won't|isn't|stopped) (?:\w+))\b"
        r"|エラー|不具合|失敗|動か(?:な|ず)|動きません|動作し|反映され|表示され|届か(?:な|ず)|届きません|おかし|ずれ|重複|二重|できません|できない|されません|されない|しません"
        r"|\b(?:fehler\w*|fehlgeschlagen|funktionier\w* nicht|geht nicht|falsch\w*|klappt nicht|hängt|doppelt\w*|nicht mehr|kaputt|l(?:ä|a)ss(?:t|en) sich nicht|bricht ab|schlägt fehl|kein(?:e|en)? \w+ mehr|stimm(?:t|en) nicht|nicht (?:an|aus|übernommen|angezeigt|gesendet|zugestellt|gespeichert|synchron\w*))\b"
        r"|\b(?:erreurs?|n(?:e |[' ])\S{1,24} (?:plus|pas)|refuse\w*|échou\w+|échec|bogue|bug|doublons?|bloqué\w*|anomalie)\b"
        r"|\b(?:errores|fallos?|fallan?|falla|no (?:se |le |les |nos |me )?(?:funciona|llega|aparece|sale|guarda|sincroniza|manda|envía|muestra|actualiza|deja|puede|timbra|imprime|calcula|carga)\w*|incorrect[oa]s?|duplicad\w*|mal)\b"
    ),
    "loss": (
        r"\b(?:lost|losing|gone|vanish\w*|disappear\w*|eras\w+|wiped|deleted|overwrit\w+|emptied|destroyed|unrecoverable|recover\w*|restor\w+|data loss|missing|empty|blank|(?:not|n't) there|no longer (?:there|exist\w*|in)|corrupt\w*)\b"
        r"|消え|消失|削除され|消され|なくな|無くな|失われ|空にな|上書き|復元|紛失|欠落|残って(?:い)?(?:ま|な)|ゼロ件|白紙"
        r"|\b(?:verschwunden|gelöscht\w*|verloren\w*|datenverlust|überschrieben|wiederherst\w+|leer\w*|fehlen|nicht mehr (?:da|vorhanden|auffindbar))\b"
        r"|\b(?:disparu\w*|perdu\w*|effacé\w*|supprimé\w*|écrasé\w*|perte|restaur\w+|vidée?s?|vides?|introuvables?|manqu\w+)\b"
        r"|\b(?:desaparecid\w*|desaparec\w+|perdid\w*|borrad\w*|eliminad\w*|pérdida|recuperar|vací[oa]s?|en (?:cero|blanco)|ya no (?:está|aparece)\w*)\b"
    ),
    "security": (
        r"\b(?:breach\w*|hack\w*|compromis\w*|leak\w*|expos\w+|unauthori[sz]ed|phish\w*|ransom\w*|stolen|attack\w*|intrud\w*|malware|virus|strangers?|taken over|takeover|(?:see|view|read|open|download)(?:s|ing)? (?:\w+ ){0,2}(?:other|others|others'|another|each other|someone else|foreign)|(?:aren't|isn't|not) theirs|(?:different|another|other) (?:company|org\w*|tenant|client|customer)(?:'s)?|any(?:body|one) with|without (?:a |any )?(?:sign|log|pass)\w*|encrypted|publicly|gdpr|credentials|impersonat\w*|spoof\w*)\b"
        r"|漏え|漏洩|流出|不正|乗っ取|他社の|見えてし|攻撃|なりすまし|フィッシング|ウイルス|個人情報|別の(?:方|会社|お客|人)|他の会社|誰でも|パスワード(?:入力)?な|閲覧され|閲覧済|社外|暗号化|身代金|勝手に"
        r"|\b(?:gehackt\w*|datenleck|unbefugt\w*|kompromittiert\w*|fremde\w*|einsehbar|angriff\w*|dsgvo|datenschutz\w*|phishing|verschlüsselt\w*|ohne anmeldung|jeder(?:mann)?|andere[rn]? (?:firma|unternehmen|kunden|mandanten))\b"
        r"|\b(?:pirat\w+|fuite|compromis\w*|non autorisé\w*|rgpd|attaqu\w+|hameçonnage|intrusion|données d[' ]un autre|chiffré\w*|rançon\w*|n[' ]importe qui|sans mot de passe|autre (?:société|entreprise|client))\b"
        r"|\b(?:hackead\w*|pirat\w+|filtraci\w+|comprometid\w*|no autorizad\w*|ataque\w*|rgpd|intrus\w+|suplant\w*|cifrad\w*|rescate|otra empresa|otro cliente|sin contraseña|cualquiera)\b"
    ),
    "question": (
        r"\b(?:how (?:do|does|can|to|would|should|might|many|much|long|is|are)|what (?:is|are|happens|would|does|do|exactly)|which|where (?:can|do|does|is|are|would)|is (?:it|there|that|this) (?:possible|a|any|some|also|true|normal|correct)|can (?:we|you|i|they|one|it|a|he|she)|could (?:we|you|i|one|they)|does (?:it|the|zoho|this)|may i|wonder\w*|whether|would like to (?:know|ask|understand)|(?:a|one|quick|short|small|general) question|best (?:way|practice)|document\w*|guide|advise|clarif\w*|confirm|explain|information)\b"
        r"|方法|手順|でしょうか|ますか|ですか|可能です|可能で|教えて|ご教示|知りたい|違い|確認させて|質問|お伺い|か\?"
        r"|\b(?:wie (?:kann|können|lässt|geht|stell\w*|macht|funktioniert|viele?|lange)|gibt es|ist es möglich|kann man|können (?:wir|sie)|frage\w*|wo (?:finde|kann|ist)|möchte\w* (?:gern\w* )?wissen|welche[rs]?|anleitung)\b"
        r"|\b(?:comment|est-il possible|est-ce que|peut-on|où (?:trouver|puis)|question|quel(?:le)?s?|savoir si|documentation|existe-t-il|y a-t-il)\b"
        r"|¿|\b(?:cómo|es posible|se puede|dónde|pregunta|consulta|cuáles?|cuánt\w+|quisiera saber|saber si|documentación|existe alguna|hay alguna)\b"
    ),
    "wish": (
        r"\b(?:feature (?:request|idea|wish)|wish\w*|would be (?:nice|great|lovely|good|useful|helpful)|roadmap|suggest\w*|please add|idea|would love|enhancement\w*|improve\w*|like to (?:have|see)|proposal|nice to have)\b"
        r"|要望|機能追加|追加して|ロードマップ|嬉し|うれし|あると|欲しい|改善"
        r"|\b(?:wunsch|wünsch\w*|wäre (?:schön|toll|gut|prima|super)|verbesserung\w*|vorschlag|feature|anregung|roadmap)\b"
        r"|\b(?:suggestion\w*|souhait\w*|ce serait (?:bien|top|utile|pratique)|évolution|amélioration\w*|serait-il)\b"
        r"|\b(?:sugerencia\w*|sería (?:bueno|genial|útil|ideal)|petición|nos gustaría|mejora\w*|funcionalidad)\b"
    ),
    "business": (
        r"\b(?:licen[cs]\w*|invoic\w*|renew\w*|quot\w+|pric\w+|discount\w*|trial|subscri\w+|pay\w*|paid|commission\w*|upgrad\w*|downgrad\w*|gst|vat|purchase\w*|cost\w*|refund\w*|billing|billed|plan|edition|credit note|contract\w*)\b"
        r"|請求|見積|価格|料金|更新|ライセンス|契約|支払|トライアル|割引|手数料|領収|プラン|試用|費用"
        r"|\b(?:rechnung\w*|lizenz\w*|verlänger\w*|angebot\w*|preis\w*|rabatt\w*|test(?:phase|zeitraum|version)|zahlung\w*|abo\w*|provision\w*|kosten|vertrag\w*)\b"
        r"|\b(?:factur\w*|licences?|renouvel\w*|devis|prix|tarif\w*|remise|essai|paiement\w*|abonnement\w*|contrat\w*|avoir)\b"
        r"|\b(?:factura\w*|licencias?|renov\w*|presupuesto\w*|precios?|descuento\w*|prueba|pagos?|suscripci\w+|contrato\w*|tarifa\w*)\b"
    ),
    "over": (
        r"\b(?:resolved|solved|recovered|restored|fixed|(?:is|are|was|were|came|come|been|all|everything|now) back|back (?:up|again|to normal|online|since|at|on)|works? (?:again|now)|working (?:again|now|fine now)|(?:fine|normal|ok|okay|good|gone|over|stable|quiet) (?:again|now|since)|no longer|since then|was (?:down|out|slow|unavailable)|were (?:down|unable|locked)|had an? (?:outage|incident)|lasted|ended|closed|(?:has|have) been (?:\w+ )?(?:stable|fine|healthy|quiet|normal|back)|come back|recovered|nothing left to|false alarm|our (?:own )?(?:mistake|fault))\b"
        r"|復旧|解消|直りまし|直って|回復|解決|(?:今|現在)は(?:全部|すべて|全て|正常|問題|普通)|戻りまし|戻って|収ま|治り|おさま|問題なく"
        r"|\b(?:wieder (?:da|normal|online|erreichbar|verfügbar|gut|in ordnung)|behoben|erledigt|stabil|seither|lief|vollständig nachgeliefert|(?:läuft|geht|funktioniert|klappt) (?:\w+ )?wieder|gelöst|vorbei|fehlalarm)\b"
        r"|\b(?:rétabli\w*|résolu\w*|de nouveau|à nouveau|refonctionne\w*|réparé\w*|revenu\w*|tout est rentré|terminé\w*|fausse alerte)\b"
        r"|\b(?:resuelt\w*|restablecid\w*|vuelve\w* a (?:funcionar|ir)|ya funciona\w*|solucionad\w*|de nuevo|falsa alarma|recuperad\w*)\b"
    ),
    "cause": (
        r"\b(?:root cause|rca|post[- ]?mortem|what caused|why (?:did|was|were|is|does|has)|the (?:cause|reason)|incident report|explanation)\b"
        r"|原因|経緯|報告書|理由|\b(?:ursache\w*|warum|wieso|weshalb|grund|bericht)\b|\b(?:cause|pourquoi|raison|rapport)\b|\b(?:causa|motivo|por qué|informe)\b"
    ),
    "going on": (
        r"\b(?:since|still|ongoing|on[- ]going|right now|continu\w+|at the moment|currently|keeps?|until now|as of now|so far|for (?:the (?:last|past)|_\w+ (?:hours?|days?|minutes?))|(?:this|the) (?:morning|afternoon))\b"
        r"|今朝|から(?:続|ずっと|発生)|頃から|時から|以降|現在も|今も|いまだ|より発生|\b(?:seit|immer noch|weiterhin|derzeit|aktuell|momentan|heute)\b"
        r"|\b(?:depuis|toujours|en ce moment|actuellement|encore|ce matin)\b|\b(?:desde|todavía|sigue\w*|ahora mismo|actualmente|aún|esta mañana|hoy)\b"
    ),
    "past": (
        r"\b(?:yesterday|last (?:week|month|night|year|\w+day)|(?:was|were|had been|has been) (?:\w+ )?(?:down|out|unable|unavailable|interrupted|slow|locked)|earlier (?:today|this)|a (?:week|month) ago|days ago|weeks ago|at the time|recently)\b"
        r"|昨日|先週|先日|先月|でした|していました|昨夜"
        r"|\b(?:gestern|letzte[nrs]? (?:woche|nacht|monat\w*|\w+tag)|vorgestern|war(?:en)?|konnten?|vergangene[nr]?)\b"
        r"|\b(?:hier|avant-hier|la semaine dernière|dernier|dernière|était|étaient|avait|avaient)\b"
        r"|\b(?:ayer|anteayer|anoche|la semana pasada|pasad[oa]|estaba\w*|estuvo|fue|había)\b"
    ),
    "not real": (
        r"\b(?:what happens|in case|before (?:we|i|they|he|she|anyone)|plann?(?:ed|ing|s)?|would (?:we|it|they|he|she|be)|if (?:we|i|you|they|he|she|a|an|the|one|someone|somebody|it|zoho)|next (?:week|month|year|quarter)|nothing (?:is |has |was )?(?:broken|happened|been|wrong|lost)|not (?:an? )?(?:incident|outage|emergency|urgent|down|a problem|a bug|a fault)|no (?:hurry|rush|problem|incident|outage|urgency|panic|data)|whenever|curious|hypothetical\w*|theoretic\w*|test\w*|drill|exercise|simulat\w*|in future|someday)\b"
        r"|もし|仮に|場合|予定|急ぎ(?:では|ません)|急ぎで|検討|想定|今後|念のため|参考|訓練"
        r"|\b(?:falls|wenn (?:wir|ein|man|der|die|das)|geplant\w*|planen|nicht dringend|keine eile|nur eine|künftig|übung|eilt nicht)\b"
        r"|\b(?:si (?:nous|on|l[' ]on|un|une|je|le|la)|prévu\w*|pas urgent|rien d[' ]urgent|curiosité|à l[' ]avenir|au cas où)\b"
        r"|\b(?:si (?:borr\w*|elimin\w*|un|una|el|la|se)|previst\w*|no es urgente|sin prisa|curiosidad|en el futuro|por si)\b"
    ),
    "looks": (
        r"\b(?:logos?|colou?rs?|fonts?|typos?|translat\w+|labels?|tooltips?|icons?|align\w*|layouts?|pixels?|spelling|cosmetic|dark mode|banner|signature|avatar|wording|heading)\b"
        r"|ロゴ|色|フォント|誤字|翻訳|アイコン|レイアウト|文言|見た目|表記"
        r"|\b(?:farbe\w*|schrift\w*|tippfehler|übersetz\w*|symbol\w*|optisch|beschriftung)\b|\b(?:couleurs?|police|faute|traduction\w*|icônes?|mise en page|libellé\w*)\b|\b(?:color\w*|fuente|errata|traducci\w+|iconos?|diseño|etiqueta\w*)\b"
    ),
    "harm": (
        r"\b(?:revenue|deadlines?|orders?|waiting|penalt\w+|payroll|salar\w+|wages|shipping|shipments?|production|losing|overdue|late|delay\w*|sla|slas|backlog|complain\w*|cash|payments? run|month[- ]end|go[- ]live|audit\w*|missed|patients?|callers)\b"
        r"|納期|売上|出荷|給与|締め|遅れ|遅延|業務に支障|支障が出|支障をきた|クレーム|待ち|損失"
        r"|\b(?:frist\w*|umsatz|auslieferung|lohn\w*|gehalt\w*|verzöger\w*|verspät\w*|verzug|warten|aufträge|monatsabschluss)\b"
        r"|\b(?:échéance\w*|chiffre d[' ]affaires|livraison\w*|paie|retard\w*|attendent|commandes|clôture|pénalité\w*)\b"
        r"|\b(?:plazo\w*|ventas|entregas?|nóminas?|retras\w*|esperando|pedidos|cierre|penalizaci\w+)\b"
    ),
    "slow": (
        r"\b(?:slow\w*|sluggish|minutes to|seconds to|takes? (?:_\w+|\w+) (?:minutes|seconds|hours)|lag\w*|queued?|performance)\b"
        r"|遅い|遅く|重い|重く|時間がかか|\b(?:langsam\w*|träge|dauert)\b|\b(?:lente?s?|lenteurs?|rame)\b|\b(?:lent[oa]s?|lentitud|tarda\w*)\b"
    ),
    "now and then": (
        r"\b(?:sometimes|intermittent\w*|now and then|occasional\w*|random\w*|every (?:so often|few)|once in a while|sporadic\w*|from time to time)\b"
        r"|時々|ときどき|たまに|断続|不定期|\b(?:manchmal|gelegentlich|sporadisch|ab und zu)\b|\b(?:parfois|de temps en temps|intermittent\w*|aléatoire\w*)\b|\b(?:a veces|de vez en cuando|intermitente\w*|aleatori\w*)\b"
    ),
    "thanks": (
        r"\b(?:(?:thank you|thanks|grateful|kudos|compliments?|well done|great (?:job|work|support)) (?:so much |very much |a lot )?(?:for|to|again|all|indeed)|just (?:to say|wanted to)|no (?:action|answer|reply) (?:is )?(?:needed|required|necessary))\b"
        r"|ありがとうございました|おかげ|お礼|御礼|助かりまし|\b(?:danke (?:für|an|noch)|dank für|dankeschön|lob)\b|\b(?:merci (?:pour|à|encore|infiniment)|bravo)\b|\b(?:gracias (?:por|a|de nuevo)|enhorabuena)\b"
    ),
    "error text": (
        r"\b(?:exception|traceback|stack ?trace|error ?code|err_\w+|http _\w+|code _\w+|invalid \w+|undefined|null|timeout|denied|internal (?:server )?error|_hundreds (?:error|internal|bad|forbidden|service|not)|unable to process|please try again|something went wrong|smtp|status _\w+)\b"
    ),
    "setting": (
        r"\b(?:settings?|set ?up|configur\w*|enable|disable|activat\w*|switch(?:ed)? (?:on|off)|change (?:the|our|their|his|her)|add (?:a|an|the|another|_\w+)|remove (?:a|an|the)|transfer\w*|migrat\w*|merg\w+|rename|permission\w*|domain)\b"
        r"|設定|有効|無効|変更|追加|移行|統合|権限|\b(?:einstell\w*|einricht\w*|konfigur\w*|aktivier\w*|ändern|hinzufügen|umzug)\b|\b(?:paramètr\w*|configur\w*|activer|désactiver|modifier|ajouter|transf\w+|migr\w+)\b|\b(?:configur\w*|ajustes|activar|desactivar|cambiar|añadir|migr\w+)\b"
    ),
}
