//! What a dream begins with.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Range, SettingsError};

/// How often the dream goes on from its own result.
pub const AGAIN: Range = Range { name: "Again", min: 0.0, max: 20.0, step: 1.0, default: 0.0 };

/// What a dream begins with. All but the picture itself take only its size from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Start {
    /// The picture.
    #[default]
    Picture,
    /// Faint noise, which the seed makes.
    Noise,
    /// One colour.
    Flat {
        /// Red, green and blue, 0–255.
        color: [u8; 3],
    },
}

impl FromStr for Start {
    type Err = SettingsError;

    /// `picture`, `noise`, or a colour as `#rrggbb`.
    fn from_str(text: &str) -> Result<Self, SettingsError> {
        match text {
            "picture" => Ok(Self::Picture),
            "noise" => Ok(Self::Noise),
            _ => color(text)
                .map(|color| Self::Flat { color })
                .ok_or_else(|| SettingsError::Start(text.to_owned())),
        }
    }
}

fn color(text: &str) -> Option<[u8; 3]> {
    let hexadecimal = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).filter(hexadecimal)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_words_or_colours() {
        let parsed = |text: &str| text.parse::<Start>().ok();
        assert_eq!(parsed("picture"), Some(Start::Picture));
        assert_eq!(parsed("noise"), Some(Start::Noise));
        assert_eq!(parsed("#0a80ff"), Some(Start::Flat { color: [10, 128, 255] }));
        for bad in ["", "#12345", "#1234567", "#+12345", "#gggggg", "red", "123456"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
