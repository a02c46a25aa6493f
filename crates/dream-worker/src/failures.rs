//! Errors in words for the user.

use dream::DreamError;
use dream_graph::GraphError;
use dream_protocol::{Failure, FailureKind};

/// A dream that cannot be, or broke.
pub fn failure(error: &DreamError) -> Failure {
    let kind = match error {
        DreamError::Settings(_)
        | DreamError::Network(GraphError::UnknownLayer(_))
        | DreamError::Index { .. }
        | DreamError::Direction { .. }
        | DreamError::Material { .. }
        | DreamError::EdgesMeet(_)
        | DreamError::NoPlaces(_)
        | DreamError::NoHead => FailureKind::Settings,
        DreamError::Picture { .. } => FailureKind::Picture,
        _ => FailureKind::Engine,
    };
    Failure { kind, message: sentence(&error.to_string()) }
}

/// Why a dream can be neither remixed nor taken up.
pub fn gone() -> Failure {
    let message = "The engine no longer holds that dream; dream again.".to_owned();
    Failure { kind: FailureKind::Engine, message }
}

/// What the engine says.
pub fn engine_failure(words: &str) -> Failure {
    Failure { kind: FailureKind::Engine, message: sentence(words) }
}

/// An error as a sentence: large letter first, full stop last.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let stop = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_as_sentences() {
        assert_eq!(sentence("the node is odd"), "The node is odd.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
