//! What a topic looks like: one of a few drawings and a colour, so that cards can be told apart without pictures.

use rapport_core::topic::TopicId;

/// Published topic ids, the drawing and the hue (an index into the style sheet's ten); the nearest ancestor counts.
const LOOKS: &[(&str, &str, u8)] = &[
    ("542", "mountain", 3),
    ("500", "mountain", 1),
    ("531", "snow", 6),
    ("492", "wheel", 4),
    ("533", "ball", 3),
    ("511", "fish", 5),
    ("483", "ball", 3),
    ("222", "cup", 1),
    ("217", "bread", 1),
    ("210", "pot", 0),
    ("324", "film", 7),
    ("338", "note", 8),
    ("JLBCU7", "film", 7),
    ("227", "shoe", 4),
    ("225", "mat", 4),
    ("270", "die", 8),
    ("680", "pad", 7),
    ("255", "camera", 6),
    ("257", "tool", 1),
    ("280", "tool", 2),
    ("248", "brush", 9),
    ("243", "note", 8),
    ("274", "plant", 3),
    ("472", "star", 6),
    ("147", "speech", 5),
    ("42", "book", 0),
    ("422", "paw", 2),
    ("186", "home", 9),
    ("596", "chip", 6),
    ("632", "chip", 6),
    ("391", "coin", 4),
    ("653", "train", 5),
    ("1", "wheel", 0),
    ("552", "thread", 9),
    ("286", "leaf", 4),
    ("453", "leaf", 8),
    ("386", "leaf", 5),
];

/// The drawing (a symbol of the page) and the hue for the first of `topics` that has one.
pub fn look<'a>(topics: impl IntoIterator<Item = &'a str>) -> (&'static str, u8) {
    topics
        .into_iter()
        .filter_map(TopicId::from_code)
        .flat_map(TopicId::lineage)
        .find_map(|topic| LOOKS.iter().find(|(code, ..)| *code == topic.code()))
        .map_or(("spark", 5), |(_, drawing, hue)| (drawing, *hue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_of_the_table_is_one_and_its_drawing_is_on_the_page() {
        let page = include_str!("page/symbols.html");
        for (code, drawing, hue) in LOOKS {
            assert!(TopicId::from_code(code).is_some(), "{code}");
            assert!(page.contains(&format!("id=\"m-{drawing}\"")), "{drawing}");
            assert!(*hue < 10);
        }
        assert!(page.contains("id=\"m-spark\""));
    }

    #[test]
    fn a_topic_without_a_look_of_its_own_has_its_ancestors() {
        assert_eq!(look(["657"]), ("train", 5));
        assert_eq!(look(["no such topic"]), ("spark", 5));
    }
}
