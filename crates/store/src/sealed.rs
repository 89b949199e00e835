//! The columns of a sealed secret, the same in every table that has one.

use uuid::Uuid;
use vault::{Sealed, Version};

use crate::{Error, Result};

#[derive(sqlx::FromRow)]
pub(crate) struct SealedRow {
    format: i16,
    data_key_id: Uuid,
    wrapped_by: i32,
    wrapped_key: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl SealedRow {
    pub(crate) fn into_sealed(self) -> Result<Sealed> {
        Ok(Sealed {
            format: self.format,
            data_key_id: self.data_key_id,
            wrapped_by: version(self.wrapped_by)?,
            wrapped_key: self.wrapped_key,
            ciphertext: self.ciphertext,
        })
    }
}

pub(crate) fn version(number: i32) -> Result<Version> {
    Version::try_from(number).map_err(|_| Error::Unreadable("a master-key version"))
}
