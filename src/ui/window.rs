//! Which rows of a long list are drawn.

use std::ops::Range;

/// Rows drawn beyond each edge, so that scrolling a little draws nothing new.
const OVERSCAN: usize = 8;

/// The rows to draw for a scroll position; all measures in pixels.
pub fn visible(scroll_top: f64, height: f64, row_height: f64, count: usize) -> Range<usize> {
    let first = (scroll_top.max(0.0) / row_height) as usize;
    let shown = (height / row_height).ceil() as usize + 1;
    let start = first.saturating_sub(OVERSCAN).min(count);
    let end = (first + shown + OVERSCAN).min(count);
    start..end.max(start)
}

/// Where to scroll so that a row is wholly in view, moving as little as possible.
pub fn reveal(row: usize, scroll_top: f64, height: f64, row_height: f64) -> f64 {
    let top = row as f64 * row_height;
    let lowest = top + row_height - height;
    // The order matters: in a window lower than one row the row's top wins.
    scroll_top.max(lowest).min(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_the_window_is_drawn() {
        assert_eq!(visible(0.0, 360.0, 36.0, 1_000), 0..19);
        assert_eq!(visible(3_600.0, 360.0, 36.0, 1_000), 92..119);
        assert_eq!(visible(35_640.0, 360.0, 36.0, 1_000), 982..1_000);
    }

    #[test]
    fn short_lists_and_stale_positions_are_no_trouble() {
        assert_eq!(visible(0.0, 0.0, 36.0, 0), 0..0);
        assert_eq!(visible(0.0, 360.0, 36.0, 3), 0..3);
        assert_eq!(visible(99_999.0, 360.0, 36.0, 3), 3..3);
        assert_eq!(visible(-50.0, 360.0, 36.0, 3), 0..3);
    }

    #[test]
    fn revealing_moves_as_little_as_possible() {
        assert_eq!(reveal(5, 0.0, 360.0, 36.0), 0.0);
        assert_eq!(reveal(10, 0.0, 360.0, 36.0), 36.0);
        assert_eq!(reveal(2, 360.0, 360.0, 36.0), 72.0);
    }
}
