//! What trunk writes at length, written shortly: all styles become one file, scripts that
//! wasm-bindgen made lose their comments, the names by which a program asks its script for what the
//! browser offers, unique in the world until now, become as short as one program needs, and what
//! nobody calls goes.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{compress::files, shelf::hash};

/// Ending of the names of programs; their scripts are called alike.
const PROGRAM: &str = "_bg.wasm";
/// How the page's link to a style begins and ends.
const STYLE: [&str; 2] = ["<link rel=\"stylesheet\" href=\"./", "/>"];
/// Parts of programs and scripts that leptos brings along for servers that stream.
const FOR_SERVERS: [&str; 2] = ["intounderlying", "IntoUnderlying"];
/// The section of a WebAssembly file that names what the program asks for.
const IMPORTS: u8 = 2;
/// The section that names what it offers.
const EXPORTS: u8 = 7;
/// The kind of import that is a function.
const FUNCTION: u8 = 0;

/// Packs the site, and lets programs be made small in their place on the way.
///
/// # Errors
/// A file that is not as trunk and wasm-bindgen write it.
pub fn pack(dist: &Path, optimise: &dyn Fn(&Path) -> Result<()>) -> Result<()> {
    let page = dist.join("index.html");
    let mut html = one_style(dist, fs::read_to_string(&page)?)?;
    for program in files(dist)?.iter().filter_map(|name| name.strip_suffix(PROGRAM)) {
        let [wasm, script] = [PROGRAM, ".js"].map(|ending| dist.join(format!("{program}{ending}")));
        let text = bare(&without_streams(&fs::read_to_string(&script)?));
        let (packed, text) = linked(&fs::read(&wasm)?, &text)
            .with_context(|| format!("{program} cannot be packed"))?;
        fs::write(&wasm, packed)?;
        fs::write(&script, &text)?;
        optimise(&wasm)?;
        // A name with a hash stays true.
        if let Some((name, old)) = program.rsplit_once('-').filter(|_| html.contains(program)) {
            let new = format!("{name}-{}", &hash(&fs::read(&wasm)?)[..old.len()]);
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

/// A script without the classes for servers.
fn without_streams(script: &str) -> String {
    let (mut kept, mut inside) = (String::new(), false);
    for line in script.lines() {
        let class = line.split_once(FOR_SERVERS[1]).map(|(before, _)| before);
        inside |= class == Some("export class ");
        if !inside && class != Some("if (Symbol.dispose) ") {
            kept += line;
            kept.push('\n');
        }
        inside &= line != "}";
    }
    kept
}

/// A program that does not offer what is for servers, and its script, with short names for what the
/// one asks of the other.
fn linked(mut wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let (mut packed, mut script) = (take(&mut wasm, 8)?.to_vec(), script.to_owned());
    while !wasm.is_empty() {
        let kind = take(&mut wasm, 1)?[0];
        let length = number(&mut wasm)?;
        let section = take(&mut wasm, length)?;
        let section = match kind {
            IMPORTS => imports(section, &mut script)?,
            EXPORTS => exports(section)?,
            _ => section.to_vec(),
        };
        packed.push(kind);
        push_number(&mut packed, section.len());
        packed.extend(section);
    }
    Ok((packed, script))
}

/// The section of what a program asks for, renamed there and in the script.
fn imports(mut section: &[u8], script: &mut String) -> Result<Vec<u8>> {
    let count = number(&mut section)?;
    let mut renamed = Vec::new();
    push_number(&mut renamed, count);
    for at in 0..count {
        let module = name(&mut section)?;
        let (long, short) = (format!("\n{}:", name(&mut section)?), format!("i{at}"));
        ensure!(script.matches(&long).count() == 1, "its script has not one{long}");
        *script = script.replacen(&long, &format!("\n{short}:"), 1);
        ensure!(take(&mut section, 1)?[0] == FUNCTION, "{long} is no function");
        push_name(&mut renamed, module);
        push_name(&mut renamed, &short);
        renamed.push(FUNCTION);
        push_number(&mut renamed, number(&mut section)?);
    }
    Ok(renamed)
}

/// The section of what a program offers, without what is for servers.
fn exports(mut section: &[u8]) -> Result<Vec<u8>> {
    let (mut count, mut kept) = (0, Vec::new());
    for _ in 0..number(&mut section)? {
        let (name, kind) = (name(&mut section)?, take(&mut section, 1)?[0]);
        let index = number(&mut section)?;
        if !name.contains(FOR_SERVERS[0]) {
            count += 1;
            push_name(&mut kept, name);
            kept.push(kind);
            push_number(&mut kept, index);
        }
    }
    let mut exports = Vec::new();
    push_number(&mut exports, count);
    exports.append(&mut kept);
    Ok(exports)
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
    use std::cell::RefCell;

    use super::*;
    use crate::site::testing::Folder;

    /// A program that asks `./page_bg.js` for functions and offers others.
    fn program(asked: &[&str], offered: &[&str]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0\x01\x02ab".to_vec();
        for (kind, names) in [(IMPORTS, asked), (EXPORTS, offered)] {
            let mut section = Vec::new();
            push_number(&mut section, names.len());
            for name in names {
                if kind == IMPORTS {
                    push_name(&mut section, "./page_bg.js");
                }
                push_name(&mut section, name);
                section.extend([FUNCTION, 0x81, 0x01]);
            }
            wasm.push(kind);
            push_number(&mut wasm, section.len());
            wasm.extend(section);
        }
        wasm.extend(b"\x0a\x03xyz");
        wasm
    }

    #[test]
    fn programs_and_scripts_agree_on_short_names() -> Result<()> {
        let long = "__wbg_appendChild_0123456789abcdef".repeat(9);
        let wasm = program(&["__wbg_log_01", &long], &["start", "__wbg_intounderlyingsink_free"]);
        let script = format!("const it = {{\n__wbg_log_01: log,\n{long}: function() {{}},\n}};\n");
        let (packed, text) = linked(&wasm, &script)?;
        assert_eq!(packed, program(&["i0", "i1"], &["start"]));
        assert_eq!(text, "const it = {\ni0: log,\ni1: function() {},\n};\n");
        assert!(linked(&wasm, "{\n__wbg_log_01: log,\n}").is_err(), "a function is missing");
        assert!(linked(&wasm[..wasm.len() - 1], &script).is_err(), "it was cut");
        Ok(())
    }

    #[test]
    fn what_is_for_servers_goes() {
        let class = "export class IntoUnderlyingSink {\n  a() {\n  }\n}\n";
        let disposal = "if (Symbol.dispose) IntoUnderlyingSink.prototype = 1;\n";
        let rest = "function f() {\n}\nconst IntoUnderlyingSinkEnd = 0\n";
        assert_eq!(without_streams(&format!("{class}{disposal}{rest}")), rest);
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
            write(&format!("{name}_bg.wasm"), &program(&["long"], &[]))?;
            write(&format!("{name}.js"), b"{\n    long: 1,\n}")?;
        }
        let optimised = RefCell::new(Vec::new());
        pack(dist.path(), &|program| {
            optimised.borrow_mut().push(fs::read(program)? == self::program(&["i0"], &[]));
            Ok(())
        })?;
        assert_eq!(optimised.take(), [true, true]);
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
