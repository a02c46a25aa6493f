//! What the head of the page says that only the build knows: whom the page may ask for models, and
//! where it will be.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

/// The page's own permission, to which hosts are added.
const OWN: &str = "connect-src 'self' blob:";
/// The picture for links to the page, relative until it is known where the page will be.
const PICTURE: &str = "content=\"og.jpg\"";

/// Fills in the page and the page that says that there is none.
///
/// # Errors
/// An address that is none, or a page that lacks what is to be filled in.
pub fn fill(dist: &Path, url: Option<&str>, hosts: &[String]) -> Result<()> {
    let page = dist.join("index.html");
    let mut html = fs::read_to_string(&page)?;
    ensure!(html.contains(OWN) && html.contains(PICTURE), "the head of index.html has changed");
    html = html.replace(OWN, &format!("{OWN} {}", hosts.join(" ")));
    if let Some(url) = url {
        let web = url.starts_with("https://") || url.starts_with("http://");
        ensure!(web && !url.contains(['"', '<', ' ']), "{url} is no address of a site");
        let url = format!("{}/", url.trim_end_matches('/'));
        let address = format!(
            "<link rel=\"canonical\" href=\"{url}\" />\n    \
             <meta property=\"og:url\" content=\"{url}\" />\n  </head>"
        );
        html = html.replace(PICTURE, &format!("content=\"{url}og.jpg\""));
        html = html.replacen("</head>", &address, 1);
        let lost = dist.join("404.html");
        let text = fs::read_to_string(&lost)?.replace("href=\"./\"", &format!("href=\"{url}\""));
        fs::write(lost, text)?;
    }
    Ok(fs::write(page, html)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::testing::Folder;

    fn filled(url: Option<&str>) -> Result<(String, String)> {
        let dist = Folder::new("head")?;
        let page = format!("<head><meta {OWN}; x><meta {PICTURE}></head>");
        fs::write(dist.path().join("index.html"), page)?;
        fs::write(dist.path().join("404.html"), "<a href=\"./\">")?;
        fill(dist.path(), url, &["https://models.example".to_owned()])?;
        let read = |name: &str| fs::read_to_string(dist.path().join(name));
        Ok((read("index.html")?, read("404.html")?))
    }

    #[test]
    fn hosts_are_allowed_and_links_stay_relative() -> Result<()> {
        let (page, lost) = filled(None)?;
        assert!(page.contains("connect-src 'self' blob: https://models.example; x"), "{page}");
        assert!(page.contains(PICTURE) && lost.contains("./"), "{page}");
        Ok(())
    }

    #[test]
    fn a_known_address_makes_links_absolute() -> Result<()> {
        let (page, lost) = filled(Some("https://a.example/b"))?;
        assert!(page.contains("content=\"https://a.example/b/og.jpg\""), "{page}");
        assert!(page.contains("canonical\" href=\"https://a.example/b/\""), "{page}");
        assert!(lost.contains("href=\"https://a.example/b/\""), "{lost}");
        assert!(filled(Some("a.example")).is_err());
        Ok(())
    }
}
