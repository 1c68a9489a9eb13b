//! What people might say to an assistant: the load of the understanding stage.

/// Short English requests.
pub const ENGLISH: [&str; 24] = [
    "I want to go hiking next weekend, which boots should I buy?",
    "play some jazz for dinner",
    "how do I get red wine out of a carpet",
    "book a table for two on Friday",
    "what's the best way to learn guitar at home",
    "find me a cheap flight to Lisbon in May",
    "recommend a science fiction film for tonight",
    "my sourdough does not rise, what am I doing wrong",
    "set an alarm for seven",
    "which running shoes are good for flat feet",
    "help me plan a birthday party for my daughter",
    "is it going to rain in Seattle tomorrow",
    "compare these two laptops for video editing",
    "I'd like to repaint the kitchen, what colours go with oak",
    "how much should I save for a house",
    "what do tomatoes need to grow on a balcony",
    "show me groups for people who like board games",
    "who won the match last night",
    "I don't want to see any more football",
    "translate good morning into Japanese",
    "any good podcasts about history?",
    "I need a present for my brother, he likes fishing",
    "which dog breed is easy to train",
    "make me a packing list for a week of camping",
];

/// Longer and other-language messages; with [`ENGLISH`] they are the mix.
pub const OTHERS: [&str; 24] = [
    "Quiero empezar a correr, ¿qué zapatillas me recomiendas para principiantes?",
    "¿Cuál es la mejor receta de paella para seis personas?",
    "Ich möchte nächstes Wochenende wandern gehen, welche Schuhe soll ich kaufen?",
    "Wie bekomme ich Kalk von den Fliesen weg?",
    "Quels films de science-fiction me conseilles-tu pour ce soir ?",
    "Je cherche un cadeau pour mon père qui aime la pêche.",
    "Quero aprender a tocar violão, por onde começo?",
    "Qual é o melhor bairro para ficar em Lisboa?",
    "मुझे अगले हफ्ते पहाड़ों में घूमने जाना है, क्या क्या ले जाऊँ?",
    "आज रात के लिए कोई अच्छी फिल्म बताओ",
    "다음 주말에 등산을 가고 싶은데 어떤 신발을 사야 할까요?",
    "집에서 할 수 있는 쉬운 운동 알려줘",
    "次の週末にハイキングに行きたいのですが、どんな靴がいいですか？",
    "週末に家で作れる簡単なケーキのレシピを教えて",
    "Vorrei imparare a fare la pizza in casa, che farina devo usare?",
    "Welke fiets is goed voor lange tochten met bagage?",
    "Jaki aparat fotograficzny kupić na początek?",
    "Yarın İstanbul'da hava nasıl olacak ve nereye gidebilirim?",
    "So last night I tried the new recipe that you gave me, and the dough was far too wet, so I added flour until it \
     held together, but then it came out dense. What should I change next time, the water, the time or the oven?",
    "We are moving to a small flat in March, and I would like to keep the piano. Are there good digital ones with \
     weighted keys that one can play with headphones at night without bothering the neighbours?",
    "My sister is training for her first marathon and asks what to eat the week before. She does not like pasta.",
    "Estamos pensando en comprar un coche eléctrico, pero vivimos en un piso sin garaje. ¿Qué opciones hay para cargarlo?",
    "Wir suchen für den Sommer eine Ferienwohnung an der Ostsee mit Hund, am liebsten nah am Strand und ruhig gelegen.",
    "오늘 저녁에 친구들이 집에 오는데 간단하게 만들 수 있는 안주 몇 가지만 추천해 줄래? 매운 것은 빼고.",
];
