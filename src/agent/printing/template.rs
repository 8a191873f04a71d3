//! Templates: ZPL II with places for what a label says. A site may have its own, by files of the same names.
//!
//! `{name}` is replaced by a field, and `{12.5mm}` by that length in the printer's dots, so that one template serves both print
//! heads. `{{` and `}}` are braces. Fields are escaped as `^FH` reads them, so a template has `^FH` before each `^FD` that
//! carries one; a template without it is refused, for what a label says must never be taken for a command.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of a template at most.
const BYTES_MAX: u64 = 16 << 10;

/// Dots of a print head in an inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dpi {
    /// 8 dots in a millimetre.
    Dpi203,
    /// 12 dots in a millimetre, nearly.
    Dpi300,
}

impl Dpi {
    const fn dots_in_an_inch(self) -> u64 {
        match self {
            Self::Dpi203 => 203,
            Self::Dpi300 => 300,
        }
    }

    /// Hundredths of a millimetre in whole dots; never less than one.
    const fn dots(self, hundredths: u64) -> u64 {
        let dots = (hundredths * self.dots_in_an_inch() + 1_270) / 2_540;
        if dots == 0 { 1 } else { dots }
    }
}

/// The labels there are templates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateName {
    /// A handling unit with an SSCC.
    Sscc,
    /// A handling unit with a number of the house.
    Lpn,
    /// Goods with a GTIN.
    GoodsGs1,
    /// Goods with another code.
    Goods,
    /// A label to see whether the printer prints.
    Test,
}

impl TemplateName {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sscc, Self::Lpn, Self::GoodsGs1, Self::Goods, Self::Test];

    /// The file that holds it.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Sscc => "sscc.zpl",
            Self::Lpn => "lpn.zpl",
            Self::GoodsGs1 => "goods_gs1.zpl",
            Self::Goods => "goods.zpl",
            Self::Test => "test.zpl",
        }
    }

    const fn shipped(self) -> &'static str {
        match self {
            Self::Sscc => include_str!("../../../config/labels/sscc.zpl"),
            Self::Lpn => include_str!("../../../config/labels/lpn.zpl"),
            Self::GoodsGs1 => include_str!("../../../config/labels/goods_gs1.zpl"),
            Self::Goods => include_str!("../../../config/labels/goods.zpl"),
            Self::Test => include_str!("../../../config/labels/test.zpl"),
        }
    }

    /// The fields it may have.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Sscc | Self::Lpn => &["unit", "bars", "text"],
            Self::GoodsGs1 | Self::Goods => &["item", "name", "code", "lot", "expiry", "bars", "bars_text"],
            Self::Test => &["name", "bars"],
        }
    }
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file.
    #[error("the label template {} cannot be read: {cause}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// What is in it.
    #[error("the label template {file}, line {line}: {reason}")]
    Text {
        /// Which.
        file: String,
        /// Where, from 1.
        line: usize,
        /// What is wrong and what is right.
        reason: String,
    },
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(&'static str),
}

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// The templates of a device.
#[derive(Debug, Clone)]
pub struct Templates {
    all: Vec<Template>,
}

impl Templates {
    /// The templates of a folder, and the shipped ones for those that are missing there.
    ///
    /// # Errors
    /// The file, the line, and what is wrong.
    pub fn load(folder: Option<&Path>, dpi: Dpi) -> Result<Self, TemplateError> {
        let all = TemplateName::ALL.into_iter().map(|name| {
            let own = folder.map(|folder| folder.join(name.file()));
            match own.as_deref().map(read_file).transpose()?.flatten() {
                Some(text) => Template::parse(name, &text, dpi),
                None => Template::parse(name, name.shipped(), dpi),
            }
        });
        Ok(Self {
            all: all.collect::<Result<_, _>>()?,
        })
    }

    /// The template for a label.
    pub fn of(&self, name: TemplateName) -> &Template {
        // In the order of their names, all of them.
        let index = TemplateName::ALL.iter().position(|known| *known == name);
        &self.all[index.unwrap_or(0)]
    }
}

/// The text of a file; `None` where there is none.
fn read_file(file: &Path) -> Result<Option<String>, TemplateError> {
    use io::Read as _;
    let failed = |cause| TemplateError::File {
        file: file.to_path_buf(),
        cause,
    };
    let opened = match std::fs::File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut text = String::new();
    opened
        .take(BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > BYTES_MAX {
        let cause = io::Error::other(format!("it has more than {BYTES_MAX} bytes"));
        return Err(failed(cause));
    }
    Ok(Some(text))
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The line, and what is wrong with it.
    pub fn parse(name: TemplateName, text: &str, dpi: Dpi) -> Result<Self, TemplateError> {
        let wrong = |line: usize, reason: String| TemplateError::Text {
            file: name.file().to_owned(),
            line,
            reason,
        };
        let trimmed = text.trim();
        if !trimmed.starts_with("^XA") || !trimmed.ends_with("^XZ") {
            return Err(wrong(1, "a label begins with ^XA and ends with ^XZ".to_owned()));
        }
        if trimmed.matches("^XA").count() != 1 || trimmed.matches("^XZ").count() != 1 {
            return Err(wrong(1, "a template is one label: ^XA and ^XZ once".to_owned()));
        }
        let mut pieces = Vec::new();
        for (index, line) in trimmed.lines().enumerate() {
            read_line(name, line, dpi, &mut pieces).map_err(|reason| wrong(index + 1, reason))?;
            push_text(&mut pieces, "\n");
        }
        Ok(Self { pieces })
    }

    /// The label, with these fields. A field that is not given is empty.
    pub fn fill(&self, fields: &[(&str, String)]) -> String {
        let mut zpl = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => zpl.push_str(text),
                Piece::Field(name) => {
                    let value = fields.iter().find(|(known, _)| known == name);
                    zpl.push_str(&escaped(value.map_or("", |(_, value)| value)));
                }
            }
        }
        zpl
    }
}

fn read_line(name: TemplateName, line: &str, dpi: Dpi, pieces: &mut Vec<Piece>) -> Result<(), String> {
    let mut rest = line;
    while let Some(place) = rest.find(['{', '}']) {
        push_text(pieces, &rest[..place]);
        let brace = &rest[place..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            push_text(pieces, &brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let inner = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (inner, behind) =
            inner.ok_or_else(|| "a brace stands alone; write {{ or }} for one".to_owned())?;
        if let Some(length) = inner.strip_suffix("mm") {
            let hundredths = hundredths_of(length)
                .ok_or_else(|| format!("{inner:?} is no length from 0.01mm to 999.99mm"))?;
            push_text(pieces, &dpi.dots(hundredths).to_string());
        } else {
            let field = name
                .fields()
                .iter()
                .find(|field| **field == inner)
                .ok_or_else(|| {
                    format!(
                        "there is no field {inner:?} on this label; there are {}",
                        name.fields().join(", ")
                    )
                })?;
            if !is_escaped_field(pieces) {
                return Err(format!(
                    "the field {inner:?} stands in no ^FD that has ^FH before it"
                ));
            }
            pieces.push(Piece::Field(field));
        }
        rest = behind;
    }
    push_text(pieces, rest);
    Ok(())
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// Whether what comes next is in field data that `^FH`, with its usual sign, is about.
fn is_escaped_field(pieces: &[Piece]) -> bool {
    let mut written = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => written.push_str(text),
            Piece::Field(_) => written.push('x'),
        }
    }
    let field = written.rsplit("^FS").next().unwrap_or_default();
    let Some((before, data)) = field.rsplit_once("^FD") else {
        return false;
    };
    let is_open = !data.contains(['^', '~']);
    let hexadecimal = before.rsplit_once("^FH").map(|(_, behind)| behind);
    is_open && hexadecimal.is_some_and(|behind| behind.is_empty() || behind.starts_with(['\n', '^', '_']))
}

fn hundredths_of(length: &str) -> Option<u64> {
    let (whole, part) = length.split_once('.').unwrap_or((length, "0"));
    let digits = |text: &str, max: usize| {
        let is_number =
            !text.is_empty() && text.len() <= max && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse::<u64>().ok() } else { None }
    };
    let hundredths = digits(whole, 3)? * 100 + digits(part, 2)? * if part.len() == 1 { 10 } else { 1 };
    (hundredths > 0).then_some(hundredths)
}

/// Text as field data behind `^FH` (ZPL II Programming Guide, `^FH`): each byte that could mean something else as its
/// hexadecimal. Control characters mean nothing on a label, and are left out.
fn escaped(text: &str) -> String {
    let mut data = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_control()) {
        if matches!(character, '^' | '~' | '_' | '\\') {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(data, "_{byte:02X}");
            }
        } else {
            data.push(character);
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shipped_templates_can_be_used_on_both_print_heads() {
        for dpi in [Dpi::Dpi203, Dpi::Dpi300] {
            let templates = Templates::load(None, dpi).unwrap();
            for name in TemplateName::ALL {
                let zpl = templates.of(name).fill(&[]);
                assert!(zpl.starts_with("^XA") && zpl.trim_end().ends_with("^XZ"), "{zpl}");
                assert!(zpl.contains("^CI28"), "texts are UTF-8: {zpl}");
            }
        }
    }

    #[test]
    fn lengths_are_dots_and_fields_are_escaped() {
        let text = "^XA\n^FO{10mm},{0.38mm}^FH^FD{text} {{1}}^FS\n^XZ";
        let fill = |dpi| {
            let template = Template::parse(TemplateName::Sscc, text, dpi).unwrap();
            template.fill(&[("text", "a^XZ~JR_b\n".to_owned())])
        };
        assert_eq!(
            fill(Dpi::Dpi203),
            "^XA\n^FO80,3^FH^FDa_5EXZ_7EJR_5Fb {1}^FS\n^XZ\n"
        );
        assert!(fill(Dpi::Dpi300).contains("^FO118,4"), "{}", fill(Dpi::Dpi300));
    }

    #[test]
    fn a_template_that_cannot_be_used_is_told_with_its_line() {
        for (text, wanted) in [
            ("hello", "begins with ^XA"),
            ("^XA\n^XZ\n^XA\n^XZ", "one label"),
            ("^XA\n^FH^FD{unti}^FS\n^XZ", "line 2: there is no field \"unti\""),
            ("^XA\n^FD{unit}^FS\n^XZ", "stands in no ^FD that has ^FH"),
            (
                "^XA\n^FH^FDx^FS^FD{unit}^FS\n^XZ",
                "stands in no ^FD that has ^FH",
            ),
            ("^XA\n^FO{1cm},1\n^XZ", "no field"),
            ("^XA\n^FO{0mm},1\n^XZ", "no length"),
            ("^XA\n{\n^XZ", "stands alone"),
        ] {
            let told = Template::parse(TemplateName::Sscc, text, Dpi::Dpi203)
                .unwrap_err()
                .to_string();
            assert!(told.contains(wanted), "{text}: {told}");
        }
    }

    #[test]
    fn a_file_of_the_site_goes_before_the_shipped_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lpn.zpl"), "^XA^FH^FDours {unit}^FS^XZ").unwrap();
        let templates = Templates::load(Some(folder.path()), Dpi::Dpi203).unwrap();
        let fields = [("unit", "L-1".to_owned())];
        assert_eq!(
            templates.of(TemplateName::Lpn).fill(&fields),
            "^XA^FH^FDours L-1^FS^XZ\n"
        );
        assert!(templates.of(TemplateName::Sscc).fill(&fields).contains("^BC"));
        std::fs::write(folder.path().join("sscc.zpl"), vec![b' '; 20_000]).unwrap();
        assert!(matches!(
            Templates::load(Some(folder.path()), Dpi::Dpi203),
            Err(TemplateError::File { .. })
        ));
    }

    proptest! {
        #[test]
        fn no_field_is_ever_a_command(text in "\\PC{0,40}|[\\^~_\\\\XZFSA]{0,40}") {
            let data = escaped(&text);
            prop_assert!(!data.contains(['^', '~']), "{data}");
            let mut read = Vec::new();
            let bytes = data.as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                if bytes[at] == b'_' {
                    read.push(u8::from_str_radix(&data[at + 1..at + 3], 16).unwrap());
                    at += 3;
                } else {
                    read.push(bytes[at]);
                    at += 1;
                }
            }
            let wanted: String = text.chars().filter(|character| !character.is_control()).collect();
            prop_assert_eq!(String::from_utf8(read).unwrap(), wanted);
        }

        #[test]
        fn no_template_panics(text in "\\PC{0,60}|(\\^XA|\\^XZ|\\{|\\}|\\^FD|\\^FH|unit|mm|[0-9.\n]){0,20}") {
            let _ = Template::parse(TemplateName::Lpn, &text, Dpi::Dpi300);
        }
    }
}
