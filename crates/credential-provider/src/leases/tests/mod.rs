//! The cache before strategies that follow a script. Time is the tests' own: nothing here waits for a real clock.

mod bounds;
mod failing;
mod forgetting;
mod refreshing;
mod serving;
mod sharing;
mod stage;
mod testing;
