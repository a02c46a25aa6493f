//! Every shader's text against what Rust binds.

use std::path::Path;

use naga::{
    AddressSpace, ArraySize, Module, ScalarKind, StorageAccess, TypeInner,
    valid::{Capabilities, ValidationFlags, Validator},
};

use super::*;
use crate::uniforms::Step;

const TIERS: [Tier; 3] =
    [Tier::Software { subgroups: false }, Tier::Software { subgroups: true }, Tier::Discrete];

/// What is wrong with a shader's text, if anything.
fn check(shader: Shader, tier: Tier, text: &str) -> Result<(), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|e| e.emit_to_string(text))?;
    let subgroups = tier == Tier::Software { subgroups: true };
    let capabilities = if subgroups { Capabilities::SUBGROUP } else { Capabilities::default() };
    Validator::new(ValidationFlags::all(), capabilities)
        .validate(&module)
        .map_err(|error| format!("{error:?}"))?;
    let entries: Vec<_> = module.entry_points.iter().map(|e| e.name.as_str()).collect();
    if entries != ["main"] {
        return Err(format!("has the entries {entries:?}"));
    }
    let mut expected = vec![(0, 0, fields(shader.spec().fields)), (0, 1, "write".to_owned())];
    let kept = |i| shader.keeps() && i + 1 == shader.reads();
    let kind = |i| if kept(i) { "write" } else { "read" };
    expected.extend((0..shader.reads()).map(|i| (0, 2 + i as u32, kind(i).to_owned())));
    if shader.has_step() {
        expected.push((1, 0, fields(Step::FIELDS)));
    }
    let found = bindings(&module)?;
    if found == expected { Ok(()) } else { Err(format!("binds {found:?}, not {expected:?}")) }
}

fn fields(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, kind)| format!("{name}: {kind}, ")).collect()
}

/// Group, index and kind of every binding: "write", "read", or a uniform's fields.
fn bindings(module: &Module) -> Result<Vec<(u32, u32, String)>, String> {
    let mut found = Vec::new();
    for (_, variable) in module.global_variables.iter() {
        let Some(binding) = &variable.binding else { continue };
        let kind = match (variable.space, &module.types[variable.ty].inner) {
            (AddressSpace::Uniform, TypeInner::Struct { members, span }) => {
                if *span as usize != members.len() * 4 {
                    return Err(format!("a uniform of {span} bytes"));
                }
                let scalar = |ty| match module.types[ty].inner {
                    TypeInner::Scalar(scalar) if scalar.width == 4 => match scalar.kind {
                        ScalarKind::Uint => "u32",
                        ScalarKind::Sint => "i32",
                        ScalarKind::Float => "f32",
                        _ => "?",
                    },
                    _ => "?",
                };
                let name = |name: &Option<String>| name.clone().unwrap_or_default();
                let members = members.iter();
                members.map(|m| format!("{}: {}, ", name(&m.name), scalar(m.ty))).collect()
            }
            (AddressSpace::Storage { access }, TypeInner::Array { size, .. }) => {
                if *size != ArraySize::Dynamic {
                    return Err("an array of fixed size".into());
                }
                let writes = access.contains(StorageAccess::STORE);
                if writes { "write".to_owned() } else { "read".to_owned() }
            }
            (space, inner) => return Err(format!("a binding of {space:?} {inner:?}")),
        };
        found.push((binding.group, binding.binding, kind));
    }
    found.sort_by_key(|&(group, index, _)| (group, index));
    Ok(found)
}

#[test]
fn shaders_are_valid_and_bind_what_rust_binds() {
    for tier in TIERS {
        let serving = Shader::ALL.iter().filter(|shader| shader.serves(tier));
        let checked = serving.map(|&shader| {
            if let Err(error) = check(shader, tier, &shader.source(tier)) {
                panic!("{} for {tier:?}: {error}", shader.name());
            }
        });
        assert!(checked.count() > 0, "{tier:?}");
    }
}

#[test]
fn changed_shaders_are_noticed() {
    let tier = Tier::Discrete;
    let source = Shader::RollIn.source(tier);
    for (from, to) in [
        ("height: u32,\nwidth: u32,\n", "width: u32,\nheight: u32,\n"),
        ("tile_width: u32,\n", "tile_width: u32,\nmore: u32,\n"),
        ("step: Step", "step: Params"),
        ("@binding(2)", "@binding(3)"),
        ("<storage, read> x", "<storage, read_write> x"),
        ("fn main", "fn other"),
        ("params.width,", "params.breadth,"),
    ] {
        let changed = source.replacen(from, to, 1);
        assert_ne!(changed, source, "{from}");
        assert!(check(Shader::RollIn, tier, &changed).is_err(), "{from} → {to}");
    }
}

#[test]
fn every_file_is_a_shader() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/shader");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.file_name().to_string_lossy().into_owned());
    }
    files.sort();
    let names = Shader::ALL.iter().map(|shader| format!("{}.wgsl", shader.name()));
    let helpers = [
        "common.wgsl",
        "conv_params.wgsl",
        "conv_software.wgsl",
        "conv_store.wgsl",
        "each.wgsl",
        "fours.wgsl",
        "layer_norm_row.wgsl",
        "lrn_dy.wgsl",
        "lrn_window.wgsl",
        "max_pool_windows.wgsl",
        "pool.wgsl",
        "rectified.wgsl",
        "row_each.wgsl",
        "row_fours.wgsl",
        "weights_each.wgsl",
        "weights_shared.wgsl",
        "winograd.wgsl",
    ];
    let mut expected: Vec<String> = names.chain(helpers.map(str::to_owned)).collect();
    expected.sort();
    expected.dedup();
    assert_eq!(files, expected);
    Ok(())
}
