//! Tests of the worker's life, with a port that holds all requests and a list that takes the events.

use std::cell::RefCell;

use dream_protocol::{Mask, Objective, ObjectiveKind};
use pollster::block_on;

use super::*;

thread_local! {
    static POSTED: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
}

fn worker() -> Worker {
    let post = |event: &Event| POSTED.with_borrow_mut(|events| events.push(event.clone()));
    let built_in = model::built_in(mini_inception::MODEL).expect("the built-in model is whole");
    let held = built_in.clone();
    let (port, engines) = (Port::from_iter([]), Engines::default());
    let paces = Paces::default();
    Worker { port, built_in, held, classifier: None, engines, paces, ended: None, post }
}

impl Worker {
    /// Steps until an event satisfies; gives that event too.
    fn drive(
        &mut self,
        mut state: State,
        requests: impl IntoIterator<Item = Request>,
        until: impl Fn(&Event) -> bool,
    ) -> (State, Event) {
        self.port = Port::from_iter(requests);
        loop {
            state = block_on(self.step(state));
            let events = POSTED.take();
            if let Some(event) = events.into_iter().find(&until) {
                return (state, event);
            }
        }
    }

    /// A dream of three octaves, interrupted in the second.
    fn interrupted(&mut self) -> (Box<Dream>, Event) {
        let in_second = |event: &Event| matches!(event, Event::Progress { progress, .. } if progress.octave == 2);
        let (state, _) = self.drive(State::Loaded, [dream(1, settings())], in_second);
        let State::Dreaming(dream) = state else { panic!("it dreams") };
        let lost = EngineError::Lost { engine: "CPU", reason: "unplugged".into() };
        let State::Interrupted(dream) = self.interrupt(dream, &lost) else { panic!("it waits") };
        (dream, POSTED.take().pop().expect("an event"))
    }
}

fn original() -> Picture {
    let byte = |i: u32| if i % 4 == 3 { 255 } else { (i * 37 % 251) as u8 };
    Picture { width: 64, height: 48, rgba: (0..64 * 48 * 4).map(byte).collect() }
}

fn settings() -> DreamSettings {
    DreamSettings { octaves: 3, iterations: 2, ..Default::default() }
}

fn dream(id: RequestId, settings: DreamSettings) -> Request {
    let (picture, materials) = (original(), Vec::new());
    Request::Dream { id, picture, materials, settings, engine: EngineChoice::Cpu }
}

fn plan(id: RequestId) -> Request {
    let engine = EngineChoice::Cpu;
    Request::Plan { id, width: 64, height: 48, materials: Vec::new(), settings: settings(), engine }
}

fn is_done(event: &Event) -> bool {
    matches!(event, Event::Done { .. })
}

#[test]
fn a_plan_says_what_the_dream_says_later() {
    let mut worker = worker();
    let (state, planned) = worker.drive(State::Loaded, [plan(1)], |_| true);
    assert!(matches!(state, State::Loaded));
    let (_, started) = worker.drive(state, [dream(2, settings())], |_| true);
    let Event::Planned { id: 1, engine, need } = planned else { panic!("{planned:?}") };
    assert!(need.megabytes > 0 && need.tiles == 1, "{need}");
    let notes = Vec::new();
    assert_eq!(started, Event::Started { id: 2, engine, need, notes });
}

#[test]
fn a_large_dream_is_told_how_long_it_takes() {
    let mut worker = worker();
    let mut seconds = |iterations| {
        let settings = DreamSettings { octaves: 1, iterations, size: 1024, ..settings() };
        let engine = EngineChoice::Cpu;
        let large = Request::Plan {
            id: 1,
            width: 1024,
            height: 768,
            materials: Vec::new(),
            settings,
            engine,
        };
        let (_, planned) = worker.drive(State::Loaded, [large], |_| true);
        let Event::Planned { need, .. } = planned else { panic!("{planned:?}") };
        need.seconds
    };
    let (short, long) = (seconds(30), seconds(90));
    let (Some(short), Some(long)) = (short, long) else { panic!("{short:?} {long:?}") };
    assert!(short > 0 && (2 * short..=3 * short).contains(&long), "{short} s and {long} s");
    assert_eq!(seconds(1), None, "a small one is not measured");
}

#[test]
fn a_plan_counts_the_pictures_that_it_takes() {
    let mut worker = worker();
    let kind = ObjectiveKind::GuideMatch { guide: 0 };
    let objectives = vec![Objective { kind, ..Objective::layer("conv2/3x3") }];
    let settings = DreamSettings { objectives, ..settings() };
    let mut megabytes = |materials| {
        let (settings, engine) = (settings.clone(), EngineChoice::Cpu);
        let request = Request::Plan { id: 1, width: 64, height: 48, materials, settings, engine };
        let (_, planned) = worker.drive(State::Loaded, [request], |_| true);
        let Event::Planned { need, .. } = planned else { panic!("{planned:?}") };
        need.megabytes
    };
    let (small, large) = (megabytes(vec![[32, 32]]), megabytes(vec![[224, 224]]));
    assert!(small < large, "{small} MB and {large} MB");
}

#[test]
fn an_interrupted_dream_goes_on_as_if_nothing_had_been() {
    let mut worker = worker();
    let (_, whole) = worker.drive(State::Loaded, [dream(1, settings())], is_done);
    let (paused, event) = worker.interrupted();
    let Event::Interrupted { id: 1, failure, picture: kept } = event else { panic!("{event:?}") };
    assert!(failure.message.contains("unplugged"));
    assert_ne!(kept, original());
    let go_on = Request::Continue { id: 1, engine: EngineChoice::Cpu };
    let (_, resumed) = worker.drive(State::Interrupted(paused), [go_on], is_done);
    let (Event::Done { picture: whole, .. }, Event::Done { id: 1, picture, stopped: false, .. }) =
        (whole, resumed)
    else {
        panic!("not done");
    };
    assert_eq!(picture, whole);
    assert_ne!(picture, kept);
}

#[test]
fn stopping_an_interrupted_dream_gives_what_is_kept() {
    let mut worker = worker();
    let (paused, interrupted) = worker.interrupted();
    let state = State::Interrupted(paused);
    let (state, done) = worker.drive(state, [Request::Stop { id: 1 }], |_| true);
    assert!(matches!(state, State::Loaded));
    let (
        Event::Interrupted { picture: kept, .. },
        Event::Done { id: 1, picture, stopped: true, .. },
    ) = (interrupted, done)
    else {
        panic!("not stopped");
    };
    assert_eq!(picture, kept);
}

#[test]
fn an_interrupted_dream_waits_while_other_things_are_asked() {
    let mut worker = worker();
    let (paused, _) = worker.interrupted();
    let bad = DreamSettings { octaves: 99, ..settings() };
    let stale = [
        Request::Stop { id: 7 },
        Request::Continue { id: 7, engine: EngineChoice::Cpu },
        dream(8, bad),
        plan(9),
    ];
    let planned = |event: &Event| matches!(event, Event::Planned { id: 9, .. });
    let (state, _) = worker.drive(State::Interrupted(paused), stale, planned);
    assert!(matches!(&state, State::Interrupted(dream) if dream.id == 1));
    let (state, _) = worker.drive(state, [dream(10, settings())], |_| true);
    assert!(matches!(state, State::Dreaming(dream) if dream.id == 10));
}

#[test]
fn classes_are_named_while_it_dreams() {
    let mut worker = worker();
    let ask = Request::Classify { id: 7, picture: original() };
    let named = |event: &Event| matches!(event, Event::Classified { id: 7, .. });
    let (state, event) = worker.drive(State::Loaded, [dream(1, settings()), plan(3), ask], named);
    assert!(matches!(&state, State::Dreaming(dream) if dream.id == 1), "the dream goes on");
    let Event::Classified { classes, .. } = event else { panic!("{event:?}") };
    assert_eq!(classes.len(), 5);
    let (_, other) = worker.drive(state, [], |_| true);
    assert!(matches!(other, Event::Progress { id: 1, .. }), "{other:?}");
}

#[test]
fn guides_travel_beside_the_settings() {
    let mut worker = worker();
    let kind = ObjectiveKind::GuideMatch { guide: 0 };
    let guided = DreamSettings {
        objectives: vec![Objective { kind, ..Objective::default() }],
        ..settings()
    };
    let shades = |shade: fn(u32) -> u8| Picture {
        rgba: (0..64 * 48 * 4).map(shade).collect(),
        ..original()
    };
    let [bars, rings] = [shades(|i| (i / 64 % 7 * 36) as u8), shades(|i| (i % 93 * 2) as u8)];
    let mut dreamt = |materials: Vec<Picture>| {
        let (picture, engine) = (original(), EngineChoice::Cpu);
        let request =
            Request::Dream { id: 1, picture, materials, settings: guided.clone(), engine };
        let ended = |event: &Event| is_done(event) || matches!(event, Event::Failed { .. });
        worker.drive(State::Loaded, [request], ended).1
    };
    let Event::Failed { id: Some(1), failure } = dreamt(Vec::new()) else { panic!("no guide") };
    assert_eq!(failure.kind, FailureKind::Settings);
    assert!(failure.message.contains("picture 0 of the 0"), "{}", failure.message);
    let picture = |event| match event {
        Event::Done { picture, .. } => picture,
        event => panic!("{event:?}"),
    };
    let (one, other) = (picture(dreamt(vec![bars])), picture(dreamt(vec![rings])));
    assert!(one != other && one != original());
}

#[test]
fn a_class_needs_no_layer_but_a_head() {
    let mut worker = worker();
    let kind = ObjectiveKind::Class { index: 281 };
    let settings = |kind| DreamSettings {
        objectives: vec![Objective { kind, ..Objective::default() }],
        ..settings()
    };
    let (_, done) = worker.drive(State::Loaded, [dream(1, settings(kind))], is_done);
    assert!(matches!(done, Event::Done { .. }));
    let beyond = dream(2, settings(ObjectiveKind::Class { index: 1000 }));
    let (_, failed) = worker.drive(State::Loaded, [beyond], |_| true);
    let Event::Failed { failure, .. } = failed else { panic!("{failed:?}") };
    assert!(failure.message.contains("has no class 1000"), "{}", failure.message);
}

/// Dreams to the end and a little of what can be asked then.
fn ended(worker: &mut Worker, id: RequestId) -> (State, Picture) {
    let (state, done) = worker.drive(State::Loaded, [dream(id, settings())], is_done);
    let Event::Done { picture, octaves: 3, .. } = done else { panic!("{done:?}") };
    (state, picture)
}

#[test]
fn a_dream_takes_up_other_settings_on_the_way() {
    let mut worker = worker();
    let (_, plain) = ended(&mut worker, 1);
    let other = DreamSettings { step_size: 6.0, iterations: 3, ..settings() };
    let refused = DreamSettings { step_size: 99.0, ..settings() };
    let update = |settings| Request::Update { id: 2, settings, materials: None };
    let requests = [dream(2, settings()), update(refused.clone()), update(other)];
    let (_, done) = worker.drive(State::Loaded, requests, is_done);
    let Event::Done { picture, .. } = done else { panic!("{done:?}") };
    assert_ne!(picture, plain);
    let is_refused = |event: &Event| matches!(event, Event::Refused { id: 3, .. });
    let refused = Request::Update { id: 3, settings: refused, materials: None };
    let requests = [dream(3, settings()), refused];
    let (state, _) = worker.drive(State::Loaded, requests, is_refused);
    let (_, done) = worker.drive(state, [], is_done);
    let Event::Done { picture, .. } = done else { panic!("{done:?}") };
    assert_eq!(picture, plain, "what was refused changed nothing");
}

#[test]
fn a_dream_takes_up_other_pictures_on_the_way() {
    let mut worker = worker();
    let mut settings = settings();
    settings.prior.mask = Mask::Material { index: 0 };
    let even = |level| Picture { width: 1, height: 1, rgba: vec![level, level, level, 255] };
    let update = |materials| Request::Update { id: 1, settings: settings.clone(), materials };
    let mut dreamt = |updates: Vec<_>| {
        let begin = Request::Dream {
            id: 1,
            picture: original(),
            materials: vec![even(0)],
            settings: settings.clone(),
            engine: EngineChoice::Cpu,
        };
        let requests = std::iter::once(begin).chain(updates.into_iter().map(update));
        let (_, done) = worker.drive(State::Loaded, requests, is_done);
        let Event::Done { picture, .. } = done else { panic!("{done:?}") };
        picture
    };
    assert_eq!(dreamt(vec![]), original(), "all of it is masked");
    assert_eq!(dreamt(vec![Some(vec![even(255)]), Some(vec![even(0)])]), original());
    assert_ne!(dreamt(vec![Some(vec![even(255)])]), original());
    assert_ne!(dreamt(vec![Some(vec![even(255)]), None]), original(), "the pictures are lost");
}

#[test]
fn a_dream_that_has_ended_is_taken_up_again() {
    let mut worker = worker();
    let longer = DreamSettings { octaves: 1, iterations: 4, ..settings() };
    let shorter = DreamSettings { iterations: 2, ..longer.clone() };
    let (_, whole) = worker.drive(State::Loaded, [dream(1, longer)], is_done);
    let (state, half) = worker.drive(State::Loaded, [dream(2, shorter.clone())], is_done);
    let more = Request::KeepGoing { id: 2, settings: shorter, materials: None };
    let (_, rest) = worker.drive(state, [more], is_done);
    let pictures = [whole, half, rest].map(|event| match event {
        Event::Done { picture, .. } => picture,
        event => panic!("{event:?}"),
    });
    assert_eq!(pictures[0], pictures[2]);
    assert_ne!(pictures[0], pictures[1]);
}

#[test]
fn a_dream_that_has_ended_is_remixed_until_another_begins() {
    let mut worker = worker();
    let (state, picture) = ended(&mut worker, 1);
    let remix = |remix| Request::Remix { id: 1, remix };
    let nothing = Remix { strength: 0.0, ..Remix::default() };
    let (state, event) = worker.drive(state, [remix(nothing)], |_| true);
    assert_eq!(event, Event::Remixed { id: 1, picture: original() });
    let (state, event) = worker.drive(state, [remix(Remix::default())], |_| true);
    let Event::Remixed { id: 1, picture: again } = event else { panic!("{event:?}") };
    let far = again.rgba.iter().zip(&picture.rgba).map(|(&a, &b)| a.abs_diff(b)).max();
    assert!(far <= Some(1), "levels differ by {far:?}");
    let (state, event) =
        worker.drive(state, [dream(2, settings()), remix(Remix::default())], is_done);
    assert!(matches!(event, Event::Done { id: 2, .. }));
    let (_, event) = worker.drive(state, [remix(Remix::default())], |_| true);
    assert!(matches!(event, Event::Failed { id: Some(1), .. }), "{event:?}");
}
