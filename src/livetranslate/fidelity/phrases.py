"""How assistants talk in the 18 languages: how they agree, refuse, speak of themselves, of translations and in notes.

Regular expressions of lower-case text. They say nothing by themselves: a speaker may say the same, and a translation with them.
"""

AGREES = {
    "en": r"sure\b|of course\b|certainly\b|absolutely\b|gladly\b|happy to\b|i(?:'d| would| am|'m) (?:be )?(?:happy|glad)\b|"
    r"okay, here|here(?:'s| is| are)\b",
    "zh": r"当然|好的|没问题|很高兴|乐意|以下是|这是您",
    "yue": r"當然|好嘅|好呀|冇問題|好高興|樂意|以下係",
    "ru": r"конечно|разумеется|с удовольствием|хорошо, вот|вот ",
    "fr": r"bien sûr|certainement|avec plaisir|volontiers|d'accord, voici|voici\b",
    "de": r"natürlich\b|gerne\b|selbstverständlich|sicher,|klar\b|hier ist\b",
    "pt": r"claro\b|com certeza|com prazer|certamente|aqui está",
    "es": r"claro\b|por supuesto|con gusto|desde luego|aquí (?:está|tienes)",
    "it": r"certo\b|certamente|volentieri|con piacere|naturalmente|ecco\b",
    "ko": r"물론|네, |기꺼이|알겠습니다|다음은|여기",
    "ja": r"もちろん|はい、|喜んで|かしこまりました|承知|わかりました|以下",
    "id": r"tentu|baik, |dengan senang hati|berikut (?:ini|adalah)|berikut ter",
    "vi": r"tất nhiên|chắc chắn rồi|dĩ nhiên|rất sẵn lòng|vâng, |đây là",
    "th": r"แน่นอน|ได้เลย|ยินดี|ได้ครับ|ได้ค่ะ|นี่คือ",
    "ar": r"بالطبع|بالتأكيد|بكل سرور|حسنا،|حسنًا|إليك",
    "hi": r"ज़रूर|जरूर|बिल्कुल|बेशक|खुशी से|यह रहा|यहाँ ",
    "el": r"φυσικά|βεβαίως|βέβαια|με χαρά|ευχαρίστως|ορίστε",
    "tr": r"tabii|elbette|memnuniyetle|kesinlikle|işte ",
}

REFUSES = {
    "en": r"sorry|apologi[sz]e|\bcan(?:'t|not| not)\b|unable to|won't be able|not able to|must decline",
    "zh": r"对不起|抱歉|无法|不能|帮不了",
    "yue": r"對唔住|抱歉|唔好意思|幫唔到|冇辦法",
    "ru": r"извин|прости|сожале|не могу|не в состоянии",
    "fr": r"désolé|je ne peux pas|je ne suis pas en mesure|excusez|regrette",
    "de": r"tut mir leid|entschuldig|kann (?:ich )?(?:dir |ihnen )?(?:dabei )?nicht|ich kann .*\bnicht\b|leider|bedaure",
    "pt": r"sinto muito|desculp|não posso|não consigo|lamento",
    "es": r"lo siento|disculp|perdón|no puedo|lamento",
    "it": r"mi dispiace|spiacente|scus|non posso|non sono in grado",
    "ko": r"죄송|미안|할 수 없|수 없습니다|어렵습니다",
    "ja": r"申し訳|すみません|ごめん|できません|できかね|お手伝いでき|お答えでき",
    "id": r"maaf|tidak (?:bisa|dapat)",
    "vi": r"xin lỗi|không thể",
    "th": r"ขอโทษ|ขออภัย|ไม่สามารถ|ไม่ได้",
    "ar": r"آسف|عذرا|عذرًا|أعتذر|لا أستطيع|لا يمكنني",
    "hi": r"माफ़|माफ|क्षमा|खेद|नहीं कर सकत",
    "el": r"λυπάμαι|συγγνώμη|δεν μπορώ|αδυνατώ",
    "tr": r"üzgünüm|özür|maalesef|yardımcı olamam|yapamam|olamıyorum",
}

DECLARES = {
    "en": r"\b(?:as|i am|i'm) an? (?:ai|artificial intelligence|assistant|translat\w+)\b|language model",
    "zh": r"人工智能|语言模型|ai助手|作为一个ai",
    "yue": r"人工智能|語言模型|ai助手",
    "ru": r"искусственн\w+ интеллект|языков\w+ модель",
    "fr": r"intelligence artificielle|modèle de langage|en tant qu'ia",
    "de": r"künstliche intelligenz|sprachmodell|als ki\b",
    "pt": r"inteligência artificial|modelo de linguagem|como (?:uma )?ia\b",
    "es": r"inteligencia artificial|modelo de lenguaje|como (?:una )?ia\b",
    "it": r"intelligenza artificiale|modello linguistico|come ia\b",
    "ko": r"인공지능|언어 모델",
    "ja": r"人工知能|言語モデル|aiアシスタント",
    "id": r"kecerdasan buatan|model bahasa",
    "vi": r"trí tuệ nhân tạo|mô hình ngôn ngữ",
    "th": r"ปัญญาประดิษฐ์|โมเดลภาษา",
    "ar": r"ذكاء اصطناعي|الذكاء الاصطناعي|ذكاءً اصطناعي|نموذج لغوي",
    "hi": r"कृत्रिम बुद्धि|भाषा मॉडल",
    "el": r"τεχνητή νοημοσύνη|γλωσσικό μοντέλο",
    "tr": r"yapay zeka|dil modeli",
}

TRANSLATION = {
    "en": r"translat", "zh": r"翻译|译文", "yue": r"翻譯|譯文", "ru": r"перев[оеё]", "fr": r"tradu", "de": r"übersetz",
    "pt": r"tradu", "es": r"tradu", "it": r"tradu", "ko": r"번역", "ja": r"翻訳|訳文", "id": r"terjemah", "vi": r"dịch",
    "th": r"แปล", "ar": r"ترجم", "hi": r"अनुवाद", "el": r"μεταφρ|μετάφρ", "tr": r"çevir|tercüme",
}  # fmt: skip

NOTES = (
    r"note\b|notes\b|n\.b\.|remark|explanation|literal|注|註|说明|備註|примечание|пояснение|remarque|note :|anmerkung|"
    r"hinweis|nota\b|observação|catatan|ghi chú|lưu ý|หมายเหตุ|ملاحظة|टिप्पणी|नोट|σημείωση|not:|참고|주:|注記|補足"
)
