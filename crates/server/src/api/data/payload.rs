//! A body that goes through as it is, and its share of what may be under way at a time.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{FromRequest, Request},
};
use bytes::BytesMut;
use domain::TenantId;
use futures_util::StreamExt;
use http::header::{CONTENT_LENGTH, EXPECT};
use tokio::time::{Instant, timeout};

use crate::{
    Context,
    api::problem::{Code, Problem},
    app::{self, conversations::Admission},
};

/// The longest body: Bedrock takes documents and images of some 20 MB.
const LONGEST: usize = 25 * 1024 * 1024;
/// Bodies that have not been sent to AWS yet, all together, in KiB.
const UNDER_WAY: usize = 512 * 1024;
/// Those of one tenant: what it sends slowly, or what its models think about for long, is no other's affair.
const OF_A_TENANT: usize = UNDER_WAY / 4;
/// Longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
const KIB: usize = 1024;

/// The room for bodies under way on this replica.
#[derive(Debug, Clone, Default)]
pub struct Payloads(Arc<Mutex<Taken>>);

/// What is taken of it, in KiB.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    tenants: HashMap<TenantId, usize>,
}

/// A part of it, until it is dropped.
struct Share {
    payloads: Payloads,
    tenant: TenantId,
    kib: usize,
}

/// A body, and its share until it was sent on.
pub(super) struct Payload {
    pub(super) bytes: Bytes,
    _share: Share,
}

/// Read only once the caller is known and may converse: the extractor before it sees to that.
impl FromRequest<Context> for Payload {
    type Rejection = Problem;

    async fn from_request(mut request: Request, context: &Context) -> Result<Self, Problem> {
        let admission = request.extensions_mut().remove::<Arc<Admission>>();
        let admission = admission.ok_or_else(|| Problem::new(Code::Internal))?;
        let length = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        // Who wants to be asked for the body has sent nothing of it yet.
        let waits = request.headers().contains_key(EXPECT);
        let share = context.payloads.share(admission.tenant);
        let body = request.into_body();
        let payload = async {
            if length.is_none_or(|length| length <= LONGEST) {
                return read(body, share).await;
            }
            if !waits {
                discard(body.into_data_stream()).await;
            }
            Err(too_long())
        };
        let began = Instant::now();
        let payload = tokio::select! {
            payload = timeout(PATIENCE, payload) => payload.map_err(|_| too_slow())??,
            () = admission.lost() => return Err(app::Error::Interrupted.into()),
        };
        admission.note_upload(began.elapsed());
        Ok(payload)
    }
}

/// What has arrived takes room, and nothing else does.
async fn read(body: Body, mut share: Share) -> Result<Payload, Problem> {
    let mut stream = body.into_data_stream();
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(Code::MalformedBody).at("", "could not be read to its end")
        })?;
        length += chunk.len();
        if length > LONGEST {
            discard(stream).await;
            return Err(too_long());
        }
        share.grow_to(length.div_ceil(KIB))?;
        // Most bodies come in one piece, which is not copied.
        if first.is_empty() && rest.is_empty() {
            first = chunk;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&chunk);
        }
    }
    Ok(Payload {
        bytes: if rest.is_empty() {
            first
        } else {
            rest.freeze()
        },
        _share: share,
    })
}

/// Reads on and keeps nothing, as far again as a body may be long: who is still sending hears no answer.
async fn discard(mut stream: BodyDataStream) {
    let mut length = 0;
    while length <= LONGEST
        && let Some(Ok(chunk)) = stream.next().await
    {
        length += chunk.len();
    }
}

impl Payloads {
    fn share(&self, tenant: TenantId) -> Share {
        Share {
            payloads: self.clone(),
            tenant,
            kib: 0,
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    fn grow_to(&mut self, kib: usize) -> Result<(), Problem> {
        let more = kib.saturating_sub(self.kib);
        let mut taken = self.payloads.taken();
        let of_tenant = taken.tenants.get(&self.tenant).copied().unwrap_or_default();
        if of_tenant + more > OF_A_TENANT {
            let limit = "The tenant has 128 MiB of requests under way, which is as much as it may.";
            return Err(Problem::new(Code::LimitReached)
                .detail(limit)
                .retry_after(1));
        }
        if taken.all + more > UNDER_WAY {
            return Err(Problem::new(Code::Overloaded).retry_after(1));
        }
        *taken.tenants.entry(self.tenant).or_default() += more;
        taken.all += more;
        self.kib += more;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.payloads.taken();
        taken.all -= self.kib;
        if let Entry::Occupied(mut of_tenant) = taken.tenants.entry(self.tenant) {
            *of_tenant.get_mut() -= self.kib;
            if *of_tenant.get() == 0 {
                of_tenant.remove();
            }
        }
    }
}

fn too_long() -> Problem {
    Problem::new(Code::BodyTooLarge)
        .detail("A conversation's body is at most 25 MiB long.")
        .at("", "must be at most 25 MiB")
}

fn too_slow() -> Problem {
    Problem::new(Code::BodyTimeout)
        .detail("A conversation's body has 60 seconds to arrive.")
        .at("", "must arrive within 60 seconds")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn share(payloads: &Payloads, tenant: u128) -> Share {
        payloads.share(TenantId::from(Uuid::from_u128(tenant)))
    }

    fn refused(share: &mut Share, kib: usize) -> Option<Code> {
        share.grow_to(kib).err().map(|problem| problem.code())
    }

    #[test]
    fn a_tenant_takes_no_more_than_its_part_and_all_no_more_than_there_is() {
        let payloads = Payloads::default();
        let mut shares: Vec<_> = (1..=4).map(|tenant| share(&payloads, tenant)).collect();
        for taken in &mut shares {
            assert_eq!(refused(taken, OF_A_TENANT + 1), Some(Code::LimitReached));
            assert_eq!(refused(taken, OF_A_TENANT), None);
        }
        let mut fifth = share(&payloads, 5);
        assert_eq!(refused(&mut fifth, 1), Some(Code::Overloaded));
        shares.pop();
        assert_eq!(refused(&mut fifth, 1), None);
        drop((shares, fifth));
        let taken = payloads.taken();
        assert_eq!((taken.all, taken.tenants.len()), (0, 0));
    }
}
