//! What trunk writes at length, written shortly: all styles become one file, scripts that
//! wasm-bindgen made lose their comments, and the names by which a program asks its script for what
//! the browser offers, unique in the world until now, become as short as one program needs.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{compress::files, shelf::hash};

/// Ending of the names of programs; their scripts are called alike.
const PROGRAM: &str = "_bg.wasm";
/// How the page's link to a style begins and ends.
const STYLE: [&str; 2] = ["<link rel=\"stylesheet\" href=\"./", "/>"];
/// The section of a WebAssembly file that names what the program asks for.
const IMPORTS: u8 = 2;
/// The kind of import that is a function.
const FUNCTION: u8 = 0;

/// Packs the site.
///
/// # Errors
/// A file that is not as trunk and wasm-bindgen write it.
pub fn pack(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let mut html = one_style(dist, fs::read_to_string(&page)?)?;
    for program in files(dist)?.iter().filter_map(|name| name.strip_suffix(PROGRAM)) {
        let [wasm, script] = [PROGRAM, ".js"].map(|ending| dist.join(format!("{program}{ending}")));
        let (packed, text) = linked(&fs::read(&wasm)?, &bare(&fs::read_to_string(&script)?))
            .with_context(|| format!("{program} cannot be packed"))?;
        fs::write(&wasm, packed)?;
        fs::write(&script, &text)?;
        // A name with a hash stays true.
        if let Some((name, old)) = program.rsplit_once('-').filter(|_| html.contains(program)) {
            let new = format!("{name}-{}", &hash(text.as_bytes())[..old.len()]);
            for (file, ending) in [(wasm, PROGRAM), (script, ".js")] {
                fs::rename(file, dist.join(format!("{new}{ending}")))?;
            }
            html = html.replace(program, &new);
        }
    }
    Ok(fs::write(page, html)?)
}

/// Puts all styles that the page links to into one file, in their order.
fn one_style(dist: &Path, mut html: String) -> Result<String> {
    let (mut styles, mut place) = (String::new(), None);
    while let Some(from) = html.find(STYLE[0]) {
        let link = &html[from..];
        let link = &link[..link.find(STYLE[1]).context("a link without an end")? + STYLE[1].len()];
        let name = link[STYLE[0].len()..].split('"').next().unwrap_or_default();
        let file = dist.join(name);
        styles += &bare(&fs::read_to_string(&file)?);
        fs::remove_file(file)?;
        place.get_or_insert(from);
        html = html.replacen(link, "", 1);
    }
    let place = place.context("the page has no style")?;
    let name = format!("style-{}.css", &hash(styles.as_bytes())[..16]);
    fs::write(dist.join(&name), styles)?;
    html.insert_str(place, &format!("{}{name}\"{}", STYLE[0], STYLE[1]));
    Ok(html)
}

/// The lines of a script or a style without indentation, comments and empty lines.
fn bare(text: &str) -> String {
    let (mut bare, mut in_comment) = (String::new(), false);
    for mut line in text.lines().map(str::trim) {
        while in_comment || line.starts_with("/*") {
            let end = line.split_once("*/");
            in_comment = end.is_none();
            line = end.map_or("", |(_, rest)| rest.trim());
            if in_comment {
                break;
            }
        }
        if !line.is_empty() && !line.starts_with("//") {
            bare += line;
            bare.push('\n');
        }
    }
    bare
}

/// A program and its script with short names for what the one asks of the other.
fn linked(mut wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let (mut packed, mut script) = (take(&mut wasm, 8)?.to_vec(), script.to_owned());
    while !wasm.is_empty() {
        let kind = take(&mut wasm, 1)?[0];
        let length = number(&mut wasm)?;
        let mut section = take(&mut wasm, length)?;
        let mut renamed = Vec::new();
        if kind == IMPORTS {
            let count = number(&mut section)?;
            push_number(&mut renamed, count);
            for at in 0..count {
                let module = name(&mut section)?;
                let (long, short) = (format!("\n{}:", name(&mut section)?), format!("i{at}"));
                ensure!(script.matches(&long).count() == 1, "its script has not one{long}");
                script = script.replacen(&long, &format!("\n{short}:"), 1);
                push_name(&mut renamed, module);
                push_name(&mut renamed, &short);
                ensure!(take(&mut section, 1)?[0] == FUNCTION, "{long} is no function");
                renamed.push(FUNCTION);
                push_number(&mut renamed, number(&mut section)?);
            }
            section = &renamed;
        }
        packed.push(kind);
        push_number(&mut packed, section.len());
        packed.extend(section);
    }
    Ok((packed, script))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length).context("it ends too early")?;
    *bytes = rest;
    Ok(taken)
}

fn name<'a>(bytes: &mut &'a [u8]) -> Result<&'a str> {
    let length = number(bytes)?;
    Ok(str::from_utf8(take(bytes, length)?)?)
}

fn push_name(bytes: &mut Vec<u8>, name: &str) {
    push_number(bytes, name.len());
    bytes.extend(name.as_bytes());
}

/// A number in LEB128.
fn number(bytes: &mut &[u8]) -> Result<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = take(bytes, 1)?[0];
        ensure!(shift < 32, "a number is too large");
        number |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
}

fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::testing::Folder;

    /// A program that asks `./page_bg.js` for functions of these names.
    fn program(names: &[&str]) -> Vec<u8> {
        let mut imports = Vec::new();
        push_number(&mut imports, names.len());
        for name in names {
            push_name(&mut imports, "./page_bg.js");
            push_name(&mut imports, name);
            imports.extend([FUNCTION, 0x81, 0x01]);
        }
        let mut wasm = b"\0asm\x01\0\0\0\x01\x02ab".to_vec();
        wasm.push(IMPORTS);
        push_number(&mut wasm, imports.len());
        wasm.extend(imports);
        wasm.extend(b"\x0a\x03xyz");
        wasm
    }

    #[test]
    fn programs_and_scripts_agree_on_short_names() -> Result<()> {
        let long = "__wbg_appendChild_0123456789abcdef".repeat(9);
        let wasm = program(&["__wbg_log_01", &long]);
        let script = format!("const it = {{\n__wbg_log_01: log,\n{long}: function() {{}},\n}};\n");
        let (packed, text) = linked(&wasm, &script)?;
        assert_eq!(packed, program(&["i0", "i1"]));
        assert_eq!(text, "const it = {\ni0: log,\ni1: function() {},\n};\n");
        assert!(linked(&wasm, "{\n__wbg_log_01: log,\n}").is_err(), "a function is missing");
        assert!(linked(&wasm[..wasm.len() - 1], &script).is_err(), "it was cut");
        Ok(())
    }

    #[test]
    fn comments_and_indentation_go() {
        let text = "/** a\n * b */ one {\n    two: 3; /* stays */\n\n    // c\n/* d */\n}\n";
        assert_eq!(bare(text), "one {\ntwo: 3; /* stays */\n}\n");
    }

    #[test]
    fn the_site_is_packed_and_the_page_knows_it() -> Result<()> {
        let dist = Folder::new("pack")?;
        let write = |name: &str, bytes: &[u8]| fs::write(dist.path().join(name), bytes);
        let html = "<head><link rel=\"stylesheet\" href=\"./a-1.css\" integrity=\"x\"/>\n\
                    <link rel=\"stylesheet\" href=\"./b-2.css\"/><i data-script=\"./page-0f0f.js\" \
                    data-wasm=\"./page-0f0f_bg.wasm\"/></head>";
        write("index.html", html.as_bytes())?;
        write("a-1.css", b"  a {}")?;
        write("b-2.css", b"  b {}")?;
        for name in ["page-0f0f", "worker"] {
            write(&format!("{name}_bg.wasm"), &program(&["long"]))?;
            write(&format!("{name}.js"), b"{\n    long: 1,\n}")?;
        }
        pack(dist.path())?;
        let read = |name: &str| fs::read_to_string(dist.path().join(name));
        let page = read("index.html")?;
        let names = files(dist.path())?;
        let [_, script, program, style, worker, _] = &names[..] else { panic!("{names:?}") };
        assert!(script.starts_with("page-") && !script.contains("0f0f"), "{script}");
        assert!([script, program, style].iter().all(|it| page.contains(*it)), "{page}");
        assert_eq!(read(style)?, "a {}\nb {}\n");
        assert_eq!((read(script)?, worker.as_str()), ("{\ni0: 1,\n}\n".into(), "worker.js"));
        Ok(())
    }
}
