//! Max-poolings are searched once: what the backward pass must know, where each window is largest,
//! the forward pass finds out anyway.

use crate::{
    lower::groups,
    shaders::Shader,
    work::{Input, Place, Work},
};

/// Words of a pooling's uniform that do not say what is searched: where it writes, what it adds up.
const NO_SEARCH: [usize; 3] = [1, 3, 16];

/// Moves every search for positions from the backward pass to where the forward pass makes the
/// same one, which then only picks what was found.
pub(crate) fn search_once(forward: &mut Vec<Work>, backward: &mut Vec<Work>) {
    let mut index = 0;
    let mut at = 0;
    while at < backward.len() {
        let words = match backward[at] {
            Work { shader, write: Place::Scratch(words), .. } if pooling(shader).is_some() => words,
            _ => {
                at += 1;
                continue;
            }
        };
        // The last one: what is searched in the backward pass has lain there ever since.
        let Some(pool) = forward.iter().rposition(|work| same_search(work, &backward[at])) else {
            at += 1;
            continue;
        };
        let kept = Place::Kept { index, words };
        index += 1;
        let find = Work { write: kept, ..backward.remove(at) };
        let pick = &mut forward[pool];
        pick.shader = Shader::MaxPoolPick;
        pick.groups = groups(pick.params[0] as usize);
        pick.reads.push(Input::Place(kept));
        forward.insert(pool, find);
        // The gradient, which read the scratch.
        if let Some(Input::Place(place)) = backward.get_mut(at).and_then(|it| it.reads.get_mut(1)) {
            *place = kept;
        }
    }
}

/// The pooling that searches as a shader for positions does.
fn pooling(find: Shader) -> Option<Shader> {
    match find {
        Shader::MaxPoolPosition => Some(Shader::MaxPool),
        Shader::MaxPoolPosition3 => Some(Shader::MaxPool3),
        Shader::MaxPoolPosition3By2 => Some(Shader::MaxPool3By2),
        _ => None,
    }
}

fn same_search(pool: &Work, find: &Work) -> bool {
    let places = [pool, find].map(|work| match work.reads.first() {
        Some(Input::Place(place)) => Some(*place),
        _ => None,
    });
    let mut words = pool.params.iter().zip(&find.params).enumerate();
    pooling(find.shader) == Some(pool.shader)
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
        let scratch = Place::Scratch(70);
        let find = work(Shader::MaxPoolPosition, &[x], scratch, params);
        [vec![pool], vec![find, work(Shader::MaxPoolGrad, &[y, scratch], dx, params)]]
    }

    #[test]
    fn what_the_forward_pass_has_found_is_not_searched_again() {
        let [mut forward, mut backward] = passes([3, 3]);
        search_once(&mut forward, &mut backward);
        let shaders = |works: &[Work]| works.iter().map(|it| it.shader).collect::<Vec<_>>();
        assert_eq!(shaders(&forward), [Shader::MaxPoolPosition, Shader::MaxPoolPick]);
        assert_eq!(shaders(&backward), [Shader::MaxPoolGrad]);
        let kept = Place::Kept { index: 0, words: 70 };
        assert_eq!(forward[0].write, kept);
        for reader in [&forward[1], &backward[0]] {
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
