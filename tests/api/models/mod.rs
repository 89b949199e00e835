mod world;

mod aliases;
mod races;
mod registering;
mod selector;
mod typed;
