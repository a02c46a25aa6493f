//! What surfaces mean to maps: a circle has no first position, and a meridian goes on over its
//! poles.

use super::*;

fn applied(map: &AxisMap, x: &[f32]) -> Vec<f32> {
    remap(std::slice::from_ref(map), x)
}

fn near(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4)
}

#[test]
fn circles_have_no_first_position() {
    let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
    let turned = [4.0, 1.0, 5.0, 9.0, 3.0, 1.0];
    type Make = fn(usize, Ends) -> AxisMap;
    let makes: [Make; 3] = [
        |length, ends| gaussian(length, 1.2, ends),
        |length, ends| difference(length, 1.0, ends == Ends::Wrap),
        halving,
    ];
    for make in makes {
        let turns = |ends| {
            let map = make(6, ends);
            let mut expected = applied(&map, &x);
            let turn = 2 * expected.len() / 6;
            expected.rotate_left(turn);
            near(&applied(&map, &turned), &expected)
        };
        assert!(turns(Ends::Wrap) && !turns(Ends::Stop));
    }
    let up = applied(&bilinear(3, 6, Ends::Wrap), &[0.0, 3.0, 6.0]);
    assert_eq!(up, [1.5, 0.75, 2.25, 3.75, 5.25, 4.5]);
}

#[test]
fn gaussians_keep_means_and_flatten() {
    for ends in [Ends::Stop, Ends::Wrap] {
        let map = gaussian(9, 0.8, ends);
        assert!(applied(&map, &[7.0; 9]).iter().all(|level| (level - 7.0).abs() < 1e-5));
        let spike = applied(&map, &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(spike[4] < 0.6 && (spike.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    assert!(gaussian(5, 0.0, Ends::Stop).is_identity());
}

const SPHERE: [usize; 2] = [6, 8];

fn numbers(seed: f32, [height, width]: [usize; 2]) -> Vec<f32> {
    (0..3 * height * width).map(|i| 9.0 * ((i as f32 + 1.0) * seed).sin()).collect()
}

/// Two planes of height 2h: what lies on a sphere's columns, and behind each its opposite, upside
/// down. On that torus the columns are meridians.
fn unrolled(planes: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    let at = |c: usize, place| {
        let [row, column] = Surface::Sphere.rolled([height, width], place);
        planes[(c * height + row) * width + column]
    };
    let places = (0..3).flat_map(|c| (0..2 * height).map(move |row| (c, row as i64)));
    places.flat_map(|(c, row)| (0..width as i64).map(move |x| at(c, [row, x]))).collect()
}

#[test]
fn a_sphere_is_a_torus_of_twice_its_height() {
    let x = numbers(0.37, SPHERE);
    let twice = [2 * SPHERE[0], SPHERE[1]];
    let of = |size: [usize; 2], surface| {
        [
            PlaneMap::gaussian(size, 1.1, surface),
            PlaneMap::resampling(size, [size[0] * 3 / 2, 12], surface),
            PlaneMap::resampling(size, [size[0] * 5 / 3, 6], surface),
        ]
    };
    let pairs = of(SPHERE, Surface::Sphere).into_iter().zip(of(twice, Surface::Torus));
    for ((sphere, torus), sheet) in pairs.zip(of(SPHERE, Surface::Sheet)) {
        let expected = torus.of(&unrolled(&x, SPHERE));
        assert!(near(&unrolled(&sphere.of(&x), sphere.output()), &expected));
        assert!(!near(&unrolled(&sheet.of(&x), sheet.output()), &expected), "a sheet passes");
    }
}

#[test]
fn maps_and_their_transposes_belong_together() {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    for surface in [Surface::Sheet, Surface::Torus, Surface::Sphere] {
        for size in [SPHERE, [5, 7]] {
            let maps = [
                PlaneMap::halving(size, surface),
                PlaneMap::gaussian(size, 0.9, surface),
                PlaneMap::difference(size, 0, 1.0, surface),
                PlaneMap::difference(size, 1, 1.0, surface),
            ];
            for map in maps {
                let (x, y) = (numbers(0.37, size), numbers(0.61, map.output()));
                let there = 2.0 * dot(&map.of(&x), &y);
                let back = dot(&map.back(2.0).of(&y), &x);
                assert!((there - back).abs() < 1e-2, "{surface:?} {size:?}: {there} and {back}");
                assert!((there - dot(&map.back(1.9).of(&y), &x)).abs() > 1e-1);
            }
        }
    }
}
