//! Max-poolings are searched once: what the backward pass must know, where each window is largest,
//! the forward pass finds out anyway.

use crate::{
    shaders::Shader,
    work::{Input, Place, Work},
};

/// Words of a pooling's uniform that do not say what is searched: where it writes, what it adds up.
const NO_SEARCH: [usize; 3] = [1, 3, 16];

/// Takes every search for positions out of the backward pass whose windows the forward pass looks
/// through anyway, and lets that keep what it finds.
pub(crate) fn search_once(forward: &mut [Work], backward: &mut Vec<Work>) {
    let mut index = 0;
    let mut at = 0;
    while at < backward.len() {
        let find = &backward[at];
        // The last one: what is searched in the backward pass has lain there ever since.
        let pool = forward.iter().rposition(|work| same_search(work, find));
        let (Some(pool), Some((_, keep)), Place::Scratch { words, .. }) =
            (pool, pooling(find.shader), find.write)
        else {
            at += 1;
            continue;
        };
        let kept = Place::Kept { index, words };
        index += 1;
        backward.remove(at);
        forward[pool].shader = keep;
        forward[pool].reads.push(Input::Place(kept));
        // The gradient, which read the scratch.
        if let Some(Input::Place(place)) = backward.get_mut(at).and_then(|it| it.reads.get_mut(1)) {
            *place = kept;
        }
    }
}

/// The pooling that searches as a shader for positions does, and the one that keeps them.
fn pooling(find: Shader) -> Option<(Shader, Shader)> {
    match find {
        Shader::MaxPoolPosition => Some((Shader::MaxPool, Shader::MaxPoolKeep)),
        Shader::MaxPoolPosition3 => Some((Shader::MaxPool3, Shader::MaxPoolKeep3)),
        Shader::MaxPoolPosition3By2 => Some((Shader::MaxPool3By2, Shader::MaxPoolKeep3By2)),
        _ => None,
    }
}

fn same_search(pool: &Work, find: &Work) -> bool {
    let places = [pool, find].map(|work| match work.reads.first() {
        Some(Input::Place(place)) => Some(*place),
        _ => None,
    });
    let mut words = pool.params.iter().zip(&find.params).enumerate();
    pooling(find.shader).is_some_and(|(searches, _)| searches == pool.shader)
        && places[0].is_some()
        && places[0] == places[1]
        && words.all(|(word, (a, b))| a == b || NO_SEARCH.contains(&word))
}

#[cfg(test)]
mod tests {
    use dream_graph::Buffer;

    use super::*;

    fn work(shader: Shader, reads: &[Place], write: Place, params: [u32; 17]) -> Work {
        Work {
            node: String::new(),
            shader,
            params: params.into(),
            write,
            reads: reads.iter().map(|place| Input::Place(*place)).collect(),
            groups: [1; 3],
            flops: 0.0,
        }
    }

    /// Forward and backward pass of a pooling whose kernel is `sides` wide there.
    fn passes(sides: [u32; 2]) -> [Vec<Work>; 2] {
        let [x, y, dx] = [0, 1, 2].map(|slot| Place::Buffer(Buffer::Slot(slot)));
        let mut params = [7; 17];
        params[9] = sides[0];
        let pool = work(Shader::MaxPool, &[x], y, params);
        params[9] = sides[1];
        params[1] = 5;
        let scratch = Place::Scratch { index: 0, words: 70 };
        let find = work(Shader::MaxPoolPosition, &[x], scratch, params);
        [vec![pool], vec![find, work(Shader::MaxPoolGrad, &[y, scratch], dx, params)]]
    }

    #[test]
    fn what_the_forward_pass_has_found_is_not_searched_again() {
        let [mut forward, mut backward] = passes([3, 3]);
        search_once(&mut forward, &mut backward);
        let kept = Place::Kept { index: 0, words: 70 };
        let [pool, gradient] = [&forward[0], &backward[0]];
        assert_eq!((forward.len(), pool.shader), (1, Shader::MaxPoolKeep));
        assert_eq!((backward.len(), gradient.shader), (1, Shader::MaxPoolGrad));
        for reader in [pool, gradient] {
            assert!(matches!(reader.reads[..], [_, Input::Place(place)] if place == kept));
        }
    }

    #[test]
    fn another_window_is_another_search() {
        let [mut forward, mut backward] = passes([3, 2]);
        search_once(&mut forward, &mut backward);
        assert_eq!((forward.len(), backward.len()), (1, 2));
    }
}
