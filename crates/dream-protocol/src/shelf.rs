//! The models that a site offers: `models.json` beside its page lists them.

use serde::{Deserialize, Serialize};

/// A model that can be fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShelfModel {
    /// What users call it.
    pub name: String,
    /// Where its file is: relative to the page, or at another host.
    pub address: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file in lower-case hexadecimal; what was fetched is not used without it.
    pub sha256: String,
    /// Under which terms it may be used.
    pub licence: String,
    /// How pixels become network input, where the file or its origin says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<InputNote>,
}

/// How pixels become network input: (pixel 0–255 − mean) × scale. For people: the importer reads
/// the file itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputNote {
    /// Order of the channels: `RGB` or `BGR`.
    pub layout: String,
    /// Subtracted: one number, or one per channel.
    pub mean: String,
    /// Multiplied: one number, or one per channel.
    pub scale: String,
}

impl ShelfModel {
    /// The host that serves the file, unless it is the site's own.
    pub fn host(&self) -> Option<&str> {
        let rest = self.address.split_once("://")?.1;
        rest.split(['/', '?', '#']).next()
    }

    /// Its file's name.
    pub fn file_name(&self) -> &str {
        self.address.rsplit('/').next().unwrap_or(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_told_unless_it_is_the_sites_own() {
        let model = |address: &str| ShelfModel {
            name: "net".into(),
            address: address.into(),
            bytes: 1,
            sha256: String::new(),
            licence: "MIT".into(),
            preprocessing: None,
        };
        assert_eq!(model("models/net.onnx").host(), None);
        assert_eq!(model("models/net.onnx").file_name(), "net.onnx");
        let far = model("https://models.example:8443/a/net-12.onnx");
        assert_eq!(far.host(), Some("models.example:8443"));
        assert_eq!(far.file_name(), "net-12.onnx");
    }
}
