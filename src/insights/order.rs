//! Putting a few things in order.

/// Puts things in order by how one stands before another; equals stay as they are. They are put into place one
/// by one: there are few, and for each kind of things a sort of the library is more code than a chart.
pub fn put_in_order<T>(things: &mut [T], is_before: impl Fn(&T, &T) -> bool) {
    for end in 1..things.len() {
        let before = things[..end].partition_point(|before| !is_before(&things[end], before));
        things[before..=end].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::put_in_order;

    #[test]
    fn it_is_what_a_stable_sort_makes() {
        // All rows of up to six of three kinds, each thing told apart by its place.
        for length in 0..=6_u32 {
            for number in 0..3_usize.pow(length) {
                let kind = |place: u32| number / 3_usize.pow(place) % 3;
                let mut things: Vec<_> = (0..length).map(|place| (kind(place), place)).collect();
                let mut sorted = things.clone();
                sorted.sort_by_key(|(kind, _)| *kind);
                put_in_order(&mut things, |one, other| one.0 < other.0);
                assert_eq!(things, sorted);
            }
        }
    }
}
