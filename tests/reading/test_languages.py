"""What mail programs and people write in the languages that have a file of words: notes, quotes, forwards, thanks."""

from __future__ import annotations

import pytest

from triaged.reading.read import read
from triaged.reading.values import Door, Reading, Surroundings

DESK = "desk@own.example"
HOUSE = Surroundings(support_addresses=frozenset({DESK}), partner_domains=frozenset({"ahorn.example"}))
OLD = "the-older-words 40031122334"
EVA = "Eva Lind <eva@ahorn.example>"

ABSENCES = {
    "it": ("Fuori ufficio: Esportazione", "Gentili colleghi,\nsono in ferie fino al 24 agosto e non potrò leggere la posta.\nPer urgenze potete contattare il mio collega Marco."),
    "it, an office": ("Risposta automatica: Ticket", "Questo è un messaggio automatico. Il nostro ufficio resterà chiuso dal 10 al 21 agosto."),
    "pt": ("Ausência temporária", "Olá,\nestarei de férias até 12 de julho e responderei no meu regresso.\nEm caso de urgência, queira contactar a Ana."),
    "pt, Brazil": ("Resposta automática: Chamado", "Olá! Estou fora do escritório em viagem a trabalho, com acesso limitado ao e-mail.\nEm casos urgentes, favor contatar o plantão."),
    "nl": ("Afwezigheidsbericht", "Beste,\nik ben met vakantie tot 3 augustus. Uw bericht wordt niet doorgestuurd.\nBij spoed kunt u contact opnemen met mijn collega."),
    "nl, automatic": ("Automatisch antwoord: Koppeling", "Dit is een automatische reactie. Ik ben momenteel niet op kantoor en na mijn vakantie weer bereikbaar."),
    "pl": ("Autoodpowiedź: Eksport", "Dzień dobry,\njestem na urlopie do 14 sierpnia. Wracam 17 sierpnia.\nW pilnych sprawach proszę o kontakt z panią Nowak."),
    "pl, no subject for it": ("Zgłoszenie 12", "Przebywam na urlopie do 20.07.2026. Odpowiem po powrocie.\nW sprawach pilnych zastępuje mnie Jan Kowal."),
    "sv": ("Autosvar: Exporten", "Hej!\nJag har semester till och med 12 augusti och läser mejl sporadiskt.\nVid brådskande ärenden, kontakta min kollega Per."),
    "sv, away": ("Frånvaro", "Jag är på tjänsteresa och är tillbaka den 4 maj."),
    "tr": ("Otomatik yanıt: Rapor", "Merhaba,\n15 Ağustos tarihine kadar yıllık izindeyim, döndüğümde yanıt vereceğim.\nAcil durumlarda iş arkadaşım ile iletişime geçebilirsiniz."),
    "tr, capitals": ("OTOMATİK YANIT: Rapor", "Şu anda ofis dışındayım."),
    "zh": ("自动回复：导出", "您好，我正在休假，8月15日返回办公室，回来后会尽快回复您。如有紧急事宜，请联系我的同事。"),
    "zh, traditional": ("自動回覆：匯出", "您好，我目前不在辦公室，將於8月15日回到辦公室，屆時會盡快回覆。緊急情況請聯絡我的同事。"),
    "ko": ("자동 회신: 내보내기", "안녕하세요. 8월 15일까지 휴가 중입니다. 복귀 후 회신드리겠습니다. 급한 용무는 동료에게 연락 바랍니다."),
    "ko, travelling": ("부재중: 문의", "현재 출장 중으로 메일 확인이 어렵습니다. 긴급한 경우 담당자에게 연락 바랍니다."),
    "da": ("Autosvar", "Hej,\njeg er på ferie til den 3. august. Ved hastende sager: ring til kontoret."),
    "no": ("Automatisk svar: Eksport", "Hei, jeg er ute av kontoret og tilbake den 4. mai."),
}  # fmt: skip

ATTRIBUTIONS = {
    "it, Gmail": f"Il giorno mar 10 nov 2026 alle ore 10:00 {EVA} ha scritto:",
    "it, Apple Mail": f"Il giorno 10 nov 2026, alle ore 10:00, {EVA} ha scritto:",
    "it, Thunderbird": "Il 10/11/2026 10:00, Eva Lind ha scritto:",
    "pt, Gmail in Brazil": f"Em ter., 10 de nov. de 2026 às 10:00, {EVA} escreveu:",
    "pt, Gmail in Portugal": "Eva Lind <eva@ahorn.example> escreveu (terça, 10/11/2026 à(s) 10:00):",
    "pt, Apple Mail": f"No dia 10 de nov. de 2026, às 10:00, {EVA} escreveu:",
    "pt, Thunderbird": "Em 10/11/2026 10:00, Eva Lind escreveu:",
    "nl, Gmail": f"Op di 10 nov 2026 om 10:00 schreef {EVA}:",
    "nl, Apple Mail": f"Op 10 nov 2026 om 10:00 heeft {EVA} het volgende geschreven:",
    "nl, Thunderbird": "Op 10-11-2026 om 10:00 schreef Eva Lind:",
    "pl, Gmail": f"wt., 10 lis 2026 o 10:00 {EVA} napisał(a):",
    "pl, Apple Mail": f"Wiadomość napisana przez {EVA} w dniu 10.11.2026, o godz. 10:00:",
    "pl, Thunderbird": "W dniu 10.11.2026 o 10:00, Eva Lind pisze:",
    "sv, Gmail": f"Den tis 10 nov. 2026 kl 10:00 skrev {EVA}:",
    "sv, Apple Mail": f"10 nov. 2026 kl. 10:00 skrev {EVA}:",
    "sv, Thunderbird": "Den 2026-11-10 kl. 10:00, skrev Eva Lind:",
    "tr, Gmail": f"{EVA}, 10 Kas 2026 Sal, 10:00 tarihinde şunu yazdı:",
    "tr, Apple Mail": f"{EVA} şunları yazdı (10 Kas 2026 10:00):",
    "tr, Thunderbird": "10.11.2026 10:00 tarihinde Eva Lind yazdı:",
    "zh, Gmail": f"{EVA} 于2026年11月10日周二 10:00写道：",
    "zh, Apple Mail": f"在 2026年11月10日，10:00，{EVA} 写道：",
    "zh, Thunderbird": "在 2026/11/10 10:00, Eva Lind 写道:",
    "zh, traditional Gmail": f"{EVA} 於 2026年11月10日 週二 上午10:00寫道：",
    "ko, Gmail": f"2026년 11월 10일 (화) 오전 10:00, {EVA}님이 작성:",
    "ko, Apple Mail": f"2026. 11. 10. 오전 10:00, {EVA} 작성:",
    "ko, Thunderbird": "2026-11-10 오전 10:00에 Eva Lind 이(가) 쓴 글:",
}  # fmt: skip

BLOCKS = {
    "it, Outlook": "Da: {eva}\nInviato: martedì 10 novembre 2026 10:00\nA: {to}\nOggetto: Esportazione",
    "it, Apple Mail": "Da: {eva}\nOggetto: Esportazione\nData: 10 novembre 2026 alle ore 10:00:00 CET\nA: {to}",
    "it, Thunderbird": "Oggetto: Esportazione\nData: Tue, 10 Nov 2026 10:00:00 +0100\nMittente: {eva}\nA: {to}",
    "pt, Outlook in Brazil": "De: {eva}\nEnviada em: terça-feira, 10 de novembro de 2026 10:00\nPara: {to}\nAssunto: Exportação",
    "pt, Outlook in Portugal": "De: {eva}\nEnviado: 10 de novembro de 2026 10:00\nPara: {to}\nAssunto: Exportação",
    "nl, Outlook": "Van: {eva}\nVerzonden: dinsdag 10 november 2026 10:00\nAan: {to}\nOnderwerp: Export",
    "nl, Apple Mail": "Van: {eva}\nOnderwerp: Export\nDatum: 10 november 2026 om 10:00:00 CET\nAan: {to}",
    "pl, Outlook": "Od: {eva}\nWysłano: wtorek, 10 listopada 2026 10:00\nDo: {to}\nDW: kadry@ahorn.example\nTemat: Eksport",
    "pl, Thunderbird": "Temat: Eksport\nData: Tue, 10 Nov 2026 10:00:00 +0100\nNadawca: {eva}\nAdresat: {to}",
    "sv, Outlook": "Från: {eva}\nSkickat: den 10 november 2026 10:00\nTill: {to}\nÄmne: Export",
    "sv, Apple Mail": "Från: {eva}\nÄmne: Export\nDatum: 10 november 2026 10:00:00 CET\nTill: {to}",
    "tr, Outlook": "Kimden: {eva}\nGönderildi: 10 Kasım 2026 Salı 10:00\nKime: {to}\nBilgi: ik@ahorn.example\nKonu: Dışa aktarma",
    "tr, Outlook on the web": "Gönderen: {eva}\nGönderme Tarihi: 10 Kasım 2026 10:00\nKime: {to}\nKonu: Dışa aktarma",
    "tr, Apple Mail": "Kimden: {eva}\nKonu: Dışa aktarma\nTarih: 10 Kasım 2026 10:00:00 GMT+3\nKime: {to}\nİlgi: Rapor",
    "zh, Outlook": "发件人: {eva}\n发送时间: 2026年11月10日 10:00\n收件人: {to}\n抄送: hr@ahorn.example\n主题: 导出",
    "zh, Apple Mail": "发件人：{eva}\n主题：导出\n日期：2026年11月10日 GMT+8 10:00:00\n收件人：{to}",
    "zh, traditional Outlook": "寄件者: {eva}\n寄件日期: 2026年11月10日 上午 10:00\n收件者: {to}\n主旨: 匯出",
    "zh, traditional Apple Mail": "寄件人：{eva}\n主旨：匯出\n日期：2026年11月10日 上午10:00:00\n收件人：{to}",
    "ko, Outlook": "보낸 사람: {eva}\n보낸 날짜: 2026년 11월 10일 화요일 오전 10:00\n받는 사람: {to}\n참조: hr@ahorn.example\n제목: 내보내기",
    "ko, Apple Mail": "보낸 사람: {eva}\n제목: 내보내기\n날짜: 2026년 11월 10일 오전 10:00:00 GMT+9\n받는 사람: {to}",
    "ko, Naver": "보낸사람: {eva}\n받는사람: {to}\n날짜: 2026-11-10 (화) 10:00\n제목: 내보내기",
}  # fmt: skip

FORWARDS = {
    "it, Thunderbird": ("I: Esportazione", "-------- Messaggio inoltrato --------", "it, Thunderbird"),
    "it, Apple Mail": ("Esportazione", "Inizio messaggio inoltrato:", "it, Apple Mail"),
    "pt, Thunderbird": ("Enc: Exportação", "-------- Mensagem encaminhada --------", "pt, Outlook in Brazil"),
    "pt, Apple Mail": ("Exportação", "Início da mensagem reencaminhada:", "pt, Outlook in Portugal"),
    "nl, Apple Mail": ("Export", "Begin doorgestuurd bericht:", "nl, Apple Mail"),
    "nl, a subject": ("Doorst: Export", "", "nl, Outlook"),
    "pl, Gmail": ("Export", "---------- Wiadomość przekazana dalej ---------", "pl, Outlook"),
    "pl, a subject": ("PD: Eksport", "", "pl, Outlook"),
    "sv, Apple Mail": ("Export", "Vidarebefordrat brev:", "sv, Apple Mail"),
    "sv, a subject": ("VB: Export", "", "sv, Outlook"),
    "tr, Thunderbird": ("Rapor", "-------- İletilmiş İleti --------", "tr, Outlook"),
    "tr, Apple Mail": ("Rapor", "İletilen ileti başlangıcı:", "tr, Apple Mail"),
    "tr, a subject": ("İLT: Rapor", "", "tr, Outlook on the web"),
    "zh, Thunderbird": ("导出", "-------- 转发的消息 --------", "zh, Outlook"),
    "zh, Apple Mail": ("导出", "以下是转发的邮件：", "zh, Apple Mail"),
    "zh, a subject": ("转发：导出", "", "zh, Outlook"),
    "zh, traditional": ("匯出", "---------- 轉寄郵件 ---------", "zh, traditional Outlook"),
    "zh, traditional subject": ("轉寄: 匯出", "", "zh, traditional Apple Mail"),
    "ko, Thunderbird": ("내보내기", "-------- 전달된 메시지 --------", "ko, Outlook"),
    "ko, Apple Mail": ("내보내기", "다음은 전달된 메시지입니다:", "ko, Apple Mail"),
    "ko, a subject": ("전달: 내보내기", "", "ko, Naver"),
}  # fmt: skip

THANKS = {
    "it": "Grazie mille, ora funziona tutto.\n\nCordiali saluti\nEva",
    "pt": "Muito obrigada, o problema foi resolvido.\n\nCumprimentos\nEva",
    "nl": "Hartelijk dank, het werkt weer!\n\nMet vriendelijke groet\nEva",
    "pl": "Bardzo dziękuję, wszystko działa.\n\nPozdrawiam\nEva",
    "sv": "Tack så mycket, nu fungerar det igen!\n\nVänliga hälsningar\nEva",
    "tr": "Çok teşekkürler, sorun çözüldü.\n\nSaygılarımla\nEva",
    "zh": "谢谢，问题已经解决了。",
    "zh, traditional": "謝謝，問題已經解決了。",
    "ko": "감사합니다. 문제가 해결되었습니다.",
    "da": "Mange tak, det virker igen!\n\nVenlig hilsen\nEva",
    "no": "Tusen takk, nå fungerer det igjen!\n\nVennlig hilsen\nEva",
}  # fmt: skip

REQUESTS = {
    "it": "Grazie per l'aiuto. Il cliente però non riesce ancora ad accedere, potete verificare?",
    "pt": "Obrigado pela ajuda, mas o cliente ainda não consegue entrar. Podem verificar?",
    "nl": "Bedankt, maar de klant kan nog steeds niet inloggen. Kunt u dit nakijken?",
    "pl": "Dziękuję, ale klient nadal nie może się zalogować. Proszę o sprawdzenie.",
    "sv": "Tack för hjälpen, men kunden kan fortfarande inte logga in. Kan ni kontrollera?",
    "sv, thanks beforehand": "Exporten ligger nere. Tack på förhand!",
    "tr": "Teşekkürler ama müşteri hâlâ giriş yapamıyor, lütfen kontrol edin.",
    "zh": "谢谢您的帮助，但是客户还是无法登录，请检查。",
    "zh, traditional": "謝謝，但客戶還是無法登入，請協助確認。",
    "ko": "감사합니다. 그런데 고객이 아직 로그인할 수 없습니다. 확인 부탁드립니다.",
    "da": "Tak for hjælpen, men kunden kan stadig ikke logge ind.",
    "no": "Takk for hjelpen, men kunden får fortsatt ikke logget inn.",
}  # fmt: skip


def said(text: str, subject: str = "Export", *, answers: bool = True, sender: str = EVA) -> Reading:
    raw = f"From: {sender}\nTo: {DESK}\nMessage-ID: <1@ahorn.example>\nSubject: {subject}\n"
    raw += "In-Reply-To: <0@own.example>\n" if answers else ""
    raw += f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    return read(raw.encode(), Door(), HOUSE)


@pytest.mark.parametrize("case", ABSENCES)
def test_an_absence_note_is_automatic(case: str) -> None:
    subject, text = ABSENCES[case]
    found = said(text, subject).automatic
    assert found is not None and found.kind == "auto_reply", text


@pytest.mark.parametrize("case", ATTRIBUTIONS)
def test_what_stands_under_an_attribution_is_a_quote(case: str) -> None:
    for mark in ("> ", ""):
        reading = said(f"OK 1234.\n\n{ATTRIBUTIONS[case]}\n\n{mark}{OLD}\n", "Re: Export")
        if mark or "<" in ATTRIBUTIONS[case]:
            assert reading.new_text == "OK 1234.", mark


@pytest.mark.parametrize("case", BLOCKS)
def test_what_stands_under_a_header_block_is_a_quote(case: str) -> None:
    block = BLOCKS[case].format(eva="Partner Support <desk@own.example>", to=EVA)
    assert said(f"OK 1234.\n\n{block}\n\n{OLD}", "Re: Export").new_text == "OK 1234."


@pytest.mark.parametrize("case", FORWARDS)
def test_a_forward_is_kept(case: str) -> None:
    subject, mark, block = FORWARDS[case]
    head = BLOCKS[block].format(eva="Jo Berg <jo@birke.example>", to="Eva Lind <eva@ahorn.example>")
    reading = said(f"FYI.\n\n{mark}\n\n{head}\n\n{OLD}", subject, answers=False)
    assert OLD in reading.new_text and reading.parts.is_forward
    assert [author.address for author in reading.parts.forward_authors] == ["jo@birke.example"]


@pytest.mark.parametrize("case", THANKS)
def test_thanks_are_thanks(case: str) -> None:
    assert said(THANKS[case], "Re: Export").thanks


@pytest.mark.parametrize("case", REQUESTS)
def test_a_request_with_a_courtesy_is_a_request(case: str) -> None:
    reading = said(REQUESTS[case], "Re: Export")
    assert not reading.thanks and reading.automatic is None


@pytest.mark.parametrize(
    "text",
    [
        "The men in sales lost the report titled ama. Can you look?",
        "Our customer Do Van Aan, of Od and Till Ltd, cannot open the W report.\nBr, Eva",
        "Since the semester began on Tuesday, users from Urlop Ltd see: no data.\nA: yes\nB: no\nCan you help?",
        "From: the settings page, choose Export.\nTo: the right you see an error.\nIt has been so since Monday.",
        "Our customer writes in Polish that the form W dniu is empty, what should we tell her?",
    ],
)
def test_english_that_holds_such_words_is_a_request_and_whole(text: str) -> None:
    reading = said(text, answers=False)
    assert reading.automatic is None and not reading.thanks and not reading.parts.is_forward
    assert reading.new_text.startswith(text.split("\n")[0])


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Autosvar skickas två gånger", "Hej, kundens autosvar skickas två gånger i Zoho Desk. Kan ni kontrollera?"),
        ("Automatisch antwoord werkt niet", "De automatische reactie van onze klant werkt niet in Zoho Mail. Kunt u dit controleren?"),
        ("Autoodpowiedź nie działa", "Autoodpowiedź u naszego klienta nie działa w Zoho Mail. Prosimy o sprawdzenie."),
        ("自动回复不发送", "客户的自动回复在 Zoho Desk 中没有发送，请帮忙检查。"),
        ("자동 회신이 전송되지 않음", "고객의 자동 회신이 전송되지 않습니다. 확인 부탁드립니다."),
        ("Risposta automatica non funziona", "La risposta automatica del nostro cliente non funziona. Potete verificare?"),
        ("Otomatik yanıt çalışmıyor", "Müşterimizin otomatik yanıtı Zoho Mail'de çalışmıyor. Kontrol eder misiniz?"),
    ],
)  # fmt: skip
def test_a_mail_about_absence_notes_is_a_request(subject: str, text: str) -> None:
    assert said(text, subject, answers=False).automatic is None
