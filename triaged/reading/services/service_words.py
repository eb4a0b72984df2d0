"""Words that tell whether a service named is the one in trouble, only mentioned, or denied.

For folded text (identifiers/passages.py). Patterns look at the words right before or behind a name. PURE.
"""

from __future__ import annotations

import re

# Names that are also plain words: they count only where a service is meant.
PLAIN_WORDS = frozenset(
    """
    mail mails email e-mail projects project people sign books book desk meeting meetings flow forms
    form one show connect calendar sites site learn start directory notebook tables table social
    voice contracts contract commerce expense expenses invoice invoices inventory billing assist
    lens sheet sheets writer survey surveys recruit creator analytics campaigns campaign bookings
    booking backstage checkout payroll vault webinar webinars sprints sprint shifts shift practice
    publish thrive wiki docs planner catalyst spend solo payments procurement tracer pos erp iot
    toolkit workplace todo to-do showtime motivator rpa fsm reports chat subscriptions subscription
    landingpage remotely marketing automation
    """.split()  # noqa: SIM905
)

# Of these, words that a capital letter alone does not make a name: "People in Finance".
CAPITAL_IS_NOT_ENOUGH = frozenset(
    """
    automation billing checkout commerce connect contracts directory docs expense expenses forms
    invoice invoices learn marketing notebook people practice project projects publish shifts sign
    sites social survey surveys tables voice
    """.split()  # noqa: SIM905
)
# Of the plain words, those that hardly mean anything else: enough in "bug in desk" or "Desk tickets vanish".
DISTINCT = frozenset(
    """
    desk creator campaigns analytics recruit bookings sprints backstage inventory workplace books payroll vault
    """.split()  # noqa: SIM905
)
# What Zoho bills a customer with: "your Zoho invoice" is no service.
MONEY = frozenset(
    """
    subscription subscriptions payment payments billing invoice invoices contract contracts expense
    expenses checkout
    """.split()  # noqa: SIM905
)
# And words so common in mails that even a capital letter says nothing.
EVERYDAY = frozenset(
    """
    mail mails email e-mail meeting meetings show one start contract subscription subscriptions
    payments billing reports chat pos erp iot solo table form site calendar
    """.split()  # noqa: SIM905
)

DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|isn't|wasn't|aren't|nothing|never)(?: (?:a|an|the|about|related to|regarding|concerning|with|to do with|using|on|really|only|exactly))*"
    r"|\bnicht um|\bkein(?:e[nrs]?)?|\bnicht (?:das|den|die)|\bgeht (?:\w+ ){0,2}nicht um|\bnichts mit|\bpas (?:de|un|une|le|la)|\bce n'est pas|\brien a voir avec|\bno es|\bno se trata de|\bnada que ver con|\bneither|\b(?:no|without) (?:problems?|issues?|trouble) (?:with|in)|\bkeine probleme (?:mit|in|bei)|\bpas de probleme (?:avec|dans)|\bning[uú]n problema (?:con|en)|\bexcept(?: for)?|\bausser|\bapart from|\binstead of)"
    r"(?: (?:a|an|the|das|den|die|der|le|la|el|un|una|zoho))* $"
)
# "Everything but Zoho Desk works", "all works except CRM": the one left out is the trouble.
ALL_BUT = re.compile(
    r"\b(?:everything|all|alles|alle|tout|todo|tutto|tudo|allemaal)(?: \w+){0,2}(?: (?:works?|is|are|working|fine|ok|well|normal|lauft|geht|funktioniert|marche|fonctionne|va|funciona|funziona|werkt|bien|bene|gut|goed))*,? "
    r"(?:but|except(?: for)?|apart from|save|bis auf|ausser|sauf|hormis|menos|excepto|salvo|tranne|exceto|behalve)(?: (?:in|with|for|the|zoho|bei|beim|das|dans|le|en|el|il|o))* $"
)
AND_NEITHER = re.compile(
    r"^[\s,]*+(?:or|nor|and|und|und auch nicht um|auch nicht um|oder|noch|ni|ou|y|et|o|/|や|も|と)?[\s,]*+(?:also|auch|not|nicht um|nicht|about|neither|tampoco|non plus|the|das|den|die|le|la|el|in|um)?\s*+(?:das |den |die |the )?$"
)
WORKS_FINE = re.compile(
    r"\b(?:fine|okay|ok|unaffected|(?:not|isn't|n't) (?:affected|the (?:issue|problem|cause)|to blame|involved)|(?:works?|working|running|runs) (?:\w+ )?(?:well|correctly|normally|perfectly|as (?:it should|expected|usual))|"
    r"einwandfrei|problemlos|nicht betroffen|(?:lauft|laufen|geht|funktioniert|funktionieren)(?: \w+){0,2} (?:gut|rund|normal|sauber)|(?:beides|alles|das) lauft|lauft (?:ja|doch)|"
    r"(?:fonctionne|fonctionnent|marche|marchent)(?: \w+)? ?(?:bien|normalement|parfaitement)?\b|pas (?:concerne|touche)e?|tout va bien|(?:funciona|funcionan|va)(?: \w+)? (?:bien|perfectamente|correctamente|normal)|no (?:esta )?afectad[oa]|"
    r"(?:nutzen|benutzen|verwenden|haben) (?:sie|wir|die) (?:\w+ )?nicht|(?:not|isn't|never) (?:used|in use)|nicht (?:genutzt|benutzt|im einsatz|verwendet)|is innocent|all good|all fine|no (?:problems?|issues?)|switched off|is off)\b|^ (?:lauft|laufen|funktioniert|works|is up|marche|funziona|funziona bene|werkt|draait|funciona)(?=\s*(?:$|,))|(?:使って|利用して|使用して)い(?:ません|ない)|問題(?:な|は?ありま|は?ござ|あり?ませ)|正常|大丈夫|無関係|ではな|じゃな|ではあり|関係(?:な|あり?ませ)"
)
NOT_FINE = re.compile(r"\b(?:not|n't|isn't|doesn't|never|no longer|nicht|kein|pas|plus|no)\b[^.]{0,16}$")
REST_OF_IT = re.compile(
    r"\b(?:others?|rest|elsewhere|everything else|andere\w*|ubrige\w*|autres?|reste|otr[oa]s?|demas|resto)\b|の?他の|以外|ほかの"
)
CONTRAST = re.compile(
    r"\b(?:but|only|just|rather|however|problem is|issue is|trouble is|instead|sondern|nur|jedoch|aber|betroffen|mais|seulement|uniquement|sino|solo|pero|unicamente)\b[^.]{0,30}$|\b(?:now|this time|diesmal|cette fois|esta vez|ahora|jetzt)\b[^.]{0,20}$|だけ|のみ|今回は"
)

MENTIONED_BEFORE = re.compile(
    r"(?:\b(?:is on|are on|we had in|had in|use|uses|used|using|have|has|had|own|owns|bought|run|runs|on top of|sync(?:s|ed|ing)?(?: \w+)? (?:with|to|from)|synchroni\w+ (?:with|to|from|mit)|integrat\w+ (?:with|to|of|into|for)|connect\w* (?:to|with)|connector (?:to|for)|link(?:ed|s)? (?:to|with)|"
    r"import\w* (?:\w+ )?from|export\w* (?:\w+ )?(?:from|to)|from|via|through|push\w* (?:\w+ )?(?:to|into)|feed|feeds|as well as|along with|in addition to|besides|unlike|like in|same (?:in|as in|as)|migrat\w+ (?:\w+ )?(?:from|to)|mov\w+ (?:\w+ )?(?:from|to)|coming from|similar to|"
    r"subscri\w+ (?:to|for)|licen[cs]es? (?:for|of)|part of|included in|neben|nutzt|nutzen|verwend\w+|aus|nach|mit|utilis\w+|depuis|vers|avec|usan?|usamos|utiliza\w*|desde|hacia|con|out of|later|took \w+ out of)"
    r"(?: (?:the|our|their|das|dem|den|der|le|la|el|zoho|both|also|already|auch))* )$"
)
OURS_BEFORE = re.compile(
    r"\b(?:we|i) (?:log|track|keep|manage|record|store|noted?|opened|registered)\w* [^.]{0,40}\b(?:in|on) (?:the |our |your |zoho )*$|\b(?:our own|your|my own) (?:own )?(?:zoho )?$|\bnote (?:it |this )?in (?:the|your|our) (?:zoho )?$"
)
PAST_AFTER = re.compile(
    r"^[^.,]{0,20}\b(?:last (?:year|time|month|week)|previously|earlier|before|letztes mal|letztes jahr|la derniere fois|la ultima vez)\b|^[^。、]{0,8}前回"
)
MENTIONED_AFTER = re.compile(
    r"^(?:'s|の)? ?(?:url|link|リンク|アドレス)(?: ?(?:is|:|は)|$)|^ ?(?:at (?:our|my) end|on (?:our|my) side|bei uns|chez nous|later|too|as well|bereits|deja|ya\b|integration|sync|connector|との?連携|と同期|連携|から(?:移行|取り込)|は以前|も使|も利用|を(?:使|利用|契約)[^0-9]{0,6}ています)"
)

TROUBLE_BEFORE = re.compile(
    r"(?:\b(?:it is|it's|c'est|es ist) (?:rather |really |actually |only )?$)|(?:\b(?:in|inside|within|on|into|at|im|dans|en|sur|au|bei|auf|for)|\b(?:issues?|problems?|errors?|bugs?|trouble|faults?|questions?|requests?|help|stuck|failing|outage|difficult\w+) (?:is |are )?(?:with|in|on|about|regarding|for|of)|"
    r"\babout|\bregarding|\bconcerning|\bonly|\bnur|\bbetrifft|\bbetroffen ist(?: nur)?|\bgeht um|\bes geht (?:\w+ )?um|\bconcernant|\ba propos de|\bsobre|\bproblema (?:con|en|de)|\bprobleme? (?:avec|dans|sur|mit|in|bei)|\bfrage zu|\bquestion sur|\bhere (?:it )?is|\bthis (?:is|time)(?: \w+)?|\b(?:issue|problem) is(?: \w+)?|\btime (?:for|with)|\btoday(?: it is)?)"
    r"(?: (?:the|their|his|her|our|das|dem|den|der|die|le|la|el|los|zoho|only|customer's|client's|new|ihr(?:em|er)?|sein(?:em|er)?))* $"
)
TROUBLE_AFTER = re.compile(
    r"^(?:の|で|が|に(?:て|つい|おい|ログイン)|上で|にて|内で|画面|アプリ)|^['\w ]{0,30}\b(?:not|n't|cannot|can't|fails?|failing|failed|stuck|hangs?|slow|errors?|down|broken|missing|wrong|issues?|problems?|crash\w*|blank|white|refuses?|stopped|stops|shows?|says|keeps|disappear\w*|vanish\w*|doubled?|twice|gone|lost|empty|late|delayed|duplicat\w*|timeouts?|gives|giving|never|unable|question|issue|weg|leer|langsam|falsch\w*|lent[eoa]?s?|vide|bloque\w*|vaci[oa]s?|sbagliat\w*|errore|bloccat\w*|errad[oa]s?|travad\w*|traag|leeg|fout\w*|niet|geen|nicht|kein\w*|fehl\w*|ne |n'|plus|no )"
)

# "no notification in Cliq, phone app is fine": behind the comma something else is spoken of.
ANOTHER = re.compile(
    r"[,;] (?:the |their |our |her |his |on )?(?:phone|mobile|web|browser|desktop|app|android|ios|iphone|e-?mail|sms|chat|call|api|other|rest)\b"
)
USED_BEFORE = re.compile(r"(?:use[sd]?|using|zoho'?s?|\bund|\band|,|mit|von|aus) $")
NAMED_BEFORE = re.compile(r"\b(?:in|inside|within|using|use|uses|im|dans|en|unter) $")
PART_AFTER = re.compile(r" (?:app|module|portal|license|licence|subscription)\b")
# "(e.g. Zoho CRM, Zoho Books)" or "- Example: Zoho CRM" right behind a field's label shows how to fill it in.
GUIDANCE = re.compile(
    r"[\s*]{0,3}(?:[(\[<][^()\[\]<>\n]{0,60}?|[-,:] ?)(?:\be\.? ?g\b|\bfor (?:example|instance)\b|\bexamples?\b|\bsuch as\b|\blike\b|\bz\. ?b\.|"
    r"\bbeispiel|\bp(?:ar)?\.? ?ex(?:emple|\.)|\bexemple|\bp(?:or)?\.? ?ej(?:emplo|\.)|\bejemplo|例)[^()\[\]<>\n]{0,200}"
)
FIELD_SEPARATOR = re.compile(
    r"\s*+(?:\*\s*+)?+(?:(?:\([^()\n]{0,200}\)|\[[^\[\]\n]{0,80}\])\s*+)?(?:(?:[.·…_]\s?+){2,}+\s*+[:=]?|:-|:|=++>?|->|-{1,3}(?=\s)|>|\|++|は|(?<=\s\s)|(?<=[\t\n])|$)[ \t|]*+"
)
ANSWER_BEFORE = re.compile(
    r"^\W{0,3}(?:it'?s|it is|this is|that'?s|that is|the (?:service|app|product) is|es ist|es geht um|c'est|il s'agit de|es|se trata de) (?:zoho |the )?$"
)
FIELD_BEFORE = re.compile(
    r"(?:^|\n|[/;|,•]\s?|\t)[ \t>*_#•・●■□◆▪‣-]{0,30}+(?:\(?(?:\d{1,2}|[a-h])[.):]\s?|\d{1,2}\s)?[ \t*_-]{0,30}+$"
)

# Alone in a subject these say nothing: "Invoice", "Forms".
NO_SUBJECT = EVERYDAY | MONEY | {"forms", "survey", "inventory"}
