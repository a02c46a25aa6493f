//! Tests of the page's state: what each event changes, without a browser.

use dream_protocol::{Event, Failure, FailureKind, Layer};

use super::*;

fn picture(size: u32) -> Picture {
    Picture { width: size, height: size, rgba: vec![0; (size * size * 4) as usize] }
}

fn model(name: &str, layers: &[&str]) -> ModelCard {
    let layer = |name: &&str| Layer { name: (*name).into(), channels: 8, stride: 4 };
    ModelCard {
        name: name.into(),
        sha256: name.repeat(2),
        bytes: 7,
        layers: layers.iter().map(layer).collect(),
        default_layer: layers[0].into(),
        classifies: false,
        labels: vec![],
        notes: Vec::new(),
    }
}

fn progress(iteration: u32) -> Progress {
    Progress {
        octave: 1,
        octaves: 4,
        iteration,
        iterations: 10,
        fraction: 0.1,
        seconds: 1.0,
        seconds_left: None,
        pixels_per_second: 1e6,
    }
}

const RUNNING: Option<Dream> = Some(Dream { id: 5, phase: Phase::Running });
const NEED: Need = Need { megabytes: 310, tiles: 1, seconds: None };

fn engine(name: &str) -> EngineInUse {
    let engine = name.to_ascii_lowercase().parse().expect("an engine");
    EngineInUse { engine, name: name.into(), reason: "asked for".into() }
}

fn interrupted(id: RequestId) -> Event {
    let failure = Failure { kind: FailureKind::Engine, message: "Lost.".into() };
    Event::Interrupted { id, failure, picture: picture(6) }
}

fn failed(id: Option<RequestId>, message: &str) -> Event {
    let failure = Failure { kind: FailureKind::Engine, message: message.into() };
    Event::Failed { id, failure }
}

/// A page with a picture, whose worker listens and dreams as request 5.
fn dreaming() -> State {
    let state = State::new(EngineChoice::Auto);
    let original = Original { name: "photo".into(), scene: None, picture: Arc::new(picture(9)) };
    state.open(original);
    state.apply(Event::Ready { model: model("mini", &["a", "b"]) });
    state.begin_dream(5);
    state
}

#[test]
fn a_dream_runs_from_start_to_result() {
    let state = dreaming();
    let notes = vec!["scaled".into()];
    state.apply(Event::Started { id: 5, engine: engine("CPU"), need: NEED, notes });
    state.apply(Event::Progress { id: 5, progress: progress(3) });
    state.apply(Event::Frame { id: 5, picture: picture(3), scores: Vec::new() });
    assert_eq!(state.engine.get_untracked().map(|engine| engine.name), Some("CPU".into()));
    assert_eq!(state.notes.get_untracked(), ["scaled"]);
    assert_eq!(state.progress.get_untracked().map(|p| p.iteration), Some(3));
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(3));
    state.apply(Event::Done {
        id: 5,
        picture: picture(9),
        stopped: false,
        seconds: 2.0,
        octaves: 3,
    });
    assert_eq!(state.dream.get_untracked(), None);
    assert_eq!(state.outcome.get_untracked(), Some(Outcome::Done { stopped: false, seconds: 2.0 }));
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(9));
}

#[test]
fn events_of_other_dreams_change_nothing() {
    let state = dreaming();
    state.apply(Event::Progress { id: 4, progress: progress(3) });
    state.apply(Event::Frame { id: 4, picture: picture(3), scores: Vec::new() });
    state.apply(Event::Done {
        id: 4,
        picture: picture(3),
        stopped: true,
        seconds: 1.0,
        octaves: 3,
    });
    state.apply(failed(Some(4), "stale"));
    assert_eq!(state.progress.get_untracked(), None);
    assert_eq!(state.frame.get_untracked(), None);
    assert_eq!(state.alerts.get_untracked(), []);
    assert_eq!(state.dream.get_untracked(), RUNNING);
}

#[test]
fn another_picture_ends_the_dream_of_the_one_before() {
    let state = dreaming();
    state.apply(Event::Frame { id: 5, picture: picture(3), scores: Vec::new() });
    let next = Original { name: "next".into(), scene: None, picture: Arc::new(picture(2)) };
    state.open(next);
    state.apply(Event::Frame { id: 5, picture: picture(3), scores: Vec::new() });
    assert_eq!(state.frame.get_untracked(), None);
    assert_eq!(state.dream.get_untracked(), None);
}

#[test]
fn only_the_picture_asked_for_last_is_shown() {
    let state = dreaming();
    let (slow, quick) = (state.begin_reading(), state.begin_reading());
    assert!(state.end_reading(quick));
    assert!(!state.end_reading(slow));
    assert_eq!(state.reading.get_untracked(), None);
}

#[test]
fn stopping_waits_for_the_last_state() {
    let state = dreaming();
    assert_eq!(state.begin_stop(), Some(5));
    assert_eq!(state.dream.get_untracked(), Some(Dream { id: 5, phase: Phase::Stopping }));
    state.apply(Event::Done {
        id: 5,
        picture: picture(9),
        stopped: true,
        seconds: 1.0,
        octaves: 3,
    });
    assert_eq!(state.outcome.get_untracked(), Some(Outcome::Done { stopped: true, seconds: 1.0 }));
    assert_eq!(state.begin_stop(), None);
}

#[test]
fn a_dead_worker_leaves_photo_preview_and_settings() {
    let state = dreaming();
    state.settings.update(|settings| settings.octaves = 7);
    state.apply(Event::Frame { id: 5, picture: picture(3), scores: Vec::new() });
    state.apply(failed(None, "index out of bounds"));
    state.worker_died("closed".into());
    assert_eq!(state.worker.get_untracked(), Health::Dead("index out of bounds".into()));
    assert_eq!(state.dream.get_untracked(), None);
    assert_eq!(state.outcome.get_untracked(), Some(Outcome::Failed));
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(3));
    assert_eq!(state.settings.get_untracked().octaves, 7);
    assert!(state.original.get_untracked().is_some());
    state.apply(Event::Ready { model: model("mini", &["a"]) });
    assert_eq!(state.worker.get_untracked(), Health::Alive);
}

#[test]
fn a_failed_dream_is_told_once_and_ends() {
    let state = dreaming();
    state.apply(failed(Some(5), "no gpu"));
    state.begin_dream(6);
    state.apply(failed(Some(6), "no gpu"));
    let alerts = state.alerts.get_untracked();
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].message, "no gpu");
    assert_eq!(state.dream.get_untracked(), None);
    assert_eq!(state.worker.get_untracked(), Health::Alive);
}

#[test]
fn a_bad_model_leaves_the_old_one() {
    let state = dreaming();
    state.opening.set(Some(8));
    state.apply(failed(Some(8), "node conv1: unsupported operator Foo"));
    assert_eq!(state.opening.get_untracked(), None);
    assert_eq!(state.model.get_untracked().map(|model| model.name), Some("mini".into()));
    assert_eq!(state.dream.get_untracked(), RUNNING);
    assert_eq!(state.alerts.get_untracked().len(), 1);
}

#[test]
fn the_chosen_layer_carries_over_where_the_model_has_it() {
    let state = dreaming();
    assert_eq!(state.layer(), Some("a".into()));
    state.settings.update(|settings| {
        settings.objectives = vec![Objective::layer("b")];
    });
    assert_eq!(state.layer(), Some("b".into()));
    state.opening.set(Some(8));
    state.apply(Event::ModelLoaded { id: 8, model: model("other", &["x"]) });
    assert_eq!(state.layer(), Some("x".into()));
    assert_eq!(state.dream_settings().objectives[0].layer, "x");
    state.opening.set(Some(9));
    state.apply(Event::ModelLoaded { id: 9, model: model("third", &["a", "b"]) });
    assert_eq!(state.layer(), Some("b".into()));
}

#[test]
fn a_reset_can_be_taken_back() {
    let state = dreaming();
    state.settings.update(|settings| settings.seed = 77);
    state.apply(Event::Done {
        id: 5,
        picture: picture(9),
        stopped: false,
        seconds: 2.0,
        octaves: 3,
    });
    state.reset();
    assert_eq!(state.settings.get_untracked(), DreamSettings::default());
    assert_eq!(state.frame.get_untracked(), None);
    state.undo_reset();
    assert_eq!(state.settings.get_untracked().seed, 77);
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(9));
    assert_eq!(state.undo.get_untracked(), None);
}

#[test]
fn an_interrupted_dream_shows_what_is_kept_and_goes_on() {
    let state = dreaming();
    assert_eq!(state.begin_continue(), None);
    state.apply(Event::Started { id: 5, engine: engine("GPU"), need: NEED, notes: Vec::new() });
    state.apply(Event::Frame { id: 5, picture: picture(3), scores: Vec::new() });
    state.apply(interrupted(4));
    assert_eq!(state.dream.get_untracked(), RUNNING);
    state.apply(interrupted(5));
    let phase = Phase::Interrupted("Lost.".into());
    assert_eq!(state.dream.get_untracked(), Some(Dream { id: 5, phase }));
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(6));
    assert_eq!(state.outcome.get_untracked(), None);
    assert_eq!(state.begin_continue(), Some(5));
    assert_eq!(state.dream.get_untracked(), RUNNING);
    state.apply(Event::Started { id: 5, engine: engine("CPU"), need: NEED, notes: Vec::new() });
    assert_eq!(state.engine.get_untracked(), Some(engine("CPU")));
    state.apply(interrupted(5));
    assert_eq!(state.begin_stop(), Some(5));
    assert_eq!(state.begin_continue(), None);
    state.apply(Event::Done {
        id: 5,
        picture: picture(6),
        stopped: true,
        seconds: 1.0,
        octaves: 3,
    });
    assert_eq!(state.dream.get_untracked(), None);
    assert_eq!(state.outcome.get_untracked(), Some(Outcome::Done { stopped: true, seconds: 1.0 }));
}

#[test]
fn the_engine_may_fail_while_the_dream_is_stopping() {
    let state = dreaming();
    state.begin_stop();
    state.apply(interrupted(5));
    assert_eq!(state.begin_continue(), Some(5));
}

#[test]
fn a_dead_worker_ends_an_interrupted_dream() {
    let state = dreaming();
    state.apply(interrupted(5));
    state.worker_died("closed".into());
    assert_eq!(state.dream.get_untracked(), None);
    assert_eq!(state.outcome.get_untracked(), Some(Outcome::Failed));
    assert_eq!(state.frame.get_untracked().map(|frame| frame.width), Some(6));
}

#[test]
fn only_the_newest_plan_is_told() {
    let state = dreaming();
    state.apply(Event::Done {
        id: 5,
        picture: picture(9),
        stopped: false,
        seconds: 2.0,
        octaves: 3,
    });
    let planned = |id, megabytes| Event::Planned {
        id,
        engine: engine("GPU"),
        need: Need { megabytes, tiles: 2, seconds: None },
    };
    state.planning.set(Some(7));
    state.apply(planned(6, 1));
    assert_eq!(state.need.get_untracked(), None);
    state.apply(planned(7, 2));
    assert_eq!(
        state.need.get_untracked(),
        Some(Ok(Need { megabytes: 2, tiles: 2, seconds: None }))
    );
    assert_eq!(state.engine.get_untracked(), Some(engine("GPU")));
    state.apply(planned(7, 3));
    assert_eq!(state.planning.get_untracked(), None);
    assert_eq!(
        state.need.get_untracked(),
        Some(Ok(Need { megabytes: 2, tiles: 2, seconds: None }))
    );
}

#[test]
fn a_plan_that_fails_is_no_alert() {
    let state = dreaming();
    state.planning.set(Some(7));
    state.apply(failed(Some(7), "too large"));
    assert_eq!(state.need.get_untracked(), Some(Err("too large".into())));
    assert_eq!(state.engine.get_untracked(), None);
    assert_eq!(state.alerts.get_untracked(), []);
    assert_eq!(state.dream.get_untracked(), RUNNING);
    state.planning.set(Some(8));
    state.begin_dream(9);
    state.apply(failed(Some(8), "stale"));
    assert_eq!(state.need.get_untracked(), Some(Err("too large".into())));
}
