//! Classes found by a part of their label.

/// The classes that a text means, in their order: those of which it is the whole label or one of
/// the names in it, else those in which it is a word, else those that contain it; capitals of ASCII
/// count like small letters.
pub fn classes_like(labels: &[String], text: &str) -> Vec<usize> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Vec::new();
    }
    let labels: Vec<String> = labels.iter().map(|label| label.to_ascii_lowercase()).collect();
    let those = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..labels.len()).filter(|&i| fits(&labels[i])).collect()
    };
    let whole = |label: &str| label.split(',').any(|name| name.trim() == text) || label == text;
    let word = |label: &str| {
        label.match_indices(&text).any(|(at, _)| {
            let alone = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
            let behind = label[at + text.len()..].chars().next();
            alone(label[..at].chars().next_back()) && alone(behind)
        })
    };
    let part = |label: &str| label.contains(&text);
    let steps: [&dyn Fn(&str) -> bool; 3] = [&whole, &word, &part];
    let found = steps.into_iter().map(those).find(|found| !found.is_empty());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_by_name_then_word_then_part() {
        let labels = ["tabby, tabby cat", "tiger cat", "tiger", "catamaran"].map(str::to_owned);
        assert_eq!(classes_like(&labels, "Tabby"), [0]);
        assert_eq!(classes_like(&labels, "tiger"), [2]);
        assert_eq!(classes_like(&labels, "cat"), [0, 1]);
        assert_eq!(classes_like(&labels, "cata"), [3]);
        assert_eq!(classes_like(&labels, "dog"), [0; 0]);
        assert_eq!(classes_like(&labels, " "), [0; 0]);
    }
}
