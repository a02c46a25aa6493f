//! Recipes that older programs have written are read as they were meant. A file here is never
//! changed; a new version adds one.

use std::{fs, path::Path};

use dream_protocol::{
    DreamSettings, Edges, Finish, Objective, ObjectiveKind, Prior, Recipe, Remix,
};

fn read(name: &str) -> Recipe {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recipes").join(name);
    let text = fs::read_to_string(&path).expect("a recipe");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_first_recipes_are_read_in_full() {
    let recipe = read("v1-steered.json");
    let channels = ObjectiveKind::Channels { channels: vec![3, 41], before_relu: true };
    let objectives = vec![
        Objective::layer("inception_4c/output"),
        Objective { weight: -0.5, kind: channels, ..Objective::layer("inception_3b/output") },
    ];
    let settings = DreamSettings {
        objectives,
        octaves: 5,
        octave_scale: 1.3,
        iterations: 20,
        step_size: -2.5,
        jitter: 16,
        seed: 4711,
        size: 1024,
        ..DreamSettings::default()
    };
    assert_eq!(recipe.settings, settings);
    let remix = Remix { gains: vec![1.0, 0.25], strength: -1.0, color: 0.5 };
    assert_eq!((recipe.version, recipe.remix, recipe.steered), (1, remix, true));
    assert_eq!((&*recipe.model.name, &*recipe.model.sha256), ("mini-inception", "5f0c"));
}

#[test]
fn what_an_old_recipe_does_not_say_has_its_default() {
    let settings = DreamSettings { seed: 7, ..DreamSettings::default() };
    assert_eq!(read("v1-least.json"), Recipe { settings, ..Recipe::default() });
}

#[test]
fn edges_that_were_a_switch_are_read() {
    let tileable =
        Prior { edges: Edges::Tileable, finish: Finish::Smooth, blur: 0.5, ..Prior::default() };
    let settings = read("v1-tileable.json").settings;
    assert_eq!(settings, DreamSettings { seed: 7, prior: tileable, ..DreamSettings::default() });
    let written = serde_json::to_string(&settings).expect("text");
    assert!(written.contains(r#""edges":"tileable""#), "{written}");
}
