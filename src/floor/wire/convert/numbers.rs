//! Blocks of numbers.

use super::ConvertError;
use crate::numbers::{NumberBlock, NumberFault, NumberForm, NumberKind};
use crate::wire::v1::NumberBlockBody;

/// Why a block of the wire is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberBlockError {
    /// A word this program does not know.
    #[error(transparent)]
    Word(#[from] ConvertError),
    /// A figure that cannot be.
    #[error(transparent)]
    Fault(#[from] NumberFault),
}

impl From<&NumberBlock> for NumberBlockBody {
    fn from(block: &NumberBlock) -> Self {
        let mut body = Self {
            kind: block.form.kind().word().to_owned(),
            extension: None,
            company_prefix: None,
            prefix: None,
            digits: None,
            first: block.first,
            last: block.last,
        };
        match &block.form {
            NumberForm::Sscc {
                extension,
                company_prefix,
            } => {
                body.extension = Some(*extension);
                body.company_prefix = Some(company_prefix.clone());
            }
            NumberForm::Lpn { prefix, digits } => {
                body.prefix = Some(prefix.clone());
                body.digits = Some(*digits);
            }
        }
        body
    }
}

impl TryFrom<&NumberBlockBody> for NumberBlock {
    type Error = NumberBlockError;

    fn try_from(body: &NumberBlockBody) -> Result<Self, NumberBlockError> {
        let kind = NumberKind::of_word(&body.kind).ok_or_else(|| ConvertError::UnknownWord {
            member: "kind",
            found: body.kind.chars().take(40).collect(),
        })?;
        let form = match kind {
            NumberKind::Sscc => NumberForm::sscc(
                body.extension.unwrap_or(0),
                body.company_prefix.as_deref().unwrap_or_default(),
            )?,
            NumberKind::Lpn => NumberForm::lpn(
                body.prefix.as_deref().unwrap_or_default(),
                body.digits.unwrap_or(0),
            )?,
        };
        Ok(Self::new(form, body.first, body.last)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_back_as_it_went() {
        for form in [
            NumberForm::sscc(3, "4012345").unwrap(),
            NumberForm::lpn("LPN-", 8).unwrap(),
        ] {
            let block = NumberBlock::new(form, 7, 99).unwrap();
            let body = NumberBlockBody::from(&block);
            let text = serde_json::to_string(&body).unwrap();
            let read: NumberBlockBody = serde_json::from_str(&text).unwrap();
            assert_eq!(NumberBlock::try_from(&read), Ok(block), "{text}");
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in [
            r#"{"kind":"grai","first":0,"last":1}"#,
            r#"{"kind":"sscc","first":0,"last":1}"#,
            r#"{"kind":"lpn","prefix":"P","digits":2,"first":0,"last":100}"#,
            r#"{"kind":"lpn","prefix":"P","first":0,"last":1}"#,
        ] {
            let body: NumberBlockBody = serde_json::from_str(text).unwrap();
            assert!(NumberBlock::try_from(&body).is_err(), "{text}");
        }
    }
}
