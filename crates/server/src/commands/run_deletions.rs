//! `persons-server run-deletions`: works beside a running server, which then does it.

use std::time::Duration;

use clap::Args;
use persons_server::project::Project;
use persons_server::store::{DeletionState, Storage, Store, StoreError};

use super::{Data, Failure};

/// How often is looked whether a running server is done.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Args, Debug)]
pub struct RunDeletions {
    #[command(flatten)]
    data: Data,
}

impl RunDeletions {
    pub fn run(self) -> Result<(), Failure> {
        let path = &self.data.data;
        if !path.is_file() {
            return Err(format!("There is no data file {}.", path.display()).into());
        }
        let waiting = match Project::open(&Storage::File(path.clone()), None) {
            Ok(project) => {
                let waiting = count(&project.side_store().lock())?;
                let runtime = tokio::runtime::Builder::new_current_thread().build()?;
                runtime.block_on(project.delete_waiting_events())?;
                waiting
            }
            Err(StoreError::InUse(_)) => {
                let store = self.data.open_beside()?;
                let waiting = store.hurry_deletions()? as u64;
                while store
                    .waiting_deletions()?
                    .is_some_and(|(_, is_urgent)| is_urgent)
                {
                    eprintln!("{} left; the running server deletes them.", count(&store)?);
                    std::thread::sleep(LOOK);
                }
                waiting
            }
            Err(error) => return Err(error.into()),
        };
        let noun = if waiting == 1 { "request" } else { "requests" };
        println!("Did {waiting} {noun} to delete events.");
        Ok(())
    }
}

/// How many requests wait.
fn count(store: &Store) -> Result<u64, StoreError> {
    Ok(store.deletions(DeletionState::Pending, None, 0, 0)?.0)
}
