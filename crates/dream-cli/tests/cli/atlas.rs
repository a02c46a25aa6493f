//! An atlas shows what channels want, and goes on where it stopped.

use std::{fs, time::SystemTime};

use image::RgbaImage;

use crate::command::Folder;

const SMALL: &str = "--size 32 --iterations 8 --channels 3 --engine cpu";

fn portrait(folder: &Folder, layer: &str, channel: u32) -> RgbaImage {
    let file = folder.path(&format!("atlas/channels/{layer}/{channel:04}.png"));
    image::open(file).expect("a portrait").into_rgba8()
}

#[test]
fn every_channel_asked_for_has_a_portrait_of_its_own() {
    let folder = Folder::new("atlas");
    let command = format!("atlas -o atlas --layer inception_3a/output {SMALL}");
    folder.dream(&command).success();
    let page = fs::read_to_string(folder.path("atlas/index.html")).expect("a page");
    assert!(page.contains("<h2>inception_3a/output</h2>") && page.contains("channel 2"));
    assert!(!page.contains("channel 3"));
    let sheet = image::open(folder.path("atlas/00-inception_3a-output.png")).expect("a sheet");
    assert_eq!((sheet.width(), sheet.height()), (96, 32));
    let [first, second] = [0, 1].map(|it| portrait(&folder, "00-inception_3a-output", it));
    assert_ne!(first, second);
    assert_eq!(first, image::imageops::crop_imm(&sheet.into_rgba8(), 0, 0, 32, 32).to_image());
}

#[test]
fn an_atlas_goes_on_where_it_stopped() {
    let folder = Folder::new("resumed");
    let atlas = |channels: u32| {
        let options = SMALL.replace("--channels 3", &format!("--channels {channels}"));
        folder.dream(&format!("atlas -o atlas --layer inception_3a/output {options}")).success();
    };
    let made = |channel: u32| -> SystemTime {
        let file = format!("atlas/channels/00-inception_3a-output/{channel:04}.png");
        let about = fs::metadata(folder.path(&file)).expect("a portrait");
        about.modified().expect("a time")
    };
    atlas(1);
    let first = made(0);
    atlas(2);
    assert_eq!(made(0), first, "the first portrait was drawn again");
    assert!(made(1) > first);
    let wrong = folder.dream(&format!("atlas -o atlas --layer zebra {SMALL}")).failure();
    assert!(wrong.contains("no layer zebra"), "{wrong}");
}
