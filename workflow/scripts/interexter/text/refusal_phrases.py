"""How models say that they do not know, as regular expressions: in English by kind, in other languages by language.

They are searched in lower case, with straight apostrophes.
"""

_FEW = r"(?:[\w'-]+ ){0,3}"
_SOURCE = r"(?:documents?|passages?|contexts?|texts?|sources?|articles?|evidence|information)"
_NOT = r"(?:not|n't)"
_SAY = (
    r"(?:answer|contain|mention|provide|say|specify|state|include|give|address|offer|indicate|discuss|cover|name|list"
    r"|tell|have|know|reveal|clarify|allow|settle|talk|help)"
)
_FIND = (
    r"(?:answer|say|tell|determine|find|provide|verify|conclude|help|assist|give|confirm|identify|decide|know|guess"
    r"|remember|recall)"
)
_FOUND = (
    r"(?:answered|determined|found|given|concluded|said|verified|established|inferred|identified|known|settled|resolved"
    r"|decided)"
)
_FACTS = r"(?:evidence|information|context|details?|data|knowledge|indication|mention|facts)"
_UNKNOWN = (
    rf"(?:unknown|unclear|uncertain|indeterminate|undetermined|unanswerable|unspecified|unavailable|inconclusive|missing"
    rf"|{_NOT} (?:known|clear|certain))"
)

ENGLISH = (  # each begins with a word
    # a person who does not know, or will not say
    rf"(?:i|we|documents?) {_FEW}(?:do not|did not|don'?t|didn'?t) {_FEW}know\b",
    rf"(?:i|we) (?:do|did) ?{_NOT} {_FEW}(?:have|see|find|recall|remember|possess)\b",
    rf"i(?: a|')m {_FEW}(?:not {_FEW}(?:sure|certain|aware|familiar|able|confident)\b(?! of (?!the|any|who|what))"
    r"|unsure|uncertain|unaware|unable)",
    rf"(?:i|we) {_FEW}(?:can ?not|ca{_NOT}|(?:could|will|would|can|wo) ?{_NOT}) {_FEW}{_FIND}\b",
    rf"i (?:have (?:no|not)|lack)\b ?{_FEW}(?:idea|been|way|answer|{_FACTS})",
    r"(?:i'd|i would|i) need (?:more|to see|additional|further)\b",
    rf"please provide {_FEW}(?:more|additional|further)\b",
    r"(?:i would|i'd) rather not\b",
    # documents that do not say
    rf"{_SOURCE} {_FEW}(?:do|does|did) ?{_NOT} {_FEW}{_SAY}\b",
    rf"(?:none of|neither|no) {_FEW}{_SOURCE} {_FEW}"
    rf"(?:{_SAY}s?|addresses|(?:was|were) (?:given|provided|found))\b",
    rf"{_SOURCE} {_FEW}(?:fails? to|lacks?|(?:is|are) silent|(?:{_SAY})s? (?:no\b|nothing))",
    rf"(?:do|does) ?{_NOT} appear in {_FEW}{_SOURCE}\b",
    # what is not said or not to be found
    rf"(?:impossible|not possible|unable|no way|difficult|hard) (?:for \w+ )?to {_FEW}{_FIND}\b",
    rf"{_FACTS} {_FEW}(?:is|are) (?:insufficient|missing)\b",
    rf"lack of {_FEW}{_FACTS}\b",
    rf"(?:insufficient|(?:without|need) (?:more|further|additional)) {_FEW}{_FACTS}\b",
    rf"(?:there is|there's|there are|has|have|give[ns]?|with|^|[.!?]) ?no {_FEW}(?:{_FACTS}|answer)\b",
    rf"no {_FEW}(?:{_FACTS}|answer) (?:(?:is|was|were|are|can be|has been) {_FEW})?"
    r"(?:found|given|provided|available|mentioned)\b",
    rf"(?:is|are|'s|remains?|was)(?: still| currently)?(?:n't (?:known|clear|certain)| {_UNKNOWN})"
    r"(?=\W*$|[.;:,!)]| (?:who|what|which|whether|if|from|in the|based|how|when|where|why|at this|to me)\b)",
)

NEGATIVE = (  # these may begin within a word: "isn't stated"
    rf"{_NOT} (?:\w+ly |been )?(?:mentioned|specified|stated|provided|given|available|disclosed|indicated|addressed)\b",
    rf"{_NOT} (?:present |found |contained |included )?in (?:the|these|any|this) {_FEW}{_SOURCE}\b",
    rf"(?:can ?not|ca{_NOT}|could ?{_NOT}) be {_FEW}{_FOUND}\b",
    rf"{_NOT} {_FEW}(?:enough|sufficient) {_FEW}{_FACTS}\b",
)

WHOLE = (  # of an answer: these words say it alone, but are parts of names too
    r"(?:none|n/a|(?-i:NA)|unknown|uncertain|unclear|unanswerable|indeterminate|undetermined|unspecified|unavailable"
    r"|inconclusive|idk|dunno|null|not (?:known|sure|certain|applicable|found|stated|enough information)"
    r"|(?:do not|don't|dont) know|no (?:answer|idea|information|data|evidence)(?: (?:found|provided|available))?"
    r"|(?:can ?not|can't|could not) (?:say|tell|answer|determine)"
    r"|nobody knows|who knows|pass|no comment|i forget|no one knows(?: for sure)?"
    r"|it depends"
    r"|unbekannt|unklar|keine ahnung|inconnue?|desconocid[oa]|desconhecid[oa]|sconosciut[oa]|ignoto"
    r"|未知|不明|неизвестно|не известно|غير معروف|अज्ञात)"
)
OTHER_LANGUAGES = {  # each begins with a word
    "German": r"wei(?:ß|ss)(?: ich)?(?: es| das)? (?:leider )?nicht\b|nicht gen(?:ügend|ug)\b"
    r"|nicht (?:\w+ )?(?:hervor|erwähnt|genannt|angegeben|beantwort\w*|bestimm\w*|bekannt|ersichtlich|möglich|sicher)\b"
    r"|keine? (?:\w+ )?(?:angaben?|informationen?|antwort|hinweise?)\b",
    "French": r"(?:sais|connais|connaît) pas\b|l'ignore\b|(?:suis|est) pas (?:sûre?|certaine?)\b"
    r"|(?:peux|peut) pas (?:répondre|déterminer|dire)\b"
    r"|pas (?:assez|suffisamment) d|impossible de (?:répondre|déterminer|dire|savoir)\b"
    r"|ne (?:\w+ )?(?:contien|mentionn|précis|indiqu|fourni|donn|permet|dis|dit|répond)\w* pas\b"
    r"|n'est pas (?:\w+ )?(?:disponible|mentionn|précis|indiqu|connu|spécifi|fourni|donn|clair)"
    r"|aucune? (?:information|mention|réponse|donnée|document)",
    "Spanish": r"no (?:lo )?sé\b|no estoy segur|no puedo (?:responder|determinar|decir)\b|no se encuentra\w*"
    r"|no se (?:sabe|puede (?:determinar|responder|saber))\b|no es posible\b"
    r"|no (?:se )?(?:mencion|especific|indic|proporcion|contien|aparec|dice)\w*|no está claro\b"
    r"|no (?:hay|tengo|existe)(?: \w+){0,3} (?:información|datos|respuesta)\b",
    "Portuguese": r"não (?:sei|tenho certeza|estou certo|posso (?:responder|determinar|dizer)|se encontra|é possível"
    r"|se sabe|est(?:á|ão) (?:clar|nos?\b|dispon)|consta)"
    r"|não (?:mencion|especific|indic|cont|fornec|diz)\w*"
    r"|não (?:há|tenho|existe\w*)(?: \w+){0,3} (?:informaç\w+|dados|resposta)\b",
    "Italian": r"non (?:lo )?so\b|non sono (?:sicur|cert)|non posso (?:rispondere|determinare|dire)\b|non si trova"
    r"|non (?:menzion|contien|contengon|specific|indic|fornisc|dic)\w*"
    r"|non è (?:possibile|chiar|present|specificat|menzionat|indicat|disponibil)\w*"
    r"|non (?:ci sono|ho)(?: \w+){0,3} informazioni\b",
    "Russian": r"не (?:знаю|могу|упомина|содерж|указан|уверен|ясно|сказано)|недостаточно (?:информации|данных)"
    r"|невозможно (?:определить|ответить|сказать|установить)|нет (?:информации|данных|ответа|сведений)",
}
UNSPACED = {  # scripts whose words have no boundaries that an expression sees
    "Chinese": r"不(?:知道|清楚|确定)|(?:无法|不能)(?:确定|回答|判断|得知)|信息不足"
    r"|(?:没有|未)(?:提到|提及|提供|说明|给出|足够|相关|明确)",
    "Japanese": r"(?:わか|分か)(?:りません|らない)|知りません|不明です|回答でき|情報が(?:不足|足り)"
    r"|(?:記載|言及|書か|含まれ)\w{0,6}(?:ません|ない)",
    "Arabic": r"لا (?:أعرف|أعلم|أدري|يمكن|أستطيع|توجد|يوجد|تذكر|يذكر|تحتوي)|لست متأكد|غير (?:مذكور|محدد|واضح|متوفر)",
    "Hindi": r"नहीं (?:पता|जानत|मालूम|बताया|दिया)|(?:पता|जानकारी|उल्लेख|स्पष्ट|उपलब्ध|ज्ञात|मालूम|उत्तर|निश्चित) नहीं",
}
