//! Addresses of the network: e-mail, web, IP, hardware, wallets.

use super::text::{Text, ends_word, run, starts_word};

/// Longest local part of an address (RFC 5321 has 64 octets), and longest domain.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// The address around the `@` at `at`: where it begins and ends.
pub(super) fn email(text: &Text, at: usize) -> Option<(usize, usize)> {
    let allowed = |c: &char| c.is_alphanumeric() || "._%+-'".contains(*c);
    let mut start = at - text[..at].iter().rev().take(LONGEST_LOCAL).take_while(|c| allowed(c)).count();
    while start < at && "'.".contains(text[start]) {
        start += 1;
    }
    let mut end = run(text, at + 1, LONGEST_DOMAIN, |c| c.is_alphanumeric() || ".-".contains(c));
    while end > at + 1 && ".-".contains(text[end - 1]) {
        end -= 1;
    }
    let dot = text[at + 1..end].iter().rposition(|c| *c == '.')? + at + 1;
    let named = end - dot > 2 && text[dot + 1..end].iter().all(|c| c.is_alphabetic());
    (start < at && dot > at + 1 && named).then_some((start, end))
}

/// A web address that begins at `at`; with a user's page in it it may name a person.
pub(super) fn url(text: &Text, at: usize) -> Option<usize> {
    let begins = |prefix: &&&str| {
        let found = text[at..].iter().take(prefix.len()).map(char::to_ascii_lowercase);
        found.eq(prefix.chars())
    };
    let prefix = ["https://", "http://", "www."].iter().find(begins)?;
    let mut end = run(text, at + prefix.len(), 2_048, |c| !c.is_whitespace() && !"<>\"'()".contains(c));
    while end > at && ".,;:!?".contains(text[end - 1]) {
        end -= 1;
    }
    (end > at + prefix.len() + 2).then_some(end)
}

/// Whether `www.` stands somewhere.
pub(super) fn names_a_site(text: &Text) -> bool {
    text.windows(4).any(|four| four[3] == '.' && four[..3].iter().all(|c| matches!(c, 'w' | 'W')))
}

/// IPv4 in dotted decimals, IPv6 (RFC 4291), or a hardware address of six pairs.
pub(super) fn network(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    if !starts_word(text, at) || (at > 0 && matches!(text[at - 1], '.' | ':')) {
        return None;
    }
    ip4(text, at).or_else(|| colons(text, at))
}

fn ip4(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    let end = run(text, at, 16, |c| c.is_ascii_digit() || c == '.');
    let address: String = text[at..end].iter().collect();
    let address = address.trim_end_matches('.');
    let end = at + address.len();
    (address.parse::<std::net::Ipv4Addr>().is_ok() && ends_word(text, end)).then_some(("ip", end))
}

fn colons(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    let mut end = run(text, at, 46, |c| c.is_ascii_hexdigit() || c == ':' || c == '-');
    while end > at && matches!(text[end - 1], '-') {
        end -= 1;
    }
    let address: String = text[at..end].iter().collect();
    let pairs: Vec<&str> = address.split([':', '-']).collect();
    if pairs.len() == 6 && pairs.iter().all(|pair| pair.len() == 2) && ends_word(text, end) {
        return Some(("mac", end));
    }
    let groups = pairs.iter().filter(|group| !group.is_empty()).count();
    let trimmed = if address.ends_with("::") { &address[..] } else { address.trim_end_matches(':') };
    let valid = groups >= 3 && trimmed.parse::<std::net::Ipv6Addr>().is_ok();
    let end = at + trimmed.len();
    (valid && ends_word(text, end)).then_some(("ip", end))
}

/// Bitcoin (`1…`, `3…`, `bc1…`) and Ethereum (`0x` and 40 hexadecimal digits) addresses, by shape.
pub(super) fn wallet(text: &Text, at: usize) -> Option<usize> {
    let end = run(text, at, 64, |c| c.is_ascii_alphanumeric());
    let address: String = text[at..end].iter().collect();
    let mixed =
        address.contains(|c: char| c.is_ascii_digit()) && address.contains(|c: char| c.is_ascii_lowercase());
    let bitcoin = address.starts_with(['1', '3'])
        && (26..=35).contains(&address.len())
        && mixed
        && address.contains(|c: char| c.is_ascii_uppercase())
        && !address.contains(['0', 'O', 'I', 'l']);
    let segwit = address.starts_with("bc1") && (42..=62).contains(&address.len()) && mixed;
    let hexadecimal = |digits: &str| digits.chars().all(|c| c.is_ascii_hexdigit());
    let ethereum = address.len() == 42 && address.strip_prefix("0x").is_some_and(hexadecimal);
    ((bitcoin || segwit || ethereum) && ends_word(text, end)).then_some(end)
}
