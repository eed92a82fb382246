//! 20 ms of sound: one plane where there are voices only, two where there is music.

use crate::opus::FRAME;

/// 20 ms of one plane.
pub(super) type Plane = [f32; FRAME];

/// What both ears share, in the middle, and what sets them apart, at the side: left is the middle and
/// the side, right the middle without it.
///
/// So sound with and without a side can be added to each other, and a side that comes or goes leaves
/// the middle as it was.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) middle: Box<Plane>,
    /// As long as the middle, or empty.
    side: Vec<f32>,
}

impl Frame {
    pub(super) fn silent() -> Self {
        Self {
            middle: Box::new([0.0; FRAME]),
            side: Vec::new(),
        }
    }

    /// Empty if both ears hear the same.
    pub(super) fn side(&self) -> &[f32] {
        &self.side
    }

    /// The side, silent at first.
    pub(super) fn widen(&mut self) -> &mut [f32] {
        self.side.resize(FRAME, 0.0);
        &mut self.side
    }

    /// Let both ears hear the middle.
    pub(super) fn narrow(&mut self) {
        self.side.clear();
    }

    /// Become silent and narrow.
    pub(super) fn clear(&mut self) {
        self.middle.fill(0.0);
        self.narrow();
    }

    /// The middle, and the side if there is one.
    pub(super) fn planes_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let side = (!self.side.is_empty()).then_some(self.side.as_mut_slice());
        std::iter::once(self.middle.as_mut_slice()).chain(side)
    }

    pub(super) fn add(&mut self, other: &Self) {
        add(self.middle.as_mut_slice(), other.middle.as_slice());
        if !other.side.is_empty() {
            add(self.widen(), &other.side);
        }
    }

    /// Become `whole` without `part`, which is in it.
    pub(super) fn become_rest(&mut self, whole: &Self, part: &Self) {
        for (rest, (whole, part)) in self
            .middle
            .iter_mut()
            .zip(whole.middle.iter().zip(part.middle.iter()))
        {
            *rest = whole - part;
        }
        self.side.clone_from(&whole.side);
        for (rest, part) in self.side.iter_mut().zip(&part.side) {
            *rest -= part;
        }
    }

    /// What the ears hear.
    pub(super) fn left_and_right(&self) -> impl Iterator<Item = (f32, f32)> {
        let side = self.side.iter().copied().chain(std::iter::repeat(0.0));
        let pairs = self.middle.iter().zip(side);
        pairs.map(|(middle, side)| (middle + side, middle - side))
    }
}

pub(super) fn add(sum: &mut [f32], sound: &[f32]) {
    for (total, sample) in sum.iter_mut().zip(sound) {
        *total += sample;
    }
}

#[cfg(test)]
impl From<Plane> for Frame {
    fn from(middle: Plane) -> Self {
        Self {
            middle: Box::new(middle),
            side: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(middle: f32, side: Option<f32>) -> Frame {
        let mut frame = Frame::from([middle; FRAME]);
        if let Some(side) = side {
            frame.widen().fill(side);
        }
        frame
    }

    fn ears(frame: &Frame) -> (f32, f32) {
        frame.left_and_right().nth(FRAME - 1).unwrap()
    }

    #[test]
    fn a_sum_is_as_wide_as_what_is_in_it() {
        let mut sum = frame(0.5, None);
        sum.add(&frame(0.25, None));
        assert!(sum.side().is_empty());

        sum.add(&frame(0.0, Some(0.25)));
        assert_eq!(ears(&sum), (1.0, 0.5));
        sum.clear();
        assert_eq!((ears(&sum), sum.side().len()), ((0.0, 0.0), 0));
    }

    #[test]
    fn what_is_taken_out_of_a_sum_is_gone_from_both_ears() {
        for (whole, part, rest) in [
            (frame(0.5, Some(0.25)), frame(0.5, Some(0.25)), (0.0, 0.0)),
            (frame(0.5, Some(0.25)), frame(0.25, None), (0.5, 0.0)),
            (frame(0.5, None), frame(0.25, None), (0.25, 0.25)),
        ] {
            let mut other = frame(9.0, Some(9.0));
            other.become_rest(&whole, &part);
            assert_eq!(ears(&other), rest);
        }
    }
}
