//! `persons-server import`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use persons_server::import::import;
use persons_server::project::Project;

use super::{Data, Failure};

#[derive(Args, Debug)]
pub struct Import {
    /// The file: .csv, or anything else for JSON lines.
    file: PathBuf,
    #[command(flatten)]
    data: Data,
}

impl Import {
    pub fn run(self) -> Result<(), Failure> {
        let started = Instant::now();
        let project = Project::open(&self.data.storage(), None)?;
        let imported = import(&project, &self.file, |done, size, events| {
            let percent = (done * 100).checked_div(size).unwrap_or(100);
            eprintln!("{percent:>3} %  {events} events");
        })?;
        if imported.skipped > 0 {
            println!(
                "Went on after the {} bytes that an earlier run had imported.",
                imported.skipped
            );
        }
        println!(
            "Imported {} events in {:.1} s; the project now has {} people.",
            imported.events,
            started.elapsed().as_secs_f64(),
            project.read().len()
        );
        Ok(())
    }
}
