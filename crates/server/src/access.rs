//! Who may come in: personal API keys with scopes, the sign-in link, and the sessions it opens.

use std::sync::Arc;

use parking_lot::Mutex;
use persons_api::Timestamp;
use tokio::sync::Notify;

use crate::project::{Project, SharedStore, now};
use crate::secret;
use crate::store::{StoreError, StoredKey, StoredSession};

/// How long a browser stays signed in.
const SESSION_SECONDS: u64 = 30 * 24 * 3600;

/// The last use of a session is stored at most this often, in microseconds: coarse enough that reading costs no
/// write.
const LAST_USE_RESOLUTION: i64 = 3600 * 1_000_000;

/// A key of this length can hold enough random characters that guessing it is hopeless at any rate.
pub const MIN_KEY_LENGTH: usize = 24;

/// The doors of one project.
pub struct Access {
    store: SharedStore,
    known: Mutex<KnownKeys>,
    /// A key that is not stored: from the environment, for tests and containers.
    extra: Option<KnownKey>,
    /// What the printed link ends in. Valid as long as this process runs.
    link_token: String,
    capture_token: String,
    /// Wakes the task that waits for the first sign-in.
    signed_in: Notify,
}

/// The stored keys as they were when the data last changed from outside.
#[derive(Default)]
struct KnownKeys {
    version: Option<i64>,
    keys: Vec<KnownKey>,
}

/// A key that may come in.
struct KnownKey {
    digest: Vec<u8>,
    info: Arc<KeyInfo>,
}

/// A personal API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// What `key revoke` calls it.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
}

/// What a key may do: `person:read`, `cohort:write`, …, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

/// The scopes that there are.
pub const OBJECTS: [&str; 10] = [
    "action",
    "person",
    "cohort",
    "project",
    "user",
    "event_definition",
    "property_definition",
    "activity_log",
    "query",
    "insight",
];

impl Scopes {
    /// Checks and keeps a list of scopes, or names the first that does not exist.
    pub fn new(scopes: Vec<String>) -> Result<Self, String> {
        let exists = |scope: &str| {
            scope == "*"
                || scope.split_once(':').is_some_and(|(object, action)| {
                    OBJECTS.contains(&object) && matches!(action, "read" | "write")
                })
        };
        match scopes.iter().find(|scope| !exists(scope)) {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(Self(scopes)),
        }
    }

    /// All of them.
    pub fn all() -> Self {
        Self(vec!["*".into()])
    }

    /// Whether a scope is covered; writing covers reading.
    pub fn allows(&self, wanted: &str) -> bool {
        self.0.iter().any(|scope| {
            scope == "*"
                || scope == wanted
                || wanted
                    .strip_suffix(":read")
                    .is_some_and(|object| scope.strip_suffix(":write") == Some(object))
        })
    }
}

/// A session just opened: what goes into the browser's cookies.
#[derive(Clone, Debug)]
pub struct Session {
    /// The secret.
    pub cookie: String,
    /// What writes must repeat in a header.
    pub csrf: String,
    /// How long the browser keeps it.
    pub max_age_seconds: u64,
}

/// The session that a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Names the session in lists; not secret.
    pub id: String,
    /// What writes must repeat in a header.
    pub csrf: String,
}

impl Access {
    /// The doors of a project. `key` is accepted beside the stored ones, with all scopes.
    pub fn new(project: &Project, key: Option<&str>) -> Self {
        let extra = key.map(|key| {
            let info = KeyInfo {
                id: "environment".into(),
                name: "PERSONS_API_KEY".into(),
                scopes: Scopes::all(),
            };
            KnownKey {
                digest: secret::digest(key),
                info: Arc::new(info),
            }
        });
        Self {
            store: project.side_store().clone(),
            known: Mutex::default(),
            extra,
            link_token: secret::new(""),
            capture_token: project.info().api_token.clone(),
            signed_in: Notify::new(),
        }
    }

    /// The end of the sign-in link.
    pub fn link_token(&self) -> &str {
        &self.link_token
    }

    /// The key that was presented, if it is one of ours and not revoked.
    pub fn key(&self, presented: &str) -> Option<Arc<KeyInfo>> {
        let digest = secret::digest(presented);
        let mut found = None;
        // All of them are compared, so that the time says nothing about which one it was.
        let mut look_at = |known: &KnownKey| {
            if secret::equal(&known.digest, &digest) {
                found = Some(known.info.clone());
            }
        };
        self.extra.iter().for_each(&mut look_at);
        let mut known = self.known.lock();
        if let Err(error) = self.refresh(&mut known) {
            tracing::error!(%error, "keys could not be read");
            return None;
        }
        known.keys.iter().for_each(&mut look_at);
        found
    }

    /// Reads the keys again if another process (`persons-server key …`) has written.
    fn refresh(&self, known: &mut KnownKeys) -> Result<(), StoreError> {
        let store = self.store.lock();
        let version = store.data_version()?;
        if known.version != Some(version) {
            known.keys = store.keys()?.into_iter().map(KnownKey::of).collect();
            known.version = Some(version);
        }
        Ok(())
    }

    /// Opens a session for the printed link. `user_agent` is only used to name the browser's family.
    pub fn sign_in(&self, link_token: &str, user_agent: Option<&str>) -> Option<Session> {
        if !secret::equal(
            &secret::digest(link_token),
            &secret::digest(&self.link_token),
        ) {
            return None;
        }
        let session = Session {
            cookie: secret::new(""),
            csrf: secret::new(""),
            max_age_seconds: SESSION_SECONDS,
        };
        let now = now();
        let stored = StoredSession {
            id: secret::new("")[..12].to_owned(),
            digest: secret::digest(&session.cookie),
            csrf: session.csrf.clone(),
            label: browser_family(user_agent.unwrap_or_default()).to_owned(),
            created_at: now,
            last_used_at: now,
            expires_at: Timestamp(now.0 + SESSION_SECONDS as i64 * 1_000_000),
        };
        match self.store.lock().put_session(&stored, now) {
            Ok(()) => {
                self.signed_in.notify_one();
                Some(session)
            }
            Err(error) => {
                tracing::error!(%error, "the session could not be stored");
                None
            }
        }
    }

    /// Waits for a sign-in; returns at once if there was one since the last call.
    pub async fn next_sign_in(&self) {
        self.signed_in.notified().await;
    }

    /// Returns the session of a cookie, if it is neither expired nor revoked. Nothing is cached, so a revocation
    /// by another process takes effect at once.
    pub fn session(&self, cookie: &str) -> Option<SessionInfo> {
        let now = now();
        let store = self.store.lock();
        let stored = match store.session(&secret::digest(cookie), now) {
            Ok(session) => session?,
            Err(error) => {
                tracing::error!(%error, "sessions could not be read");
                return None;
            }
        };
        if now.0 - stored.last_used_at.0 >= LAST_USE_RESOLUTION
            && let Err(error) = store.touch_session(&stored.id, now)
        {
            // The next request tries again.
            tracing::warn!(%error, "the last use of a session could not be stored");
        }
        Some(SessionInfo {
            id: stored.id,
            csrf: stored.csrf,
        })
    }

    /// Returns the sessions that are neither expired nor revoked, newest first.
    pub fn sessions(&self) -> Result<Vec<StoredSession>, StoreError> {
        self.store.lock().sessions(now())
    }

    /// Revokes a session; returns whether it existed.
    pub fn revoke_session(&self, id: &str) -> Result<bool, StoreError> {
        self.store.lock().revoke_session(id, now())
    }

    /// Whether a capture token is this project's.
    pub fn capture_token_matches(&self, token: &str) -> bool {
        secret::equal(&secret::digest(token), &secret::digest(&self.capture_token))
    }

    /// Makes a key and stores its digest. The key is returned once and cannot be shown again.
    pub fn create_key(
        store: &SharedStore,
        name: &str,
        scopes: Scopes,
    ) -> Result<(String, KeyInfo), StoreError> {
        let key = secret::new(secret::KEY_PREFIX);
        let info = KeyInfo {
            id: secret::new("")[..8].to_owned(),
            name: name.to_owned(),
            scopes,
        };
        store.lock().put_key(&StoredKey {
            id: info.id.clone(),
            name: info.name.clone(),
            digest: secret::digest(&key),
            scopes: info.scopes.0.clone(),
            created_at: now(),
        })?;
        Ok((key, info))
    }
}

impl KnownKey {
    fn of(stored: StoredKey) -> Self {
        let info = KeyInfo {
            id: stored.id,
            name: stored.name,
            scopes: Scopes(stored.scopes),
        };
        Self {
            digest: stored.digest,
            info: Arc::new(info),
        }
    }
}

/// Returns the family of a browser: enough to tell one's own sessions apart, and nothing that identifies a device.
fn browser_family(user_agent: &str) -> &'static str {
    // In this order: most browsers also name the ones whose pages they imitate.
    let families = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Chromium/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let family = families.iter().find(|(mark, _)| user_agent.contains(mark));
    family.map_or("Unknown browser", |(_, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_covers_reading_and_nothing_else() {
        let scopes =
            Scopes::new(vec!["person:write".into(), "cohort:read".into()]).expect("they exist");
        assert!(
            scopes.allows("person:read")
                && scopes.allows("person:write")
                && scopes.allows("cohort:read")
        );
        assert!(!scopes.allows("cohort:write") && !scopes.allows("project:read"));
        assert_eq!(
            Scopes::new(vec!["persons:read".into()]),
            Err("persons:read".into())
        );
    }

    #[test]
    fn a_key_works_until_it_is_revoked() {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, Some("phx_from_outside"));
        assert!(access.key("phx_unknown").is_none());
        let (key, info) =
            Access::create_key(project.side_store(), "tests", Scopes::all()).expect("stored");
        // In memory nobody else writes, so the version never changes: ask a fresh door.
        let access_again = Access::new(&project, Some("phx_from_outside"));
        assert_eq!(
            access_again.key(&key).map(|found| found.id.clone()),
            Some(info.id.clone())
        );
        assert!(
            project
                .side_store()
                .lock()
                .revoke_key(&info.id, now())
                .expect("works")
        );
        assert!(Access::new(&project, None).key(&key).is_none());
        assert!(access.key("phx_from_outside").is_some());
    }

    #[test]
    fn only_the_link_opens_a_session() {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, None);
        assert!(access.sign_in("guess", None).is_none());
        let session = access.sign_in(access.link_token(), None).expect("signs in");
        assert_eq!(
            access.session(&session.cookie).map(|info| info.csrf),
            Some(session.csrf)
        );
        assert!(access.session("guess").is_none());
    }

    #[test]
    fn a_revoked_session_is_refused_and_the_others_stay() {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, None);
        let [first, second] =
            [(); 2].map(|()| access.sign_in(access.link_token(), None).expect("signs in"));
        let info = access.session(&first.cookie).expect("is signed in");
        assert_eq!(access.revoke_session(&info.id), Ok(true));
        assert_eq!(access.revoke_session(&info.id), Ok(false));
        assert!(access.session(&first.cookie).is_none());
        assert!(access.session(&second.cookie).is_some());
    }

    #[test]
    fn the_last_use_of_a_session_is_stored_once_an_hour() {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, None);
        let session = access.sign_in(access.link_token(), None).expect("signs in");
        let last_use_after = |age: i64| {
            let before = Timestamp(now().0 - age);
            let id = &access.sessions().expect("readable")[0].id;
            let store = project.side_store().lock();
            store.touch_session(id, before).expect("stored");
            drop(store);
            assert!(access.session(&session.cookie).is_some());
            access.sessions().expect("readable")[0].last_used_at > before
        };
        assert!(!last_use_after(LAST_USE_RESOLUTION / 2));
        assert!(last_use_after(LAST_USE_RESOLUTION));
    }

    #[test]
    fn a_browser_is_known_by_its_family_only() {
        for (user_agent, family) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari",
            ),
            ("phx_secret", "Unknown browser"),
        ] {
            assert_eq!(browser_family(user_agent), family);
        }
    }
}
