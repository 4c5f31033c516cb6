//! Journeys of real use.
