//! References that give way, on the six-axis arm of these tests.

#[allow(clippy::approx_constant, reason = "joint limits, not circles")]
mod arms;

use leitai_control::accommodation::{Accommodation, Ask};
use leitai_control::{ArmDynamics, Chain, Reference};

const Q: [f64; 6] = [0.3, -1.4, 1.8, -2.0, -1.4, 0.2];
const PERIOD_S: f64 = 0.002;

/// Velocity of the tip, linear then angular, after one step from rest.
fn moved(ask: &Ask, most: f64, of_tip: [f64; 2]) -> [f64; 6] {
    let model = arms::six_axes().build().expect("a model");
    let site = model.site_named("tool_mount").expect("a site");
    let chain = Chain::new(&model, site).expect("a chain");
    let mut arm = ArmDynamics::new(&model, chain.joints(), site);
    let mut accommodation = Accommodation::new(25.0, 6.0, &[most; 6]);
    accommodation.most_of_tip = of_tip;
    let mut reference = Reference::standing(&Q);
    accommodation.step(&mut arm, &chain, ask, PERIOD_S, &Q, &mut reference);
    let mut jacobian = [[0.0; 6]; 6];
    chain.tip_and_jacobian(&Q, &mut jacobian);
    for (q, (before, v)) in reference.q.iter().zip(Q.iter().zip(&reference.v)) {
        assert!((q - before - v * PERIOD_S).abs() < 1e-15);
    }
    core::array::from_fn(|r| jacobian.iter().zip(&reference.v).map(|(column, v)| column[r] * v).sum())
}

/// The definition: without a wrench the tip moves as asked, away from singular postures to the damping's share.
#[test]
fn a_tip_that_feels_nothing_moves_as_asked() {
    let ask = Ask { twist: [0.01, -0.02, 0.005, 0.1, 0.05, -0.2], ..Ask::default() };
    let moved = moved(&ask, 10.0, [f64::INFINITY; 2]);
    for (moved, asked) in moved.iter().zip(ask.twist) {
        assert!((moved - asked).abs() < 0.02 * asked.abs() + 2e-4, "{moved} {asked}");
    }
}

/// Mobility is symmetric and positive (Maxwell's reciprocity): what force k moves along l is what force l moves along k, and every force is
/// given way to.
#[test]
fn giving_way_is_reciprocal_and_never_pushes_back() {
    let along: [[f64; 6]; 6] = core::array::from_fn(|k| {
        let mut ask = Ask::default();
        ask.wrench[k] = 1.0;
        moved(&ask, 1e9, [f64::INFINITY; 2])
    });
    for k in 0..6 {
        assert!(along[k][k] > 0.0);
        for l in 0..6 {
            assert!((along[k][l] - along[l][k]).abs() < 1e-12 * (along[k][k] * along[l][l]).sqrt().max(1e-3), "{k} {l}");
        }
    }
}

/// What is too fast keeps its direction.
#[test]
fn limits_slow_the_whole_motion() {
    let ask = Ask { wrench: [300.0, -100.0, 50.0, 10.0, 0.0, 5.0], ..Ask::default() };
    let free = moved(&ask, 1e9, [f64::INFINITY; 2]);
    let slow = moved(&ask, 1e9, [0.01, f64::INFINITY]);
    let speed = slow[..3].iter().map(|v| v * v).sum::<f64>().sqrt();
    assert!((speed - 0.01).abs() < 1e-12, "{speed}");
    let share = slow[0] / free[0];
    assert!(share < 1.0 && slow.iter().zip(free).all(|(slow, free)| (slow - share * free).abs() < 1e-12 * free.abs().max(1.0)));
}
