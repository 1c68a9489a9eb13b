//! How an id may stand in a file.

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

/// One way to write an id.
pub struct Spelling {
    /// What it is called.
    pub name: &'static str,
    /// The bytes to search for.
    pub bytes: Vec<u8>,
}

/// A spelling shorter than this turns up by chance wherever there is much text of its alphabet.
const SHORTEST: usize = 8;

/// All spellings of `id`, each once, the plain one first.
pub fn all(id: &str) -> Vec<Spelling> {
    let mut spellings = vec![Spelling { name: "UTF-8", bytes: id.as_bytes().to_vec() }];
    let mut add = |name, bytes: Vec<u8>| {
        if bytes.len() >= SHORTEST && !spellings.iter().any(|known: &Spelling| known.bytes == bytes) {
            spellings.push(Spelling { name, bytes });
        }
    };
    add("JSON", json(id, false));
    add("JSON", json(id, true));
    add("URL", percent(id));
    add("hex", HEXLOWER.encode(id.as_bytes()).into_bytes());
    add("hex", HEXUPPER.encode(id.as_bytes()).into_bytes());
    for shift in 0..3 {
        let core = base64(id.as_bytes(), shift);
        add("base64", core.replace('+', "-").replace('/', "_").into_bytes());
        add("base64", core.into_bytes());
    }
    add("UTF-16", id.encode_utf16().flat_map(u16::to_le_bytes).collect());
    add("UTF-16", id.encode_utf16().flat_map(u16::to_be_bytes).collect());
    spellings
}

/// As a JSON writer that escapes all but ASCII would put it.
fn json(id: &str, upper: bool) -> Vec<u8> {
    let mut out = String::new();
    for unit in id.chars() {
        match unit {
            '"' | '\\' => out.extend(['\\', unit]),
            ' '..='~' => out.push(unit),
            _ => {
                for code in unit.encode_utf16(&mut [0; 2]) {
                    out += &if upper { format!("\\u{code:04X}") } else { format!("\\u{code:04x}") };
                }
            }
        }
    }
    out.into_bytes()
}

/// As it stands in a path, in an access log for example.
fn percent(id: &str) -> Vec<u8> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut out = String::new();
    for byte in id.bytes() {
        match unreserved(byte) {
            true => out.push(char::from(byte)),
            false => out += &format!("%{byte:02X}"),
        }
    }
    out.into_bytes()
}

/// The characters that depend on the id alone where it stands `shift` bytes into a group of three.
fn base64(id: &[u8], shift: usize) -> String {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(id);
    let text = BASE64.encode(&bytes);
    let first = (shift * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    text.get(first..last).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(id: &str, name: &str) -> Vec<String> {
        let own = all(id).into_iter().filter(|spelling| spelling.name == name);
        own.map(|spelling| String::from_utf8(spelling.bytes).unwrap()).collect()
    }

    #[test]
    fn ids_are_spelled_as_programs_write_them() {
        assert_eq!(spelled("zoë \"z\"", "JSON"), [r#"zo\u00eb \"z\""#, r#"zo\u00EB \"z\""#]);
        assert_eq!(spelled("zoë@x.org", "URL"), ["zo%C3%AB%40x.org"]);
        assert_eq!(spelled("person-7", "hex"), ["706572736f6e2d37", "706572736F6E2D37"]);
        assert!(spelled("ann", "hex").is_empty());
    }

    #[test]
    fn base64_is_found_wherever_the_id_stands_in_the_encoded_text() {
        let cores = spelled("person-7", "base64");
        for before in 0..6 {
            let text = format!("{}person-7 and more", "x".repeat(before));
            let encoded = BASE64.encode(text.as_bytes());
            assert!(cores.iter().any(|core| encoded.contains(core)), "{before} bytes before: {encoded}");
        }
    }
}
