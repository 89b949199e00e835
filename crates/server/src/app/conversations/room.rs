//! Room for bytes under way on this replica: what is sent, until AWS has it, and what models answer, until it is written.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use domain::TenantId;

/// All of it, in KiB.
const ALL: usize = 512 * 1024;
/// What one tenant may take: what it sends slowly, or what its models think about for long, is no other's affair.
const OF_A_TENANT: usize = ALL / 4;
const KIB: usize = 1024;

/// The room on this replica.
#[derive(Debug, Clone, Default)]
pub struct Room(Arc<Mutex<Taken>>);

/// What is taken of it, in KiB.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    tenants: HashMap<TenantId, usize>,
}

/// Why there is no more room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The tenant has as much under way as it may.
    Tenant,
    /// All tenants together have.
    All,
}

/// A part of the room, until it is dropped.
#[derive(Debug)]
pub struct Share {
    room: Room,
    tenant: TenantId,
    kib: usize,
}

impl Room {
    /// A part of it for a tenant, empty as yet.
    pub fn share(&self, tenant: TenantId) -> Share {
        Share {
            room: self.clone(),
            tenant,
            kib: 0,
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes as much as so many bytes need, all together.
    ///
    /// # Errors
    /// That there is no more room: it stays as it was.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), Full> {
        let more = bytes.div_ceil(KIB).saturating_sub(self.kib);
        if more == 0 {
            return Ok(());
        }
        let mut taken = self.room.taken();
        let of_tenant = taken.tenants.get(&self.tenant).copied().unwrap_or_default();
        if of_tenant + more > OF_A_TENANT {
            return Err(Full::Tenant);
        }
        if taken.all + more > ALL {
            return Err(Full::All);
        }
        *taken.tenants.entry(self.tenant).or_default() += more;
        taken.all += more;
        self.kib += more;
        Ok(())
    }

    /// Bytes that keep it, grown to what they need, until the last of them is dropped.
    ///
    /// # Errors
    /// That there is no room for them.
    pub(crate) fn hold(mut self, bytes: Bytes) -> Result<Bytes, Full> {
        self.grow_to(bytes.len())?;
        Ok(held(bytes, self))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.kib == 0 {
            return;
        }
        let mut taken = self.room.taken();
        taken.all -= self.kib;
        if let Entry::Occupied(mut of_tenant) = taken.tenants.entry(self.tenant) {
            *of_tenant.get_mut() -= self.kib;
            if *of_tenant.get() == 0 {
                of_tenant.remove();
            }
        }
    }
}

/// Bytes that arrive in pieces, and their share of the room. Most come in one piece, which is not copied.
#[derive(Debug)]
pub struct Arriving {
    share: Share,
    first: Bytes,
    rest: BytesMut,
}

impl Arriving {
    /// Nothing yet.
    pub fn new(share: Share) -> Self {
        Self {
            share,
            first: Bytes::new(),
            rest: BytesMut::new(),
        }
    }

    /// How many bytes have arrived.
    pub fn length(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// That there is no room for it.
    pub fn push(&mut self, piece: Bytes) -> Result<(), Full> {
        self.share.grow_to(self.length() + piece.len())?;
        if self.length() == 0 {
            self.first = piece;
        } else {
            if self.rest.is_empty() {
                self.rest
                    .extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.rest.extend_from_slice(&piece);
        }
        Ok(())
    }

    /// All that has arrived, and its share.
    pub fn end(self) -> (Bytes, Share) {
        let bytes = if self.rest.is_empty() {
            self.first
        } else {
            self.rest.freeze()
        };
        (bytes, self.share)
    }
}

/// Bytes that keep their share of the room until the last of them is dropped.
fn held(bytes: Bytes, share: Share) -> Bytes {
    struct Held(
        Bytes,
        #[expect(dead_code, reason = "held, never looked at")] Share,
    );

    impl AsRef<[u8]> for Held {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    Bytes::from_owner(Held(bytes, share))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn share(room: &Room, tenant: u128) -> Share {
        room.share(TenantId::from(Uuid::from_u128(tenant)))
    }

    fn taken(room: &Room) -> (usize, usize) {
        let taken = room.taken();
        (taken.all, taken.tenants.len())
    }

    #[test]
    fn a_tenant_takes_no_more_than_its_part_and_all_no_more_than_there_is() {
        let room = Room::default();
        let most = OF_A_TENANT * KIB;
        let mut shares: Vec<_> = (1..=4).map(|tenant| share(&room, tenant)).collect();
        for taken in &mut shares {
            assert_eq!(taken.grow_to(most + 1), Err(Full::Tenant));
            assert_eq!(taken.grow_to(most), Ok(()));
        }
        let mut fifth = share(&room, 5);
        assert_eq!(fifth.grow_to(1), Err(Full::All));
        shares.pop();
        assert_eq!(fifth.grow_to(1), Ok(()));
        drop((shares, fifth));
        assert_eq!(taken(&room), (0, 0));
    }

    #[test]
    fn what_arrives_takes_room_until_the_last_of_it_is_gone() {
        let room = Room::default();
        let mut arriving = Arriving::new(share(&room, 1));
        for piece in ["it ", "came ", "in pieces"] {
            arriving.push(piece.into()).unwrap();
        }
        arriving.push(vec![b'.'; KIB].into()).unwrap();
        let (bytes, share) = arriving.end();
        assert!(bytes.starts_with(b"it came in pieces."));
        let bytes = held(bytes, share);
        let last = bytes.slice(..2);
        drop(bytes);
        assert_eq!(taken(&room), (2, 1));
        drop(last);
        assert_eq!(taken(&room), (0, 0));
    }
}
