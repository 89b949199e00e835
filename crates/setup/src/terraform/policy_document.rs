//! A policy in Terraform's language.

use super::{Block, Expression};
use crate::policy::{Policy, Resources, Statement};

/// The policy as a data source, which resources name by [`json`].
pub(super) fn policy_document(name: &str, policy: &Policy<Expression>) -> Block {
    Block::of(format!("data \"aws_iam_policy_document\" \"{name}\""))
        .with(policy.statements.iter().map(statement))
}

/// What the data source says.
pub(super) fn json(name: &str) -> Expression {
    Expression::attribute(format!("data.aws_iam_policy_document.{name}.json"))
}

fn statement(statement: &Statement<Expression>) -> Block {
    let block = Block::of("statement").set("sid", statement.sid).list(
        "actions",
        statement.actions.iter().copied().map(Expression::from),
    );
    let block = match &statement.resources {
        Some(Resources::One(one)) => block.list("resources", [one.clone()]),
        Some(Resources::Each(each)) => block.list("resources", each.iter().cloned()),
        None => block,
    };
    let principals = statement.principal.iter().map(|principal| {
        Block::of("principals")
            .set("type", principal.kind)
            .list("identifiers", [principal.who.clone()])
    });
    let conditions = statement.conditions.iter().flat_map(|(test, values)| {
        values.iter().map(move |(variable, value)| {
            Block::of("condition")
                .set("test", *test)
                .set("variable", variable.as_str())
                .list("values", [value.clone()])
        })
    });
    block.with(principals).with(conditions)
}
