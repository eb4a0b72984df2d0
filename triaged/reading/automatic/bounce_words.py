"""What mail servers write when they give a mail back: phrases, by what they mean. PURE, tables only.

How phrases are written: words/phrases.py.
A failure is *hard* when the address itself is no good for ever: no such person, no such host, moved,
takes no mail at all (as Sisimai judges it). A full mailbox, a filter, a policy, a time-out or a suspended
account prove nothing for good: *soft*. The first reason of `REASONS` that matches decides.
"""

from __future__ import annotations

from typing import NamedTuple

from triaged.reading.words.phrases import Phrases


class Reason(NamedTuple):
    """One kind of failure and the phrases that tell it."""

    name: str
    hard: bool
    words: Phrases


REASONS = (
    Reason(
        "mailbox full",
        False,
        Phrases(
            "mailbox full | mailbox is full | mailfolder is full | folder is full | inbox is full | account is full",
            "mailfolder is over | over quota | overquota* | over the quota | over his quota | over its quota",
            "over the maximum allowed quota | quota exceeded | quota is exceeded | quota full | quota violation",
            "exceeded…quota | exceeds…quota | exceed…quota | disk quota* | mailquota* | quota-exceeded | quota_exceeded",
            "insufficient disk | insufficient system storage | insufficient storage | no space left",
            "not enough space | not enough disk | not enough storage | out of space | mailbox size limit",
            "exceeded…storage | exceeds…mailbox | storage limit | storage space | storage allocation",
            "mailbox too large | mailbox would be too large | mailbox has exceeded | too much mail data",
            "too many messages | delivery failed: over | box is too full | mailbox for user is full",
            "message would exceed | maximum storage | boite du destinataire pleine | boîte pleine | buzon lleno",
            "postfach voll | postfach ist voll | casella piena | caixa postal cheia | caixa cheia",
            "saturé* | 容量オーバー | メールボックスがいっぱい | 受信箱の容量 | 邮箱已满",
        ),
    ),
    Reason(
        "message too large",
        False,
        Phrases(
            "message size* | message is too | message too large | message too big | message exceeds | message larger*",
            "too large* | exceeds size limit* | size limit* | exceeds…maximum | larger than the limit | size exceed*",
        ),
    ),
    Reason(
        "account suspended",
        False,
        Phrases(
            "suspend* | inactive | is disabled | disabled account* | account disabled | has been disabled | dormant",
            "account that you tried to reach is disabled* | mailbox disabled | user disabled | disabled recipient | account deactivated",
            "mailbox is frozen | mailbox frozen | mailbox locked | account is locked | account locked",
            "account has expired | account expired | not activated | mailbox currently | currently unavailable",
            "invalid/inactive user | temporarily disabled* | account has been blocked | vdelivermail: account",
            "mailbox unavailable or access denied | no longer active | has been deactivated | is out of service",
        ),
    ),
    Reason(
        "not reached",
        False,
        Phrases(
            "connection reset | connection refused | connection timed out | connection lost | operation timed out | no route to host",
            "greylist* | graylist* | try again later | temporarily deferred* | retry timeout exceeded | delivery time expired",
        ),
    ),
    Reason(
        "sender refused",
        False,
        Phrases(
            "sender address rejected | sender rejected* | sender denied | sender address has | sender domain | domain of sender",
            "sender address is | sender is not | sender verify | from address* | mail from address | your domain | your ip | your host",
            "envelope sender | sending domain | sender's domain",
        ),
    ),
    Reason(
        "closed group",
        False,
        Phrases(
            "permission to post | may not have permission | not a member of | members only | not allowed to post | moderated group",
            "restricted group | only accepts mail from | not allowed to send to",
        ),
    ),
    Reason(
        "no such person",
        True,
        Phrases(
            "user unknown | user is unknown | user not known | unknown user* | unknown local user | unknown or illegal",
            "unknown recipient | recipient unknown | recipients unknown* | unknown address | address unknown",
            "unknown account | account unknown | unknown mailbox | unknown local part | unknown local-part | unknown alias",
            "unknown or invalid | unknown to* | unknown virtual user | unknown uid | unknown login | usuario desconocido",
            "no such user | no such recipient | no such person | no such mailbox | no such account | no such address",
            "no such local user | no such local | no such id | no such member | no such name | no such customer",
            "no such virtual | no such email | no such domain user | no such alias | no such destination | no such…here",
            "user not found | recipient not found | address not found | mailbox not found | account not found",
            "recipientnotfound* | recipnotfound | exrecipnotfound | user doesn't exist | user does not exist",
            "not exist | doesn't exist | don't exist | doesnt exist | non-existent | nonexistent | non existent",
            "not have an account | doesn't have an account | doesn't have a…account | does not have a…account",
            "doesn't have an…account | does not have an… account | is not a known user | not a known user",
            "not a valid mailbox | not a valid user | not a valid recipient | not a valid address | not a valid email",
            "is not valid | isn't valid | not recognised | not recognized | not a registered | not listed in | not listed",
            "no mailbox here | no mailbox by | no mailbox with | no mailbox for | no mailbox found | no mailbox",
            "mailbox does not | mailbox unknown | mailbox not available | mailbox unavailable* | mailbox name not",
            "mailbox is unavailable | mailbox invalid | invalid recipient | invalid mailbox | invalid user | invalid address",
            "invalid destination | invalid email | invalid user/ | invalid final delivery | invalid local part",
            "bad address | bad destination | bad recipient | bad mailbox | illegal user* | illegal alias | incorrect address",
            "no user by | no user with | no account by | no account with | no account | no valid recipient* | no recipient*",
            "no local mailbox | no longer in use | no longer valid | no longer here | no longer with* | no longer on",
            "no longer available | no longer exist* | no longer accept* | no longer works | no longer employed",
            "not our customer | not one of our | not a local | not in…directory | not in the list | not found in",
            "not in address book | not in name | not in recipient | couldn't be found | could not be found",
            "could not be delivered to the recipient because | can't be found | cannot be found | wasn't found",
            "was not found | cannot find | can't find | can not find | could not find | unable to find | failed to find",
            "has been closed | has been deleted | has been removed | was deleted | account closed | account deleted",
            "account terminated | mailbox terminated | has been terminated | mailbox deleted | cuenta no existe",
            "unable to validate recipient | undeliverable address | undeliverable to | recipient undeliverable",
            "this address is not | 5.1.0 address rejected | recipient address rejected: access denied | address rejected: user",
            "550 unknown | status: 5.1.1* | 5.1.1 | 5.1.10",
            "destinataire inconnu | adresse inconnue | existiert nicht | unbekannter empfänger | empfänger unbekannt",
            "empfängeradresse…nicht | n'existe pas | no existe | inesistente | sconosciuto | não existe | inexistente",
            "宛先不明 | あて先不明 | 該当するユーザ | 存在しません | 用户不存在 | ユーザーが見つかりません | not be resolved to",
        ),
    ),
    Reason(
        "no such host",
        True,
        Phrases(
            "host unknown | unknown host | unknown domain | domain unknown | host not found | host name lookup",
            "domain not found | domain does not | no such host | no such domain* | domain invalid | invalid domain",
            "unrouteable address* | unrouteable mail domain | unroutable* | unrouteable | nxdomain | no mx | no a record",
            "name service error | name or service not known | all relevant mx | lowest numbered mx | host lookup did not",
            "couldn't find any host | can't find any host | could not find a mail exchange | mail server for",
            "domain name not found | bad destination host | bad destination mailbox address | no dns | dns lookup fail*",
            "illegal host/domain | no route for domain | name server: host not found | 5.1.2 | 5.4.4",
        ),
    ),
    Reason(
        "takes no mail",
        True,
        Phrases(
            "null mx | does not accept mail | doesn't accept mail | not accept any mail | not accept email | smtp is disabled",
            "does not accept email | no smtp service | not accepting mail | not accepting network messages | doesn't accept email | domain does not accept",
        ),
    ),
    Reason(
        "moved",
        True,
        Phrases(
            "has moved | have moved | has left | moved to | address has changed | changed address | new address is",
            "no longer at | has a new address | address changed | recipient address has been changed",
        ),
    ),
)
"""Reasons in the order they are tried. What none of them tells is soft: nothing is proved for good."""

HARD_STATUS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})
"""Enhanced status codes (RFC 3463) that speak of the address; believed where the words tell nothing."""

SOFT_STATUS = frozenset({"5.2.2", "5.7.1"})
"""Full, or a policy: no proof against the address, whatever words stand beside it."""

FIRM = Phrases(
    "user unknown | unknown user* | no such user | user doesn't exist | user does not exist | does not exist",
    "recipient address rejected: access denied | address couldn't be found | address could not be found | address not found",
    "host unknown | unknown host | does not accept mail | not accepting network* | null mx | doesn't have a | dns lookup fail* | domain not found",
    "user not found | no such recipient | no such mailbox | unknown address | unknown or illegal | non-existent | recipnotfound",
    "mailbox unavailable* | recipient unknown | no mailbox here | invalid recipient | unknown local user",
)
"""Said of the address itself, whatever else the server says (many add words about spam or policy)."""

UNKNOWN = Phrases("user unknown | unknown user*")
AFTER_ALL = Phrases(
    "in reply to end of data | >>> data <<< 5* | end of message <<< 5* | after end of data | after data command | during data command",
)
"""The server took the address and refused the letter: when it then knows no such user, a filter speaks."""

PASSING = Phrases(
    "temporar* | try again | try later | greylist* | graylist* | deferred* | timed out | timeout | time out | time-out",
    "retry time* | will retry | connection refused | connection reset | connection lost | could not connect",
    "unable to connect | no route to host | too many | mail loop* | loop detected | looping* | rate limit | throttl*",
    "has been delayed | expired* | maximum time | not accepting… at this time | service unavailable",
    "spam* | junk* | unsolicited* | blacklist* | block list* | blocklist* | blocked* | blocking* | reputation* | dnsbl | spf*",
    "dkim* | dmarc* | virus* | malware* | infected* | policy* | prohibit* | banned* | relay* | not permitted | not allowed",
    "access denied | authentication* | not authorized | restricted* | filter* | content* | refused by user | rejected by user",
)
"""Words of a passing trouble: with a status of 4.x.x, or beside no firm word, the failure is soft."""

SUBJECT = Phrases(
    "undeliver* | delivery status notification* | delivery failure* | delivery failed | failure delivery | delivery has failed",
    "failure notice | mail delivery failed | mail delivery failure | returned mail | returned to sender | return to sender",
    "returning message to sender | returning to sender | delivery notification* | delivery report* | delivery problem*",
    "non delivery | non-delivery | nondeliverable | not delivered | could not be delivered | couldn't be delivered",
    "message could not be* | undeliverable | unzustellbar | mail system error | error sending* | mail failure",
    "warning: message | warning: could not send | delivery delayed | delivery delay* | delayed mail | delay notification",
    "message delayed | delivery incomplete* | mail could not | email could not | message not delivered | message status*",
    "non remis | échec de la remise | message non délivré | non délivré | nicht zugestellt | zustellung fehlgeschlagen",
    "zustellungsfehler* | unzustellbare | no entregado | no se puede entregar | mensaje devuelto | error de entrega",
    "mancato recapito | recapito non riuscito | falha na entrega | não entregue | niet bezorgd | onbestelbaar | odottaa",
    "ikke leveret* | kan inte levereras* | 配信不能 | 配信エラー | 送信できませんでした | 未配信 | 配信できません | メール送信エラー",
    "エラーメール | 退信 | 投递失败 | 系统退信 | mail rejected | message rejected | email rejected | message blocked",
    "blocked by | message you sent | mail delivery | email delivery failure | delivery error* | error during delivery",
    "failed to deliver | delivery unsuccessful | unable to deliver | bounced mail* | bounce message* | notification d'état",
    "não foi possível | mail returned | user unknown | address error | loop alert* | mail error* | delivery attempt*",
    "virus found* | virus alert* | virus detected* | недоставленное | возвращен* | nie dostarczon* | dostarczenie nie*",
    "rejected: | undelivered",
)
"""In the subject of a mail that a server gave back (a person may write most of these too)."""

TEXT = Phrases(
    "could not be delivered | couldn't be delivered | cannot be delivered | can't be delivered | was not delivered",
    "has not been delivered | not been delivered | wasn't able to deliver | unable to deliver | failed to deliver",
    "were unable to deliver | not able to deliver | could not deliver | couldn't deliver | did not reach the following",
    "did not reach | delivery has failed | delivery failed | delivery failure* | delivery to the following",
    "delivery was attempted | delivery attempt* | delivery error* | failed to be delivered | undeliverable | undelivered",
    "permanent fatal error* | permanent delivery error* | following addresses had | addresses failed | address(es) failed",
    "failed recipient* | recipient(s) failed | message you sent | message that you sent | your message to | mail you sent",
    "created automatically by mail delivery | mail system at host* | postfix program | qmail-send program | mail delivery system",
    "mail delivery subsystem | returned below | returned message | returned mail | original message was received",
    "transcript of session | transcript of the | this is a permanent error | giving up on | message is being returned",
    "has been rejected | was rejected | has been blocked | was blocked | been prevented from reaching | unknown user*",
    "user unknown | no such user | mailbox is full | mailbox full | over quota | quota exceeded | could not send",
    "could not be sent | delayed… | message delayed | still being retried | will be retried | reporting-mta",
    "final-recipient | diagnostic-code | error message* | the reason for the problem | reason: | do not send | smtp error",
    "konnte nicht zugestellt | nicht zugestellt werden | unzustellbar | n'a pas pu être | impossible de remettre",
    "no se pudo entregar | no ha podido ser | no se ha podido | non è stato possibile | não pôde ser entregue",
    "não foi possível entregar | kon niet worden | kunde inte levereras | ikke leveres | 配信できません | 配信できず",
    "お届けできません | 届けることができ | 送信できません | 送信に失敗 | 宛先 | 无法投递 | 无法送达 | не может быть доставлено | 無法投遞",
)
"""In the body of a returned mail."""

OPENING = Phrases(
    "this message was created automatically by mail delivery | this is the qmail-send program | this is the mail system at",
    "this is the postfix program | delivery has failed to these recipients | delivery to the following recipient*",
    "your message did not reach | your message could not be delivered | your message to…could not be | the original message was received",
    "a message that you sent | the message you sent | the message that you sent | message you sent to | message was undeliverable",
    "message was not delivered | this message was undeliverable | i'm afraid i wasn't able to deliver",
    "i'm sorry to have to inform you | sorry, we were unable to deliver | we were unable to deliver | delivery was attempted",
    "failed recipients | the following mail failed to be delivered | your message could not be sent | message has been blocked",
    "your mail was not deliver* | email has not been delivered | computer generated message | email message has been prevented | did not reach the following recipient",
    "your message wasn't delivered | address not found | message not delivered | there was a problem delivering your message",
    "the following message to… was undeliverable | the following recipients did not receive | mail was not delivered",
    "ihre nachricht konnte nicht | folgende nachricht konnte nicht | diese nachricht wurde automatisch | votre message n'a pas",
    "no se pudo entregar su mensaje | su mensaje no | il messaggio non | sua mensagem não | こちらは | 次の宛先へのメール",
    "this is an automatically generated delivery status | automatically generated delivery status notification",
    "we could not deliver | could not deliver your | unable to deliver your message | returned to sender because | the mail system",
)
"""How a returned mail opens, when neither its sender nor its form says that a server wrote it."""

DELAYED = Phrases(
    "delayed | delay) | delivery delay* | still being retried | will be retried | will keep trying | not yet been delivered",
    "has not yet been | delivery attempts will continue | no action is required on your part | you do not need to resend",
    "will continue to try | warning only | could not send message for past | verzögert | retardé | retrasado | 遅延",
)
"""A notice that a letter is late, not lost."""

COPY_BELOW = Phrases(
    "below this line is a copy | this is a copy of | original message follows | original message headers | returned mail ---",
    "copy of the message | copy of your message* | unsent message below | undeliverable message is* | message headers",
    "original message -- | original message header* | message header follows | header of the original | message follows",
    "message text follows | --- original message | ----- original message | text of your message* | truncated original",
    "received: from | return-path: | ^returned message | --- returned message | first bytes of | orignal message | --original message",
)
"""From here on a returned mail quotes the letter that came back: addresses below are not the failed ones."""
