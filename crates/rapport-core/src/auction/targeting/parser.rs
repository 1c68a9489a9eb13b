//! Recursive descent over the tokens; a refusal says where, what was expected and what stands there.

use super::lexer::{Token, TokenKind, tokens};
use super::{Ages, Expression, Language};
use crate::country::Country;
use crate::ids::Product;
use crate::topic::TopicId;

/// Longest targeting text, in bytes.
pub const MAX_BYTES: usize = 8_192;
/// Deepest nesting of `not` and parentheses.
pub const MAX_DEPTH: usize = 32;
/// Longest list after `in`.
const MAX_LIST: usize = 300;

/// Why a targeting text is refused. Columns count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetingError {
    /// More text than the limit.
    #[error("has {bytes} bytes (limit: {limit})")]
    TooLong {
        /// How many.
        bytes: usize,
        /// How many may be.
        limit: usize,
    },
    /// Nested deeper than the limit.
    #[error("is nested deeper than {limit} at column {column}")]
    TooDeep {
        /// Where.
        column: usize,
        /// How deep it may be.
        limit: usize,
    },
    /// A list longer than the limit.
    #[error("lists more than {limit} values at column {column}")]
    LongList {
        /// Where.
        column: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Something else than the language has there.
    #[error("expected {expected} at column {column}, found {found}")]
    Expected {
        /// Where.
        column: usize,
        /// What the language has there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A character that no token begins with.
    #[error("holds `{found}` at column {column}, which the targeting language does not know")]
    Unknown {
        /// Where.
        column: usize,
        /// The character.
        found: char,
    },
    /// A text without its closing quote.
    #[error("opens a quote at column {column} that is never closed")]
    Unclosed {
        /// Where.
        column: usize,
    },
    /// A value that is none of its kind.
    #[error("`{value}` at column {column} is no {kind}")]
    NoSuch {
        /// Where.
        column: usize,
        /// What stands there.
        value: String,
        /// What should stand there.
        kind: &'static str,
    },
    /// A topic that nobody may target.
    #[error(
        "topic `{code}` ({name}) at column {column} is sensitive ({category}): it can't be targeted; leave it out, or let the ad be chosen by what it is shown beside"
    )]
    Sensitive {
        /// Where.
        column: usize,
        /// The topic's published id.
        code: &'static str,
        /// Its published name.
        name: &'static str,
        /// The first of its categories.
        category: &'static str,
    },
    /// More alternatives than the limit.
    #[error("comes to {found} or more alternatives (limit: {limit}); split the campaign")]
    TooManyAlternatives {
        /// How many there were when it was given up.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
}

pub(super) fn parse(text: &str) -> Result<Expression, TargetingError> {
    if text.len() > MAX_BYTES {
        return Err(TargetingError::TooLong { bytes: text.len(), limit: MAX_BYTES });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    if parser.kind() == TokenKind::End {
        return Ok(Expression::Everybody);
    }
    let expression = parser.either()?;
    match parser.kind() {
        TokenKind::End => Ok(expression),
        _ => Err(parser.expected("`and`, `or` or the end")),
    }
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn either(&mut self) -> Result<Expression, TargetingError> {
        self.joined("or", Expression::Or, Self::all)
    }

    fn all(&mut self) -> Result<Expression, TargetingError> {
        self.joined("and", Expression::And, Self::one)
    }

    fn joined(
        &mut self,
        word: &str,
        join: fn(Vec<Expression>) -> Expression,
        part: fn(&mut Self) -> Result<Expression, TargetingError>,
    ) -> Result<Expression, TargetingError> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.takes(TokenKind::Word(word)) {
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
    }

    fn one(&mut self) -> Result<Expression, TargetingError> {
        let opens = matches!(self.kind(), TokenKind::Word("not") | TokenKind::Sign("("));
        if !opens {
            return self.test();
        }
        if self.depth >= MAX_DEPTH {
            return Err(TargetingError::TooDeep { column: self.column(), limit: MAX_DEPTH });
        }
        self.depth += 1;
        let inner = if self.takes(TokenKind::Word("not")) {
            Expression::Not(Box::new(self.one()?))
        } else {
            self.at += 1;
            let inner = self.either()?;
            self.sign(")", "`)`")?;
            inner
        };
        self.depth -= 1;
        Ok(inner)
    }

    fn test(&mut self) -> Result<Expression, TargetingError> {
        const FIELD: &str = "`country`, `language`, `age`, `topics`, `product`, `not` or `(`";
        let TokenKind::Word(field) = self.kind() else { return Err(self.expected(FIELD)) };
        if !matches!(field, "country" | "language" | "product" | "age" | "topics") {
            return Err(self.expected(FIELD));
        }
        self.at += 1;
        match field {
            "country" => Ok(Expression::Country(self.values("ISO 3166 country code", country)?)),
            "language" => {
                Ok(Expression::Language(self.values("ISO 639-1 language code", Language::from_code)?))
            }
            "product" => Ok(Expression::Product(self.values("product id", |id| Product::new(id).ok())?)),
            "age" => self.age(),
            _ => self.topic(),
        }
    }

    fn values<T>(
        &mut self,
        kind: &'static str,
        read: fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, TargetingError> {
        if self.takes(TokenKind::Sign("==")) {
            return Ok(vec![self.value(kind, read)?]);
        }
        if !self.takes(TokenKind::Word("in")) {
            return Err(self.expected("`==` or `in`"));
        }
        let column = self.column();
        self.sign("[", "`[`")?;
        let mut values = vec![self.value(kind, read)?];
        while self.takes(TokenKind::Sign(",")) {
            values.push(self.value(kind, read)?);
        }
        self.sign("]", "`,` or `]`")?;
        if values.len() > MAX_LIST {
            return Err(TargetingError::LongList { column, limit: MAX_LIST });
        }
        Ok(values)
    }

    fn value<T>(&mut self, kind: &'static str, read: fn(&str) -> Option<T>) -> Result<T, TargetingError> {
        let column = self.column();
        let TokenKind::Text(text) = self.kind() else { return Err(self.expected("a text in double quotes")) };
        self.at += 1;
        read(text).ok_or_else(|| TargetingError::NoSuch { column, value: text.to_owned(), kind })
    }

    fn age(&mut self) -> Result<Expression, TargetingError> {
        let TokenKind::Sign(sign @ (">=" | ">" | "<=" | "<" | "==")) = self.kind() else {
            return Err(self.expected("`>=`, `>`, `<=`, `<` or `==`"));
        };
        self.at += 1;
        let column = self.column();
        let TokenKind::Number(text) = self.kind() else {
            return Err(self.expected("a whole number of years"));
        };
        self.at += 1;
        let limit = text.parse::<u8>().ok().filter(|years| *years <= Ages::OLDEST).ok_or_else(|| {
            TargetingError::NoSuch { column, value: text.to_owned(), kind: "age from 0 to 120" }
        })?;
        Ok(Expression::Age(Ages::of(|years| match sign {
            ">=" => years >= limit,
            ">" => years > limit,
            "<=" => years <= limit,
            "<" => years < limit,
            _ => years == limit,
        })))
    }

    fn topic(&mut self) -> Result<Expression, TargetingError> {
        if !self.takes(TokenKind::Word("has")) {
            return Err(self.expected("`has`"));
        }
        let column = self.column();
        let topic: TopicId = self.value("id of the IAB Content Taxonomy 3.1", TopicId::from_code)?;
        match topic.sensitive().iter().next() {
            None => Ok(Expression::Topic(topic)),
            Some(category) => Err(TargetingError::Sensitive {
                column,
                code: topic.code(),
                name: topic.name(),
                category: category.name(),
            }),
        }
    }

    fn kind(&self) -> TokenKind<'t> {
        self.tokens.get(self.at).map_or(TokenKind::End, |token| token.kind)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(1, |token| token.column)
    }

    fn takes(&mut self, kind: TokenKind<'_>) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &'static str, expected: &'static str) -> Result<(), TargetingError> {
        if self.takes(TokenKind::Sign(sign)) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn expected(&self, expected: &'static str) -> TargetingError {
        TargetingError::Expected { column: self.column(), expected, found: self.kind().to_string() }
    }
}

fn country(code: &str) -> Option<Country> {
    Some(Country::from_code(code)).filter(|country| !country.is_unknown())
}
