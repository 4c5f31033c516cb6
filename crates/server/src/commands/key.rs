//! `persons-server key …`: works beside a running server, which notices at once.

use std::sync::Arc;

use clap::Subcommand;
use persons_server::access::{Access, OBJECTS, Scopes};
use persons_server::project::now;

use super::{Data, Failure};

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key and print it, once.
    Create {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may do, such as person:read or cohort:write; * for everything.
        #[arg(long = "scope", required = true, num_args = 1..)]
        scopes: Vec<String>,
        #[command(flatten)]
        data: Data,
    },
    /// List the keys that work.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Make a key stop working.
    Revoke {
        /// The id that `key list` shows.
        id: String,
        #[command(flatten)]
        data: Data,
    },
}

impl Key {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { name, scopes, data } => {
                let scopes = Scopes::new(scopes).map_err(|unknown| {
                    let objects = OBJECTS.join(", ");
                    format!("There is no scope \"{unknown}\"; use *, or one of {objects} with :read or :write.")
                })?;
                let store = Arc::new(parking_lot::Mutex::new(data.open_beside()?));
                let (key, info) = Access::create_key(&store, &name, scopes)?;
                println!("{key}");
                eprintln!(
                    "Key {} is shown this once; only a digest of it is kept.",
                    info.id
                );
            }
            Self::List { data } => {
                for key in data.open_beside()?.keys()? {
                    println!(
                        "{}  {}  {}  {}",
                        key.id,
                        key.created_at,
                        key.scopes.join(","),
                        key.name
                    );
                }
            }
            Self::Revoke { id, data } => {
                if !data.open_beside()?.revoke_key(&id, now())? {
                    return Err(format!(
                        "There is no working key \"{id}\"; `persons-server key list` shows them."
                    )
                    .into());
                }
                println!("Key {id} no longer works.");
            }
        }
        Ok(())
    }
}
