"""Set phrases from English: what no rule can build from the words, in all four target languages.

A phrase is set aside behind a name that no dictionary knows, so that the sentence around it is translated without it, and put
back in the target language. Only phrases that never change their form are here: courtesies, times, idioms.
One that ends with a full stop in this table counts only where a clause ends after it.
"""

_TABLE = """
good morning | buenos días | bonjour | buongiorno | bom dia
good afternoon | buenas tardes | bonjour | buon pomeriggio | boa tarde
good evening | buenas noches | bonsoir | buonasera | boa noite
good night | buenas noches | bonne nuit | buonanotte | boa noite
hello. | hola | bonjour | salve | olá
hi. | hola | salut | ciao | oi
goodbye | adiós | au revoir | arrivederci | adeus
bye | adiós | au revoir | ciao | tchau
see you tomorrow | hasta mañana | à demain | a domani | até amanhã
see you soon | hasta pronto | à bientôt | a presto | até breve
see you later | hasta luego | à plus tard | a dopo | até logo
thank you very much | muchas gracias | merci beaucoup | grazie mille | muito obrigado
thank you so much | muchas gracias | merci beaucoup | grazie mille | muito obrigado
thanks a lot | muchas gracias | merci beaucoup | grazie mille | muito obrigado
many thanks | muchas gracias | merci beaucoup | grazie mille | muito obrigado
thank you | gracias | merci | grazie | obrigado
thanks. | gracias | merci | grazie | obrigado
you are welcome | de nada | je vous en prie | prego | de nada
excuse me. | disculpe | excusez-moi | mi scusi | com licença
i am sorry. | lo siento | je suis désolé | mi dispiace | sinto muito
we are sorry. | lo sentimos | nous sommes désolés | ci dispiace | sentimos muito
nice to meet you. | mucho gusto | enchanté | piacere | muito prazer
how are you. | cómo está | comment allez-vous | come sta | como vai
how are you doing. | cómo está | comment allez-vous | come va | como vai
how do you do. | cómo está | comment allez-vous | come sta | como vai
i am fine. | estoy bien | je vais bien | sto bene | estou bem
my name is | me llamo | je m'appelle | mi chiamo | meu nome é
what is your name | cómo se llama | comment vous appelez-vous | come si chiama | qual é o seu nome
i am from | soy de | je viens de | sono di | eu sou de
where are you from. | de dónde es | d'où venez-vous | di dov'è | de onde você é
of course. | por supuesto | bien sûr | certo | claro
all right. | de acuerdo | d'accord | d'accordo | tudo bem
okay. | de acuerdo | d'accord | d'accordo | tudo bem
ok. | de acuerdo | d'accord | d'accordo | tudo bem
i do not know. | no lo sé | je ne sais pas | non lo so | não sei
i do not understand. | no entiendo | je ne comprends pas | non capisco | não entendo
i think so. | creo que sí | je crois que oui | credo di sì | acho que sim
i hope so. | eso espero | j'espère que oui | lo spero | espero que sim
no problem. | no hay problema | pas de problème | nessun problema | sem problema
congratulations. | felicidades | félicitations | congratulazioni | parabéns
good luck. | buena suerte | bonne chance | buona fortuna | boa sorte
welcome to | bienvenidos a | bienvenue à | benvenuti a | bem-vindos a
ladies and gentlemen | señoras y señores | mesdames et messieurs | signore e signori | senhoras e senhores
do not worry | no se preocupe | ne vous inquiétez pas | non si preoccupi | não se preocupe
never mind. | no importa | ça ne fait rien | non importa | não importa
it does not matter. | no importa | ça ne fait rien | non importa | não importa
what is the weather like. | qué tiempo hace | quel temps fait-il | che tempo fa | como está o tempo
what time is it. | qué hora es | quelle heure est-il | che ore sono | que horas são
what is this. | qué es esto | qu'est-ce que c'est | che cos'è questo | o que é isto
what is that. | qué es eso | qu'est-ce que c'est | che cos'è quello | o que é isso
what happened. | qué pasó | qu'est-ce qui s'est passé | che cosa è successo | o que aconteceu
what does it mean. | qué significa | qu'est-ce que ça veut dire | che cosa significa | o que significa
how much is it. | cuánto cuesta | combien ça coûte | quanto costa | quanto custa
how much does it cost. | cuánto cuesta | combien ça coûte | quanto costa | quanto custa
it is raining. | está lloviendo | il pleut | sta piovendo | está chovendo
it was raining | estaba lloviendo | il pleuvait | stava piovendo | estava chovendo
it is snowing. | está nevando | il neige | sta nevicando | está nevando
it is cold | hace frío | il fait froid | fa freddo | está frio
it was cold | hacía frío | il faisait froid | faceva freddo | estava frio
it is hot. | hace calor | il fait chaud | fa caldo | está quente
it was hot. | hacía calor | il faisait chaud | faceva caldo | estava quente
it is late. | es tarde | il est tard | è tardi | é tarde
it is getting late | se está haciendo tarde | il se fait tard | si sta facendo tardi | está ficando tarde
i am hungry | tengo hambre | j'ai faim | ho fame | estou com fome
i am thirsty | tengo sed | j'ai soif | ho sete | estou com sede
i am cold. | tengo frío | j'ai froid | ho freddo | estou com frio
i am hot. | tengo calor | j'ai chaud | ho caldo | estou com calor
i am afraid of | tengo miedo de | j'ai peur de | ho paura di | tenho medo de
i am right. | tengo razón | j'ai raison | ho ragione | tenho razão
you are right. | tiene razón | vous avez raison | ha ragione | você tem razão
i am in a hurry | tengo prisa | je suis pressé | ho fretta | estou com pressa
i have a headache | me duele la cabeza | j'ai mal à la tête | ho mal di testa | estou com dor de cabeça
i have a fever | tengo fiebre | j'ai de la fièvre | ho la febbre | estou com febre
i have a cold. | estoy resfriado | je suis enrhumé | sono raffreddato | estou resfriado
last night | anoche | hier soir | ieri sera | ontem à noite
last week | la semana pasada | la semaine dernière | la settimana scorsa | na semana passada
last month | el mes pasado | le mois dernier | il mese scorso | no mês passado
last year | el año pasado | l'année dernière | l'anno scorso | no ano passado
last weekend | el fin de semana pasado | le week-end dernier | lo scorso fine settimana | no fim de semana passado
last spring | la primavera pasada | le printemps dernier | la primavera scorsa | na primavera passada
last summer | el verano pasado | l'été dernier | l'estate scorsa | no verão passado
last autumn | el otoño pasado | l'automne dernier | l'autunno scorso | no outono passado
last winter | el invierno pasado | l'hiver dernier | l'inverno scorso | no inverno passado
next week | la próxima semana | la semaine prochaine | la prossima settimana | na próxima semana
next month | el próximo mes | le mois prochain | il mese prossimo | no próximo mês
next year | el próximo año | l'année prochaine | l'anno prossimo | no próximo ano
next weekend | el próximo fin de semana | le week-end prochain | il prossimo fine settimana | no próximo fim de semana
next spring | la próxima primavera | le printemps prochain | la prossima primavera | na próxima primavera
next summer | el próximo verano | l'été prochain | la prossima estate | no próximo verão
next autumn | el próximo otoño | l'automne prochain | il prossimo autunno | no próximo outono
next winter | el próximo invierno | l'hiver prochain | il prossimo inverno | no próximo inverno
on monday | el lunes | lundi | lunedì | na segunda-feira
on mondays | los lunes | le lundi | il lunedì | às segundas-feiras
last monday | el lunes pasado | lundi dernier | lunedì scorso | na segunda-feira passada
next monday | el próximo lunes | lundi prochain | lunedì prossimo | na próxima segunda-feira
on tuesday | el martes | mardi | martedì | na terça-feira
on tuesdays | los martes | le mardi | il martedì | às terças-feiras
last tuesday | el martes pasado | mardi dernier | martedì scorso | na terça-feira passada
next tuesday | el próximo martes | mardi prochain | martedì prossimo | na próxima terça-feira
on wednesday | el miércoles | mercredi | mercoledì | na quarta-feira
on wednesdays | los miércoles | le mercredi | il mercoledì | às quartas-feiras
last wednesday | el miércoles pasado | mercredi dernier | mercoledì scorso | na quarta-feira passada
next wednesday | el próximo miércoles | mercredi prochain | mercoledì prossimo | na próxima quarta-feira
on thursday | el jueves | jeudi | giovedì | na quinta-feira
on thursdays | los jueves | le jeudi | il giovedì | às quintas-feiras
last thursday | el jueves pasado | jeudi dernier | giovedì scorso | na quinta-feira passada
next thursday | el próximo jueves | jeudi prochain | giovedì prossimo | na próxima quinta-feira
on friday | el viernes | vendredi | venerdì | na sexta-feira
on fridays | los viernes | le vendredi | il venerdì | às sextas-feiras
last friday | el viernes pasado | vendredi dernier | venerdì scorso | na sexta-feira passada
next friday | el próximo viernes | vendredi prochain | venerdì prossimo | na próxima sexta-feira
on saturday | el sábado | samedi | sabato | no sábado
on saturdays | los sábados | le samedi | il sabato | aos sábados
last saturday | el sábado pasado | samedi dernier | sabato scorso | no sábado passado
next saturday | el próximo sábado | samedi prochain | sabato prossimo | no próximo sábado
on sunday | el domingo | dimanche | domenica | no domingo
on sundays | los domingos | le dimanche | la domenica | aos domingos
last sunday | el domingo pasado | dimanche dernier | domenica scorsa | no domingo passado
next sunday | el próximo domingo | dimanche prochain | domenica prossima | no próximo domingo
this morning | esta mañana | ce matin | stamattina | esta manhã
this afternoon | esta tarde | cet après-midi | questo pomeriggio | esta tarde
this evening | esta tarde | ce soir | questa sera | esta noite
tonight | esta noche | ce soir | stasera | esta noite
tomorrow morning | mañana por la mañana | demain matin | domani mattina | amanhã de manhã
tomorrow evening | mañana por la tarde | demain soir | domani sera | amanhã à noite
tomorrow night | mañana por la noche | demain soir | domani sera | amanhã à noite
yesterday morning | ayer por la mañana | hier matin | ieri mattina | ontem de manhã
yesterday afternoon | ayer por la tarde | hier après-midi | ieri pomeriggio | ontem à tarde
yesterday evening | ayer por la tarde | hier soir | ieri sera | ontem à noite
the day before yesterday | anteayer | avant-hier | l'altro ieri | anteontem
the day after tomorrow | pasado mañana | après-demain | dopodomani | depois de amanhã
every day | todos los días | tous les jours | ogni giorno | todos os dias
every week | todas las semanas | toutes les semaines | ogni settimana | todas as semanas
every year | todos los años | tous les ans | ogni anno | todos os anos
every morning | todas las mañanas | tous les matins | ogni mattina | todas as manhãs
all day | todo el día | toute la journée | tutto il giorno | o dia todo
all night | toda la noche | toute la nuit | tutta la notte | a noite toda
at night | por la noche | la nuit | di notte | à noite
in the morning | por la mañana | le matin | la mattina | de manhã
in the afternoon | por la tarde | l'après-midi | il pomeriggio | à tarde
in the evening | por la tarde | le soir | la sera | à noite
right now | ahora mismo | en ce moment | in questo momento | agora mesmo
at the moment | en este momento | en ce moment | al momento | no momento
at present | actualmente | à présent | al momento | no momento
for now | por ahora | pour l'instant | per ora | por enquanto
at first | al principio | au début | all'inizio | no início
at last | por fin | enfin | finalmente | finalmente
at once. | enseguida | tout de suite | subito | imediatamente
at the same time | al mismo tiempo | en même temps | allo stesso tempo | ao mesmo tempo
as soon as possible | lo antes posible | dès que possible | al più presto | o mais rápido possível
from time to time | de vez en cuando | de temps en temps | di tanto in tanto | de vez em quando
a long time ago | hace mucho tiempo | il y a longtemps | molto tempo fa | há muito tempo
for a long time | durante mucho tiempo | pendant longtemps | per molto tempo | por muito tempo
once upon a time | érase una vez | il était une fois | c'era una volta | era uma vez
once again | una vez más | encore une fois | ancora una volta | mais uma vez
again and again | una y otra vez | encore et encore | più e più volte | repetidamente
sooner or later | tarde o temprano | tôt ou tard | prima o poi | mais cedo ou mais tarde
for example | por ejemplo | par exemple | per esempio | por exemplo
for instance | por ejemplo | par exemple | per esempio | por exemplo
by the way | por cierto | au fait | a proposito | a propósito
in fact | de hecho | en fait | infatti | na verdade
as a matter of fact | de hecho | en fait | in effetti | na verdade
in other words | en otras palabras | en d'autres termes | in altre parole | em outras palavras
on the other hand | por otro lado | d'un autre côté | d'altra parte | por outro lado
first of all | en primer lugar | tout d'abord | prima di tutto | em primeiro lugar
above all | sobre todo | surtout | soprattutto | acima de tudo
at least | al menos | au moins | almeno | pelo menos
as well. | también | aussi | anche | também
so far. | hasta ahora | jusqu'à présent | finora | até agora
by mistake | por error | par erreur | per errore | por engano
on purpose | a propósito | exprès | apposta | de propósito
on foot | a pie | à pied | a piedi | a pé
by car | en coche | en voiture | in macchina | de carro
by train | en tren | en train | in treno | de trem
by bus | en autobús | en bus | in autobus | de ônibus
by plane | en avión | en avion | in aereo | de avião
by bike | en bicicleta | à vélo | in bicicletta | de bicicleta
by phone | por teléfono | par téléphone | per telefono | por telefone
at home | en casa | à la maison | a casa | em casa
at work | en el trabajo | au travail | al lavoro | no trabalho
at school | en la escuela | à l'école | a scuola | na escola
on holiday | de vacaciones | en vacances | in vacanza | de férias
on vacation | de vacaciones | en vacances | in vacanza | de férias
on the left | a la izquierda | à gauche | a sinistra | à esquerda
on the right | a la derecha | à droite | a destra | à direita
to the left | a la izquierda | à gauche | a sinistra | à esquerda
to the right | a la derecha | à droite | a destra | à direita
straight ahead | todo recto | tout droit | sempre dritto | em frente
straight on | todo recto | tout droit | sempre dritto | em frente
everything is fine. | todo está bien | tout va bien | va tutto bene | está tudo bem
everything is all right | todo está bien | tout va bien | va tutto bene | está tudo bem
everything will be fine. | todo irá bien | tout ira bien | andrà tutto bene | vai dar tudo certo
everything will be all right | todo irá bien | tout ira bien | andrà tutto bene | vai dar tudo certo
my head hurts | me duele la cabeza | j'ai mal à la tête | mi fa male la testa | minha cabeça dói
my back hurts | me duele la espalda | j'ai mal au dos | mi fa male la schiena | minhas costas doem
my stomach hurts | me duele el estómago | j'ai mal au ventre | mi fa male lo stomaco | minha barriga dói
my throat hurts | me duele la garganta | j'ai mal à la gorge | mi fa male la gola | minha garganta dói
my leg hurts | me duele la pierna | j'ai mal à la jambe | mi fa male la gamba | minha perna dói
my foot hurts | me duele el pie | j'ai mal au pied | mi fa male il piede | meu pé dói
my tooth hurts | me duele una muela | j'ai mal à une dent | mi fa male un dente | meu dente dói
all over the world | en todo el mundo | dans le monde entier | in tutto il mondo | no mundo todo
in my opinion | en mi opinión | à mon avis | secondo me | na minha opinião
in the middle of the night | en mitad de la noche | au milieu de la nuit | nel cuore della notte | no meio da noite
let me know. | avíseme | faites-moi savoir | mi faccia sapere | me avise
be careful. | tenga cuidado | faites attention | faccia attenzione | tome cuidado
be quiet. | guarde silencio | taisez-vous | faccia silenzio | fique em silêncio
hurry up | dese prisa | dépêchez-vous | si sbrighi | apresse-se
just a moment | un momento | un instant | un momento | um momento
one moment | un momento | un instant | un momento | um momento
come on. | vamos | allez | andiamo | vamos
what a pity | qué lástima | quel dommage | che peccato | que pena
as you know | como sabe | comme vous le savez | come sa | como você sabe
in any case | en cualquier caso | en tout cas | in ogni caso | em todo caso
at the end | al final | à la fin | alla fine | no final
at the beginning | al principio | au début | all'inizio | no começo
in the end | al final | finalement | alla fine | no final
in the past | en el pasado | par le passé | in passato | no passado
in the future | en el futuro | à l'avenir | in futuro | no futuro
little by little | poco a poco | petit à petit | a poco a poco | pouco a pouco
more or less | más o menos | plus ou moins | più o meno | mais ou menos
in cash | en efectivo | en espèces | in contanti | em dinheiro
by heart | de memoria | par cœur | a memoria | de cor
"""

TARGETS = ("es", "fr", "it", "pt")


def _read() -> dict[str, dict[str, str]]:
    rows = [[cell.strip() for cell in line.split("|")] for line in _TABLE.strip().splitlines()]
    return {english: dict(zip(TARGETS, forms, strict=True)) for english, *forms in rows}


PHRASES = _read()
"""By the English phrase, in lower case and without contractions: the phrase in each target language."""


PLEASE = {"es": "por favor", "fr": "s'il vous plaît", "it": "per favore", "pt": "por favor"}
"""What stands at the end of a request."""
