//! Personal data by pattern, and by check digits where the format has them.
//!
//! A hand-written scanner over scalar values: no back-tracking, linear time, and the offsets come out in the contract's
//! unit. A card or IBAN counts only if its check digits hold, so that an order number isn't one.

use rapport_core::understanding::PiiSpan;

/// Longest text that is scanned, in scalar values.
const LIMIT: usize = 65_536;

/// All spans, in reading order, without overlaps: where two patterns fit, the one listed first wins.
pub(crate) fn find(text: &str) -> Vec<PiiSpan> {
    let chars: Vec<char> = text.chars().take(LIMIT).collect();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match SCANNERS.iter().find_map(|(kind, scan)| Some((*kind, scan(&chars, at)?))) {
            Some((kind, end)) if end > at => {
                spans.push(PiiSpan { kind, start: at, end });
                at = end;
            }
            _ => at += 1,
        }
    }
    spans
}

type Scanner = fn(&[char], usize) -> Option<usize>;

const SCANNERS: [(&str, Scanner); 9] = [
    ("url", url),
    ("email", email),
    ("iban", iban),
    ("card", card),
    ("ssn", ssn),
    ("ip", ip4),
    ("ip", ip6),
    ("crypto_wallet", wallet),
    ("phone", phone),
];

fn starts_word(chars: &[char], at: usize) -> bool {
    at == 0 || !(chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn ends_word(chars: &[char], end: usize) -> bool {
    chars.get(end).is_none_or(|c| !c.is_alphanumeric() && *c != '_')
}

fn run(chars: &[char], at: usize, accept: impl Fn(char) -> bool) -> usize {
    at + chars[at..].iter().take_while(|c| accept(**c)).count()
}

fn email(chars: &[char], at: usize) -> Option<usize> {
    if !starts_word(chars, at) {
        return None;
    }
    let sign = run(chars, at, |c| c.is_alphanumeric() || "._%+-".contains(c));
    if sign == at || chars.get(sign) != Some(&'@') {
        return None;
    }
    let mut end = run(chars, sign + 1, |c| c.is_alphanumeric() || ".-".contains(c));
    while end > sign + 1 && ".-".contains(chars[end - 1]) {
        end -= 1;
    }
    let dot = chars[sign + 1..end].iter().rposition(|c| *c == '.')? + sign + 1;
    (dot > sign + 1 && end - dot > 2 && chars[dot + 1..end].iter().all(|c| c.is_alphabetic())).then_some(end)
}

/// A web address; with a user's page in it it may name a person.
fn url(chars: &[char], at: usize) -> Option<usize> {
    if !starts_word(chars, at) {
        return None;
    }
    let prefix = ["https://", "http://", "www."].iter().find(|prefix| {
        prefix
            .chars()
            .enumerate()
            .all(|(i, c)| chars.get(at + i).is_some_and(|found| found.to_ascii_lowercase() == c))
    })?;
    let mut end = run(chars, at + prefix.len(), |c| !c.is_whitespace() && !"<>\"'()".contains(c));
    while end > at && ".,;:!?".contains(chars[end - 1]) {
        end -= 1;
    }
    (end > at + prefix.len() + 2).then_some(end)
}

/// Two letters, two check digits, 11 to 30 more, in groups of four or unbroken; ISO 13616, checked modulo 97.
fn iban(chars: &[char], at: usize) -> Option<usize> {
    let head = chars.get(at..at + 4)?;
    let shaped =
        head[..2].iter().all(char::is_ascii_alphabetic) && head[2..].iter().all(char::is_ascii_digit);
    if !shaped || !starts_word(chars, at) {
        return None;
    }
    let mut digits = Vec::with_capacity(34);
    let mut best = None;
    let mut end = at;
    while end < chars.len() && digits.len() < 34 {
        match chars[end] {
            c if c.is_ascii_alphanumeric() => digits.push(c.to_ascii_uppercase()),
            ' ' | '-' if end > at && chars[end - 1].is_ascii_alphanumeric() => {}
            _ => break,
        }
        end += 1;
        if digits.len() >= 15 && ends_word(chars, end) && remainder_97(&digits) == 1 {
            best = Some(end);
        }
    }
    best
}

fn remainder_97(digits: &[char]) -> u32 {
    digits[4..].iter().chain(&digits[..4]).fold(0, |rest, c| {
        let value = c.to_digit(36).unwrap_or(0);
        if value >= 10 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 }
    })
}

/// 12 to 19 digits in groups, whose Luhn sum (ISO/IEC 7812) is a multiple of ten.
fn card(chars: &[char], at: usize) -> Option<usize> {
    let (digits, end) = grouped_digits(chars, at, 19)?;
    let plausible = (12..=19).contains(&digits.len()) && matches!(digits[0], 1..=6) && ends_word(chars, end);
    (plausible && luhn(&digits)).then_some(end)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| {
            if i % 2 == 0 {
                d
            } else if d > 4 {
                2 * d - 9
            } else {
                2 * d
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn grouped_digits(chars: &[char], at: usize, most: usize) -> Option<(Vec<u32>, usize)> {
    if !chars[at].is_ascii_digit() || !starts_word(chars, at) {
        return None;
    }
    let mut digits = Vec::new();
    let mut end = at;
    while end < chars.len() && digits.len() <= most {
        match chars[end].to_digit(10) {
            Some(digit) => digits.push(digit),
            None if " -".contains(chars[end]) && chars.get(end + 1).is_some_and(char::is_ascii_digit) => {}
            None => break,
        }
        end += 1;
    }
    Some((digits, end))
}

/// United States social security number: 3-2-4 digits with hyphens or spaces, no area 000, 666 or 9xx.
fn ssn(chars: &[char], at: usize) -> Option<usize> {
    let window = chars.get(at..at + 11)?;
    let separator = window[3];
    let shaped = "- ".contains(separator)
        && window[6] == separator
        && window.iter().enumerate().all(|(i, c)| i == 3 || i == 6 || c.is_ascii_digit());
    if !shaped || !starts_word(chars, at) || !ends_word(chars, at + 11) {
        return None;
    }
    let area: String = window[..3].iter().collect();
    let zero = |range: &[char]| range.iter().all(|c| *c == '0');
    let valid = area != "000"
        && area != "666"
        && !area.starts_with('9')
        && !zero(&window[4..6])
        && !zero(&window[7..]);
    valid.then_some(at + 11)
}

fn ip4(chars: &[char], at: usize) -> Option<usize> {
    if !chars[at].is_ascii_digit() || !starts_word(chars, at) || (at > 0 && chars[at - 1] == '.') {
        return None;
    }
    let end = run(chars, at, |c| c.is_ascii_digit() || c == '.');
    let text: String = chars[at..end].iter().collect();
    let text = text.trim_end_matches('.');
    let end = at + text.len();
    (text.parse::<std::net::Ipv4Addr>().is_ok() && ends_word(chars, end)).then_some(end)
}

fn ip6(chars: &[char], at: usize) -> Option<usize> {
    if !starts_word(chars, at) || !(chars[at].is_ascii_hexdigit() || chars[at] == ':') {
        return None;
    }
    let end = run(chars, at, |c| c.is_ascii_hexdigit() || c == ':');
    let text: String = chars[at..end].iter().collect();
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    (groups >= 3 && text.parse::<std::net::Ipv6Addr>().is_ok() && ends_word(chars, end)).then_some(end)
}

/// Bitcoin (`1…`, `3…`, `bc1…`) and Ethereum (`0x` + 40 hexadecimal digits) addresses, by shape.
fn wallet(chars: &[char], at: usize) -> Option<usize> {
    if !starts_word(chars, at) {
        return None;
    }
    let end = run(chars, at, |c| c.is_ascii_alphanumeric());
    let text: String = chars[at..end].iter().collect();
    let mixed =
        text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_lowercase());
    let bitcoin = (text.starts_with('1') || text.starts_with('3'))
        && (26..=35).contains(&text.len())
        && mixed
        && text.contains(|c: char| c.is_ascii_uppercase())
        && !text.contains(['0', 'O', 'I', 'l']);
    let segwit = text.starts_with("bc1") && (42..=62).contains(&text.len()) && mixed;
    let ethereum =
        text.len() == 42 && text.strip_prefix("0x").is_some_and(|t| t.chars().all(|c| c.is_ascii_hexdigit()));
    ((bitcoin || segwit || ethereum) && ends_word(chars, end)).then_some(end)
}

/// A number with a `+`, or of 9 to 15 digits written in at least two groups, or any of 7 to 15 beside a word for
/// telephone; a bare run of digits could be anything.
fn phone(chars: &[char], at: usize) -> Option<usize> {
    let begins = chars[at] == '+' || chars[at] == '(' || chars[at].is_ascii_digit();
    if !begins || !starts_word(chars, at) || (at > 0 && ".,-/:€$£".contains(chars[at - 1])) {
        return None;
    }
    let mut end = at;
    let (mut digits, mut groups, mut in_digits) = (0, 0, false);
    let mut last_digit = at;
    while end < chars.len() {
        let c = chars[end];
        if c.is_ascii_digit() {
            digits += 1;
            groups += usize::from(!in_digits);
            last_digit = end + 1;
        } else if !(" -.()/".contains(c) || (c == '+' && end == at)) || (end > last_digit + 1) {
            break;
        }
        in_digits = c.is_ascii_digit();
        end += 1;
    }
    let extension = extension_end(chars, last_digit);
    let international = chars[at] == '+' && (8..=15).contains(&digits);
    let national = (9..=15).contains(&digits) && groups >= 2 && !looks_like_date(chars, at, last_digit);
    let announced = (7..=15).contains(&digits) && speaks_of_phone(chars, at, extension);
    ((international || national || announced) && ends_word(chars, extension)).then_some(extension)
}

/// Whether a word for telephone stands within a few words of the number.
fn speaks_of_phone(chars: &[char], at: usize, end: usize) -> bool {
    const WORDS: [&str; 22] = [
        "phone",
        "call ",
        "cell",
        "mobile",
        "tel",
        "fax",
        "text me",
        "reach me",
        "whatsapp",
        "my number",
        "contact number",
        "teléfono",
        "llám",
        "handy",
        "ruf ",
        "nummer",
        "appel",
        "portable",
        "ligue",
        "celular",
        "फोन",
        "전화",
    ];
    let around: String = chars[at.saturating_sub(48)..(end + 24).min(chars.len())].iter().collect();
    let around = around.to_lowercase();
    WORDS.iter().any(|word| around.contains(word))
}

/// `x123` or ` ext. 123` behind a number.
fn extension_end(chars: &[char], end: usize) -> usize {
    let rest: String = chars[end..].iter().take(6).collect();
    for mark in ["x", " x", " ext. ", " ext ", "ext"] {
        if rest.starts_with(mark) {
            let from = end + mark.chars().count();
            let to = run(chars, from, |c| c.is_ascii_digit());
            if to > from {
                return to;
            }
        }
    }
    end
}

fn looks_like_date(chars: &[char], at: usize, end: usize) -> bool {
    let text: String = chars[at..end].iter().collect();
    let parts: Vec<&str> = text.split(['-', '.', '/', ' ']).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] || lengths == [2, 2, 4] || lengths.starts_with(&[4, 2, 2, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&'static str, String)> {
        let part = |span: &PiiSpan| text.chars().skip(span.start).take(span.end - span.start).collect();
        find(text).iter().map(|span| (span.kind, part(span))).collect()
    }

    #[test]
    fn personal_data_is_found_with_its_extent() {
        for (text, kind, found) in [
            ("write to Ana.Diaz+x@mail.example.org, please", "email", "Ana.Diaz+x@mail.example.org"),
            ("card 4111 1111 1111 1111 exp 12/27", "card", "4111 1111 1111 1111"),
            ("IBAN DE89 3704 0044 0532 0130 00 danke", "iban", "DE89 3704 0044 0532 0130 00"),
            ("my ssn is 219-09-9999.", "ssn", "219-09-9999"),
            ("ping 192.168.1.10.", "ip", "192.168.1.10"),
            ("address 2001:db8::8a2e:370:7334 is up", "ip", "2001:db8::8a2e:370:7334"),
            ("call +49 30 901820 now", "phone", "+49 30 901820"),
            ("call (415) 555-0132 now", "phone", "(415) 555-0132"),
            ("my cell is 467 3395", "phone", "467 3395"),
            ("reach her at 0496 46 46 70", "phone", "0496 46 46 70"),
            ("see https://example.com/u/ana.", "url", "https://example.com/u/ana"),
        ] {
            assert_eq!(kinds(text), [(kind, found.to_owned())], "{text}");
        }
    }

    #[test]
    fn numbers_that_fail_their_check_digits_are_not_personal() {
        for text in [
            "order 4111 1111 1111 1112 x9",
            "DE88 3704 0044 0532 0130 00",
            "12 eggs, 250 g",
            "2026-11-23",
            "v1.2.3",
        ] {
            let found = kinds(text);
            assert!(found.iter().all(|(kind, _)| *kind != "card" && *kind != "iban"), "{text}: {found:?}");
        }
        assert!(kinds("on 2026-11-23 at 10:30 I paid 1200").is_empty());
    }

    #[test]
    fn offsets_count_scalar_values() {
        let span = find("Grüße 🥾 an a@b.de")[0];
        assert_eq!((span.start, span.end), (11, 17));
    }
}
