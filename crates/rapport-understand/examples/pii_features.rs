//! `pii_features PII_BIN < TEXTS.json > FEATURES`: one JSON string a line in; for each text its number of tokens, and
//! for each token its start, its end and its features, all little-endian `u32`. `training/pii.py` reads them.

use std::io::{BufRead, BufWriter, Write};

use rapport_understand::Tagger;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: pii_features PII_BIN")?;
    let tagger = Tagger::load(&std::fs::read(path)?)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let tokens = tagger.features(&text);
        write(&mut out, tokens.len())?;
        for (start, end, features) in tokens {
            write(&mut out, start)?;
            write(&mut out, end)?;
            features.into_iter().try_for_each(|row| write(&mut out, row as usize))?;
        }
    }
    out.flush()?;
    Ok(())
}

fn write(out: &mut impl Write, value: usize) -> Result<(), Box<dyn std::error::Error>> {
    out.write_all(&u32::try_from(value)?.to_le_bytes())?;
    Ok(())
}
