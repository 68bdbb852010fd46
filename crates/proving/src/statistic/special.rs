//! The incomplete beta function and the quantiles that rest on it, with pinned arithmetic.

use leitai_math::real;

/// Where the continued fraction stops changing; a few units in the last place.
const CLOSE: f64 = 1e-15;
/// Terms after which the continued fraction has settled for any argument this crate uses (it needs about √max(a, b)).
const MOST_TERMS: usize = 20_000;

/// ln B(a, b).
pub fn ln_beta(a: f64, b: f64) -> f64 {
    real::lgamma(a) + real::lgamma(b) - real::lgamma(a + b)
}

/// ln of the regularized incomplete beta function I_x(a, b), accurate also where I itself would underflow.
///
/// The continued fraction of DLMF §8.17(v), evaluated by the modified Lentz method (Thompson & Barnett 1986), on the side of
/// the mean where it converges quickly; the other side through I_x(a, b) = 1 − I_{1−x}(b, a).
pub fn ln_incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if x >= 1.0 {
        return 0.0;
    }
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_lower(x, 1.0 - x, a, b)
    } else {
        real::ln_1p(-real::exp(real::min(ln_lower(1.0 - x, x, b, a), 0.0)))
    }
}

/// I_x(a, b): the probability that a Beta(a, b) variable is at most `x`.
pub fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    real::exp(ln_incomplete_beta(x, a, b))
}

/// ln I_x(a, b) left of the mean; `y` is 1 − x.
fn ln_lower(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let front = a * real::ln(x) + b * real::ln(y) - ln_beta(a, b) - real::ln(a);
    front + real::ln(fraction(x, a, b))
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    // Lentz divides by c and d, which may pass through zero; the usual remedy is the smallest harmless number.
    let away = |v: f64| if real::abs(v) < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..MOST_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            step *= c * d;
        }
        value *= step;
        if real::abs(step - 1.0) < CLOSE {
            break;
        }
    }
    value
}

/// The point in [`low`, `high`] where `is_right_of` turns true, by halving; 200 halvings reach neighboring doubles or zero.
pub fn bisect(mut low: f64, mut high: f64, is_right_of: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if is_right_of(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

/// x with I_x(a, b) = `probability`.
pub fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| incomplete_beta(x, a, b) > probability)
}

/// z with P(|Z| ≤ z) = `confidence` for a standard normal Z: 1.96 for 95 %.
pub fn normal_two_sided(confidence: f64) -> f64 {
    bisect(0.0, 9.0, |z| real::erf(z / real::sqrt(2.0)) > confidence)
}

/// t with P(|T| ≤ t) = `confidence` for Student's T with `freedom` degrees of freedom.
pub fn student_two_sided(confidence: f64, freedom: f64) -> f64 {
    // P(|T| > t) = I_{ν/(ν+t²)}(ν/2, 1/2)
    let x = beta_quantile(1.0 - confidence, 0.5 * freedom, 0.5);
    real::sqrt(freedom * (1.0 - x) / x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, relative: f64) {
        assert!(real::abs(a - b) <= relative * real::abs(b), "{a} is not {b}");
    }

    /// Closed forms: I_x(1, 1) = x, I_x(a, 1) = xᵃ, I_x(½, ½) = (2/π)·asin √x, and the symmetry I_x(a,b) = 1 − I_{1−x}(b,a).
    #[test]
    fn incomplete_beta_has_its_closed_forms() {
        for x in [0.01, 0.3, 0.5, 0.77, 0.999] {
            close(incomplete_beta(x, 1.0, 1.0), x, 1e-13);
            close(incomplete_beta(x, 7.0, 1.0), real::pow(x, 7.0), 1e-12);
            close(incomplete_beta(x, 0.5, 0.5), 2.0 / real::PI * real::asin(real::sqrt(x)), 1e-13);
            close(incomplete_beta(x, 3.5, 9.0), 1.0 - incomplete_beta(1.0 - x, 9.0, 3.5), 1e-12);
        }
    }

    /// Beta(1, 1000) has density 1000·(1−x)⁹⁹⁹, so I_x = 1 − (1−x)¹⁰⁰⁰; and ln I stays finite where I underflows.
    #[test]
    fn far_tails_stay_accurate() {
        close(incomplete_beta(1e-3, 1.0, 1000.0), 1.0 - real::pow(0.999, 1000.0), 1e-11);
        close(ln_incomplete_beta(1e-3, 500.0, 1.0), 500.0 * real::ln(1e-3), 1e-12);
    }

    /// Quantiles printed in any table of the normal and of Student's t.
    #[test]
    fn quantiles_match_the_tables() {
        close(normal_two_sided(0.95), 1.959_963_984_540_054, 1e-12);
        close(normal_two_sided(0.99), 2.575_829_303_548_901, 1e-12);
        close(student_two_sided(0.95, 1.0), 12.706_204_736, 1e-9);
        close(student_two_sided(0.95, 9.0), 2.262_157_163, 1e-9);
        close(student_two_sided(0.95, 99.0), 1.984_216_952, 1e-9);
    }
}
