//! The distinct ids of a person, by number.

use std::sync::Arc;

/// A list of numbers, of which most people have very few.
#[derive(Clone, Debug)]
pub(crate) enum IdList {
    /// The first `len` of these.
    Few {
        /// How many there are.
        len: u8,
        /// The numbers.
        ids: [u32; 3],
    },
    /// These.
    Many(Arc<Vec<u32>>),
}

impl Default for IdList {
    fn default() -> Self {
        Self::Few {
            len: 0,
            ids: [0; 3],
        }
    }
}

impl IdList {
    /// The numbers.
    pub(crate) fn as_slice(&self) -> &[u32] {
        match self {
            Self::Few { len, ids } => &ids[..usize::from(*len)],
            Self::Many(ids) => ids,
        }
    }

    /// Adds a number at the end.
    pub(crate) fn push(&mut self, id: u32) {
        match self {
            Self::Few { len, ids } if usize::from(*len) < ids.len() => {
                ids[usize::from(*len)] = id;
                *len += 1;
            }
            Self::Few { ids, .. } => {
                let mut many = ids.to_vec();
                many.push(id);
                *self = Self::Many(Arc::new(many));
            }
            Self::Many(ids) => Arc::make_mut(ids).push(id),
        }
    }
}

impl From<Vec<u32>> for IdList {
    fn from(all: Vec<u32>) -> Self {
        let mut ids = [0; 3];
        match ids.get_mut(..all.len()) {
            Some(few) => {
                few.copy_from_slice(&all);
                let len = all.len() as u8;
                Self::Few { len, ids }
            }
            None => Self::Many(Arc::new(all)),
        }
    }
}
