//! Leading a piece of work that one replica alone should do.

use std::time::Duration;

use domain::Entropy;
use store::{
    TenantTx,
    leadership::{self, Term},
};
use uuid::Uuid;

use crate::Context;

/// A replica that would lead.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    work: &'static str,
    id: Uuid,
}

/// A candidate that leads, as far as it knows.
#[derive(Debug, Clone)]
pub(crate) struct Leader {
    candidate: Candidate,
    term: Term,
}

impl Candidate {
    /// One that has never led before.
    pub(crate) fn new(work: &'static str, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self {
            work,
            id: uuid::Builder::from_random_bytes(bytes).into_uuid(),
        }
    }

    /// Takes or renews the lease. None while another leads.
    pub(crate) async fn lead(
        &self,
        context: &Context,
        lasting: Duration,
    ) -> store::Result<Option<Leader>> {
        let mut tx = context.store.platform().await?;
        let term = leadership::lead(&mut tx, self.work, self.id, lasting).await?;
        tx.commit(&[], context.now()).await?;
        Ok(term.map(|term| Leader {
            candidate: self.clone(),
            term,
        }))
    }

    /// Lets another lead at once.
    pub(crate) async fn give_up(&self, context: &Context) -> store::Result<()> {
        let mut tx = context.store.platform().await?;
        leadership::give_up(&mut tx, self.work, self.id).await?;
        tx.commit(&[], context.now()).await
    }
}

impl Leader {
    /// Stays the leader until the transaction ends. False if it was overtaken: then nothing may be written.
    pub(crate) async fn hold(&self, tx: &mut TenantTx) -> store::Result<bool> {
        leadership::hold(tx, self.candidate.work, self.term).await
    }
}
