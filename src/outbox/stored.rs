//! What this device remembers of the outbox: an item for each entry, so that tabs do not write over what
//! others wrote, and a mark that there is one.

use serde_json::Value;

use super::KEY;
use super::entry::Entry;
use crate::platform::storage::Memory;

fn key(id: i64) -> String {
    [KEY, ".", &id.to_string()].concat()
}

/// The entry whose item has this key; `None` if it is no entry's.
pub fn id_of(key: &str) -> Option<i64> {
    key.strip_prefix(KEY)?.strip_prefix('.')?.parse().ok()
}

/// All entries, oldest first. What cannot be read is none.
pub fn all() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in Memory::Device.keys(KEY).iter().filter_map(|key| id_of(key)) {
        if let Some(entry) = get(entry) {
            insert(&mut entries, entry);
        }
    }
    entries
}

/// One entry.
pub fn get(id: i64) -> Option<Entry> {
    let json: Value = serde_json::from_str(&Memory::Device.get(&key(id))?).ok()?;
    Entry::read(&json)
}

/// Remembers an entry as it is now. `false` where there is no room.
pub fn put(entry: &Entry) -> bool {
    Memory::Device.set(KEY, "on");
    Memory::Device.try_set(&key(entry.id), &entry.write().to_string())
}

/// Forgets an entry.
pub fn remove(id: i64) {
    Memory::Device.remove(&key(id));
}

/// Puts an entry where its age belongs.
pub fn insert(entries: &mut Vec<Entry>, entry: Entry) {
    let place = entries.partition_point(|other| other.id < entry.id);
    entries.insert(place, entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_known_by_its_key() {
        assert_eq!(id_of(&key(17)), Some(17));
        for other in [KEY, "persons.outbox.", "persons.outbox.x", "persons.theme"] {
            assert_eq!(id_of(other), None, "{other}");
        }
    }
}
