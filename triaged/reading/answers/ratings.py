"""What an answer says of our service: a number from 1 to 5, and whether the matter is solved at all.

Contract: a number at the beginning and then a comment is a rating in any punctuation, also behind a
salutation or a word such as "Rating:", in full-width digits, as stars, as a word alone. A number that
counts something ("2 users …", "5 GB", 3件), a date, a time, a list is none. A bad rating with a
complaint, and any answer that says it is not solved, opens the ticket again. PURE, linear.
"""

from __future__ import annotations

import re

from triaged.frozen import frozen
from triaged.reading.words.phrases import Phrases, fold

LONGEST_COMMENT = 2000
_BAD = 2  # ratings up to this, with a complaint, open the ticket again

_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|day)|hallo|guten (?:tag|morgen)|moin|sehr geehrte|liebe[rs]?|servus|gr[uü][ßs]|bonjour|bonsoir|salut|cher|"
    r"ch[eè]re|madame|hola|buen[oa]s|estimad[oa]s?|ciao|buongiorno|salve|gentile|ol[aá]|bom dia|boa tarde|prezad[oa]s?|beste|geachte|goedemorgen|goedendag|dag)\b[^\n\d]{0,60}$"
    r"|[^\n\d]{0,40}(?:様|御中|各位|担当者様|お世話になっ[^\n\d]{0,20}|こんにちは|おはようございます)[、。,!]?$"
)
_CALLED = re.compile(
    r"(?:(?:my |our |mein[e]? |unsere? |ma |notre |mi |nuestra )?(?:rating|score|grade|mark|vote|satisfaction|feedback|bewertung|note|zufriedenheit|"
    r"[eé]valuation|satisfaction|calificaci[oó]n|valoraci[oó]n|puntuaci[oó]n|puntaje|satisfacci[oó]n|nota|voto|valutazione|punteggio|"
    r"avalia[cç][aã]o|classifica[cç][aã]o|beoordeling|cijfer|waardering)(?: is| ist| est| es| [eè]|:|=| -|)"
    r"|(?:i|we|ich|wir|je|nous) (?:would |w[uü]rden? )?(?:give|rate|gebe|geben|gib|mets|donne|mettons|donnons)(?: you| it| this| euch| ihnen| eine?| un| une| la note| a| the)*"
    r"|(?:le|les) (?:doy|damos|pongo)(?: un| una)?|(?:評価|満足度|評点|点数)(?:は|が|:|=)?)\s{0,3}[:=]?\s{0,3}(?=[\d★⭐])"
)
_STARS = re.compile(r"(?:[★⭐🌟]\ufe0f?\s?){1,5}(?=[☆\s.,;:!)、。/-]|$)")
_ALONE = {
    word: number
    for number, words in enumerate(
        ("one eins un uno um une", "two zwei deux dos due dois twee", "three drei trois tres tre três drie",
         "four vier quatre cuatro quattro quatro", "five fünf fuenf cinq cinco cinque vijf"), 1
    )
    for word in words.split()
} | {character: number for number, character in enumerate("一二三四五", 1)}  # fmt: skip
_WORD = re.compile(
    r"([^\W\d_]{1,6})(?=\s{0,2}(?:$|[.,;:!)、。]|(?:out )?(?:of|von|sur|de|su|op|van) (?:five|fünf|cinq|cinco|cinque|vijf|5)\b|stars?\b|sterne?\b|[eé]toiles?\b|estrellas?\b|stelle\b|estrelas?\b|sterren\b))"
)
_OF_FIVE = re.compile(
    r"\s{0,2}(?:/|out of|of|von|aus|sur|de|su|op|van)\s{0,2}(?:5|five|fünf|cinq|cinco|cinque|vijf)(?![\d.,]*\d)\b"
    r"|\s{0,2}(?:stars?|sterne?|[eé]toiles?|estrellas?|stelle|estrelas?|sterren|points?|punkte?|puntos|punti|pontos|punten)\b|\s?[点點★⭐☆]+(?:満点)?|\s?つ星"
)
_GOES_ON = re.compile(  # the digit is part of something else: 10, 3.5, 5:30, 5/11, 5-6, 5th, 5%
    r"\d|[.,:]\d|\s?[-–~/]\s?\d|[^\W\d_](?<=[a-zà-ÿ])|\s?[%°€$£¥+]|\s?(?:x|×)\s?\d"
)
_COUNTED = frozenset(
    """
    user users people persons customer customers client clients colleagues account accounts record records report
    reports mail mails email emails message messages ticket tickets case cases issue issues problem problems error
    errors question questions thing things item items file files invoice invoices licence licences license licenses
    agent agents department departments module modules times hour hours day days week weeks month months year years
    minute minutes second seconds o'clock am pm gb mb kb tb min hrs percent more other others further new of out
    benutzer nutzer anwender personen leute kunden kollegen mitarbeiter konten nachrichten fälle fehler fragen probleme
    dinge dateien rechnungen lizenzen mal stunde stunden tag tage tagen woche wochen monat monate monaten jahre minuten
    uhr prozent weitere weiteren andere anderen von der datensätze berichte
    utilisateur utilisateurs personnes collègues comptes enregistrements rapports courriels erreur erreurs problème
    problèmes choses fichiers factures licences fois heure heures jour jours semaine semaines mois ans autres de des nouveaux
    usuario usuarios personas cliente clientes compañeros cuentas registros informes mensajes correos errores preguntas
    problemas cosas archivos facturas licencias veces hora horas día días semana semanas mes meses años minutos otros otras
    utenti persone clienti colleghi errori domande problemi volte ora ore giorni settimane mesi minuti altri altre dei
    usuários pessoas erros perguntas outros outras dos gebruikers mensen klanten fouten vragen problemen keer uur dagen
    weken maanden andere van
    """.split()  # noqa: SIM905
)
_COUNTERS = re.compile(
    r"\s?[件名人日時分秒個回台社通枚本箇ヶヵ個つ週月年歳番目]|\s?(?:時間|週間|カ月|ヶ月|か月|ユーザー|アカウント)"
)
_UNSOLVED = Phrases(
    "not solved | not resolved | not fixed | isn't solved | isn't resolved | isn't fixed | wasn't solved | wasn't fixed | wasn't resolved | never solved | never fixed | unsolved | unresolved | not working | not work | doesn't work | don't work | didn't work | won't work | didn't help | did not help | no solution | not yet solved | not yet fixed",
    "still not | still can't | still cannot | still doesn't | still don't | still does not | still isn't | still is not | still unable | still broken | still failing | still fails | still happening | still happens | still occurs | still there | still exists | still down | still affected | still have the | still has the | still having | still see the | still get the | still getting | still the same | still no | still wrong",
    "problem persists | issue persists | error persists | problem remains | issue remains | persists | same error | same problem | same issue | happened again | happens again | is back again | came back | has come back | occurs again | please reopen | reopen it | reopen this | reopen the | not been solved | not been fixed | not been resolved | nothing has changed | nothing changed | unchanged | can't log in | cannot log in",
    "nicht gelöst | nicht geloest | nicht behoben | nicht erledigt | ungelöst | geht nicht | geht immer noch nicht | geht weiterhin nicht | geht noch nicht | funktioniert nicht | funktioniert … nicht | läuft nicht | läuft … nicht | immer noch nicht | weiterhin nicht | noch immer nicht | nach wie vor | besteht weiter | besteht weiterhin | besteht noch | besteht immer noch | besteht leider | tritt weiterhin | tritt wieder | tritt immer noch | tritt noch | wieder aufgetreten | gleicher fehler | gleiche fehler | derselbe fehler | gleiche problem | selbe problem | keine lösung | hat nicht geholfen | nichts geändert | unverändert | wieder öffnen | wieder auf",
    "pas résolu | pas résolue | pas reglé | pas réglé | pas corrigé | non résolu | non résolue | ne fonctionne pas | ne fonctionne toujours pas | ne fonctionne plus | ne marche pas | ne marche toujours pas | ne marche plus | toujours pas | toujours le même | toujours la même | toujours là | toujours présent | toujours en panne | persiste | même erreur | même problème | encore le problème | est revenu | est revenue | aucune solution | pas de solution | rien n'a changé | rien changé | rouvrir | réouvrir",
    "no está resuelto | no esta resuelto | no resuelto | sin resolver | no se ha resuelto | no se resolvió | no solucionado | sin solucionar | no se ha solucionado | no quedó | no funciona | no sirve | sigue sin | siguen sin | sigue igual | sigue fallando | sigue el problema | sigue el error | sigue dando | sigue ocurriendo | sigue pasando | sigue apareciendo | todavía no | aún no | aun no | persiste | continúa | mismo error | mismo problema | volvió a | ha vuelto | sin solución | nada ha cambiado | reabrir | reabran | reabra",
    "non risolto | non è risolto | irrisolto | non funziona | ancora non | non ancora | persiste | stesso errore | stesso problema | si ripresenta | ancora presente | riaprire | riaprite",
    "não resolvido | nao resolvido | não foi resolvido | não está resolvido | não funciona | nao funciona | ainda não | ainda nao | continua sem | continua com | continua o problema | continua o erro | persiste | mesmo erro | mesmo problema | voltou a | reabrir | reabram",
    "niet opgelost | niet verholpen | onopgelost | werkt niet | werkt nog steeds niet | werkt nog niet | doet het niet | nog steeds niet | nog niet | nog altijd niet | blijft bestaan | probleem blijft | zelfde fout | zelfde probleem | nog steeds | weer opgetreden | heropenen",
    "解決していません | 解決していない | 解決しておりません | 解決できていません | 未解決 | 解決しません | 直っていません | 直っていない | 直っておりません | 直りません | 改善していません | 改善されていません | 改善しません | まだ動きません | 動きません | 動いていません | 動作しません | まだ使えません | 使えません | まだ使えない | 使えない | まだできません | できません | できない | 同じエラー | 同じ問題 | 同じ症状 | 再発 | また発生 | まだ発生 | 発生しています | 続いています | 続いております | 再開して | 再オープン | 変わりません | 変わっていません",
)  # fmt: skip
_SOLVED = Phrases(  # words that hold one of the above and say the opposite
    "no longer not | works now | not a problem | no problem | is solved | nicht mehr auf | n'est plus | kein problem | 問題ありません | 発生していません | 発生しておりません | 再発していません | 再発しておりません | 再発はありません | persists no | no longer persists | does not persist | doesn't persist | never came back | not come back | hasn't come back | not happened again | hasn't happened again",
    "no persiste | ya no persiste | ne persiste plus | ne persiste pas | besteht nicht mehr | non persiste | não persiste | no ha vuelto | n'est pas revenu | pas revenu | nicht wieder aufgetreten | tritt nicht wieder | tritt nicht mehr",
)  # fmt: skip
_INDIFFERENT = Phrases("^ok$ | ^okay$ | ^so so$ | ^n/a$ | ^none$ | ^no comment$ | ^keine$ | ^-$ | thank | danke | merci | gracias | grazie | obrigad | bedankt | ありがと")  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")
_PUNCTUATION = " \t.,;:!?-–—~*_()[]・、。，．：；！）（/|\"'«»„“”"


@frozen
class Rating:
    """A score from 1 to 5 with its comment. `complains`: the matter is not over for who wrote it."""

    score: int
    comment: str
    complains: bool


def of(own_text: str) -> Rating | None:
    """The rating that somebody's own words begin with; None where they give no number."""
    text = _ungreeted(own_text)
    found = _score(text)
    if found is None:
        return None
    score, comment = found
    comment = comment.lstrip(_PUNCTUATION + "\n").strip()[:LONGEST_COMMENT]
    return Rating(score, comment, says_unsolved(comment) or (score <= _BAD and _is_complaint(comment)))


def says_unsolved(own_text: str) -> bool:
    """Whether words say that the trouble is still there."""
    text = fold(own_text[:LONGEST_COMMENT])
    while found := _SOLVED.find(text):
        text = text.replace(found, " ")
    return bool(_UNSOLVED.find(text))


def _ungreeted(text: str) -> str:
    """Without a salutation on a line of its own, and without brackets or quotes around the number."""
    text = text.strip()
    first, _, rest = text.partition("\n")
    text = rest.strip() if rest and _GREETING.match(fold(first[:100]).strip()) else text
    return text.lstrip("([*\"'«„“「 ")


def _score(text: str) -> tuple[int, str] | None:
    """The number and what stands behind it, in the writer's own spelling."""
    folded = fold(text[: LONGEST_COMMENT + 200])
    if text[:1].isdigit() and not text[0].isdecimal():  # "²" is no 2
        return None
    called = _CALLED.match(folded)
    start = called.end() if called else 0
    head = folded[start : start + 1]
    if stars := _STARS.match(folded, start):
        comment = _as_written(text, folded, stars.end())
        return sum(c in "★⭐🌟" for c in stars.group()), comment.lstrip("☆ ")
    if (word := _WORD.match(folded)) and word.group(1) in _ALONE:
        number, end = _ALONE[word.group(1)], word.end()
    elif head.isascii() and head.isdecimal() and 1 <= int(head) <= 5:
        number, end = int(head), start + 1
    else:
        return None
    of_five = _OF_FIVE.match(folded, end)
    end = of_five.end() if of_five else end
    if not of_five and (_GOES_ON.match(folded, end) or _counts(folded[end : end + 60])):
        return None
    if not called and not of_five and _is_list(folded, number):
        return None
    return number, _as_written(text, folded, end)


def _counts(behind: str) -> bool:
    """The number counts what stands right behind it: "2 users", "3 of our customers", 4件."""
    if _COUNTERS.match(behind):
        return True
    line = behind.partition("\n")[0]
    if not line.startswith((" ", "\t")) or not line.strip():
        return False
    said = _WORDS.findall(line)
    return line.lstrip()[0] not in _PUNCTUATION and bool(said) and said[0] in _COUNTED


def _is_list(folded: str, number: int) -> bool:
    """ "1. the report, 2. the export": the lines go on counting."""
    following = (f"{number + 1}.", f"{number + 1})", f"{number + 1}:")
    return any(line.lstrip().startswith(following) for line in folded.splitlines()[1:])


def _as_written(text: str, folded: str, end: int) -> str:
    """What stands behind `end` as written, where folding kept every letter in its place."""
    return text[end:] if len(text[: LONGEST_COMMENT + 200]) == len(folded) else folded[end:]


def _is_complaint(comment: str) -> bool:
    """More than a courtesy or a name: words on the rating's own line, or several below it."""
    if _INDIFFERENT.find(fold(comment)):
        return False
    words = _WORDS.findall(comment)
    return len(words) >= 2 or any(len(word) >= 4 and not word.isascii() for word in words)
