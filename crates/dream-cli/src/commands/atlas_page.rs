//! The page of an atlas: every layer with the portraits of its channels.

use super::atlas::Sheet;

const STYLE: &str = "
  :root { color-scheme: dark }
  body { background: #0a0b10; color: #eceef5; font: 15px/1.5 system-ui, sans-serif; margin: 2rem }
  a { color: #8aa9ff }
  nav { columns: 14rem; margin-bottom: 2rem }
  nav a { display: block }
  ul { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; padding: 0 }
  li { font-size: 11px; text-align: center }
  i { border-radius: 4px; display: block }
";

/// The page as HTML; `side` is that of a portrait in pixels, `columns` how many are in a row of a
/// sheet.
pub fn html(model: &str, side: u32, columns: u32, sheets: &[Sheet]) -> String {
    let model = escape(model);
    let numbered = || sheets.iter().enumerate();
    let link = |(index, sheet): (usize, &Sheet)| {
        format!("<a href=\"#layer-{index}\">{}</a>\n", escape(&sheet.layer))
    };
    let links: String = numbered().map(link).collect();
    let sections: String =
        numbered().map(|(index, sheet)| section(index, side, columns, sheet)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Atlas of {model}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Atlas of {model}</h1>\n\
         <p>What each channel of the network wants to see: noise, changed until it raises that \
         channel alone.</p>\n<nav aria-label=\"Layers\">\n{links}</nav>\n{sections}</body>\n\
         </html>\n"
    )
}

fn section(index: usize, side: u32, columns: u32, sheet: &Sheet) -> String {
    let (layer, file) = (escape(&sheet.layer), escape(&sheet.file));
    let portrait = |channel: u32| {
        let (x, y) = (channel % columns * side, channel / columns * side);
        format!(
            "<li><i role=\"img\" aria-label=\"channel {channel}\" \
             style=\"background-position: -{x}px -{y}px\"></i>{channel}</li>\n"
        )
    };
    let portraits: String = (0..sheet.channels).map(portrait).collect();
    format!(
        "<section id=\"layer-{index}\">\n<h2>{layer}</h2>\n\
         <style>#layer-{index} i {{ background: url('{file}'); height: {side}px; width: {side}px }}\
         </style>\n<ul>\n{portraits}</ul>\n</section>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_its_place_on_the_sheet() {
        let sheet = Sheet { layer: "a<b".into(), channels: 18, file: "00-a-b.png".into() };
        let page = html("net & co", 64, 16, &[sheet]);
        assert!(page.contains("Atlas of net &amp; co") && page.contains("<h2>a&lt;b</h2>"));
        assert_eq!(page.matches("<li>").count(), 18);
        assert!(page.contains("\"channel 17\" style=\"background-position: -64px -64px\""));
    }
}
