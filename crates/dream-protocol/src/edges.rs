//! What lies beyond the edges of a dream.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};

use crate::Choice;

/// What lies beyond the edges of a dream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edges {
    /// Nothing.
    #[default]
    Plain,
    /// The other edge: the dream can be repeated in all directions.
    Tileable,
    /// The dream is a sphere's, by longitude and latitude: left and right meet, and beyond a pole,
    /// the first or last row, lies the same row again, half the width on.
    Panorama,
}

impl Choice for Edges {
    const ALL: &'static [Self] = &[Self::Plain, Self::Tileable, Self::Panorama];

    fn key(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tileable => "tileable",
            Self::Panorama => "panorama",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("Plain", "the picture ends there"),
            Self::Tileable => ("Tileable", "they meet, so that it repeats as a wallpaper"),
            Self::Panorama => ("Panorama", "360° pictures, twice as wide as high, stay seamless"),
        }
    }
}

/// By their key; recipes of the time when they were a switch say `true` for tileable ones.
impl<'de> Deserialize<'de> for Edges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyOrSwitch)
    }
}

struct KeyOrSwitch;

impl Visitor<'_> for KeyOrSwitch {
    type Value = Edges;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain, tileable or panorama")
    }

    fn visit_bool<E: Error>(self, tileable: bool) -> Result<Edges, E> {
        Ok(if tileable { Edges::Tileable } else { Edges::Plain })
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Edges, E> {
        let found = Edges::ALL.iter().copied().find(|edges| edges.key() == key);
        found.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(key), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_written_by_their_key_and_read_as_a_switch_too() {
        let read = |text: &str| serde_json::from_str::<Edges>(text).ok();
        for &edges in Edges::ALL {
            let text = serde_json::to_string(&edges).expect("text");
            assert_eq!(text, format!("{:?}", edges.key()));
            assert_eq!(read(&text), Some(edges));
        }
        assert_eq!([read("true"), read("false")], [Some(Edges::Tileable), Some(Edges::Plain)]);
        assert_eq!([read("\"round\""), read("1")], [None; 2]);
    }
}
