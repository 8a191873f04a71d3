//! Counting: place by place, whatever lies there.

use crate::operator::{Act, Answer, Mistake, Operator, WorkError};
use crate::warehouse::{CountPlace, CountSheet, Warehouse};

/// The mistakes that can be made in a count.
const MISTAKES: [Mistake; 6] = [
    Mistake::WrongPlace,
    Mistake::Misread,
    Mistake::UnknownCode,
    Mistake::Bounce,
    Mistake::Undo,
    Mistake::BareLabel,
];

/// A well-formed number that no article here has.
const UNKNOWN: &str = "]E04006381333931";

impl Operator {
    /// Counts every place of a sheet.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn count(&mut self, warehouse: &Warehouse, sheet: &CountSheet) -> Result<(), WorkError> {
        self.open(&sheet.reference).await?;
        let mistakes = Mistake::deal(&mut self.chance, &MISTAKES, sheet.places.len());
        for (place, mistake) in sheet.places.iter().zip(mistakes) {
            self.count_place(warehouse, place, mistake).await?;
        }
        self.press(&["done"], Answer::Accept(1)).await
    }

    async fn count_place(
        &mut self,
        warehouse: &Warehouse,
        place: &CountPlace,
        mistake: Option<Mistake>,
    ) -> Result<(), WorkError> {
        self.next_line().await;
        self.record.lines += 1;
        let bin = &warehouse.bins[place.bin];
        let article = warehouse.article_in(place.bin);
        let label = article.piece_label(bin.lot.as_deref(), bin.expiry);
        // Without a piece there is none that could bounce or be taken back.
        let mistake =
            mistake.filter(|mistake| place.pieces > 0 || !matches!(mistake, Mistake::Bounce | Mistake::Undo));
        if let Some(mistake) = mistake {
            *self.record.mistakes.entry(mistake).or_default() += 1;
        }
        if mistake == Some(Mistake::WrongPlace) {
            let first = &warehouse.bins[0].location;
            self.scan(&format!("]C0LOC-{first}"), Answer::Reject).await?;
        }
        self.screen_names(&bin.location)?;
        self.scan(&format!("]C0LOC-{}", bin.location), Answer::Go).await?;
        let mut pieces = place.pieces;
        match mistake {
            Some(Mistake::Misread) => self.scan(&article.misread(), Answer::Reject).await?,
            Some(Mistake::UnknownCode) => {
                self.scan(UNKNOWN, Answer::Ask).await?;
                self.press_quietly("escape").await?;
            }
            Some(Mistake::BareLabel) => self.ask_and_leave(article).await?,
            Some(Mistake::Bounce) => {
                self.scan_with_bounce(&label, Answer::Accept(1)).await?;
                pieces -= 1;
            }
            Some(Mistake::Undo) => {
                self.scan_piece(&label).await?;
                self.press(&["undo"], Answer::Accept(1)).await?;
            }
            _ => {}
        }
        for _ in 0..pieces {
            self.scan_piece(&label).await?;
        }
        self.press(&["done"], Answer::Ask).await?;
        self.press(&["enter"], Answer::Accept(1)).await?;
        self.record
            .moved(Act::Counted, article.number, place.pieces.into());
        Ok(())
    }
}
