//! Words, numbers and signs, each with its place.

use crate::auction::targeting::TargetingError;

/// One token and the column that it starts at, counted in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub kind: TokenKind<'t>,
    pub column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'t> {
    Word(&'t str),
    Text(&'t str),
    Number(&'t str),
    Sign(&'static str),
    End,
}

/// Longest first, so that `>=` is not read as `>`.
const SIGNS: [&str; 10] = ["==", ">=", "<=", ">", "<", "(", ")", "[", "]", ","];

/// Splits `text` into tokens; the last is [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, TargetingError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let column = text[..at].chars().count() + 1;
        let (kind, bytes) = next(&text[at..], column)?;
        tokens.push(Token { kind, column });
        if kind == TokenKind::End {
            return Ok(tokens);
        }
        at += bytes;
    }
}

/// The token that `rest` begins with, and its length in bytes.
fn next(rest: &str, column: usize) -> Result<(TokenKind<'_>, usize), TargetingError> {
    let Some(first) = rest.chars().next() else { return Ok((TokenKind::End, 0)) };
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Ok((TokenKind::Sign(sign), sign.len()));
    }
    if first == '"' {
        let body = &rest[1..];
        let end = body.find('"').ok_or(TargetingError::Unclosed { column })?;
        return Ok((TokenKind::Text(&body[..end]), end + 2));
    }
    let run = |accepts: fn(char) -> bool| rest.find(|c| !accepts(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        let end = run(|c| c.is_ascii_digit());
        return Ok((TokenKind::Number(&rest[..end]), end));
    }
    if first.is_ascii_alphabetic() {
        let end = run(|c| c.is_ascii_alphanumeric() || c == '_');
        return Ok((TokenKind::Word(&rest[..end]), end));
    }
    Err(TargetingError::Unknown { column, found: first })
}

impl std::fmt::Display for TokenKind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) | Self::Sign(text) => write!(f, "`{text}`"),
            Self::Text(text) => write!(f, "`\"{text}\"`"),
            Self::End => f.write_str("the end"),
        }
    }
}
