//! The worker's life: idle until its model is loaded, then loaded or dreaming, one burst at a time.

use std::sync::Arc;

use dream::{DreamError, Session};
use dream_engines::{AnyEngine, choose, classify};
use dream_protocol::{
    DreamSettings, EngineChoice, Event, Failure, FailureKind, LayerWeight, Picture, Request,
    RequestId,
};

use crate::{
    model::{self, Held},
    pace::{Clock, breathe},
    port::{self, Port, post},
};

/// At most this many classes are named.
const TOP: usize = 5;

enum State {
    Idle,
    Loaded(Held),
    Dreaming(Held, Box<Dream>),
}

/// A dream under way.
struct Dream {
    id: RequestId,
    session: Session<AnyEngine>,
    clock: Clock,
}

/// Serves the page until the worker ends.
pub async fn run(port: Port) {
    let mut state = State::Idle;
    loop {
        state = match state {
            State::Idle => match model::embedded() {
                Ok(held) => {
                    post(&Event::Ready { model: held.card.clone() });
                    State::Loaded(held)
                }
                Err(reason) => {
                    let message = format!("the embedded model is damaged ({reason})");
                    post(&Event::Failed {
                        id: None,
                        failure: Failure { kind: FailureKind::Crash, message },
                    });
                    return port::scope().close();
                }
            },
            State::Loaded(held) => {
                let request = port.next().await;
                answer(held, request).await
            }
            State::Dreaming(held, dream) => {
                breathe().await;
                match proceed(dream, &port).await {
                    Some(dream) => State::Dreaming(held, dream),
                    None => State::Loaded(held),
                }
            }
        };
    }
}

async fn answer(held: Held, request: Request) -> State {
    match request {
        Request::LoadModel { id, files } => match model::open(&files).await {
            Ok(held) => {
                post(&Event::ModelLoaded { id, model: held.card.clone() });
                State::Loaded(held)
            }
            Err(message) => {
                fail(id, FailureKind::Model, message);
                State::Loaded(held)
            }
        },
        Request::Dream { id, picture, settings, engine } => {
            match begin(&held, id, &picture, settings, engine) {
                Ok(dream) => State::Dreaming(held, Box::new(dream)),
                Err(failure) => {
                    post(&Event::Failed { id: Some(id), failure });
                    State::Loaded(held)
                }
            }
        }
        Request::Classify { id, picture } => {
            match classify(&held.model, &picture, TOP) {
                Ok(classes) => post(&Event::Classified { id, classes }),
                Err(error) => fail(id, FailureKind::Engine, sentence(&error.to_string())),
            }
            State::Loaded(held)
        }
        // The dream has ended by itself meanwhile.
        Request::Stop { .. } => State::Loaded(held),
    }
}

fn begin(
    held: &Held,
    id: RequestId,
    picture: &Picture,
    mut settings: DreamSettings,
    engine: EngineChoice,
) -> Result<Dream, Failure> {
    if settings.layers.is_empty() {
        let name = held.card.default_layer.clone();
        settings.layers.push(LayerWeight { name, weight: 1.0 });
    }
    let chosen = choose(engine).map_err(|error| Failure {
        kind: FailureKind::Engine,
        message: sentence(&error.to_string()),
    })?;
    let network = Arc::new(held.model.clone());
    let session =
        Session::new(network, chosen.engine, picture, &settings).map_err(|e| failure(&e))?;
    post(&Event::Started {
        id,
        engine: chosen.name.to_owned(),
        reason: chosen.reason,
        notes: session.notes().to_vec(),
    });
    Ok(Dream { id, session, clock: Clock::start() })
}

/// One burst; `None` when the dream has ended.
async fn proceed(mut dream: Box<Dream>, port: &Port) -> Option<Box<Dream>> {
    let id = dream.id;
    if port.stopped(id) {
        end(*dream, true).await;
        return None;
    }
    let went = match dream.session.advance().await {
        Ok(Some(progress)) => {
            post(&Event::Progress { id, progress });
            let octave_ended = progress.iteration == progress.iterations;
            if dream.clock.preview_due(octave_ended) {
                dream.session.frame().await.map(|picture| post(&Event::Frame { id, picture }))
            } else {
                Ok(())
            }
        }
        Ok(None) => {
            end(*dream, false).await;
            return None;
        }
        Err(error) => Err(error),
    };
    match went {
        Ok(()) => Some(dream),
        Err(error) => {
            post(&Event::Failed { id: Some(id), failure: failure(&error) });
            None
        }
    }
}

async fn end(dream: Dream, stopped: bool) {
    let Dream { id, session, clock } = dream;
    match session.finish().await {
        Ok(picture) => {
            let seconds = clock.seconds();
            post(&Event::Done { id, picture, stopped, seconds });
        }
        Err(error) => post(&Event::Failed { id: Some(id), failure: failure(&error) }),
    }
}

fn fail(id: RequestId, kind: FailureKind, message: String) {
    post(&Event::Failed { id: Some(id), failure: Failure { kind, message } });
}

fn failure(error: &DreamError) -> Failure {
    let kind = match error {
        DreamError::Settings(_) => FailureKind::Settings,
        DreamError::Picture { .. } => FailureKind::Picture,
        _ => FailureKind::Engine,
    };
    Failure { kind, message: sentence(&error.to_string()) }
}

/// An error as a sentence: large letter first, full stop last.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let stop = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn errors_are_shown_as_sentences() {
        assert_eq!(sentence("the node is odd"), "The node is odd.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
