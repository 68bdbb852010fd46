//! Drawings in SVG: a chart of lines, a cloud of points, and a view of edges in space.

use std::fmt::Write as _;

use super::escape;

/// Colors by number, as the page's style names them.
#[must_use]
pub fn color(k: usize) -> String {
    format!("var(--s{})", k % 6 + 1)
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its points.
    pub points: Vec<[f64; 2]>,
    /// Number of its color.
    pub color: usize,
    /// Drawn with gaps.
    pub dashed: bool,
}

/// A step that a person would choose, so that about `n` of them cover `span`.
#[must_use]
pub fn step(span: f64, n: f64) -> f64 {
    if !(span > 0.0 && span.is_finite()) {
        return 1.0;
    }
    let raw = span / n;
    let power = 10.0_f64.powf(raw.log10().floor());
    let share = raw / power;
    power
        * if share <= 1.0 {
            1.0
        } else if share <= 2.0 {
            2.0
        } else if share <= 5.0 {
            5.0
        } else {
            10.0
        }
}

fn tick(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') { "0".to_string() } else { text }
}

/// A chart of lines, `size` wide and high, with what its axes are.
#[must_use]
pub fn chart(lines: &[Line], x: &str, y: &str, size: [f64; 2]) -> String {
    let all = || lines.iter().flat_map(|line| &line.points).filter(|p| p[0].is_finite() && p[1].is_finite());
    let range = |axis: usize| {
        let low = all().map(|p| p[axis]).fold(f64::MAX, f64::min);
        let high = all().map(|p| p[axis]).fold(f64::MIN, f64::max);
        if low < high {
            (low, high)
        } else if low == high {
            (low - 1.0, high + 1.0)
        } else {
            (0.0, 1.0)
        }
    };
    let ((x0, x1), (y0, y1)) = (range(0), range(1));
    let (y0, y1) = (y0.min(0.0), if y1 > 0.0 { y1 + 0.05 * (y1 - y0) } else { 0.0_f64.max(y1) });
    let (y0, y1) = if y0 < y1 { (y0, y1) } else { (y0 - 1.0, y1 + 1.0) };
    let [w, h] = size;
    let (left, right, top, bottom) = (52.0, 12.0, 22.0, 34.0);
    let px = |v: f64| left + (v - x0) / (x1 - x0) * (w - left - right);
    let py = |v: f64| h - bottom - (v - y0) / (y1 - y0) * (h - top - bottom);
    let mut svg = format!("<svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\">");
    let (dx, dy) = (step(x1 - x0, 6.0), step(y1 - y0, 4.0));
    for k in (x0 / dx).ceil() as i64..=(x1 / dx + 1e-9).floor() as i64 {
        let v = k as f64 * dx;
        let _ =
            write!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", px(v), h - bottom + 14.0, tick(v, dx));
    }
    for k in (y0 / dy).ceil() as i64..=(y1 / dy + 1e-9).floor() as i64 {
        let v = k as f64 * dy;
        let at = py(v);
        let _ = write!(
            svg,
            "<line class=\"{}\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            if k == 0 { "axis" } else { "grid" },
            w - right,
            left - 6.0,
            at + 4.0,
            tick(v, dy)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"4\" y=\"13\">{}</text>",
        0.5 * (left + w - right),
        h - 4.0,
        escape(x),
        escape(y)
    );
    let mut legend = w - right;
    for line in lines.iter().rev().filter(|line| !line.name.is_empty()) {
        let _ = write!(
            svg,
            "<text x=\"{legend:.1}\" y=\"13\" text-anchor=\"end\" style=\"fill:{}\">{}</text>",
            color(line.color),
            escape(&line.name)
        );
        legend -= 14.0 + 7.0 * line.name.chars().map(|c| if c.is_ascii() { 1.0 } else { 1.8 }).sum::<f64>();
    }
    for line in lines {
        let points: String = line
            .points
            .iter()
            .filter(|p| p[0].is_finite() && p[1].is_finite())
            .map(|p| format!("{:.1},{:.1} ", px(p[0]), py(p[1])))
            .collect();
        let dash = if line.dashed { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"{dash}/>",
            points.trim_end(),
            color(line.color)
        );
    }
    svg + "</svg>"
}

/// A cloud of points about its origin, with a circle of `radius`; `unit` is what its scale is in, and the scale is chosen for `reach`.
#[must_use]
pub fn cloud(points: &[[f64; 2]], radius: f64, reach: f64, title: &str, unit: &str) -> String {
    let size = 176.0;
    let reach = if reach > 0.0 { reach } else { 1.0 };
    let scale = 0.42 * size / reach;
    let (cx, cy) = (0.5 * size, 0.5 * size + 10.0);
    let high = size + 34.0;
    let mut svg = format!("<svg viewBox=\"0 0 {size} {high}\" width=\"{size}\" height=\"{high}\" role=\"img\">");
    let _ = write!(
        svg,
        "<text class=\"label\" x=\"2\" y=\"13\">{}</text>\
         <line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{cy}\" y2=\"{cy}\"/><line class=\"grid\" x1=\"{cx}\" x2=\"{cx}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\
         <circle cx=\"{cx}\" cy=\"{cy}\" r=\"{:.1}\" fill=\"none\" stroke=\"var(--s2)\" stroke-dasharray=\"4 3\"/>",
        escape(title),
        cx - 0.45 * size,
        cx + 0.45 * size,
        cy - 0.45 * size,
        cy + 0.45 * size,
        radius * scale
    );
    for [x, y] in points {
        let _ = write!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.4\" fill=\"var(--s1)\" fill-opacity=\"0.55\"/>",
            cx + x * scale,
            cy - y * scale
        );
    }
    let bar = step(reach, 1.5);
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"6\" x2=\"{:.1}\" y1=\"{1:.1}\" y2=\"{1:.1}\"/><text x=\"{2:.1}\" y=\"{3:.1}\">{4} {5}</text>",
        6.0 + bar * scale,
        high - 6.0,
        12.0 + bar * scale,
        high - 2.0,
        tick(bar, bar),
        escape(unit)
    );
    svg + "</svg>"
}

/// A view of space from the side and above, x to the right and away, y to the left and away, z up.
#[derive(Clone, Debug, Default)]
pub struct View {
    shapes: Vec<(Vec<[f64; 2]>, String)>,
    labels: Vec<([f64; 2], String)>,
}

impl View {
    fn flat([x, y, z]: [f64; 3]) -> [f64; 2] {
        // Turned by 25° about z, then looked at from 20° above.
        let (s, c) = (0.423, 0.906);
        let (right, away) = (c * x - s * y, s * x + c * y);
        [right, -(0.94 * z + 0.342 * away)]
    }

    /// A line through points, in a style.
    pub fn line(&mut self, points: &[[f64; 3]], style: &str) {
        self.shapes.push((points.iter().map(|p| Self::flat(*p)).collect(), format!("fill:none;{style}")));
    }

    /// A filled face.
    pub fn face(&mut self, points: &[[f64; 3]], style: &str) {
        self.shapes.push((points.iter().map(|p| Self::flat(*p)).collect(), style.to_string()));
    }

    /// A word beside a point.
    pub fn label(&mut self, at: [f64; 3], text: &str) {
        self.labels.push((Self::flat(at), text.to_string()));
    }

    /// The drawing, so wide.
    #[must_use]
    pub fn draw(&self, wide: f64) -> String {
        let all = || self.shapes.iter().flat_map(|(points, _)| points).chain(self.labels.iter().map(|(at, _)| at));
        let low = |axis: usize| all().map(|p| p[axis]).fold(f64::MAX, f64::min);
        let high = |axis: usize| all().map(|p| p[axis]).fold(f64::MIN, f64::max);
        let (x0, y0) = (low(0), low(1));
        let scale = (wide - 70.0) / (high(0) - x0).max(1e-6);
        let tall = scale * (high(1) - y0) + 40.0;
        let place = |p: &[f64; 2]| (20.0 + scale * (p[0] - x0), 20.0 + scale * (p[1] - y0));
        let mut svg = format!("<svg viewBox=\"0 0 {wide:.0} {tall:.0}\" width=\"{wide:.0}\" height=\"{tall:.0}\" role=\"img\">");
        for (points, style) in &self.shapes {
            let path: String = points.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
            let _ = write!(svg, "<polyline points=\"{}\" style=\"{style}\"/>", path.trim_end());
        }
        for (at, text) in &self.labels {
            let (x, y) = place(at);
            let _ = write!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"var(--s2)\"/><text class=\"label\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                x + 6.0,
                y - 5.0,
                escape(text)
            );
        }
        svg + "</svg>"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps are one, two or five times a power of ten, and about as many as asked for.
    #[test]
    fn steps_are_round() {
        assert_eq!([step(1.0, 4.0), step(0.07, 5.0), step(900.0, 4.0)].map(|s| format!("{s:.3}")), ["0.500", "0.020", "500.000"]);
        assert_eq!((tick(0.5, 0.5), tick(-0.0, 0.5), tick(20.0, 10.0)), ("0.5".to_string(), "0".to_string(), "20".to_string()));
    }

    /// A text from a package cannot become markup, and a number that is none is not drawn.
    #[test]
    fn a_chart_holds_no_strangers_markup_and_no_nan() {
        let line =
            Line { name: "<b>".to_string(), points: vec![[0.0, f64::NAN], [1.0, 2.0], [2.0, 1.0]], color: 0, dashed: false };
        let svg = chart(&[line], "x", "<script>", [400.0, 200.0]);
        assert!(!svg.contains("<b>") && !svg.contains("<script>") && !svg.contains("NaN"));
    }
}
