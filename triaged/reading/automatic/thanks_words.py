"""What is said in a mail that only thanks, and what makes it more than that. PURE, tables (see words/phrases.py).

English, German, French, Spanish, Italian, Portuguese, Dutch, Japanese; of other languages the commonest words.
"""

from __future__ import annotations

from triaged.reading.words.phrases import Phrases

THANKS = Phrases(
    "thank you | thanks | many thanks | thx | thanx | tysm | much appreciated | appreciate* | cheers | great job | well done | perfect | awesome | grateful",
    "danke | vielen dank | besten dank | herzlichen dank | dankeschön | danke schön | merci | mille mercis | gracias | muchas gracias | mil gracias | agradec* | grazie | mille grazie",
    "obrigad* | bedankt | hartelijk dank | dank je | dank u | dank jullie | tack | takk | tusen takk | mange tak | kiitos | dziękuj* | děkuj* | спасибо | благодар* | teşekkür* | köszön* | mulțumesc | ευχαριστ*",
    "ありがとう | 有難う | 有り難う | 感謝 | 助かりました | お礼 | 谢谢 | 感谢 | 謝謝 | 감사합니다 | 고맙습니다 | תודה | شكرا",
)

COURTESY = Phrases(
    "^hi | ^hello | ^hey | ^dear | ^good morning | ^good afternoon | ^good evening | ^hallo | ^guten tag | ^guten morgen | ^guten abend | ^moin | ^liebe | ^lieber | ^sehr geehrte* | ^servus | ^grüezi",
    "^bonjour | ^bonsoir | ^salut | ^cher | ^chère | ^madame | ^monsieur | ^hola | ^buenos días | ^buenas tardes | ^buenas | ^estimad* | ^buongiorno | ^buonasera | ^ciao | ^salve | ^gentile | ^gentili",
    "^olá | ^bom dia | ^boa tarde | ^prezad* | ^caro | ^cara | ^goedemorgen | ^goedemiddag | ^goedendag | ^beste | ^geachte",
    "regards | best wishes | kind wishes | sincerely | yours | all the best | have a nice | have a great | have a good | nice day | great day | good day | nice weekend | take care | see you",
    "grüße | grüßen | gruß | gruss | grüsse | grüssen | schönen tag | schönes wochenende | schönen abend | schönen feierabend | cordialement | bien à vous | bonne journée | bonne soirée | bon week-end | salutations",
    "saludos | un saludo | atentamente | cordialmente | buen día | buen fin de semana | saluti | cordiali | distinti | buona giornata | buon lavoro | atenciosamente | abraço | abraços | bom fim de semana | cumprimentos",
    "groet | groeten | met vriendelijke | fijne dag | prettige dag | fijn weekend | お世話にな | お疲れ様 | いつも | 今後とも | 失礼いたします | 様$ | 御中$ | 您好 | 你好",
    "you can close | you may close | ^close the ticket | ^ticket can be closed",
    "kann geschlossen werden | können sie schließen | vous pouvez clore | vous pouvez clôturer | vous pouvez fermer le ticket | pueden cerrar el | puede cerrar el",
    "potete chiudere il | podem fechar o | pode fechar o | ticket mag dicht | mag gesloten worden | クローズで | クローズして | クローズいただ",
)
"""Greetings, closings, wishes, and leave to close the ticket."""

GOOD = Phrases(
    "works | working | worked | resolved | solved | fixed | sorted | helped | helpful | great | excellent | fast | quick* | prompt* | all good | all fine | all set | fine | good | wonderful | amazing | super | brilliant | that did it | did the trick | restored | happy | got it | noted | received",
    "funktioniert | läuft | klappt | geklappt | geht | gelöst | behoben | erledigt | repariert | geholfen | hilfreich | prima | toll | alles gut | in ordnung | passt | wunderbar | klasse | bestens | schnell*",
    "fonctionne | marche | résolu* | réglé* | corrigé* | rétabli* | parfait* | super | génial | nickel | c'est bon | impeccable | rapid* | aide | aidé | réactivité | excellent* | tout est | en ordre",
    "funciona | funcionando | resuelt* | solucionad* | arreglad* | perfecto | excelente | genial | estupendo | todo bien | todo en orden | ayuda | rápid* | correcto | funziona | risolto | risolta | sistemato | perfetto | ottimo | aiuto | tutto bene | tutto ok | tutto a posto",
    "resolvid* | funcionou | perfeito | ótimo | ajuda | tudo certo | tudo bem | werkt | opgelost | verholpen | gelukt | geholpen | perfect | top | prima | hulp | snelle",
    "解決 | 直りました | 直っており | 復旧し | 動きました | 動作しました | 動作を確認 | 確認できました | 確認いたしました | 確認しました | 問題なく | 表示されました | 開けました | できました | 了解 | 承知 | 喜ん | 迅速 | 対応いただ | ご対応 | 解决 | 好了 | 해결",
)
"""It works, it is solved, it was a help."""

OVER = Phrases(
    "problem is gone | error is gone | errors are gone | error has gone | message is gone | issue is gone | is over | attack has stopped | attack stopped | attack is over | attack has ended | errors have stopped | error has stopped | error has disappeared | error disappeared | problem has disappeared | fehler ist verschwunden | meldung ist verschwunden | problème a disparu | erreur a disparu | error ha desaparecido | erro desapareceu | errore è sparito | attacks have stopped | has passed",
    "resolv* | solved | solving | fixed | fixing | sorted | sorting out | cleared up | works | working | restored | behoben | behebung | gelöst | beheben | lösen | lösung | beseitigt | vorbei | fehler ist weg | meldung ist weg | erledigt | abgewehrt",
    "résolu* | résoudre | réglé* | corrigé* | terminé* | disparu | rétabli* | résolution | resuelt* | resolver | solucion* | arreglad* | terminó | ha cesado | desapareció el error | risolt* | risolver* | risoluzione | sistemat* | rientrato | cessato",
    "resolvid* | cessou | opgelost | verholpen | voorbij | oplossen | oplossing | 解決 | 解消 | 復旧 | 直り | 収まり | 終息 | 解决 | 해결",
)
"""What takes a trouble that is named in the same breath away."""

TROUBLES = Phrases(
    "issue* | problem | problems | error* | fault* | bug | bugs | outage* | incident* | attack* | störung* | ausfall | ausfälle | fehler* | problem* | angriff* | vorfall",
    "panne* | erreur* | problème* | souci* | incident* | attaque* | problema* | error | errores | fallo* | incidencia* | caída | ataque* | errore | errori | guasto | guasti | disservizio | attacco | attacchi",
    "erro | erros | falha* | incidente* | queda | storing* | fout | fouten | problemen | probleem | aanval* | エラー | 障害 | 不具合 | 問題 | 攻撃 | 故障 | 错误 | 攻击 | 오류 | 장애",
)
"""Troubles by their names: thanks may name one that is over."""

NEVER = Phrases(
    # English
    "down | offline | unavailable | unreachable | inaccessible | not responding | unresponsive | stopped | crash* | broken | breaks | fail* | blocked | locked | stuck | hangs | hanging | frozen | freez* | slow* | lost | gone | missing",
    "disappear* | vanish* | deleted | wiped | erased | empty | corrupt* | damaged | hack* | breach* | phish* | ransom* | virus | malware | compromised | leak* | stolen | suspicious | under attack | denied | refused | rejected",
    "timeout* | timed out | emergency | immediately | asap | impossible | unable | kicked out | logged out | signed out | disconnected | thrown out | dead | without access | no access | trouble | nothing | nobody | no one | noone | none | never | neither | cut off | broke",
    # German
    "steht still | steht seit | steht bei | steht für | steht wieder still | stehen still | liegt lahm | lahmgelegt | ausgefallen | totalausfall | komplettausfall | gestört | fehlt | fehlen | fehlgeschlagen | defekt | kaputt | abgestürzt | absturz | hängt | hängen | verschwunden | gelöscht | verloren | leer | gesperrt | blockiert | ausgesperrt",
    "niemand | keiner | keine* | kein | nichts | nie | niemals | unmöglich | unerreichbar | gehackt | angegriffen | eingebrochen | eingedrungen | fremde* | langsam | dringend | sofort | tot | streikt | spinnt | zusammengebrochen | abgeschnitten | ausgeloggt | abgemeldet | rausgeworfen",
    # French
    "en panne | bloqué* | inaccessible* | indisponible* | hors service | plante* | planté* | perdu* | disparus | disparue* | supprim* | effac* | vide | vides | personne | rien | aucun* | impossible | lent | lente* | piraté* | intrus | intrusion | coupé* | arrêté* | à l'arrêt | tombé* | hs | urgent* | ne démarre* | déconnecté* | éjecté* | exclu*",
    # Spanish
    "caído | caída | caídos | cayó | bloquead* | inaccesible* | no carga | falla | fallan | fallando | borra* | borró | perdid* | perdimos | perdido | desaparec* | elimina* | vacío* | vacía* | nadie | nada | ningún | ningun* | imposible | lento | lenta | hackead* | atacad* | colgad* | parado | parada | sin acceso | sin servicio | roto | rota | urgente* | fuera | desconectad* | expulsad*",
    # Italian
    "bloccat* | fermo | ferma | fermi | inaccessibil* | irraggiungibil* | guasta | guaste | cancella* | perso | persi | perse | persa | sparit* | scompars* | vuoto | vuota | vuoti | vuote | nessuno | niente | nulla | impossibile | lento | lentissim* | attaccat* | hackerat* | giù | offline | senza accesso | disconness* | buttati fuori",
    # Portuguese
    "caiu | caíram | fora do ar | parou | travad* | travou | inacessíve* | indisponíve* | apagad* | apagaram | perdeu | perderam | sumiu | sumiram | excluíd* | vazio* | vazia* | ninguém | nenhum* | impossível | invadid* | invasão | sem acesso | desconectad* | deslogad*",
    # Dutch
    "plat | eruit | onbereikbaar | onbeschikbaar | kwijt | verdwenen | verwijderd | gewist | leeg | geblokkeerd | vergrendeld | niemand | niets | geen | onmogelijk | traag | gehackt | aangevallen | kapot | vastgelopen | dringend | buitengesloten | uitgelogd | afgemeld",
    # Asia, the East
    "停止 | 落ちて | 落ちま | ダウン | 不可 | できない | できず | ません | 使えない | 使えず | 開かない | 繋がらない | つながらない | 消えて | 消えま | 消失 | 削除され | 失われ | なくなりました | ロック | 不正 | 漏洩 | 乗っ取 | 遅い | 固まっ | 止まっ | 全滅 | 至急 | 緊急 | 動かな | 空にな | 壊れ | 誰も | 不通 | ログアウト | 締め出",
    "无法 | 不能 | 打不开 | 宕机 | 崩溃 | 丢失 | 被删 | 瘫痪 | 안 됩니다 | 안됩니다 | 다운 | 불가 | не работает | недоступ* | nie działa | çalışmıyor | nefunguje",
)
"""A trouble that stands, whatever else is said."""

MORE = Phrases(
    "but | however | still | again | also | another | except | not | unfortunately | reopen | question | questions | when | waiting | urgent | cannot | can't | don't | doesn't | isn't | aren't | won't | didn't | wasn't | couldn't | yet | once | until | unless | need | needs | no | only | except | instead | since",
    "aber | jedoch | noch | leider | nicht | auch | nur | seit | statt | mais | toujours | pas | plus | encore | ne | n'* | seulement | depuis | pero | todavía | aún | no | sigue | siguen | solo | sólo | desde | ma | ancora | purtroppo | non | solo | soltanto | da ieri | da oggi",
    "mas | ainda | não | apenas | desde | maar | nog | niet | alleen | sinds | но | ещё | не | voraus | avance | antemano | adelantado | anticipo | antecipadamente | vorab | alvast | bij voorbaat",
    "please | pls | bitte | s'il vous plaît | s'il vous plait | svp | veuillez | por favor | porfa | per favore | per cortesia | si prega | alstublieft | aub | a.u.b | graag | ください | 下さい | 请 | merci de | merci d' | would appreciate | appreciate if | appreciate it if | agradecería* | agradeceríamos | wäre dankbar | wären dankbar | would be grateful | in advance | one more",
    "autre sujet | andere frage | anderes thema | separately | by the way | otro tema | otra cosa | altro argomento | 別件 | ところで | 另外 | ただ、 | ただし | しかし | まだ | もう一 | ですが、 | ますが、 | が、 | また、 | よろしくお願い | お願いいたします | お願いします | お待ち | 但是 | 不过 | 还有 | 하지만",
)
"""Words after which something follows that is more than thanks."""

CLOSED = Phrases(
    "merci de votre | merci de ton | merci de nous avoir | merci d'avoir | merci de m'avoir | works again | working again | work again | back again | up again | live again | fine again | good again | online again | visible again | in again | running again | funktioniert wieder | läuft wieder | geht wieder | no further questions | no further issues | no further help | no further action | no further | no issue | no more | no longer | not a problem | no problem | no other | no need | not needed | no questions | nothing else | issue is resolved | issue resolved | problem is solved",
    "problem solved | problem is resolved | issue has been resolved | issue is fixed | issue is now | kein problem | keine probleme mehr | keine weiteren | keine fehler mehr | nichts weiter | problem gelöst | problem ist gelöst | plus de problème* | plus aucun problème | plus d'erreur* | pas de problème* | no more errors | no errors | without any problem* | ohne probleme",
    "problème résolu | sin problema* | no hay problema* | problema resuelto | ningún problema | nada más | nessun problema | nient'altro | problema risolto | sem problema* | nenhum problema | mais nada | problema resolvido | geen problemen | geen verdere | 問題なく | 問題ありません | 問題ございません | 問題は解決 | 申し訳ありません | 申し訳ございません | すみません | 質問はありません | 質問はございません | again for | thanks again | thank you again | once again",
    "今後ともよろしくお願い | 今後とも宜しくお願い | 今後ともどうぞよろしくお願い | 引き続きよろしくお願い | 引き続き宜しくお願い",
    "nochmals vielen dank | nochmals danke | vielen dank nochmal* | danke nochmal* | noch einmal vielen dank | noch einmal danke | encore merci | merci encore | encore une fois | de nuevo gracias | gracias de nuevo | otra vez gracias | de nuevo funciona | funciona de nuevo | ancora grazie | grazie ancora | grazie di nuovo | mais uma vez | nogmaals | また何かありましたら | また機会 | wieder einmal",
    "please close the ticket | please close this ticket | please close the case | please close this case | please close it | das ticket bitte schließen | ticket bitte schließen | bitte das ticket schließen | bitte schließen sie das ticket | por favor cierren el ticket | クローズしてください | クローズをお願いします | not only | nicht nur | non seulement | since yesterday it works | seit gestern funktioniert | c'est plus clair",
)
"""Sounds like more, and says that nothing is left to do."""

IN_SUBJECT = Phrases(
    "see subject | see the subject | as subject | as per subject | as in subject | as in the subject | subject says | per subject | refer to subject | refer to the subject | subject line | in the subject | see title | as titled | cf subject | ref subject",
    "siehe betreff | siehe oben | wie im betreff | betreff sagt | s. betreff | vgl. betreff | steht im betreff | im betreff | laut betreff | voir objet | voir l'objet | voir sujet | voir le sujet | cf. objet | cf objet | comme en objet | en objet | tout est dans l'objet | dans l'objet",
    "ver asunto | véase asunto | ver el asunto | como en el asunto | según asunto | en el asunto | vedi oggetto | come da oggetto | in oggetto | nell'oggetto | ver assunto | vide assunto | conforme assunto | no assunto | zie onderwerp | zie titel | in het onderwerp",
    "件名の通り | 件名のとおり | 件名の件 | 件名通り | 件名にて | 件名をご | 標題の | 表題の | タイトルの通り | タイトルのとおり | 如题 | 如題 | 见主题 | 제목과 같",
)
"""The request stands in the subject."""
