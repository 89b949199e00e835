//! What the vault promises to those who use it, through its public face alone.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod key_file;
#[cfg(test)]
mod known_answers;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod tampering;
