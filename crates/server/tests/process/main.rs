//! The real binary as a process: started, killed, stopped, asked for what only a process can do.

mod access;
mod changes;
mod check;
mod durability;
mod imports;
#[allow(dead_code, reason = "the benches use the rest")]
mod server;
