mod world;

mod aliases;
mod registering;
mod selector;
mod typed;
