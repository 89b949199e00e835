//! Embeddings: one request as as many bodies of InvokeModel as the model needs, and their answers as one.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Nonsense, Refusal, model::Model, parameters::EMBEDDINGS};
use crate::{
    few::Few,
    text::{Text, TextOr},
};

/// The most texts of a request, as OpenAI has it.
const MOST: usize = 2_048;
/// The most that Cohere takes at once.
const BATCH: usize = 96;

/// A request that was read.
pub struct Embeddings<'a>(Request<'a>);

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    input: TextOr<'a, Few<&'a RawValue, MOST>>,
    dimensions: Option<u32>,
    encoding_format: Option<Encoding>,
    #[serde(borrow)]
    input_type: Option<Text<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum Encoding {
    Float,
    Base64,
}

impl TryFrom<String> for Encoding {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        match &*word {
            "float" => Ok(Self::Float),
            "base64" => Ok(Self::Base64),
            _ => Err("must be float or base64."),
        }
    }
}

/// Which body a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Titan1,
    Titan2,
    Cohere3,
    Cohere4,
}

/// What a model is asked, in batches.
pub struct Batches<'a> {
    request: &'a Request<'a>,
    family: Family,
    texts: Vec<Text<'a>>,
    dimensions: Option<u32>,
    input_type: &'a str,
}

/// The answer to a request, as far as it is written.
pub struct Vectors {
    family: Family,
    encoding: Encoding,
    /// How many there have to be.
    asked: usize,
    /// How many there are.
    told: usize,
    tokens: u64,
    written: Vec<u8>,
}

#[derive(Serialize)]
struct TitanBody<'a> {
    #[serde(rename = "inputText")]
    input_text: Option<&'a Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

#[derive(Serialize)]
struct CohereBody<'a> {
    texts: &'a [Text<'a>],
    input_type: &'a str,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TitanAnswer<'a> {
    #[serde(borrow)]
    embedding: &'a RawValue,
    #[serde(default)]
    input_text_token_count: u64,
}

#[derive(Deserialize)]
struct CohereAnswer<'a> {
    #[serde(borrow)]
    embeddings: ByType<'a>,
}

#[derive(Deserialize)]
struct ByType<'a> {
    #[serde(borrow)]
    float: Vec<&'a RawValue>,
}

#[derive(Serialize)]
struct Embedding<'a> {
    object: &'static str,
    index: usize,
    embedding: Vector<'a>,
}

/// A vector as it goes out.
#[derive(Serialize)]
#[serde(untagged)]
enum Vector<'a> {
    /// As the model wrote it.
    Float(&'a RawValue),
    /// Numbers of 32 bits, the least byte first.
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    total_tokens: u64,
}

impl<'a> Embeddings<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// What is refused by name, or cannot be understood.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        super::read(body, EMBEDDINGS).map(Self)
    }

    /// The model that is asked, by the name that the client has for it.
    pub fn model(&self) -> &str {
        &self.0.model
    }

    /// What the model is asked that AWS calls `model_id`.
    ///
    /// # Errors
    /// What that model, or Bedrock, cannot be asked.
    pub fn translate(&self, model_id: &str) -> Result<Batches<'_>, Refusal> {
        let request = &self.0;
        let family = Family::of(Model::new(model_id)).ok_or_else(|| {
            Refusal::invalid("model", "is no model of embeddings that this door knows.")
        })?;
        Ok(Batches {
            request,
            family,
            texts: texts(&request.input)?,
            dimensions: family.dimensions(request.dimensions)?,
            input_type: family.input_type(request.input_type.as_deref())?,
        })
    }
}

impl Batches<'_> {
    /// Bodies of InvokeModel, in order, each made when it is wanted: together they are as long as the request is.
    pub fn bodies(&self) -> impl Iterator<Item = Vec<u8>> {
        let batches = self.texts.chunks(self.family.batch());
        batches.map(|texts| self.body(texts))
    }

    fn body(&self, texts: &[Text<'_>]) -> Vec<u8> {
        let mut body = Vec::new();
        match self.family {
            Family::Titan1 | Family::Titan2 => {
                let titan = TitanBody {
                    input_text: texts.first(),
                    dimensions: self.dimensions,
                };
                write(&titan, &mut body);
            }
            Family::Cohere3 | Family::Cohere4 => {
                let cohere = CohereBody {
                    texts,
                    input_type: self.input_type,
                    embedding_types: ["float"],
                    output_dimension: self.dimensions,
                };
                write(&cohere, &mut body);
            }
        }
        body
    }

    /// What the answers to them become.
    pub fn vectors(&self) -> Vectors {
        let mut written = br#"{"object":"list","model":"#.to_vec();
        write(&self.request.model, &mut written);
        written.extend_from_slice(br#","data":["#);
        Vectors {
            family: self.family,
            encoding: self.request.encoding_format.unwrap_or(Encoding::Float),
            asked: self.texts.len(),
            told: 0,
            tokens: 0,
            written,
        }
    }
}

impl Vectors {
    /// How many bytes of it are written.
    pub const fn length(&self) -> usize {
        self.written.len()
    }

    /// How many bytes it is going to be, as far as those that are there tell: vectors of a model are about as long as each
    /// other.
    pub const fn expected_length(&self) -> usize {
        match self.told {
            0 => 0,
            told => self.written.len() * self.asked / told,
        }
    }

    /// Takes the next answer, and the tokens that AWS counted beside it. It has a vector for each text of its body.
    ///
    /// # Errors
    /// [`Nonsense`].
    pub fn take(&mut self, answer: &[u8], tokens: u64) -> Result<(), Nonsense> {
        match self.family {
            Family::Titan1 | Family::Titan2 => {
                let answer: TitanAnswer<'_> =
                    serde_json::from_slice(answer).map_err(|_| Nonsense)?;
                self.push(answer.embedding)?;
                self.tokens += tokens.max(answer.input_text_token_count);
            }
            Family::Cohere3 | Family::Cohere4 => {
                let answer: CohereAnswer<'_> =
                    serde_json::from_slice(answer).map_err(|_| Nonsense)?;
                if answer.embeddings.float.len() != self.family.batch().min(self.asked - self.told)
                {
                    return Err(Nonsense);
                }
                for vector in answer.embeddings.float {
                    self.push(vector)?;
                }
                self.tokens += tokens;
            }
        }
        Ok(())
    }

    /// The answer to the request, when all have been taken.
    pub fn answer(mut self) -> Vec<u8> {
        self.written.extend_from_slice(br#"],"usage":"#);
        let usage = Usage {
            prompt_tokens: self.tokens,
            total_tokens: self.tokens,
        };
        write(&usage, &mut self.written);
        self.written.push(b'}');
        self.written
    }

    fn push(&mut self, vector: &RawValue) -> Result<(), Nonsense> {
        let vector = match self.encoding {
            Encoding::Float => Vector::Float(vector),
            Encoding::Base64 => {
                let numbers: Vec<f32> = serde_json::from_str(vector.get()).map_err(|_| Nonsense)?;
                let bytes: Vec<u8> = numbers.into_iter().flat_map(f32::to_le_bytes).collect();
                Vector::Base64(BASE64_STANDARD.encode(bytes))
            }
        };
        if self.told > 0 {
            self.written.push(b',');
        }
        let embedding = Embedding {
            object: "embedding",
            index: self.told,
            embedding: vector,
        };
        write(&embedding, &mut self.written);
        self.told += 1;
        Ok(())
    }
}

impl Family {
    fn of(model: Model<'_>) -> Option<Self> {
        [
            ("amazon.titan-embed-text-v2", Self::Titan2),
            ("amazon.titan-embed-text-v1", Self::Titan1),
            ("amazon.titan-embed-g1-text", Self::Titan1),
            ("cohere.embed-v4", Self::Cohere4),
            ("cohere.embed-english-v3", Self::Cohere3),
            ("cohere.embed-multilingual-v3", Self::Cohere3),
        ]
        .into_iter()
        .find_map(|(beginning, family)| model.is(beginning).then_some(family))
    }

    /// How many texts it takes at once.
    const fn batch(self) -> usize {
        match self {
            Self::Titan1 | Self::Titan2 => 1,
            Self::Cohere3 | Self::Cohere4 => BATCH,
        }
    }

    /// How long vectors are to be, if that has to be said.
    fn dimensions(self, asked: Option<u32>) -> Result<Option<u32>, Refusal> {
        let Some(asked) = asked else { return Ok(None) };
        let (choices, is_said): (&[u32], _) = match self {
            Self::Titan1 => (&[1_536], false),
            Self::Titan2 => (&[256, 512, 1_024], true),
            Self::Cohere3 => (&[1_024], false),
            Self::Cohere4 => (&[256, 512, 1_024, 1_536], true),
        };
        if choices.contains(&asked) {
            return Ok(is_said.then_some(asked));
        }
        let choices: Vec<_> = choices.iter().map(u32::to_string).collect();
        let what = format!("must be {} for this model.", choices.join(" or "));
        Err(Refusal::invalid("dimensions", &what))
    }

    /// What the texts are for, which Cohere wants to know.
    fn input_type(self, asked: Option<&str>) -> Result<&str, Refusal> {
        let kinds = [
            "search_document",
            "search_query",
            "classification",
            "clustering",
        ];
        match (self, asked) {
            (_, None) => Ok(kinds[0]),
            (Self::Titan1 | Self::Titan2, Some(_)) => {
                let what = "is not supported with this model.";
                Err(Refusal::unsupported("input_type", what))
            }
            (Self::Cohere3 | Self::Cohere4, Some(asked)) if kinds.contains(&asked) => Ok(asked),
            (Self::Cohere3 | Self::Cohere4, Some(_)) => {
                let what = format!("must be {}.", kinds.join(" or "));
                Err(Refusal::invalid("input_type", &what))
            }
        }
    }
}

/// Neither what was read nor what is made of it fails to be written into memory.
fn write(value: &impl Serialize, to: &mut Vec<u8>) {
    let _ = serde_json::to_writer(to, value);
}

fn texts<'a>(input: &'a TextOr<'a, Few<&'a RawValue, MOST>>) -> Result<Vec<Text<'a>>, Refusal> {
    let texts: Vec<Text<'a>> = match input {
        TextOr::Text(one) => vec![one.clone()],
        TextOr::Other(several) => several
            .iter()
            .map(|one| serde_json::from_str(one.get()))
            .collect::<Result<_, _>>()
            .map_err(|_| {
                let what = "must be a text or a list of texts: Bedrock's models do not know OpenAI's tokens.";
                Refusal::invalid("input", what)
            })?,
    };
    if texts.is_empty() || texts.iter().any(Text::is_blank) {
        let what = "must be at least one text, none of them blank.";
        return Err(Refusal::invalid("input", what));
    }
    Ok(texts)
}
