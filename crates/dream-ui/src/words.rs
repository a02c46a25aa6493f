//! What the page says about a dream, in words; pure, so that it can be tested.

use dream_protocol::{EngineChoice, EngineInUse, ModelCard, Need, Picture, Progress, ShelfModel};

use crate::state::{Health, Outcome, Phase};

/// The one line that says what is going on.
pub fn status(
    worker: &Health,
    opening: bool,
    dream: Option<&Phase>,
    progress: Option<Progress>,
    outcome: Option<Outcome>,
) -> String {
    match (worker, dream, progress) {
        (Health::Dead(_), ..) => "The engine has stopped".into(),
        (Health::Starting, Some(_), _) => "Dreaming as soon as the engine has started…".into(),
        (Health::Starting, ..) => "Starting the engine…".into(),
        (_, Some(Phase::Stopping), _) => "Stopping…".into(),
        (_, Some(Phase::Interrupted(_)), _) => "The dream is interrupted".into(),
        (_, Some(_), None) => "Preparing…".into(),
        (_, Some(_), Some(progress)) => stage(&progress),
        _ if opening => "Opening the model…".into(),
        _ => match outcome {
            None => "Ready".into(),
            Some(Outcome::Failed) => "The dream broke off".into(),
            Some(Outcome::Done { stopped: true, seconds }) => {
                format!("Stopped after {}", duration(seconds))
            }
            Some(Outcome::Done { stopped: false, seconds }) => {
                format!("Dreamed in {}", duration(seconds))
            }
        },
    }
}

/// What the engines are called where one can be chosen.
pub const ENGINES: [(EngineChoice, &str); 4] = [
    (EngineChoice::Auto, "Auto: whichever is best here"),
    (EngineChoice::Gpu, "GPU: the graphics card alone"),
    (EngineChoice::Hybrid, "Hybrid: processor and graphics card"),
    (EngineChoice::Cpu, "CPU: the processor alone"),
];

/// What is said where a mask is named that is not here.
pub const NO_MASK: &str = "The mask of the recipe is not here: load it again, or choose another.";

/// How an interrupted dream can go on, after the engine that has failed.
pub fn ways_on(failed: EngineChoice) -> Vec<(EngineChoice, &'static str)> {
    match failed {
        EngineChoice::Cpu | EngineChoice::Auto => vec![(failed, "Try again")],
        EngineChoice::Gpu | EngineChoice::Hybrid => {
            vec![(EngineChoice::Cpu, "Continue on the CPU"), (failed, "Try the GPU again")]
        }
    }
}

/// `GPU: you asked for it.`
pub fn engine(engine: Option<&EngineInUse>) -> String {
    match engine {
        None => "It is chosen when a dream begins.".into(),
        Some(EngineInUse { name, reason, .. }) => format!("{name}: {reason}."),
    }
}

/// `Needs about 310 MB.`, or why the dream cannot be.
pub fn need(need: Option<&Result<Need, String>>) -> String {
    match need {
        None => String::new(),
        Some(Ok(need)) => {
            let time = need.seconds.map(|it| format!(", and takes about {}", duration(it.into())));
            format!("Needs {need}{}.", time.unwrap_or_default())
        }
        Some(Err(why)) => why.clone(),
    }
}

/// `Octave 2 of 4 · iteration 7 of 10 · about 3 s left`.
pub fn stage(progress: &Progress) -> String {
    let Progress { octave, octaves, iteration, iterations, seconds_left, .. } = progress;
    let left = seconds_left.map(|left| format!(" · about {} left", duration(left)));
    let left = left.unwrap_or_default();
    format!("Octave {octave} of {octaves} · iteration {iteration} of {iterations}{left}")
}

/// Seconds as people say them: `3 s`, `2 min`, `1 h 20 min`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 10.0 {
        return format!("{} s", (seconds.ceil() as u64).max(1));
    }
    if seconds < 90.0 {
        return fixed(seconds, 0) + " s";
    }
    let minutes = (seconds / 60.0).round() as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `1.3 Mpx/s`.
pub fn speed(pixels_per_second: f64) -> String {
    let mega = pixels_per_second / 1e6;
    let digits = if mega < 0.095 { 3 } else { usize::from(mega < 9.95) };
    fixed(mega, digits) + " Mpx/s"
}

/// `2.1 MB`.
pub fn file_size(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes < 1e3 => fixed(bytes, 0) + " B",
        bytes if bytes < 1e6 => fixed(bytes / 1e3, 0) + " kB",
        bytes if bytes < 9.95e6 => fixed(bytes / 1e6, 1) + " MB",
        bytes if bytes < 1e9 => fixed(bytes / 1e6, 0) + " MB",
        bytes => fixed(bytes / 1e9, 1) + " GB",
    }
}

/// `0.25 %`, with so many digits.
pub fn percent(part: f32, digits: usize) -> String {
    fixed(f64::from(part) * 100.0, digits) + " %"
}

/// A number with so many digits behind the point.
pub fn fixed(number: f64, digits: usize) -> String {
    format!("{number:.digits$}")
}

/// What the button of a model on the shelf says: whom it asks for how much, unless the file is here.
pub fn get_model(model: &ShelfModel, here: u64, kept: bool) -> String {
    let size = file_size(model.bytes);
    let host = model.host().unwrap_or("this site");
    match here {
        _ if kept => format!("Use {}", model.name),
        0 => format!("Fetch {size} from {host}"),
        here => format!("Go on fetching from {host}: {} of {size} are here", file_size(here)),
    }
}

/// `640 × 480`.
pub fn extent(picture: &Picture) -> String {
    format!("{} × {}", picture.width, picture.height)
}

/// What layers at a depth tend to bring out, from the shallowest to the deepest.
pub const DEPTHS: [&str; 5] = [
    "Edges and colours",
    "Swirls and textures",
    "Eyes, fur, feathers",
    "Creatures, things",
    "Scenes",
];

/// Which of [`DEPTHS`] layer number `at` of `count` belongs to.
pub fn depth(at: usize, count: usize) -> usize {
    let relative = at as f64 / count.saturating_sub(1).max(1) as f64;
    [0.15, 0.40, 0.70, 0.90].iter().filter(|bound| relative >= **bound).count()
}

/// What there is to know about a layer, under its name.
pub fn layer_hint(model: &ModelCard, name: &str) -> String {
    let found = model.layers.iter().enumerate().find(|(_, layer)| layer.name == name);
    let Some((at, layer)) = found else { return String::new() };
    let depth = DEPTHS[depth(at, model.layers.len())].to_ascii_lowercase();
    let per = if layer.stride == 1 { "pixel".into() } else { format!("{} pixels", layer.stride) };
    format!("{depth} · {} channels, one value every {per}", layer.channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRESS: Progress = Progress {
        octave: 2,
        octaves: 4,
        iteration: 7,
        iterations: 10,
        fraction: 0.4,
        seconds: 2.0,
        seconds_left: Some(2.6),
        pixels_per_second: 1.26e6,
    };

    #[test]
    fn the_stage_reads_as_promised() {
        assert_eq!(stage(&PROGRESS), "Octave 2 of 4 · iteration 7 of 10 · about 3 s left");
        let fresh = Progress { seconds_left: None, ..PROGRESS };
        assert_eq!(stage(&fresh), "Octave 2 of 4 · iteration 7 of 10");
    }

    #[test]
    fn the_status_follows_worker_and_dream() {
        let alive = Health::Alive;
        let (running, stopping) = (Some(&Phase::Running), Some(&Phase::Stopping));
        let interrupted = Phase::Interrupted("no device".into());
        assert_eq!(status(&Health::Starting, false, None, None, None), "Starting the engine…");
        assert_eq!(status(&alive, false, None, None, None), "Ready");
        assert_eq!(status(&alive, true, None, None, None), "Opening the model…");
        assert_eq!(status(&alive, false, running, None, None), "Preparing…");
        assert_eq!(status(&alive, false, stopping, Some(PROGRESS), None), "Stopping…");
        let status_interrupted = status(&alive, false, Some(&interrupted), Some(PROGRESS), None);
        assert_eq!(status_interrupted, "The dream is interrupted");
        assert!(status(&alive, true, running, Some(PROGRESS), None).starts_with("Octave 2"));
        let done = Some(Outcome::Done { stopped: true, seconds: 61.0 });
        assert_eq!(status(&alive, false, None, None, done), "Stopped after 61 s");
    }

    #[test]
    fn numbers_are_rounded_for_people() {
        let durations = [0.2, 9.2, 42.4, 95.0, 3600.0, 4830.0].map(duration);
        assert_eq!(durations, ["1 s", "10 s", "42 s", "2 min", "1 h", "1 h 21 min"]);
        let speeds = [12_345.0, 0.4e6, 1.26e6, 41e6].map(speed);
        assert_eq!(speeds, ["0.012 Mpx/s", "0.4 Mpx/s", "1.3 Mpx/s", "41 Mpx/s"]);
        let sizes = [12, 3_400, 2_040_000, 27_000_000, 2_100_000_000].map(file_size);
        assert_eq!(sizes, ["12 B", "3 kB", "2.0 MB", "27 MB", "2.1 GB"]);
    }

    #[test]
    fn every_engine_can_be_chosen_and_left() {
        let choices = ENGINES.map(|(choice, _)| choice);
        for (name, choice) in ["auto", "gpu", "hybrid", "cpu"].into_iter().zip(choices) {
            assert_eq!(choice.to_string(), name);
            let ways = ways_on(choice);
            assert!(ways.iter().any(|(engine, _)| *engine == choice), "{name} can be tried again");
        }
        assert_eq!(ways_on(EngineChoice::Hybrid)[0].0, EngineChoice::Cpu);
    }

    #[test]
    fn a_need_is_told_or_why_it_cannot_be_met() {
        let needed = Ok(Need { megabytes: 310, tiles: 4, seconds: None });
        assert_eq!(need(Some(&needed)), "Needs about 310 MB, in 4 tiles.");
        let long = Ok(Need { megabytes: 310, tiles: 1, seconds: Some(240) });
        assert_eq!(need(Some(&long)), "Needs about 310 MB, and takes about 4 min.");
        assert_eq!(need(Some(&Err("No GPU.".into()))), "No GPU.");
        assert_eq!(need(None), "");
    }

    #[test]
    fn a_model_is_fetched_by_name_of_host_and_size() {
        let mut model = ShelfModel {
            name: "GoogLeNet".into(),
            address: "https://models.example/googlenet.onnx".into(),
            bytes: 7_122_858,
            sha256: String::new(),
            licence: "MIT".into(),
            preprocessing: None,
        };
        assert_eq!(get_model(&model, 0, false), "Fetch 7.1 MB from models.example");
        let half = "Go on fetching from models.example: 3.0 MB of 7.1 MB are here";
        assert_eq!(get_model(&model, 3_000_000, false), half);
        assert_eq!(get_model(&model, 7_122_858, true), "Use GoogLeNet");
        model.address = "models/googlenet.onnx".into();
        assert_eq!(get_model(&model, 0, false), "Fetch 7.1 MB from this site");
    }

    #[test]
    fn depths_go_from_edges_to_scenes() {
        let depths: Vec<usize> = (0..11).map(|at| depth(at, 11)).collect();
        assert_eq!(depths, [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4]);
        assert_eq!(depth(0, 1), 0);
    }
}
