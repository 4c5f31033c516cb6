//! Journeys of real use, from an SDK's request to the screen. One journey, one thing people do.
//!
//! They are one program, because linking one is quicker than linking ten.

mod accessibility;
mod arriving;
mod changing;
mod columns;
mod comparing;
mod connecting;
mod doings;
mod exporting;
mod failing;
mod filtering;
mod finding;
mod insights;
mod keyboard;
mod linking;
mod past;
mod privacy;
mod views;
mod world;
