//! How large a dream is.

use std::fmt;

use dream_protocol::SIZE;

/// Sides in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The longest side.
    Longest(u32),
    /// Both.
    Both {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
}

impl Extent {
    /// The longest side.
    pub fn longest(self) -> u32 {
        let [width, height] = self.sides();
        width.max(height)
    }

    /// Width and height; of a square, where only the longest side is known.
    pub fn sides(self) -> [u32; 2] {
        match self {
            Self::Longest(side) => [side; 2],
            Self::Both { width, height } => [width, height],
        }
    }
}

impl Default for Extent {
    fn default() -> Self {
        Self::Longest(SIZE.default as u32)
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longest(side) => write!(f, "{side}"),
            Self::Both { width, height } => write!(f, "{width}x{height}"),
        }
    }
}

/// Parses `640` or `640x480`.
///
/// # Errors
/// What is no number, or out of range.
pub fn extent(text: &str) -> Result<Extent, String> {
    let side = |text: &str| {
        let side: u32 = text.parse().map_err(|error| format!("{error}"))?;
        SIZE.check(side.into()).map_err(|error| error.to_string())?;
        Ok::<_, String>(side)
    };
    match text.split_once('x') {
        None => Ok(Extent::Longest(side(text)?)),
        Some((width, height)) => Ok(Extent::Both { width: side(width)?, height: side(height)? }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_or_both() {
        assert_eq!(extent("640"), Ok(Extent::Longest(640)));
        assert_eq!(extent("640x480"), Ok(Extent::Both { width: 640, height: 480 }));
        assert_eq!(extent("640x480").map(Extent::longest), Ok(640));
        assert_eq!(extent("640x480").map(|extent| extent.to_string()), Ok("640x480".into()));
        assert!(extent("9000").is_err_and(|error| error.contains("between 32 and 8192")));
        for bad in ["", "x", "640x", "x480", "640x9000", "1x640", "640×480", "-640"] {
            assert!(extent(bad).is_err(), "{bad}");
        }
    }
}
