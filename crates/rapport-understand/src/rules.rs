//! What small words tell: whose interest it is, like or dislike, and what the person means to do.
//!
//! Rules, since a word list is short, reviewable and the same in every run. A phrase matches whole words (see
//! [`crate::fold::key`]); in Korean, whose particles cling to words, it matches anywhere.

use rapport_core::understanding::{Intent, Subject};

use crate::fold;

/// A text prepared for the rules.
pub(crate) struct Phrases {
    key: String,
    korean: bool,
}

impl Phrases {
    /// Folds `text` once for all rules.
    pub fn of(text: &str, language: &str) -> Self {
        Self { key: fold::key(text), korean: language == "ko" }
    }

    /// Whose interest the text speaks of. A relative or friend who is the one to do or to have makes it somebody else's,
    /// unless the speaker is in it too ("my son and I").
    pub fn subject(&self) -> Subject {
        let own = self.count(OWN);
        let others = self.count(OTHERS);
        if others > 0 && self.count(TOGETHER) == 0 && (own == 0 || self.count(THEIRS) > 0) {
            return Subject::Other;
        }
        if own > 0 || others > 0 { Subject::Own } else { Subject::None }
    }

    /// Whether it speaks of a child's interests, health or belongings.
    pub fn about_child(&self) -> bool {
        self.count(CHILD) > 0
    }

    /// -1 (dislikes) to 1 (likes): the balance of words for liking and disliking, a negation turning the word after it.
    pub fn stance(&self) -> f32 {
        let negated = self.count(NEGATED_LIKE) as f32;
        let likes = (self.count(LIKE) as f32 - negated).max(0.0);
        let dislikes = self.count(DISLIKE) as f32 + negated;
        if likes + dislikes == 0.0 { 0.0 } else { (likes - dislikes) / (likes + dislikes) }
    }

    /// What the person means to do; buying before fixing before going, since those words are the more telling.
    pub fn intent(&self) -> Option<Intent> {
        [
            (Intent::Buy, BUY),
            (Intent::Fix, FIX),
            (Intent::Plan, PLAN),
            (Intent::Learn, LEARN),
            (Intent::Go, GO),
        ]
        .into_iter()
        .find_map(|(intent, phrases)| (self.count(phrases) > 0).then_some(intent))
    }

    fn count(&self, phrases: &str) -> usize {
        phrases.split(';').filter(|phrase| self.contains(phrase.trim_start())).count()
    }

    fn contains(&self, phrase: &str) -> bool {
        if self.korean && !phrase.is_ascii() {
            return self.key.contains(phrase);
        }
        self.key
            .match_indices(phrase)
            .any(|(at, _)| self.key[..at].ends_with(' ') && self.key[at + phrase.len()..].starts_with(' '))
    }
}

const OWN: &str = "i;im;ive;id;ill;me;my;mine;myself;we;our;us;were;weve;\
    yo;me;mi;mis;mío;conmigo;quiero;necesito;tengo;busco;soy;estoy;puedo;voy;nosotros;nuestro;nuestra;nos;\
    ich;mich;mir;mein;meine;meinen;meinem;meiner;wir;uns;unser;unsere;\
    je;j;jai;jaime;jadore;moi;mon;ma;mes;nous;notre;nos;jaimerais;\
    eu;meu;minha;meus;minhas;mim;quero;preciso;tenho;sou;estou;vou;nosso;nossa;\
    मैं;मुझे;मेरा;मेरी;मेरे;हम;हमारा;हमारी;हमारे;मैंने;हमें;\
    나는;저는;제가;내가;나의;저의;우리;저희;싶어;할래;내 ;제 ";

const OTHERS: &str = "my friend;my friends;my son;my daughter;my husband;my wife;my mother;my mom;my mum;my dad;my father;\
    my brother;my sister;my boss;my neighbour;my neighbor;my colleague;my coworker;my girlfriend;my boyfriend;my partner;\
    my grandmother;my grandma;my grandfather;my grandpa;my uncle;my aunt;my cousin;my nephew;my niece;my kid;my kids;\
    my roommate;my parents;my child;my children;a friend;a friend of mine;our son;our daughter;my teacher;my student;\
    my fiance;my fiancé;my fiancée;his;her;he;she;they;their;\
    mi amigo;mi amiga;mi hijo;mi hija;mi marido;mi esposo;mi esposa;mi mujer;mi madre;mi padre;mi hermano;mi hermana;\
    mi jefe;mi vecino;mi vecina;mi novia;mi novio;mis hijos;mi abuela;mi abuelo;mi tío;mi tía;un amigo;mis padres;\
    mein freund;meine freundin;mein sohn;meine tochter;mein mann;meine frau;meine mutter;mein vater;mein bruder;\
    meine schwester;mein chef;mein nachbar;meine nachbarin;meine kinder;meine oma;mein opa;ein freund;meine eltern;\
    meiner mutter;meinem vater;meinem sohn;meiner tochter;meinem mann;meiner frau;meinem freund;meiner freundin;\
    mon ami;mon amie;mon fils;ma fille;mon mari;ma femme;ma mère;mon père;mon frère;ma sœur;ma soeur;mon chef;\
    mon voisin;ma voisine;mes enfants;ma grand mère;mon grand père;un ami;une amie;mes parents;\
    meu amigo;minha amiga;meu filho;minha filha;meu marido;minha esposa;minha mulher;minha mãe;meu pai;meu irmão;\
    minha irmã;meu chefe;meu vizinho;minha vizinha;meus filhos;minha avó;meu avô;um amigo;meus pais;\
    मेरा दोस्त;मेरे दोस्त;मेरा बेटा;मेरे बेटे;मेरी बेटी;मेरे पति;मेरी पत्नी;मेरी माँ;मेरी मां;मेरे पिता;मेरा भाई;\
    मेरे भाई;मेरी बहन;मेरे बॉस;मेरे पड़ोसी;मेरी दोस्त;\
    친구;아들;딸;남편;아내;엄마;어머니;아빠;아버지;형이;누나;언니;오빠;동생;상사;이웃;할머니;할아버지;동료";

/// The other person is the one who does, has or wants it.
const THEIRS: &str = "is;was;has;likes;loves;wants;needs;got;says;said;asked;thinks;just;hates;had;have;are;plays;who;s;got her;got his;\
    for my friend;for my son;for my daughter;for my wife;for my husband;for my mother;for my mom;for my mum;for my dad;\
    for my father;for my brother;for my sister;for my kids;for my boss;for my nephew;for my niece;for my grandma;\
    es;está;tiene;quiere;le gusta;dice;para mi hijo;para mi hija;para mi madre;para mi padre;necesita;le;\
    ist;hat;will;mag;sagt;braucht;möchte;für meinen sohn;für meine tochter;für meine mutter;für meinen vater;\
    est;a;veut;aime;dit;pour mon fils;pour ma fille;pour ma mère;pour mon père;\
    é;está;tem;quer;gosta;diz;para meu filho;para minha filha;para minha mãe;para meu pai;precisa;\
    है;हैं;को;चाहता;चाहती;पसंद;\
    가 ;이 ;는 ;은 ;한테;에게;께서;위한";

const TOGETHER: &str = "and i;and me;with my;and my family;with me;my son and i;my wife and i;my husband and i;we;our;us;\
    con mi;conmigo;y yo;nosotros;mit meinem;mit meiner;mit meinen;und ich;wir;avec mon;avec ma;avec mes;et moi;nous;\
    com meu;com minha;e eu;comigo;nós;के साथ;हम;랑 같이;와 함께;우리";

const CHILD: &str = "my son;my daughter;my kid;my kids;my child;my children;our son;our daughter;our kids;our child;my baby;\
    our baby;my toddler;our toddler;year old;my nephew;my niece;my grandson;my granddaughter;my boy;my girl;our boy;\
    the kids;the baby;my newborn;my teenager;my teen;\
    mi hijo;mi hija;mis hijos;mi bebé;mi sobrino;mi sobrina;mi nieto;mi nieta;los niños;nuestro hijo;nuestra hija;\
    mein sohn;meine tochter;mein kind;meine kinder;mein baby;meinem sohn;meiner tochter;meinen sohn;unser sohn;\
    unsere tochter;meine kleine;mein kleiner;meinem kind;meinen kindern;\
    mon fils;ma fille;mon enfant;mes enfants;mon bébé;notre fils;notre fille;mon neveu;ma nièce;\
    meu filho;minha filha;meus filhos;meu bebê;nosso filho;nossa filha;meu sobrinho;minha sobrinha;as crianças;\
    मेरा बेटा;मेरे बेटे;मेरी बेटी;मेरे बच्चे;मेरे बच्चों;मेरा बच्चा;हमारे बेटे;हमारी बेटी;बच्चों;\
    아들;우리 딸;딸이;딸에게;딸을;아이가;아이들;아기;우리 애;조카";

const LIKE: &str = "love;loved;like;liked;enjoy;enjoyed;adore;favourite;favorite;fan of;obsessed with;into;great;amazing;awesome;\
    can't wait;cant wait;fantastic;excited;want to;prefer;\
    me gusta;me gustan;me encanta;me encantan;adoro;favorito;favorita;genial;quiero;\
    mag;liebe;gerne;gern;lieblings;toll;super;möchte;begeistert;\
    aime;adore;jaime;jadore;préféré;préférée;génial;voudrais;envie;\
    gosto;amo;adorei;favorito;favorita;ótimo;quero;\
    पसंद;प्यार;शानदार;बढ़िया;अच्छा लगता;अच्छी लगती;चाहता;चाहती;\
    좋아;사랑;최고;재미있;재밌;싶어;즐겨";

const NEGATED_LIKE: &str = "dont like;don t like;do not like;didnt like;did not like;doesnt like;never liked;dont enjoy;not a fan of;not into;\
    dont love;dont want to;no longer like;not great;do not want to;dont really like;didnt enjoy;\
    no me gusta;no me gustan;no me gustó;no quiero;no me encanta;\
    mag nicht;mag kein;mag keine;nicht gerne;nicht gern;möchte nicht;möchte kein;möchte keine;\
    naime pas;n aime pas;aime pas;pas envie;\
    não gosto;não gostei;não quero;não amo;\
    पसंद नहीं;अच्छा नहीं लगता;नहीं चाहता;नहीं चाहती;\
    안 좋아;좋아하지 않;싫어하;싶지 않";

const DISLIKE: &str = "hate;hated;hates;dislike;can't stand;cant stand;boring;awful;terrible;sick of;tired of;disgusting;stop showing;\
    worst;annoying;no more;disappointed;disappointing;overrated;\
    odio;detesto;aburrido;aburrida;horrible;harto;harta;\
    hasse;langweilig;furchtbar;schrecklich;nervt;satt;\
    déteste;ennuyeux;nul;nulle;horrible;marre;\
    odeio;detesto;chato;chata;horrível;cansado de;cansada de;\
    नफरत;नफ़रत;बोरिंग;बेकार;घटिया;\
    싫어;싫다;지루;별로;최악;짜증";

const BUY: &str = "buy;buying;purchase;order;price;prices;cheap;cheapest;cheaper;how much is;how much are;deal;deals;discount;\
    shop for;should i get;which one should i get;on sale;in stock;budget of;under 50;under 100;shopping;cost of;\
    comprar;compro;precio;precios;barato;barata;baratos;baratas;oferta;descuento;cuánto cuesta;cuánto cuestan;\
    kaufen;kaufe;preis;preise;günstig;günstige;billig;angebot;bestellen;was kostet;kosten;\
    acheter;achète;prix;pas cher;promo;commander;combien coûte;soldes;\
    preço;preços;barato;desconto;promoção;quanto custa;encomendar;\
    खरीदना;खरीदें;खरीदूं;खरीदने;कीमत;सस्ता;सस्ते;दाम;ऑर्डर;\
    사고 싶;살까;구매;가격;할인;주문;얼마;저렴;사야";

const FIX: &str = "fix;repair;broken;broke;doesnt work;not working;doesn t work;wont start;won t start;stopped working;error;leaking;\
    leaks;troubleshoot;replace the;stuck;crashes;unclog;jammed;problem with;\
    arreglar;reparar;roto;rota;no funciona;averiado;avería;gotea;\
    reparieren;kaputt;funktioniert nicht;geht nicht;defekt;tropft;\
    réparer;cassé;cassée;ne marche pas;ne fonctionne pas;en panne;fuite;fuit;\
    consertar;quebrado;quebrou;quebrada;não funciona;arrumar;vazando;\
    ठीक करना;ठीक करूं;ठीक कैसे;मरम्मत;खराब;टूट गया;काम नहीं कर;\
    고쳐;고장;수리;고치;안 돼;작동하지";

const PLAN: &str = "plan;planning;schedule;remind me;reminder;next weekend;this weekend;next week;next month;itinerary;book a;book an;\
    reserve;reservation;organise;organize;prepare for;calendar;ideas for;set an alarm;\
    planear;planificar;organizar;reservar;reserva;recuérdame;próximo fin de semana;agenda;itinerario;\
    planen;plane;plan;reservieren;erinnere;erinner;nächstes wochenende;buchen;organisieren;termin;\
    planifier;organiser;réserver;rappelle moi;week end prochain;itinéraire;agenda;prévoir;\
    planejar;organizar;reservar;lembre me;lembre;próximo fim de semana;roteiro;agendar;\
    योजना;बुक;याद दिलाना;अगले सप्ताह;अगले हफ्ते;अगले सप्ताहांत;शेड्यूल;\
    계획;예약;일정;다음 주말;다음 주;알려 줘 내일;짜 줘;짜줘";

const LEARN: &str = "learn;how do;how does;how to;how can;what is;what are;whats;what s;why;explain;teach me;tutorial;course;lesson;lessons;\
    difference between;tips;beginner;beginners;who is;who was;history of;study;understand;how many;when did;when was;\
    aprender;cómo;qué es;qué son;por qué;explica;explícame;curso;clases;diferencia entre;quién;consejos;\
    lernen;wie;was ist;was sind;warum;erklär;erkläre;kurs;unterschied zwischen;wer;tipps;\
    apprendre;comment;quest ce que;qu est ce que;pourquoi;explique;cours;différence entre;qui est;conseils;\
    como;o que é;o que são;por que;explique;curso;aula;diferença entre;quem;dicas;\
    सीखना;सीखने;कैसे;क्या है;क्यों;समझाओ;बताओ;बताइए;कोर्स;कौन;\
    배우;어떻게;뭐야;무엇;왜;설명;강의;차이;누구;방법";

const GO: &str = "go;going;visit;near me;nearby;directions;trip to;travel to;flight to;head to;tickets to;get to;take me;drive to;way to;\
    ir;voy;visitar;cerca de mí;viajar;viaje a;vuelo a;cómo llegar;\
    gehen;fahren;besuchen;in der nähe;reise nach;flug nach;fliegen;\
    aller;visiter;près de moi;près de chez;voyage à;voyager;vol pour;\
    vou;visitar;perto de mim;viajar;viagem para;voo para;\
    जाना;जाने;घूमने;यात्रा;पास में;उड़ान;\
    가고;가는;여행;근처;방문;항공권;가자";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Phrases {
        Phrases::of(text, "en")
    }

    #[test]
    fn a_gift_for_somebody_is_their_interest() {
        assert_eq!(read("running shoes for my wife").subject(), Subject::Other);
        assert_eq!(read("my brother loves chess").subject(), Subject::Other);
        assert_eq!(read("my son and I go fishing").subject(), Subject::Own);
        assert_eq!(read("I want to go hiking").subject(), Subject::Own);
        assert_eq!(read("capital of Peru").subject(), Subject::None);
    }

    #[test]
    fn negation_turns_liking_around() {
        assert!(read("I love jazz").stance() > 0.5);
        assert!(read("I don't like jazz").stance() < -0.5);
        assert!(read("I hate jazz").stance() < -0.5);
        assert!(read("jazz concert dates").stance().abs() < 0.1);
    }

    #[test]
    fn buying_outweighs_the_plan_it_is_for() {
        let hiking = read("I want to go hiking next weekend, which boots should I buy?");
        assert_eq!(hiking.intent(), Some(Intent::Buy));
        assert_eq!(read("my washing machine is broken").intent(), Some(Intent::Fix));
        assert_eq!(read("thanks").intent(), None);
    }
}
