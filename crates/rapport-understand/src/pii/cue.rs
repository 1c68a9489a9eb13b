//! Words beside a number that say what it is, in the seven measured languages.

use super::text::{Text, words_after, words_before};

/// What a word beside a number makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cue {
    /// A telephone.
    Phone,
    /// A number that stands for a person or an account of theirs.
    Identity,
    /// A short secret: a card's check number, a PIN, a one-time code.
    Secret,
    /// A date of birth.
    Birth,
    /// A postal code.
    Postal,
    /// A book's number, a price, a distance: not personal.
    Harmless,
}

/// How far a cue may stand before the number, in words.
const REACH: usize = 6;

/// The cue nearest to the number at `start..end`: the words before it first, then two behind it.
pub(super) fn nearest(text: &Text, start: usize, end: usize) -> Option<Cue> {
    let before = words_before(text, start, REACH).iter().find_map(|word| of(word));
    before.or_else(|| words_after(text, end, 2).iter().find_map(|word| of(word)))
}

/// Whether one of the `most` words before `at` is a cue of that kind.
pub(super) fn precedes(text: &Text, at: usize, most: usize, cue: Cue) -> bool {
    words_before(text, at, most).iter().any(|word| of(word) == Some(cue))
}

/// Whether a unit, a currency or a percent sign stands at the number, so that it counts something.
pub(super) fn counts_something(text: &Text, start: usize, end: usize) -> bool {
    const SIGNS: &str = "$€£¥₹₩%°#";
    let before = text[..start].iter().rev().find(|c| **c != ' ');
    let after = text.get(end..).and_then(|rest| rest.iter().find(|c| **c != ' '));
    let signed =
        before.is_some_and(|c| SIGNS.contains(*c) && *c != '#') || after.is_some_and(|c| SIGNS.contains(*c));
    let unit = |words: &[String]| words.first().is_some_and(|word| is_unit(word));
    signed || unit(&words_after(text, end, 1)) || unit(&words_before(text, start, 1))
}

#[rustfmt::skip]
fn of(word: &str) -> Option<Cue> {
    Some(match word {
        "phone" | "phones" | "telephone" | "call" | "calling" | "called" | "dial" | "ring" | "cell" | "cellphone" | "mobile" | "tel"
        | "fax" | "landline" | "whatsapp" | "sms" | "text" | "texting" | "message" | "messages" | "reach" | "contact" | "desk" | "office" | "hotline"
        | "teléfono" | "telefono" | "móvil" | "movil" | "celular" | "cel" | "llama" | "llame" | "llamar" | "llámame" | "llamame" | "llámeme" | "telefone"
        | "telemóvel" | "ligue" | "liga" | "ligar" | "fone" | "contato" | "zap" | "telefon" | "handy" | "mobil" | "ruf" | "rufe" | "rufen" | "anrufen"
        | "festnetz" | "durchwahl" | "appelle" | "appeler" | "appelez" | "téléphone" | "telephoner" | "téléphoner" | "portable" | "joindre" | "numéro" | "número"
        | "फोन" | "फ़ोन" | "मोबाइल" | "कॉल" | "व्हाट्सएप" | "नंबर" => Cue::Phone,
        "ssn" | "itin" | "ein" | "nino" | "nhs" | "nin" | "social" | "passport" | "license" | "licence" | "account" | "acct" | "acc" | "member" | "membership"
        | "policy" | "patient" | "mrn" | "medicare" | "medicaid" | "insurance" | "customer" | "client" | "employee" | "student" | "loyalty" | "iban" | "routing" | "aba"
        | "swift" | "bic" | "card" | "debit" | "credit" | "visa" | "mastercard" | "amex" | "aadhaar" | "aadhar" | "uidai" | "pan" | "taxpayer" | "tin" | "vat" | "vin"
        | "plate" | "imei" | "identification" | "id" | "ids" | "identity" | "voter" | "registration" | "cc" | "dl"
        | "dni" | "nie" | "nif" | "cif" | "pasaporte" | "cuenta" | "tarjeta" | "carné" | "carnet" | "socio" | "afiliado" | "póliza" | "curp" | "rfc" | "cédula" | "rut" | "matrícula"
        | "konto" | "kontonummer" | "ausweis" | "personalausweis" | "ausweisnummer" | "reisepass" | "passnummer" | "reisepassnummer" | "führerschein" | "steuer"
        | "steuernummer" | "identifikationsnummer" | "sozialversicherungsnummer" | "versichertennummer" | "kundennummer" | "mitgliedsnummer" | "kartennummer" | "blz" | "karte" | "kreditkarte"
        | "nir" | "sécurité" | "sécu" | "passeport" | "permis" | "compte" | "carte" | "adhérent" | "siret" | "siren" | "rib"
        | "cpf" | "cnpj" | "rg" | "pis" | "cnh" | "passaporte" | "conta" | "cartão" | "agência" | "titular" | "matricula" | "sus"
        | "आधार" | "पैन" | "खाता" | "खाते" | "पासपोर्ट" | "कार्ड" | "लाइसेंस" => Cue::Identity,
        "cvv" | "cvc" | "cvv2" | "pin" | "otp" | "passcode" | "password" | "contraseña" | "clave" | "passwort" | "kennwort" | "prüfziffer" | "senha" | "पिन" => Cue::Secret,
        "born" | "birth" | "birthdate" | "birthday" | "dob" | "b" | "nacido" | "nacida" | "nací" | "naci" | "nació" | "nacimiento" | "geboren" | "geb" | "geburtsdatum" | "geburtstag"
        | "né" | "née" | "naissance" | "naître" | "nasci" | "nasceu" | "nascido" | "nascida" | "nascimento" | "जन्म" | "जन्मतिथि" | "cumpleaños" | "aniversário" | "anniversaire" => Cue::Birth,
        "zip" | "zipcode" | "postcode" | "postal" | "plz" | "postleitzahl" | "cep" | "pincode" | "पिनकोड" => Cue::Postal,
        "isbn" | "issn" | "ean" | "asin" | "upc" | "sku" | "doi" | "population" | "version" | "update" | "build" | "article" | "between" | "bible" => Cue::Harmless,
        _ => return compound(word),
    })
}

/// German and Korean words that end or begin with the telling part.
fn compound(word: &str) -> Option<Cue> {
    const ENDS: [(&str, Cue); 7] = [
        ("telefonnummer", Cue::Phone),
        ("rufnummer", Cue::Phone),
        ("handynummer", Cue::Phone),
        ("mobilnummer", Cue::Phone),
        ("faxnummer", Cue::Phone),
        ("bestellnummer", Cue::Harmless),
        ("nummer", Cue::Identity),
    ];
    const BEGINS: [(&str, Cue); 18] = [
        ("전화", Cue::Phone),
        ("휴대폰", Cue::Phone),
        ("핸드폰", Cue::Phone),
        ("연락처", Cue::Phone),
        ("주민", Cue::Identity),
        ("여권", Cue::Identity),
        ("계좌", Cue::Identity),
        ("카드", Cue::Identity),
        ("운전면허", Cue::Identity),
        ("면허", Cue::Identity),
        ("회원번호", Cue::Identity),
        ("번호", Cue::Phone),
        ("비밀번호", Cue::Secret),
        ("생년월일", Cue::Birth),
        ("태어", Cue::Birth),
        ("생일", Cue::Birth),
        ("출생", Cue::Birth),
        ("우편번호", Cue::Postal),
    ];
    let ends = ENDS.iter().find(|(tail, _)| word.ends_with(tail));
    ends.or_else(|| BEGINS.iter().find(|(head, _)| word.starts_with(head))).map(|(_, cue)| *cue)
}

#[rustfmt::skip]
fn is_unit(word: &str) -> bool {
    matches!(word, "dollars" | "dollar" | "usd" | "eur" | "euro" | "euros" | "gbp" | "pounds" | "rupees" | "rs" | "inr" | "won" | "krw" | "yen" | "jpy" | "reais"
        | "pesos" | "brl" | "mxn" | "francs" | "chf" | "cents" | "bucks" | "million" | "millions" | "billion" | "thousand" | "millones" | "mil" | "millionen" | "milliarden"
        | "milhões" | "percent" | "por" | "prozent" | "km" | "kms" | "kilometers" | "kilometres" | "miles" | "meters" | "metres" | "m" | "cm" | "mm" | "kg" | "kgs" | "g" | "grams"
        | "gb" | "mb" | "tb" | "mhz" | "ghz" | "kwh" | "steps" | "calories" | "people" | "users" | "followers" | "views" | "points" | "times" | "years" | "seconds" | "minutes" | "hours"
        | "days" | "units" | "pieces" | "copies" | "words" | "rows" | "songs" | "personas" | "pessoas" | "personnes" | "menschen" | "einwohner" | "habitantes" | "schritte" | "pasos" | "passos"
        | "रुपये" | "रुपए" | "लाख" | "करोड़" | "원" | "달러" | "만원" | "명" | "sqft" | "acres" | "light" | "bytes" | "pixels" | "px")
}
