//! Liveness: buffers that are never needed at the same time share a slot.

use crate::dispatch::{Buffer, Dispatch, Source, View};

/// Renumbers the slots of `dispatches` so that buffers share memory where their lives do not
/// overlap, and returns the elements of each remaining slot. `sizes` are the elements of each
/// buffer. A dispatch never reads and writes the same slot, which WebGPU forbids.
pub(crate) fn assign(dispatches: &mut [&mut Dispatch], sizes: &[usize]) -> Vec<usize> {
    let last_use = last_uses(dispatches, sizes.len());
    let mut slot_of = vec![None; sizes.len()];
    let (mut slots, mut free): (Vec<usize>, Vec<usize>) = Default::default();
    for (time, dispatch) in dispatches.iter_mut().enumerate() {
        let mut used: Vec<usize> = read_views(dispatch).filter_map(slot_index).collect();
        used.extend(slot_index(&dispatch.write));
        used.sort_unstable();
        used.dedup();
        for &buffer in &used {
            if slot_of[buffer].is_none() {
                slot_of[buffer] = Some(take(&mut free, &mut slots, sizes[buffer]));
            }
        }
        dispatch.reads.iter_mut().for_each(|read| {
            if let Source::View(view) = read {
                renumber(view, &slot_of);
            }
        });
        renumber(&mut dispatch.write, &slot_of);
        free.extend(used.iter().filter(|&&b| last_use[b] == time).filter_map(|&b| slot_of[b]));
    }
    slots
}

fn last_uses(dispatches: &[&mut Dispatch], buffers: usize) -> Vec<usize> {
    let mut last_use = vec![0; buffers];
    for (time, dispatch) in dispatches.iter().enumerate() {
        for view in read_views(dispatch).chain([&dispatch.write]) {
            if let Some(buffer) = slot_index(view) {
                last_use[buffer] = time;
            }
        }
    }
    last_use
}

/// The smallest free slot that is large enough, else the largest one grown, else a new one.
fn take(free: &mut Vec<usize>, slots: &mut Vec<usize>, size: usize) -> usize {
    let fits = |&i: &usize| slots[free[i]] >= size;
    let best = (0..free.len()).filter(fits).min_by_key(|&i| slots[free[i]]);
    let Some(i) = best.or_else(|| (0..free.len()).max_by_key(|&i| slots[free[i]])) else {
        slots.push(size);
        return slots.len() - 1;
    };
    let slot = free.swap_remove(i);
    slots[slot] = slots[slot].max(size);
    slot
}

fn read_views(dispatch: &Dispatch) -> impl Iterator<Item = &View> {
    dispatch.reads.iter().filter_map(|read| match read {
        Source::View(view) => Some(view),
        Source::Constant(_) => None,
    })
}

fn slot_index(view: &View) -> Option<usize> {
    match view.buffer {
        Buffer::Slot(index) => Some(index),
        _ => None,
    }
}

fn renumber(view: &mut View, slot_of: &[Option<usize>]) {
    if let Buffer::Slot(index) = view.buffer
        && let Some(slot) = slot_of[index]
    {
        view.buffer = Buffer::Slot(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;

    fn copy(from: usize, to: usize) -> Dispatch {
        Dispatch {
            node: String::new(),
            kernel: Kernel::Scale { factor: 1.0 },
            reads: vec![Source::View(View::whole(Buffer::Slot(from), 8))],
            write: View::whole(Buffer::Slot(to), 8),
            accumulate: false,
        }
    }

    fn assigned(dispatches: &mut [Dispatch], sizes: &[usize]) -> Vec<usize> {
        let mut dispatches: Vec<&mut Dispatch> = dispatches.iter_mut().collect();
        assign(&mut dispatches, sizes)
    }

    #[test]
    fn a_chain_needs_two_slots_and_never_aliases() {
        let mut chain: Vec<_> = (0..9).map(|i| copy(i, i + 1)).collect();
        assert_eq!(assigned(&mut chain, &[8; 10]), [8, 8]);
        for dispatch in &chain {
            assert!(read_views(dispatch).all(|view| view.buffer != dispatch.write.buffer));
        }
    }

    #[test]
    fn a_buffer_read_late_keeps_its_slot() {
        let mut fan = vec![copy(0, 1), copy(1, 2), copy(2, 3), copy(0, 4)];
        assert_eq!(assigned(&mut fan, &[8; 5]).len(), 3);
        let first = slot_index(&fan[0].write);
        let original = read_views(&fan[0]).next().and_then(slot_index);
        assert_ne!(first, original);
        assert!(fan[..3].iter().all(|d| slot_index(&d.write) != original));
    }
}
