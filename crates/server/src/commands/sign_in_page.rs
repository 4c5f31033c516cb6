//! Opening the sign-in link in the user's browser without showing it to other users of the machine.
//!
//! Every user can read the arguments of every process. So the browser is not given the link but the path of a
//! page that only this user can read, and that leads on to the link.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The page, removed when dropped.
#[derive(Debug)]
pub struct SignInPage(PathBuf);

impl SignInPage {
    /// Writes the page beside the data file, or into the folder for temporary files: browsers in a sandbox often
    /// cannot read the latter.
    pub fn write(data: Option<&Path>, link: &str) -> io::Result<Self> {
        let mut path = match data {
            Some(data) => data.as_os_str().to_owned(),
            None => std::env::temp_dir()
                .join(format!("persons-{}", std::process::id()))
                .into_os_string(),
        };
        path.push(".sign-in.html");
        let path = PathBuf::from(path);
        // One that was left behind belongs to a server that is gone. A new file is made in any case, so that the
        // link never goes into a file or through a symbolic link that another user made.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let page = Self(fs::canonicalize(&path)?);
        let link = link.replace('&', "&amp;").replace('"', "&quot;");
        write!(
            file,
            "<!doctype html><meta charset=\"utf-8\"><title>Persons</title>\
             <meta name=\"referrer\" content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0;url={link}\">\
             <p><a href=\"{link}\">Sign in</a></p>"
        )?;
        Ok(page)
    }

    /// Opens the page in the browser.
    pub fn open(&self) -> io::Result<()> {
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        Command::new(opener)
            .arg(&self.0)
            .stdin(Stdio::null())
            .spawn()
            .map(drop)
    }
}

impl Drop for SignInPage {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            eprintln!(
                "{} holds the sign-in link and could not be removed ({error}); remove it by hand.",
                self.0.display()
            );
        }
    }
}
