"""A sender takes a mail back: Outlook's recall message, and the report on one. PURE.

Contract: `recall` answers with the reason, or nothing. A recall says in one sentence whose mail it takes
back; a person who asks how to recall a mail says what he wants.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.words.phrases import Phrases, fold

LONGEST = 900  # characters of a recall's or a report's own words
_SUBJECT = Phrases(
    "^recall: | ^recall : | ^message recall | ^recall report | ^recall success | ^recall failure | ^recalled: | ^rückruf: | ^rückruf : | ^nachrichtenrückruf | ^rückrufbericht | ^bericht zum rückruf | ^bericht über den rückruf | ^nachricht zurückrufen | ^zurückgerufen:",
    "^rappel: | ^rappel : | ^rappel de message | ^rappel du message | ^rapport de rappel | ^recuperar: | ^recuperación: | ^recuperación de mensaje* | ^retirar: | ^retirada: | ^revocar: | ^revocación | ^informe de recuperación | ^informe de retirada | ^informe de revocación | ^richiamo: | ^richiama: | ^richiamo messaggio | ^richiamo del messaggio | ^rapporto di richiamo | ^rapporto richiamo | ^report richiamo",
    "^recolher: | ^recuperar : | ^cancelamento: | ^revogar: | ^relatório de cancelamento | ^relatório de recuperação | ^relatório de recolha | ^recolha: | ^chamar de volta: | ^intrekken: | ^ingetrokken: | ^bericht intrekken | ^rapport over intrekken | ^intrekkingsrapport | ^återkalla: | ^återkallelse: | ^tilbagekald: | ^tilbagekaldelse: | ^tilbakekall: | ^tilbakekalling: | ^palauta: | ^odwołanie: | ^odwołaj: | ^отзыв: | ^отозвать: | ^geri çağır: | ^stažení: | ^odvolání: | ^visszahívás: | ^rechemare:",
    "^取り消し: | ^取消し: | ^取消: | ^メッセージの取り消し | ^メッセージ取り消し | ^メッセージの回収 | ^回収: | ^リコール: | ^撤回: | ^召回: | ^邮件撤回 | ^回收: | ^收回: | ^회수:",
)
_WORDS = Phrases(
    "would like to recall the message | would like to recall this message | wants to recall the message | would like to recall the e-mail | would like to recall the email | recall status | request to recall | recalled successfully | could not be recalled | recall of the message | recall has been | message recall report | attempted to recall | has recalled the message",
    "möchte die nachricht | möchte diese nachricht zurück | möchte folgende nachricht | nachricht…zurückrufen | nachricht…zurückgerufen | rückrufstatus | status des rückrufs | rückruf der nachricht | ihre rückrufanforderung | anforderung zum rückruf",
    "souhaite rappeler le message | souhaite rappeler ce message | voudrait rappeler le message | aimerait rappeler le message | désire rappeler le message | a rappelé le message | état du rappel | statut du rappel | demande de rappel | rappel du message | rappel de votre message",
    "desea recuperar el mensaje | quiere recuperar el mensaje | desea retirar el mensaje | quiere retirar el mensaje | le gustaría recuperar el mensaje | desearía recuperar el mensaje | desea revocar el mensaje | quisiera recuperar el mensaje | estado de recuperación | estado de la recuperación | estado de retirada | solicitud de recuperación | solicitud para recuperar",
    "desidera richiamare il messaggio | vuole richiamare il messaggio | vorrebbe richiamare il messaggio | stato del richiamo | stato richiamo | richiesta di richiamo | gostaria de recuperar a mensagem | gostaria de recolher a mensagem | gostaria de cancelar o envio | deseja recuperar a mensagem | deseja recolher a mensagem | gostaria de chamar de volta | gostaria de revogar a mensagem | deseja revogar a mensagem | status do cancelamento | status da recuperação | estado da recolha",
    "wil het bericht | wil dit bericht intrekken | intrekkingsstatus | status van het intrekken | verzoek om het bericht | vill återkalla meddelandet | skulle vilja återkalla | vil gerne tilbagekalde | vil tilbagekalle | ønsker å tilbakekalle | vil tilbakekalle | haluaa palauttaa viestin | chce odwołać wiadomość | chciałby odwołać | chciałaby odwołać | хочет отозвать сообщение | хотел бы отозвать | iletisini geri çağırmak | si přeje odvolat zprávu | szeretné visszahívni",
    "メッセージ…を取り消 | メッセージを取り消 | メッセージ…を回収 | メッセージを回収 | メッセージの取り消し | 取り消しの状態 | 取り消し要求 | 取り消しの状況 | 希望撤回 | 想要撤回 | 将撤回 | 想撤回邮件 | 希望召回 | 要收回 | 想要回收 | 회수하려고 | 회수를 원",
)
_HEADER = re.compile(r"(?i)^x-(?:ms-exchange-)?(?:organization-)?(?:message-)?recall(?:-|ed|$)")


def recall(message: Message, own: str) -> str:
    """Why this mail takes another one back, or reports on that; empty if it does not."""
    words = fold(own.strip())
    if (
        len(words) > LONGEST
        or requests.is_labelled(words)
        or requests.asks(words)
        or requests.reports_trouble(words)
    ):
        return ""
    if any(_HEADER.match(name) for name in message.headers):
        return "a recall (its header says so)"
    titled = _SUBJECT.find(fold(message.subject[:400]).strip())
    told = _WORDS.find(words)
    if titled and (told or not words):
        return f"a recall: “{titled}”"
    return f"a recall: “{told}”" if told and _is_one_sentence(words) else ""


def _is_one_sentence(words: str) -> bool:
    """Nothing but the sentence, which names the mail taken back in quotes."""
    lines = [line for line in words.splitlines() if line.strip()]
    return len(lines) == 1 and len(lines[0]) < 300 and re.search(r"[\"“”„«»「『]", lines[0]) is not None
