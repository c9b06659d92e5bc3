# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant
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
    rf"(?:unknown|unclear|uncertain|indeterminate|undetermined|unanswerable|unspecified|unavailable|inconclusive"
    r"|missing"
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
    r"|inconclusive|idk|dunno|null|not (?:known|sure|certain|applicable|found|stated"
    r"|enough information)"
    r"|(?:do not|don't|dont) know|no (?:answer|idea|information|data|evidence)(?: (?:found"
    r"|provided|available))?"
    r"|(?:can ?not|can't|could not) (?:say|tell|answer|determine)"
    r"|nobody knows|who knows|pass|no comment|i forget|no one knows(?: for sure)?"
    r"|it depends"
    r"|unbekannt|unklar|keine ahnung|inconnue?|desconocid[oa]|desconhecid[oa]|sconosciut[oa]|ignoto"
    r"|onbekend|niet bekend|nieznan[ye]|neznám[éýo]|okänt?|ukendt|ukjent|tuntematon|ismeretlen"
    r"|necunoscut|bilinmiyor"
    r"|tidak diketahui|không rõ|невідомо|άγνωστο|לא ידוע|نامعلوم|알 수 없음|불명"
    r"|未知|不明|неизвестно|не известно|غير معروف|अज्ञात)"
)
OTHER_LANGUAGES = {  # each begins with a word
    "German": r"wei(?:ß|ss)(?: ich)?(?: es| das)? (?:leider )?nicht\b|nicht gen(?:ügend|ug)\b"
    r"|nicht (?:\w+ )?(?:hervor|erwähnt|genannt|angegeben|beantwort\w*|bestimm\w*|bekannt"
    r"|ersichtlich|möglich|sicher)\b"
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
    r"|невозможно (?:определить|ответить|сказать|установить)|нет (?:информации|данных|ответа"
    r"|сведений)",
    "Ukrainian": r"не (?:знаю|впевнен|відомо|зрозуміло|можу (?:відпов|визнач|сказ)|міст|згаду|зазначен|вказан|вказу)"
    r"|недостатньо (?:інформації|даних)|неможливо (?:відповісти|визначити|сказати)|невідомо"
    r"|немає (?:\w+ ){0,2}(?:інформації|даних|відповіді|згадк)"
    r"|не можна (?:відпов|визнач|сказ|встанов)|(?:відповіді|інформації|даних) (?:\w+ ){0,3}немає"
    r"|нічого (?:\w+ ){0,2}не (?:каж|говор|згаду)|гадки не маю",
    "Polish": r"nie (?:wiem|wiadomo|podano|wspomniano|określono|jestem pew|zawiera|wspomina|podaj|określa)"
    r"|nie (?:mogę|można|da się) (?:\w+ ){0,2}(?:odpowie|określ|stwierdz|ustal)"
    r"|nie jest (?:znan|jasn|pewn|podan|możliw)|(?:brak|nie ma) (?:\w+ ){0,3}(?:informacji"
    r"|odpowiedzi|wzmianki|danych)"
    r"|nie (?:znam|potrafię|odpowiada|mam pojęcia|sposób)|nic (?:\w+ ){0,3}nie (?:mówi|wspomina)"
    r"|informacja (?:jest )?niedostępna|nie wynika",
    "Czech": r"nevím|nevíme|nejsem si jist|není (?:\w+ ){0,2}(?:uveden|zmíněn|jasn|znám|možn|jist|dostatek|k dispozici)"
    r"|ne(?:obsahuj|uvád|zmiňuj)|ne(?:mohu|lze) (?:\w+ ){0,2}(?:odpov|zodpov|urč|říci|zjist)"
    r"|(?:nemám dostatek|nedostatek|žádné|chybí) (?:\w+ )?informac"
    r"|neznám|netuším|nemám tušení|nic (?:\w+ ){0,2}ne(?:řík|uvád|zmiňuj)|(?:ne|to ne)(?:vyplývá"
    r"|plyne)|nelze (?:urč|zjist)",
    "Dutch": r"weet (?:ik )?(?:het |dat )?niet\b|onvoldoende (?:informatie|gegevens)\b"
    r"|geen (?:\w+ )?(?:informatie|antwoord|gegevens|vermelding)\b|niet (?:\w+ )?(?:bekend"
    r"|vermeld|genoemd|duidelijk"
    r"|zeker"
    r"|genoeg|beantwoord\w*|bepal\w*|mogelijk|te (?:zeggen|bepalen|vinden)|in (?:de|het"
    r"|deze) (?:tekst|document"
    r"|passage))"
    r"|kan (?:\w+ ){0,4}niet (?:\w+ ){0,4}(?:opmaken|afleiden|zeggen|bepalen|beantwoorden"
    r"|vinden)\b|geen (?:idee|uitsluitsel)\b|(?:zegg|noem|vermeld)\w* (?:\w+ ){0,3}(?:niets"
    r"|niks)\b|niet (?:\w+ ){0,4}(?:opmaken|afleiden)\b",
    "Swedish": r"vet (?:\w+ )?inte\b|(?:framgår|nämns|anges|står) (?:\w+ ){0,2}inte\b|oklart\b"
    r"|inte (?:\w+ )?(?:säker|klart|känt|tillräckligt|möjligt|svara|besvara|avgöra|fastställa"
    r"|säga|hitta|framgår"
    r"|nämns)\b"
    r"|(?:ingen|inga|otillräcklig) (?:\w+ )?(?:information|uppgift\w*|svar)\b"
    r"|ingen aning\b|(?:säger|nämner) (?:\w+ ){0,2}(?:ingenting|inget)\b|går inte att (?:avgöra"
    r"|säga|svara|utläsa)|(?:uppgift|information|svar)\w* saknas\b",
    "Danish, Norwegian": r"(?:ved|vet) (?:\w+ )?ikke\b|(?:fremgår|nævnes|nevnes|står|oplyses"
    r"|omtales) (?:\w+ ){0,2}ikke\b"
    r"|ikke (?:\w+ )?(?:sikker|klart|kendt|kjent|nok|muligt?|besvare|svare|afgøre|avgjøre|fastslå"
    r"|oplyst|oppgitt"
    r"|nævnt|nevnt"
    r"|angivet)\b|(?:ingen|ikke) (?:\w+ )?(?:oplysninger|opplysninger|informationer?|informasjon"
    r"|svar)\b|uklart\b"
    r"|ingen (?:anelse|idé)\b|(?:siger|sier|nævner|nevner) (?:\w+ ){0,2}(?:intet|ingenting"
    r"|ikke noget)\b|(?:kan|lader sig) (?:\w+ )?ikke (?:udledes|avgjøres|afgøres|fastslås"
    r"|besvares|utledes|si|sige)|uvist\b",
    "Finnish": r"en (?:\w+ )?(?:tiedä|osaa sanoa|voi (?:vastata|sanoa|määrittää)|ole varma)"
    r"|ei(?:vät)? (?:\w+ )?(?:mainit|kerro|ilmene|käy ilmi|löydy|tiedetä|sisällä|voida (?:vastata"
    r"|määrittää|sanoa))"
    r"|ei ole (?:\w+ )?(?:tieto|mainintaa|riittäv|selvää|mahdollista)|epäselvää"
    r"|en (?:\w+ )?(?:löydä|osaa (?:sanoa|vastata))|ei (?:\w+ )?(?:tietoa|aavistusta"
    r"|voi (?:\w+ )?(?:päätellä|sanoa|tietää|määrittää))|ei kerro",
    "Hungarian": r"nem (?:tudom|tudok (?:\w+ )?(?:válasz|megmond)|tartalmaz|említ|szerepel|derül ki|található|ismert"
    r"|egyértelmű|világos|vagyok biztos|lehet (?:\w+ )?(?:megválasz|meghatár|tudni|megállap"
    r"|eldönt))"
    r"|nincs(?:en)? (?:\w+ ){0,2}(?:információ|adat|válasz|elég|elegendő)"
    r"|fogalmam sincs|nem (?:ismerem|szól|állapítható|derít|lehet (?:\w+ )?megállap|adnak választ"
    r"|ad választ|tudni)",
    "Romanian": r"nu (?:[șş]tiu|sunt sigur|pot (?:răspunde|determina|spune)|se (?:poate|[șş]tie|regăse|găse)"
    r"|(?:se |este |sunt )?(?:\w+ )?(?:con[țţ]in|men[țţ]ion|specific|preciz|oferă|indic|clar"
    r"|cunoscut|disponibil"
    r"|posibil)"
    r"|(?:există|am|avem) (?:\w+ ){0,2}(?:informa[țţ]i|date|răspuns))|informa[țţ]ii insuficiente"
    r"|nu (?:cunosc|găsesc|am idee|spun|spune|reiese|rezultă)|habar n-?\s?am",
    "Turkish": r"bilmiyorum|bilinmiyor|emin değilim|mümkün değil|bilgi\w* (?:\w+ ){0,2}(?:yok|mevcut değil)"
    r"|(?:bulunm|belirtilm|içerm|bahsedilm|bahsetm|verilm|yer alm)(?:uyor|ıyor|iyor|a[dm]|e[dm])"
    r"|(?:cevap|yanıt)lay?am"
    r"|(?:bilgi|fikri)m (?:\w+ )?yok|(?:cevap|yanıt|yanit) (?:veremi|verilem)|bulamad|bulunamad"
    r"|söylenm[ei]|belirlenem|hiçbir şey söylem",
    "Indonesian, Malay": r"(?:tidak|tak) (?:tahu|diketahui|yakin|jelas|pasti|cukup|(?:\w+ )?(?:sebut|menyebut|disebut"
    r"|mengandung"
    r"|memuat|tercantum|terdapat|ditemukan|dijelaskan|dinyatakan|menjawab|dijawab|menentukan"
    r"|ditentukan))"
    r"|tidak ada (?:\w+ )?(?:informasi|jawaban|data|maklumat)\b"
    r"|(?:tidak|tak) (?:\w+ )?(?:menemukan|dapat dipastikan|bisa dipastikan|memberi\w*|membahas"
    r"|ada yang tahu|tersedia)|kurang tahu|entahlah",
    "Vietnamese": r"không (?:biết|rõ|chắc|(?:đủ|có)(?: \w+)? (?:thông tin|dữ liệu|câu trả lời)|thể (?:trả lời"
    r"|xác định|tìm))"
    r"|không (?:được )?(?:đề cập|nêu|nhắc|cung cấp|tìm thấy|chứa)|chưa (?:rõ|biết)"
    r"|không (?:tìm (?:thấy|được)|nói|nêu|chứa|xác định|được (?:biết|xác định))|chẳng biết",
    "Greek": r"δεν (?:γνωρίζ|ξέρ|αναφέρ|περιέχ|προκύπτει|παρέχ|βρέθηκ|διευκρινίζ|προσδιορίζ|είμαι (?:σίγουρ|βέβαι)"
    r"|μπορ\w+ να (?:απαντ|προσδιορ|βρ|πω)|είναι (?:γνωστ|σαφ|δυνατ|ξεκάθαρ|διαθέσιμ)"
    r"|υπάρχ\w* (?:\w+ ){0,2}(?:πληροφορ|απάντηση|στοιχεία))"
    r"|δεν (?:βρίσκ|λέ|έχω ιδέα|μπορεί να (?:προσδιορ|απαντ)|υπάρχει απάντηση)",
    "Hebrew": r"(?:לא|אינ?ני) (?:יודע|בטוח)|(?:לא|אינ[םוהן]) (?:ניתן|מזכיר|מוזכר|מופיע|צוין|ידוע|ברור|נמצא|מציינ|מכיל"
    r"|כולל)"
    r"|אין (?:\w+ )?(?:מידע|תשובה|אזכור|נתונים)|אי אפשר ל(?:ענות|דעת|קבוע)"
    r"|אין לי (?:מושג|מידע)|(?:לא|אינם|אינו) (?:מספק|אומר|יודע)|אינה (?:מופיעה|ידועה|מוזכרת)",
}
UNSPACED = {  # scripts whose words have no boundaries that an expression sees
    "Chinese": r"不(?:知道|清楚|确定)|(?:无法|不能)(?:确定|回答|判断|得知)|信息不足"
    r"|(?:没有|未)(?:提到|提及|提供|说明|给出|足够|相关|明确)",
    "Japanese": r"(?:わか|分か)(?:りません|らない)|知りません|不明です|回答でき|情報が(?:不足|足り)"
    r"|(?:記載|言及|書か|含まれ)\w{0,6}(?:ません|ない)",
    "Korean": r"모르겠|모릅니다|알 수 없|(?:답|답변|대답)할 수 없|찾을 수 없|확실하지 않|불분명|명확하지 않"
    r"|(?:정보|내용|언급|답)[이가은는도]? ?(?:\w+ )?(?:없|부족|불충분|충분하지)"
    r"|(?:언급|명시|포함|기재|제시)\w{0,2} ?(?:있지 |지 )?않"
    r"|알지 못|확인할 수 없|(?:제공|언급|명시|확인)되지 않|어렵습니다|답(?:변)?(?:을)? 드릴 수 없",
    "Thai": r"ไม่(?:ทราบ|รู้|แน่ใจ|แน่ชัด|ชัดเจน|เพียงพอ|พบ|สามารถ(?:ตอบ|ระบุ|หา)|มี(?:ข้อมูล|คำตอบ|การกล่าวถึง)"
    r"|ได้(?:กล่าว|ระบุ|บอก))"
    r"|ไม่(?:อาจ(?:ระบุ|ตอบ)|มีการ(?:ระบุ|กล่าว)|ปรากฏ|เจอ)",
    "Persian": r"نمی[\u200c ]?(?:دان|توان)|مطمئن نیست|(?:ذکر|مشخص|بیان|اشاره|ارائه|یافت|معلوم|روشن) ?(?:ن(?:شده|یست"
    r"|می|کرده))"
    r"|(?:اطلاعات|پاسخ)\w*(?: \w+){0,4} (?:ندار|نیست)"
    r"|(?:گفته|نیامده|آمده|داده) ?(?:نشده|نیست)|نیامده است|نمی[\u200c ]?شود (?:گفت|تعیین|پاسخ)"
    r"|خبر ندارم",
    "Arabic": r"لا (?:أعرف|أعلم|أدري|يمكن|أستطيع|توجد|يوجد|تذكر|يذكر|تحتوي)|لست متأكد|غير (?:مذكور|محدد|واضح|متوفر)",
    "Hindi": r"नहीं (?:पता|जानत|मालूम|बताया|दिया)|(?:पता|जानकारी|उल्लेख|स्पष्ट|उपलब्ध|ज्ञात|मालूम|उत्तर|निश्चित) नहीं",
}
