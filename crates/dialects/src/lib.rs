#![doc = include_str!("../README.md")]

pub mod anthropic;
mod few;
pub mod openai;
mod text;
