//! A dream carries its recipe, and the recipe makes the dream again; what the octaves added can be
//! put together anew.

use std::fs;

use crate::command::Folder;

#[test]
fn a_saved_dream_is_remade_from_its_own_recipe() {
    let folder = Folder::with_picture("recipe");
    let flags = "--octaves 2 --iterations 2 --jitter 8 --seed 7 --step-size 3 --gains 0.5,1";
    folder.dream(&format!("dream in.png -o first.png {flags}")).success();
    folder.dream("dream in.png -o again.png --recipe first.png").success();
    folder.dream("dream in.png -o other.png --recipe first.png --seed 8").success();
    let first = folder.pixels("first.png");
    assert_eq!(first, folder.pixels("again.png"));
    assert_ne!(first, folder.pixels("other.png"));
}

#[test]
fn a_recipe_may_be_a_file_of_its_own() {
    let folder = Folder::with_picture("recipe-json");
    let recipe = r#"{"settings":{"octaves":1,"iterations":1,"seed":3},"who":"me"}"#;
    folder.write("recipe.json", recipe.as_bytes());
    folder.dream("dream in.png -o a.png --recipe recipe.json").success();
    folder.dream("dream in.png -o b.png --octaves 1 --iterations 1 --seed 3").success();
    assert_eq!(folder.pixels("a.png"), folder.pixels("b.png"));
}

#[test]
fn another_model_is_told_in_words() {
    let folder = Folder::with_picture("recipe-model");
    let recipe =
        r#"{"model":{"name":"elsewhere","sha256":"00"},"settings":{"octaves":1,"iterations":1}}"#;
    folder.write("recipe.json", recipe.as_bytes());
    let outcome = folder.dream("dream in.png -o a.png --recipe recipe.json");
    assert!(outcome.stderr.contains("open elsewhere to remake the dream"), "{outcome:?}");
    outcome.success();
}

#[test]
fn what_holds_no_recipe_says_so() {
    let folder = Folder::with_picture("recipe-none");
    folder.write("diary.json", b"Dear diary,");
    folder.write("range.json", br#"{"settings":{"octaves":99}}"#);
    let rows = [
        ("in.png", "the picture carries none"),
        ("diary.json", "no recipe that this program knows"),
        ("missing.png", "No such file"),
        ("range.json", "Octaves is 99"),
    ];
    for (file, words) in rows {
        let error = folder.dream(&format!("dream in.png -o out.png --recipe {file}")).failure();
        assert!(error.contains(words), "{file}: {error}");
    }
    assert!(fs::metadata(folder.path("out.png")).is_err());
}

#[test]
fn strength_goes_through_zero() {
    let folder = Folder::with_picture("strength");
    let small = "--octaves 2 --iterations 2 --jitter 8";
    for (name, strength) in [("more", 1.5), ("none", 0.0), ("reverse", -1.0)] {
        folder
            .dream(&format!("dream in.png -o {name}.png {small} --strength {strength}"))
            .success();
    }
    let original = folder.pixels("in.png");
    assert_eq!(folder.pixels("none.png"), original);
    let [more, reverse] = ["more", "reverse"].map(|name| folder.pixels(&format!("{name}.png")));
    assert_ne!(more, original);
    // What one adds, the other takes away.
    let bytes = || original.iter().zip(more.iter().zip(reverse.iter()));
    let opposed = bytes().filter(|&(own, (more, less))| (more > own) != (less > own)).count();
    assert!(opposed * 10 > original.len() * 6, "{opposed} of {}", original.len());
}
