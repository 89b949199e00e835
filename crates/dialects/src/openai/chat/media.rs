//! Images, sound and documents that a message brings along.

use super::{
    place::Place,
    request::{File, ImageUrl, InputAudio},
};
use crate::openai::{
    Refusal,
    converse::{Block, Document, Media, Source},
};

/// By media type, by the ending of a name, and what Bedrock calls it.
const DOCUMENTS: [(&str, &str); 9] = [
    ("application/pdf", "pdf"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
];

/// Longest name of a document that AWS takes, less room for a number.
const LONGEST_NAME: usize = 190;

pub(super) fn image<'a>(image: &'a ImageUrl<'a>, place: Place) -> Result<Block<'a>, Refusal> {
    let refuse = |what| Err(Refusal::invalid(place.member("image_url.url"), what));
    let Some((kind, data)) = data_url(&image.url) else {
        return refuse("must be a data: URL with base64: nothing is fetched from elsewhere.");
    };
    let format = match kind {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => return refuse("must be image/png, image/jpeg, image/gif or image/webp."),
    };
    if !is_base64(data) {
        return refuse("is not base64.");
    }
    let source = Source { bytes: data };
    Ok(Block::Image(Media { format, source }))
}

pub(super) fn audio<'a>(audio: &'a InputAudio<'a>, place: Place) -> Result<Block<'a>, Refusal> {
    let format = match &*audio.format {
        "mp3" => "mp3",
        "wav" => "wav",
        _ => {
            let param = place.member("input_audio.format");
            return Err(Refusal::invalid(param, "must be mp3 or wav."));
        }
    };
    if !is_base64(&audio.data) {
        let param = place.member("input_audio.data");
        return Err(Refusal::invalid(param, "is not base64."));
    }
    let source = Source { bytes: &audio.data };
    Ok(Block::Audio(Media { format, source }))
}

/// A document; `earlier` is how many came before it, for names must differ.
pub(super) fn document<'a>(
    file: &'a File<'a>,
    place: Place,
    earlier: usize,
) -> Result<Block<'a>, Refusal> {
    if file.file_id.is_some() {
        let param = place.member("file.file_id");
        return Err(Refusal::unsupported(
            param,
            "names a file at OpenAI's: send file_data.",
        ));
    }
    let refuse = |what| Err(Refusal::invalid(place.member("file.file_data"), what));
    let Some(content) = &file.file_data else {
        return refuse("is needed.");
    };
    let filename = file.filename.as_deref().unwrap_or_default();
    let (stem, ending) = filename.rsplit_once('.').unwrap_or((filename, ""));
    let (format, data) = match data_url(content) {
        Some((kind, data)) => (DOCUMENTS.iter().find(|(media, _)| *media == kind), data),
        None => {
            let format = DOCUMENTS.iter().find(|(_, format)| *format == ending);
            (format, &**content)
        }
    };
    let Some((_, format)) = format else {
        return refuse(
            "must be a data: URL of a PDF, Word, Excel, CSV, HTML, Markdown or text file, with base64.",
        );
    };
    if !is_base64(data) {
        return refuse("is not base64.");
    }
    Ok(Block::Document(Document {
        format,
        name: name(stem, earlier),
        source: Source { bytes: data },
    }))
}

/// A name that AWS takes: letters, digits, brackets, hyphens and single spaces. Round brackets are ours alone, around what
/// tells two documents apart.
fn name(stem: &str, earlier: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-[]".contains(c);
    let words = stem.split(|c| !plain(c)).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join(" ");
    name.truncate(LONGEST_NAME);
    if name.is_empty() {
        name.push_str("document");
    }
    match earlier {
        0 => name,
        _ => format!("{} ({})", name.trim_end(), earlier + 1),
    }
}

/// Media type and base64 of a data: URL.
fn data_url(url: &str) -> Option<(&str, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let kind = head.strip_suffix(";base64")?;
    let (kind, _parameters) = kind.split_once(';').unwrap_or((kind, ""));
    Some((kind, data))
}

fn is_base64(data: &str) -> bool {
    let digits = data.strip_suffix("==").or_else(|| data.strip_suffix('='));
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !data.is_empty() && data.len().is_multiple_of(4) && digits.unwrap_or(data).bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_a_name_that_aws_takes() {
        for (stem, earlier, expected) in [
            ("Report_2026 (final)", 0, "Report 2026 final"),
            ("Report (2)", 0, "Report 2"),
            ("Report", 1, "Report (2)"),
            ("../etc/passwd", 1, "etc passwd (2)"),
            ("отчёт", 0, "document"),
            ("", 2, "document (3)"),
        ] {
            assert_eq!(name(stem, earlier), expected);
        }
        assert_eq!(name(&"a".repeat(300), 9).len(), 195);
    }

    #[test]
    fn base64_is_known_by_its_alphabet_and_its_length() {
        for (data, is) in [
            ("aGk=", true),
            ("aA==", true),
            ("aGkh", true),
            ("", false),
            ("aGk", false),
            ("a===", false),
            ("a-_=", false),
            ("aG k", false),
        ] {
            assert_eq!(is_base64(data), is, "{data}");
        }
    }
}
