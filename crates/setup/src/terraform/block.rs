//! Blocks of Terraform's language, written as `terraform fmt` would.

use std::fmt::{self, Write};

use super::Expression;

/// A block: what it is, then its attributes, then the blocks in it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    head: String,
    attributes: Vec<(&'static str, Value)>,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
enum Value {
    One(Expression),
    /// A list, each of whose members has a line unless it is the only one.
    List(Vec<Expression>),
    /// An object, each of whose members has a line.
    Object(Vec<(&'static str, Expression)>),
}

impl Block {
    /// A block such as `condition`, or `resource "aws_iam_role" "bedrock"`.
    pub(super) fn of(head: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            attributes: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// A resource of ours; there is one of each type.
    pub(super) fn resource(kind: &str) -> Self {
        Self::of(format!("resource \"{kind}\" \"bedrock\""))
    }

    pub(super) fn set(mut self, name: &'static str, value: impl Into<Expression>) -> Self {
        self.attributes.push((name, Value::One(value.into())));
        self
    }

    pub(super) fn list(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = Expression>,
    ) -> Self {
        self.attributes
            .push((name, Value::List(values.into_iter().collect())));
        self
    }

    pub(super) fn object<const N: usize>(
        mut self,
        name: &'static str,
        members: [(&'static str, Expression); N],
    ) -> Self {
        self.attributes.push((name, Value::Object(members.into())));
        self
    }

    pub(super) fn with(mut self, blocks: impl IntoIterator<Item = Self>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let (margin, inner) = (" ".repeat(indent), " ".repeat(indent + 2));
        writeln!(f, "{margin}{} {{", self.head)?;
        for group in self
            .attributes
            .chunk_by(|(_, a), (_, b)| a.is_short() && b.is_short())
        {
            let width = width(group);
            for (name, value) in group {
                writeln!(f, "{inner}{name:width$} = {}", value.text(&inner))?;
            }
        }
        for (position, block) in self.blocks.iter().enumerate() {
            if position > 0 || !self.attributes.is_empty() {
                f.write_char('\n')?;
            }
            block.write(f, indent + 2)?;
        }
        writeln!(f, "{margin}}}")
    }
}

impl Value {
    /// Whether it fits on the line of its name.
    fn is_short(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::List(values) => values.len() <= 1,
            Self::Object(_) => false,
        }
    }

    fn text(&self, margin: &str) -> String {
        match self {
            Self::One(value) => value.to_string(),
            Self::List(values) if self.is_short() => {
                let value = values.first().map(Expression::to_string);
                format!("[{}]", value.unwrap_or_default())
            }
            Self::List(values) => {
                let lines: String = values
                    .iter()
                    .map(|value| format!("{margin}  {value},\n"))
                    .collect();
                format!("[\n{lines}{margin}]")
            }
            Self::Object(members) => {
                let width = width(members);
                let lines: String = members
                    .iter()
                    .map(|(key, value)| format!("{margin}  {key:width$} = {value}\n"))
                    .collect();
                format!("{{\n{lines}{margin}}}")
            }
        }
    }
}

/// How wide names are that stand above each other.
fn width<T>(named: &[(&'static str, T)]) -> usize {
    let widths = named.iter().map(|(name, _)| name.len());
    widths.max().unwrap_or_default()
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
