//! Receiving: what comes is scanned, case by case.

use crate::operator::{Act, Answer, Mistake, Operator, WorkError};
use crate::warehouse::{Receipt, ReceiptLine, Warehouse};

/// The mistakes that can be made at a dock.
const MISTAKES: [Mistake; 7] = [
    Mistake::WrongItem,
    Mistake::WrongPlace,
    Mistake::Misread,
    Mistake::UnknownCode,
    Mistake::Bounce,
    Mistake::Undo,
    Mistake::BareLabel,
];

/// From this many packs on one is scanned and the rest is typed.
const TYPED_FROM_PACKS: u32 = 3;

/// A well-formed number that no article here has.
const UNKNOWN: &str = "]E04006381333931";

impl Operator {
    /// Works a receipt to its end. The last article does not come, the first comes with one too many.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn receive(&mut self, warehouse: &Warehouse, receipt: &Receipt) -> Result<(), WorkError> {
        self.open(&receipt.reference).await?;
        let mistakes = Mistake::deal(&mut self.chance, &MISTAKES, receipt.lines.len());
        let coming = receipt.lines.len() - 1;
        for (place, line) in receipt.lines.iter().take(coming).enumerate() {
            self.next_line().await;
            if let Some(mistake) = mistakes[place] {
                self.receive_badly(warehouse, receipt, line, mistake).await?;
            }
            self.receive_line(warehouse, line, mistakes[place]).await?;
            if place == 0 {
                self.receive_too_much(warehouse, line).await?;
            }
            self.record.lines += 1;
        }
        self.press(&["done"], Answer::Ask).await?;
        // The line that is short, and the end of the task.
        self.press(&["enter"], Answer::Accept(2)).await?;
        *self.record.mistakes.entry(Mistake::Short).or_default() += 1;
        self.record.lines += 1;
        Ok(())
    }

    async fn receive_line(
        &mut self,
        warehouse: &Warehouse,
        line: &ReceiptLine,
        mistake: Option<Mistake>,
    ) -> Result<(), WorkError> {
        let article = &warehouse.articles[line.article];
        let label = article.pack_label(line.lot.as_deref(), line.expiry);
        let is_calm = mistake.is_none() && self.battery_is_loose.is_none();
        match mistake {
            Some(Mistake::Bounce) => self.scan_with_bounce(&label, Answer::Accept(1)).await?,
            Some(Mistake::Undo) => {
                self.scan_piece(&label).await?;
                self.press(&["undo"], Answer::Accept(1)).await?;
                self.scan_piece(&label).await?;
            }
            _ => self.scan_piece(&label).await?,
        }
        if line.packs >= TYPED_FROM_PACKS && is_calm {
            let rest = (line.packs - 1).to_string();
            self.press(&[&rest], Answer::Ask).await?;
            self.press(&["enter"], Answer::Accept(1)).await?;
        } else {
            for _ in 1..line.packs {
                self.scan_piece(&label).await?;
            }
        }
        let pieces = line.packs * article.pack_pieces();
        self.record.moved(Act::Received, article.number, pieces.into());
        Ok(())
    }

    async fn receive_badly(
        &mut self,
        warehouse: &Warehouse,
        receipt: &Receipt,
        line: &ReceiptLine,
        mistake: Mistake,
    ) -> Result<(), WorkError> {
        *self.record.mistakes.entry(mistake).or_default() += 1;
        let article = &warehouse.articles[line.article];
        match mistake {
            Mistake::WrongItem => {
                let is_listed = |place: &usize| receipt.lines.iter().any(|line| line.article == *place);
                let stranger = (0..warehouse.articles.len()).find(|place| !is_listed(place));
                if let Some(stranger) = stranger {
                    self.scan(&warehouse.articles[stranger].ean(), Answer::Ask)
                        .await?;
                    self.press_quietly("escape").await?;
                }
            }
            Mistake::WrongPlace => {
                let bin = &warehouse.bins[0].location;
                self.scan(&format!("]C0LOC-{bin}"), Answer::Reject).await?;
            }
            Mistake::Misread => self.scan(&article.misread(), Answer::Reject).await?,
            Mistake::UnknownCode => self.scan(UNKNOWN, Answer::Reject).await?,
            Mistake::BareLabel => self.ask_and_leave(article).await?,
            Mistake::Bounce | Mistake::Undo | Mistake::Short => {}
        }
        Ok(())
    }

    /// Scans the piece's EAN where lot or date are wanted, sees the question, and takes the right label after all.
    pub(super) async fn ask_and_leave(
        &mut self,
        article: &crate::warehouse::Article,
    ) -> Result<(), WorkError> {
        if !article.lot && !article.expiry {
            return Ok(());
        }
        self.scan(&article.ean(), Answer::Ask).await?;
        self.press_quietly("escape").await
    }

    async fn receive_too_much(&mut self, warehouse: &Warehouse, line: &ReceiptLine) -> Result<(), WorkError> {
        let article = &warehouse.articles[line.article];
        let label = article.pack_label(line.lot.as_deref(), line.expiry);
        self.scan(&label, Answer::Ask).await?;
        self.press(&["enter"], Answer::Accept(1)).await?;
        self.record
            .moved(Act::Received, article.number, article.pack_pieces().into());
        Ok(())
    }
}
