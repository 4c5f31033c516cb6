//! `persons-server session …`: works beside a running server, where a revocation takes effect at once.

use clap::Subcommand;
use persons_server::project::now;

use super::{Data, Failure};

#[derive(Debug, Subcommand)]
pub enum Session {
    /// List the browsers that are signed in.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Sign a browser out, or all of them.
    Revoke {
        /// The id that `session list` shows.
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Sign every browser out.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        #[command(flatten)]
        data: Data,
    },
}

impl Session {
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { data } => {
                for session in data.open_beside()?.sessions(now())? {
                    println!(
                        "{}  signed in {}  last used {}  expires {}  {}",
                        session.id,
                        session.created_at,
                        session.last_used_at,
                        session.expires_at,
                        session.label
                    );
                }
            }
            Self::Revoke { id: None, data, .. } => {
                let count = data.open_beside()?.revoke_all_sessions(now())?;
                let noun = if count == 1 { "session" } else { "sessions" };
                println!("Revoked {count} {noun}.");
            }
            Self::Revoke {
                id: Some(id), data, ..
            } => {
                if !data.open_beside()?.revoke_session(&id, now())? {
                    return Err(format!(
                        "There is no session \"{id}\"; `persons-server session list` shows them."
                    )
                    .into());
                }
                println!("Session {id} is signed out.");
            }
        }
        Ok(())
    }
}
