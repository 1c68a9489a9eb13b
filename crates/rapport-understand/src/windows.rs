//! Long texts are judged in windows, since one vector for a page says little about any of its sentences.

/// Longest window, in scalar values: a few sentences.
const WINDOW: usize = 320;
/// Most windows of one text that the encoder judges: bounds its time at about 20 ms.
const MAX_WINDOWS: usize = 16;

/// The parts of `text` to encode, in order, cut at the ends of sentences or words where there are some; and whether that
/// was all of it.
pub(crate) fn split(text: &str) -> (Vec<&str>, bool) {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() && parts.len() < MAX_WINDOWS {
        let (part, tail) = rest.split_at(cut(rest));
        parts.push(part.trim());
        rest = tail.trim_start();
    }
    parts.retain(|part| !part.is_empty());
    (parts, rest.is_empty())
}

/// The first window of `text`.
pub(crate) fn first(text: &str) -> &str {
    text[..cut(text)].trim()
}

/// Where the first window of `text` ends, in bytes.
fn cut(text: &str) -> usize {
    let Some((limit, _)) = text.char_indices().nth(WINDOW) else { return text.len() };
    let head = &text[..limit];
    let sentence = head
        .rfind(['.', '!', '?', '\n', '。', '।'])
        .map(|at| at + head[at..].chars().next().map_or(1, char::len_utf8));
    sentence
        .filter(|at| *at > limit / 2)
        .or_else(|| head.rfind(char::is_whitespace).filter(|at| *at > 0))
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_one_window_and_a_page_is_several() {
        assert_eq!(split(" hello "), (vec!["hello"], true));
        let page = "One sentence here. ".repeat(60);
        let (parts, whole) = split(&page);
        assert!(whole && parts.len() > 2 && parts.iter().all(|part| part.ends_with('.')));
        assert!(!split(&"word ".repeat(5000)).1);
        assert!(split("  \n ").0.is_empty());
    }
}
